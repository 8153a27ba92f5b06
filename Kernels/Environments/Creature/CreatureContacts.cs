using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Steps 3 and 7: contact of the bodies' points with the ground.</summary>
public static class CreatureContacts
{
    /// <summary>Speed at which depth from before the substep recovers; m/s. New depth recovers at once.</summary>
    public const float RecoverySpeed = 0.5f;

    /// <summary>Slower impacts do not bounce; m/s.</summary>
    public const float BounceSpeed = 0.2f;

    private const float TinySlip = 1e-18f;
    private const float Margin = 1e-3f; // m, against rounding where a body is passed over as a whole

    /// <summary>Step 3, all points of the creature in order.</summary>
    public static void Solve(ref CreatureTick tick, in CreatureArguments a, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        int contacts = CreatureScratch.Contacts(a.Parameters.Layout);
        bool flat = a.Parameters.Ground == (int)CreatureGround.Flat;
        MatchSlots<float> feet = a.State.Feet.Of(tick.Env);
        for (int index = 0; index < a.Parameters.Layout.Bodies; index++)
        {
            ref readonly CreatureBody table = ref a.Bodies[index];
            int at = index * CreatureConstants.BodyFloats;
            int contact = contacts + table.FirstPoint * CreatureScratch.ContactFloats;
            float pushed = 0f;
            bool far = flat && body[at + 2] > table.Reach + Margin;
            for (int point = 0; point < table.PointCount; point++)
            {
                int slot = contact + point * CreatureScratch.ContactFloats;
                scratch[slot + CreatureScratch.Lambda] = 0f;
                if (!far) pushed += Touch(ref tick, a, index, a.Points[table.FirstPoint + point], slot, body, scratch);
            }

            if (pushed > 0f && table.Fatal != 0) tick.FatalContact = 1;
            if (table.Foot < 0) continue;
            feet[2 * table.Foot] = pushed > 0f ? 1f : 0f;
            feet[2 * table.Foot + 1] += pushed;
        }
    }

    /// <summary>Step 7: points that arrived fast leave again.</summary>
    public static void Bounce(in CreatureArguments a, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        if (a.Parameters.Ground == (int)CreatureGround.None) return;
        int contacts = CreatureScratch.Contacts(a.Parameters.Layout);
        for (int index = 0; index < a.Parameters.Layout.Bodies; index++)
        {
            ref readonly CreatureBody table = ref a.Bodies[index];
            if (table.Restitution <= 0f) continue;
            for (int point = 0; point < table.PointCount; point++)
            {
                int slot = contacts + (table.FirstPoint + point) * CreatureScratch.ContactFloats;
                Bounce(table.Restitution, table.InverseMass, body, index * CreatureConstants.BodyFloats, scratch, index * CreatureScratch.BodyFloats, slot);
            }
        }
    }

    /// <summary>Step 7 for one body and contact: Δv = max(0, −e·(speed of arrival) − normal speed).</summary>
    public static void Bounce(float restitution, float inverseMass, MatchSlots<float> body, int at, MatchSlots<float> scratch, int work, int slot)
    {
        float arrival = scratch[slot + CreatureScratch.Speed];
        if (!(scratch[slot + CreatureScratch.Lambda] > 0f) || !(arrival < -BounceSpeed)) return;
        Float3 n = MovingBody.Vector(scratch, slot + CreatureScratch.Normal), arm = MovingBody.Vector(scratch, slot + CreatureScratch.Arm);
        Float3 v = MovingBody.Vector(body, at + CreatureConstants.Velocity), spin = MovingBody.Vector(body, at + CreatureConstants.Spin);
        float speed = Float3.Dot(v + Float3.Cross(spin, arm), n);
        float change = Scalar.Max(0f, -restitution * arrival - speed);
        Float3 impulse = n * (change / scratch[slot + CreatureScratch.Weight]);
        MovingBody.Put(body, at + CreatureConstants.Velocity, v + impulse * inverseMass);
        MovingBody.Put(body, at + CreatureConstants.Spin, spin + MovingBody.Inverse(scratch, work, Float3.Cross(arm, impulse)));
    }

    /// <summary>How deep a point may still be after this substep, by its depth before it; m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Correction(float gap, float before, float h) =>
        Scalar.Max(0f, -gap - Scalar.Max(0f, Scalar.Max(0f, -before) - RecoverySpeed * h));

