namespace Arena.Validation.Creature;

/// <summary>A contact of this substep, kept for the bounce at its end.</summary>
/// <param name="Body">The body that touches.</param>
/// <param name="Arm">From its centre to the contact, world axes.</param>
/// <param name="Other">The body touched, or null for the ground.</param>
/// <param name="OtherArm">From the other's centre to the contact.</param>
/// <param name="Normal">Towards the touching body.</param>
/// <param name="Restitution">Share of the approach speed given back.</param>
/// <param name="Approach">Normal velocity of the touching point after gravity, in the pose before the move; negative = approaching.</param>
internal sealed record Bounce(RigidBody Body, Vec3 Arm, RigidBody? Other, Vec3 OtherArm, Vec3 Normal, double Restitution, double Approach);

/// <summary>Steps 3 and 7 of a substep: points against the ground, the ball against bodies, friction, bounces.</summary>
internal static class ContactRules
{
    /// <summary>Gaps this small may be read as touching or not; m.</summary>
    public const double Hair = 5e-6;

    // What a place may be off by (CreatureScales): whether a foot touches may be read either way within it; m.
    private const double Place = 2e-5;

    // Old depth recovers at this speed; m/s.
    private const double Recovery = 0.5;
    private const double BounceSpeed = 0.2;

    /// <summary>One contact point of one body against the ground.</summary>
    public static Bounce? Ground(IGround ground, RigidBody body, int index, int point, Material material, PhysicsSettings settings, SubstepTrace trace)
    {
        Vec3 center = body.PointAt(material.Local), before = body.PointBefore(material.Local);
        (double gap, Vec3 n) = Gap(ground, center, material.Radius);
        double gapBefore = Gap(ground, before, material.Radius).Gap, depth = NewDepth(gap, gapBefore, settings);
        if (Grazes(gap, depth, Place)) trace.Grazing.Add(new Graze(index, -1, Fast(gap - gapBefore, settings), Grazes(gap, depth, Hair)));
        if (gap >= 0) return null;
        if (ground.ToEdge(center.X, center.Y) < Hair) trace.Flag("a contact is at the edge of two ground cells");

        // The touching point belongs to the body from here on.
        Vec3 local = material.Local - body.Turn.Into(n) * material.Radius;
        Vec3 arm = body.Turn * local;
        double approach = n.Dot(body.VelocityAt(body.TurnBefore * local));
        double normal = depth / Pair.Resistance(body, arm, n, settings);
        Pair.Push(body, arm, n * normal, settings);

        Vec3 slip = (body.PointAt(local) - body.PointBefore(local)).Across(n);
        double tangential = 0;
        if (slip.Squared >= 1e-18)
        {
            Vec3 t = -slip.Unit;
            Vec3 turned = body.Turn * local;
            tangential = Math.Min(slip.Length / Pair.Resistance(body, turned, t, settings), material.Friction * normal);
            Pair.Push(body, turned, t * tangential, settings);
        }

        trace.Contacts.Add(new ContactTrace(index, point, -1, normal, tangential, material.Friction * normal));
        return normal > 0 ? new Bounce(body, arm, null, Vec3.Zero, n, material.Restitution, approach) : null;
    }

    /// <summary>The ball against one body of the creature.</summary>
    public static Bounce? Ball(World world, int index, Material material, PhysicsSettings settings, SubstepTrace trace)
    {
        RigidBody ball = world.Ball!, other = world.Bodies[index];
        BodyModel model = world.Model.Bodies[index];
        (double gap, Vec3 n) = BallGap(model, ball.Place, other.Place, other.Turn, material.Radius);
        double gapBefore = BallGap(model, ball.PlaceBefore, other.PlaceBefore, other.TurnBefore, material.Radius).Gap;
        double depth = NewDepth(gap, gapBefore, settings);
        if (Grazes(gap, depth, Hair)) trace.Grazing.Add(new Graze(world.Bodies.Length, index, Fast(gap - gapBefore, settings), Close: true));
        if (gap >= 0) return null;

        // Both surfaces' nearest points; they differ by the depth.
        Vec3 ballLocal = ball.Turn.Into(n) * -material.Radius;
        Vec3 otherLocal = other.Turn.Into(ball.Place - n * (material.Radius + gap) - other.Place);
        Vec3 arm = ball.Turn * ballLocal, otherArm = other.Turn * otherLocal;
        double approach = n.Dot(ball.VelocityAt(ball.TurnBefore * ballLocal) - other.VelocityAt(other.TurnBefore * otherLocal));
        double normal = depth / (Pair.Resistance(ball, arm, n, settings) + Pair.Resistance(other, otherArm, n, settings));
        Pair.Push(ball, arm, n * normal, settings);
        Pair.Push(other, otherArm, n * -normal, settings);

        Vec3 slip = (ball.PointAt(ballLocal) - ball.PointBefore(ballLocal) - (other.PointAt(otherLocal) - other.PointBefore(otherLocal))).Across(n);
        double tangential = 0;
        if (slip.Squared >= 1e-18)
        {
            Vec3 t = -slip.Unit;
            Vec3 turned = ball.Turn * ballLocal, otherTurned = other.Turn * otherLocal;
            double resistance = Pair.Resistance(ball, turned, t, settings) + Pair.Resistance(other, otherTurned, t, settings);
            tangential = Math.Min(slip.Length / resistance, material.Friction * normal);
            Pair.Push(ball, turned, t * tangential, settings);
            Pair.Push(other, otherTurned, t * -tangential, settings);
        }

        trace.Contacts.Add(new ContactTrace(world.Bodies.Length, 0, index, normal, tangential, material.Friction * normal));
        return normal > 0 ? new Bounce(ball, arm, other, otherArm, n, material.Restitution, approach) : null;
    }

