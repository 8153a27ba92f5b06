using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>One substep: rigid bodies by extended position-based dynamics.</summary>
/// <remarks>
/// Müller, Macklin, Chentanez, Jeschke, Kim, "Detailed Rigid Body Simulation with Extended Position Based Dynamics", CGF 39(8), 2020.
/// Velocities come from the accumulated corrections instead of position differences: no float cancellation. The order of all
/// constraints is fixed; it is part of the rules.
/// </remarks>
public static class CreatureSolver
{
    private const float TinyTurn = 1e-14f;

    /// <summary>A quaternion shorter than this (squared) is no rotation; it is made NaN, and the guard fires.</summary>
    private const float ShortestRotation = 1e-12f;

    /// <summary>All steps of one substep of the creature of <paramref name="tick"/>.</summary>
    public static void Run(ref CreatureTick tick, in CreatureArguments a)
    {
        MatchSlots<float> body = a.State.Body.Of(tick.Env), scratch = a.Scratch.Of(tick.Env);
        bool ball = a.State.Task[tick.Env, 0] == (int)CreatureTask.Dribble;
        if (a.Parameters.TorqueMode != 0) CreatureJoints.ApplyTorques(ref tick, a, body);
        int bodies = a.Parameters.Layout.Bodies;
        for (int index = 0; index < bodies; index++)
            Integrate(a.Bodies[index], a.Parameters, body, index * CreatureConstants.BodyFloats, scratch, index * CreatureScratch.BodyFloats);
        if (ball) CreatureBall.Integrate(tick.Env, a);
        int joints = a.Parameters.Layout.Joints;
        for (int joint = 0; joint < joints; joint++) CreatureJoints.Solve(ref tick, a, joint, body, scratch);
        if (a.Parameters.Ground != (int)CreatureGround.None) CreatureContacts.Solve(ref tick, a, body, scratch);
        if (ball) CreatureBall.Solve(tick.Env, a);
        if (a.Parameters.Planar != 0) KeepInPlane(a, body, scratch);
        Velocities(bodies, a.Parameters.InverseTimeStep, body, scratch);
        if (ball) CreatureBall.Velocities(tick.Env, a);
        for (int joint = 0; joint < joints; joint++) CreatureJoints.Damp(ref tick, a, joint, body, scratch);
        CreatureContacts.Bounce(a, body, scratch);
        if (ball) CreatureBall.Bounce(tick.Env, a);
    }

    /// <summary>Step 1: velocities and pose by gravity and inertia alone; the inverse inertia of the substep.</summary>
    public static void Integrate(in CreatureBody table, in CreatureParameters p, MatchSlots<float> body, int at, MatchSlots<float> scratch, int work)
    {
        float h = p.TimeStep;
        Float3 x = MovingBody.Vector(body, at);
        Rotation q = MovingBody.Orientation(body, at + CreatureConstants.Orientation);
        Float3 v = MovingBody.Vector(body, at + CreatureConstants.Velocity);
        Float3 spin = MovingBody.Vector(body, at + CreatureConstants.Spin);
        MovingBody.Put(scratch, work + CreatureScratch.Start, x);
        MovingBody.Put(scratch, work + CreatureScratch.StartQ, q);
        v = new Float3(v.X, v.Y, v.Z - p.Gravity * h);
        Float3 own = q.RotateBack(spin);
        var momentum = new Float3(own.X * table.InertiaX, own.Y * table.InertiaY, own.Z * table.InertiaZ);
        Float3 couple = Float3.Cross(own, momentum);
        own = new Float3(own.X - h * (table.InverseX * couple.X), own.Y - h * (table.InverseY * couple.Y), own.Z - h * (table.InverseZ * couple.Z));
        spin = q.Rotate(own);
        Float3 shift = v * h, turn = spin * h;
        if (!(q.LengthSquared >= ShortestRotation)) turn = new Float3(float.NaN, float.NaN, float.NaN);
        q = q.Turned(turn);
        MovingBody.Put(body, at, x + shift);
        MovingBody.Put(body, at + CreatureConstants.Orientation, q);
        MovingBody.Put(body, at + CreatureConstants.Velocity, v);
        MovingBody.Put(body, at + CreatureConstants.Spin, spin);
        MovingBody.Put(scratch, work + CreatureScratch.Shift, shift);
        MovingBody.Put(scratch, work + CreatureScratch.Turn, turn);
        PutInverse(table, q, scratch, work + CreatureScratch.Inverse);
    }