    // Depth, normal push, friction of one point; returns λ of the normal.
    private static float Touch(ref CreatureTick tick, in CreatureArguments a, int index, in CreaturePoint point, int slot, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        int at = index * CreatureConstants.BodyFloats, work = index * CreatureScratch.BodyFloats;
        var local = new Float3(point.X, point.Y, point.Z);
        Rotation q = MovingBody.Orientation(body, at + CreatureConstants.Orientation);
        Float3 x = MovingBody.Vector(body, at);
        Float3 p = x + q.Rotate(local);
        GroundAt ground = CreatureBumps.At(tick.Env, a, p.X, p.Y);
        float gap = (p.Z - ground.Height) * ground.Normal.Z - point.Radius;
        if (gap >= 0f) return 0f;
        ref readonly CreatureBody table = ref a.Bodies[index];
        float lambda = Push(tick.Env, a, table.InverseMass, local, point.Radius, p, ground.Normal, gap, slot, body, at, scratch, work, table.Friction);
        float force = lambda * (a.Parameters.InverseTimeStep * a.Parameters.InverseTimeStep);
        tick.Force2 += force * force;
        scratch[slot + CreatureScratch.Largest] = Scalar.Max(scratch[slot + CreatureScratch.Largest], force);
        return lambda;
    }

    /// <summary>Normal push and friction of a point that is below the ground; returns λ of the normal.</summary>
    public static float Push(int env, in CreatureArguments a, float inverseMass, Float3 local, float radius, Float3 p, Float3 n, float gap, int slot,
        MatchSlots<float> body, int at, MatchSlots<float> scratch, int work, float friction)
    {
        MovingBody moving = default;
        moving.Load(body, at, scratch, work, inverseMass);
        Rotation startQ = MovingBody.Orientation(scratch, work + CreatureScratch.StartQ);
        Float3 before = moving.Start + startQ.Rotate(local);
        GroundAt under = CreatureBumps.At(env, a, before.X, before.Y);
        float correction = Correction(gap, (before.Z - under.Height) * under.Normal.Z - radius, a.Parameters.TimeStep);
        if (!(correction > 0f)) return 0f;
        Float3 arm = (p - n * radius) - moving.X;
        Float3 fixedPoint = moving.Q.RotateBack(arm);
        Float3 startArm = startQ.Rotate(fixedPoint);
        Float3 v = MovingBody.Vector(body, at + CreatureConstants.Velocity), spin = MovingBody.Vector(body, at + CreatureConstants.Spin);
        Float3 lever = Float3.Cross(arm, n);
        Float3 turn = moving.Inverse(lever);
        float weight = inverseMass + Float3.Dot(lever, turn);
        float lambda = correction / weight;
        scratch[slot + CreatureScratch.Lambda] = lambda;
        scratch[slot + CreatureScratch.Weight] = weight;
        MovingBody.Put(scratch, slot + CreatureScratch.Normal, n);
        MovingBody.Put(scratch, slot + CreatureScratch.Arm, arm);
        scratch[slot + CreatureScratch.Speed] = Float3.Dot(v + Float3.Cross(spin, startArm), n);
        moving.Move(n * (lambda * inverseMass));
        moving.Rotate(turn * lambda);
        Float3 armAfter = moving.Q.Rotate(fixedPoint);
        Float3 slip = (moving.X + armAfter) - (moving.Start + startArm);
        Rub(ref moving, slip - n * Float3.Dot(n, slip), armAfter, friction * lambda);
        moving.Store(body, at, scratch, work);
        return lambda;
    }

    // Against the slip, at most to its end, and no stronger than the bound.
    private static void Rub(ref MovingBody moving, Float3 slip, Float3 arm, float bound)
    {
        float squared = slip.LengthSquared;
        if (squared < TinySlip) return;
        float length = Scalar.Sqrt(squared);
        Float3 t = slip * (-1f / length);
        Float3 lever = Float3.Cross(arm, t);
        Float3 turn = moving.Inverse(lever);
        float size = Scalar.Min(length / (moving.InverseMass + Float3.Dot(lever, turn)), bound);
        moving.Move(t * (size * moving.InverseMass));
        moving.Rotate(turn * size);
    }
}
