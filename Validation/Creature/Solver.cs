namespace Arena.Validation.Creature;

/// <summary>One substep of extended position-based dynamics, in the order of the rules.</summary>
/// <remarks>
/// Müller, Macklin, Chentanez, Jeschke, Kim, "Detailed Rigid Body Simulation with Extended Position Based Dynamics", CGF 39(8), 2020.
/// Velocities come from the accumulated corrections, not from differences of positions.
/// </remarks>
public static class Solver
{
    /// <summary>Radius of the ball; m.</summary>
    public const double BallRadius = 0.15;

    /// <summary>Mass of the ball; kg.</summary>
    public const double BallMass = 0.5;

    /// <summary>Share of the ball's speed lost per second by rolling.</summary>
    public const double RollingLoss = 0.3;

    private static readonly Material BallSurface = new(Vec3.Zero, BallRadius, Friction: 0.5, Restitution: 0.5);

    /// <summary>A ball at rest at <paramref name="place"/>.</summary>
    public static RigidBody NewBall(Vec3 place)
    {
        double inverse = 1 / (BallMass * BallRadius * BallRadius * 2 / 5);
        return new RigidBody { InverseMass = 1 / BallMass, InverseInertia = new Vec3(inverse, inverse, inverse), Place = place, Turn = Mat3.Identity };
    }

    /// <summary>Advances <paramref name="world"/> by one substep.</summary>
    /// <param name="world">Changed in place.</param>
    /// <param name="targets">(joints) wanted coordinates; null entries or null = no drive.</param>
    /// <param name="torques">(joints) torque in world axes that turns the child and its opposite the parent, or null; N·m.</param>
    /// <param name="settings">Time, gravity, ground.</param>
    public static SubstepTrace Substep(World world, Vec3?[]? targets, Vec3[]? torques, PhysicsSettings settings)
    {
        var trace = new SubstepTrace(world.Model.Joints.Count);
        List<RigidBody> moving = [.. world.Bodies];
        if (world.Ball is { } ball) moving.Add(ball);
        AddTorques(world, torques, settings);
        foreach (RigidBody body in moving) Integrate(body, settings);

        for (int joint = 0; joint < world.Model.Joints.Count; joint++)
        {
            if (settings.Motors && targets?[joint] is { } target) JointRules.Drive(world, joint, target, settings, trace);
            JointRules.Limit(world, joint, settings, trace);
            JointRules.Anchor(world, world.Model.Joints[joint], settings);
        }

        List<Bounce> bounces = Contacts(world, settings, trace);
        if (world.Model.Planar) KeepInPlane(world);
        foreach (RigidBody body in moving)
        {
            body.Velocity = body.Moved / settings.Step;
            body.Spin = body.Turned / settings.Step;
        }

        if (world.Ball is { } rolling)
        {
            rolling.Velocity *= 1 - RollingLoss * settings.Step;
            rolling.Spin *= 1 - RollingLoss * settings.Step;
        }

        for (int joint = 0; joint < world.Model.Joints.Count; joint++) trace.RelativeSpin[joint] = JointRules.Damp(world, world.Model.Joints[joint], settings);
        foreach (Bounce bounce in bounces) ContactRules.Rebound(bounce, settings, trace);
        return trace;
    }

    private static void AddTorques(World world, Vec3[]? torques, PhysicsSettings settings)
    {
        for (int joint = 0; joint < (torques?.Length ?? 0); joint++)
        {
            RigidBody parent = world.Bodies[world.Model.Joints[joint].Parent], child = world.Bodies[world.Model.Joints[joint].Child];
            child.Spin += child.WorldInverseInertia * torques![joint] * settings.Step;
            parent.Spin -= parent.WorldInverseInertia * torques[joint] * settings.Step;
        }
    }

    // Step 1.
    private static void Integrate(RigidBody body, PhysicsSettings settings)
    {
        double h = settings.Step;
        (body.PlaceBefore, body.TurnBefore) = (body.Place, body.Turn);
        (body.Moved, body.Turned) = (Vec3.Zero, Vec3.Zero);
        if (body.InverseMass > 0) body.Velocity -= new Vec3(0, 0, settings.Gravity * h);
        body.Move(body.Velocity * h);

        Vec3 spin = body.Turn.Into(body.Spin), inverse = body.InverseInertia;
        if (inverse.X > 0)
        {
            var momentum = new Vec3(spin.X / inverse.X, spin.Y / inverse.Y, spin.Z / inverse.Z);
            Vec3 torque = spin.Cross(momentum);
            spin -= new Vec3(torque.X * inverse.X, torque.Y * inverse.Y, torque.Z * inverse.Z) * h;
        }

        body.Spin = body.Turn * spin;
        body.TurnBy(body.Spin * h);
        body.Frozen = body.WorldInverseInertia;
    }

    // Step 3.
    private static List<Bounce> Contacts(World world, PhysicsSettings settings, SubstepTrace trace)
    {
        List<Bounce> bounces = [];
        void Keep(Bounce? bounce)
        {
            if (bounce is not null) bounces.Add(bounce);
        }

        int count = world.Bodies.Length;
        if (settings.Ground is { } ground)
        {
            for (int body = 0; body < count; body++)
            {
                BodyModel model = world.Model.Bodies[body];
                for (int point = 0; point < model.Points.Length; point++)
                {
                    var material = new Material(model.Points[point], model.Radius, model.Friction, model.Restitution);
                    Keep(ContactRules.Ground(ground, world.Bodies[body], body, point, material, settings, trace));
                }
            }

            if (world.Ball is { } ball) Keep(ContactRules.Ground(ground, ball, count, 0, BallSurface, settings, trace));
        }

        if (world.Ball is not null)
            for (int body = 0; body < count; body++) Keep(ContactRules.Ball(world, body, BallSurface, settings, trace));
        return bounces;
    }

    // Step 4: only x, z and the rotation about y are left.
    private static void KeepInPlane(World world)
    {
        for (int index = 0; index < world.Bodies.Length; index++)
        {
            RigidBody body = world.Bodies[index];
            BodyModel model = world.Model.Bodies[index];
            body.Place = body.Place with { Y = model.Rest.Y };
            body.Moved = body.Moved with { Y = 0 };
            body.Turned = new Vec3(0, body.Turned.Y, 0);
            (Vec3 vector, double w) = (body.Turn * model.RestTurn.Transposed).Quaternion();
            body.Turn = Mat3.FromQuaternion(new Vec3(0, vector.Y, 0), w) * model.RestTurn;
        }
    }
}