    /// <summary>Step 5: v = d/h, ω = θ/h.</summary>
    public static void Velocities(int bodies, float inverseTimeStep, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        for (int index = 0; index < bodies; index++)
        {
            int at = index * CreatureConstants.BodyFloats, work = index * CreatureScratch.BodyFloats;
            MovingBody.Put(body, at + CreatureConstants.Velocity, MovingBody.Vector(scratch, work + CreatureScratch.Shift) * inverseTimeStep);
            MovingBody.Put(body, at + CreatureConstants.Spin, MovingBody.Vector(scratch, work + CreatureScratch.Turn) * inverseTimeStep);
        }
    }

    /// <summary>Whether a rotation vector is too short to turn by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTiny(float squared) => squared < TinyTurn;

    // R diag(1/I) Rᵀ, its six different entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutInverse(in CreatureBody table, Rotation q, MatchSlots<float> scratch, int at)
    {
        float xx = q.X * q.X, yy = q.Y * q.Y, zz = q.Z * q.Z, xy = q.X * q.Y, xz = q.X * q.Z, yz = q.Y * q.Z, wx = q.W * q.X, wy = q.W * q.Y, wz = q.W * q.Z;
        float r11 = 1f - 2f * (yy + zz), r12 = 2f * (xy - wz), r13 = 2f * (xz + wy);
        float r21 = 2f * (xy + wz), r22 = 1f - 2f * (xx + zz), r23 = 2f * (yz - wx);
        float r31 = 2f * (xz - wy), r32 = 2f * (yz + wx), r33 = 1f - 2f * (xx + yy);
        float a = table.InverseX, b = table.InverseY, c = table.InverseZ;
        scratch[at] = r11 * r11 * a + r12 * r12 * b + r13 * r13 * c;
        scratch[at + 1] = r21 * r21 * a + r22 * r22 * b + r23 * r23 * c;
        scratch[at + 2] = r31 * r31 * a + r32 * r32 * b + r33 * r33 * c;
        scratch[at + 3] = r11 * r21 * a + r12 * r22 * b + r13 * r23 * c;
        scratch[at + 4] = r11 * r31 * a + r12 * r32 * b + r13 * r33 * c;
        scratch[at + 5] = r21 * r31 * a + r22 * r32 * b + r23 * r33 * c;
    }

    // Step 4: y and all rotations but the one about y go back to the rest pose.
    private static void KeepInPlane(in CreatureArguments a, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        for (int index = 0; index < a.Parameters.Layout.Bodies; index++)
        {
            CreatureBody table = a.Bodies[index];
            int at = index * CreatureConstants.BodyFloats, work = index * CreatureScratch.BodyFloats;
            body[at + 1] = table.RestY;
            scratch[work + CreatureScratch.Shift + 1] = 0f;
            scratch[work + CreatureScratch.Turn] = 0f;
            scratch[work + CreatureScratch.Turn + 2] = 0f;
            var rest = new Rotation(table.RestQx, table.RestQy, table.RestQz, table.RestQw);
            Rotation turn = MovingBody.Orientation(body, at + CreatureConstants.Orientation) * rest.Conjugate;
            float inverse = 1f / Scalar.Sqrt(turn.Y * turn.Y + turn.W * turn.W);
            MovingBody.Put(body, at + CreatureConstants.Orientation, new Rotation(0f, turn.Y * inverse, 0f, turn.W * inverse) * rest);
        }
    }
}