    /// <summary>Step 7: a contact met fast enough gives speed back, and never pulls.</summary>
    public static void Rebound(Bounce bounce, PhysicsSettings settings, SubstepTrace trace)
    {
        if (bounce.Restitution <= 0) return;
        if (Math.Abs(bounce.Approach + BounceSpeed) < 1e-3) trace.Flag("a contact is met at the very speed from which it bounces");
        if (bounce.Approach >= -BounceSpeed) return;
        Vec3 relative = bounce.Body.VelocityAt(bounce.Arm) - (bounce.Other?.VelocityAt(bounce.OtherArm) ?? Vec3.Zero);
        double missing = Math.Max(0, -bounce.Restitution * bounce.Approach - bounce.Normal.Dot(relative));
        double resistance = Pair.Resistance(bounce.Body, bounce.Arm, bounce.Normal, settings)
            + (bounce.Other is { } other ? Pair.Resistance(other, bounce.OtherArm, bounce.Normal, settings) : 0);
        Vec3 impulse = bounce.Normal * (missing / resistance);
        Pair.Strike(bounce.Body, bounce.Arm, impulse, settings);
        if (bounce.Other is not null) Pair.Strike(bounce.Other, bounce.OtherArm, -impulse, settings);
    }

    private static (double Gap, Vec3 Normal) Gap(IGround ground, Vec3 center, double radius)
    {
        (double height, Vec3 normal) = ground.At(center.X, center.Y);
        return ((center.Z - height) * normal.Z - radius, normal);
    }

    // New depth is corrected at once, old depth slowly.
    private static double NewDepth(double gap, double gapBefore, PhysicsSettings settings)
    {
        double old = Math.Max(0, -gapBefore);
        return Math.Max(0, -gap - Math.Max(0, old - Recovery * settings.Step));
    }

    // Touching or not, pushing or not, within a hair.
    private static bool Grazes(double gap, double depth, double hair) => Math.Abs(gap) < hair || (gap < 0 && depth < hair);

    // Whether a contact closes fast enough to bounce, with room to spare.
    private static bool Fast(double change, PhysicsSettings settings) => change < -0.75 * BounceSpeed * settings.Step;

    // From the nearest point of the body to the ball's centre.
    private static (double Gap, Vec3 Normal) BallGap(BodyModel model, Vec3 ball, Vec3 place, Mat3 turn, double radius)
    {
        Vec3 seen = turn.Into(ball - place);
        var nearest = new Vec3(
            Math.Clamp(seen.X, -model.Half.X, model.Half.X), Math.Clamp(seen.Y, -model.Half.Y, model.Half.Y), Math.Clamp(seen.Z, -model.Half.Z, model.Half.Z));
        Vec3 away = seen - nearest;
        return away.Length == 0 ? (-radius - model.Radius, new Vec3(0, 0, 1)) : (away.Length - radius - model.Radius, turn * away.Unit);
    }
}

/// <summary>A contact point and its surface.</summary>
/// <param name="Local">The point in its body's frame; m.</param>
/// <param name="Radius">m.</param>
/// <param name="Friction">μ.</param>
/// <param name="Restitution">e.</param>
internal sealed record Material(Vec3 Local, double Radius, double Friction, double Restitution);
