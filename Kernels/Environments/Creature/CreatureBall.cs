using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The ball of task 'dribble': a body of its own that meets the ground and every body.</summary>
public static class CreatureBall
{
    /// <summary>m, kg.</summary>
    public const float Radius = 0.15f, Mass = 0.5f;

    /// <summary>2/5 m r²; kg·m².</summary>
    public const float Inertia = 0.0045f;

    /// <summary>μ and e, against the ground and against bodies.</summary>
    public const float Friction = 0.5f, Restitution = 0.5f;

    /// <summary>Share of speed and rotation that is lost in a second.</summary>
    public const float RollingLoss = 0.3f;

    private const float InverseMass = 1f / Mass;
    private const float TinyDistance = 1e-12f, TinySlip = 1e-18f;

    /// <summary>Step 1.</summary>
    public static void Integrate(int env, in CreatureArguments a)
    {
        var table = new CreatureBody { InverseMass = InverseMass, InertiaX = Inertia, InertiaY = Inertia, InertiaZ = Inertia, InverseX = 1f / Inertia, InverseY = 1f / Inertia, InverseZ = 1f / Inertia };
        CreatureSolver.Integrate(table, a.Parameters, a.State.Ball.Of(env), 0, a.Scratch.Of(env), Work(a));
    }

    /// <summary>Step 3, after all bodies: the ground, then every body in order.</summary>
    public static void Solve(int env, in CreatureArguments a)
    {
        MatchSlots<float> scratch = a.Scratch.Of(env);
        int slot = FirstSlot(a);
        for (int contact = 0; contact <= a.Parameters.Layout.Bodies; contact++) scratch[slot + contact * CreatureScratch.ContactFloats] = 0f;
        if (a.Parameters.Ground != (int)CreatureGround.None) Ground(env, a, slot);
        for (int body = 0; body < a.Parameters.Layout.Bodies; body++) Meet(env, a, body, slot + (1 + body) * CreatureScratch.ContactFloats);
    }

    /// <summary>Step 5, and the loss of rolling.</summary>
    public static void Velocities(int env, in CreatureArguments a)
    {
        MatchSlots<float> ball = a.State.Ball.Of(env), scratch = a.Scratch.Of(env);
        float keep = 1f - RollingLoss * a.Parameters.TimeStep;
        int work = Work(a);
        MovingBody.Put(ball, CreatureConstants.Velocity, MovingBody.Vector(scratch, work + CreatureScratch.Shift) * a.Parameters.InverseTimeStep * keep);
        MovingBody.Put(ball, CreatureConstants.Spin, MovingBody.Vector(scratch, work + CreatureScratch.Turn) * a.Parameters.InverseTimeStep * keep);
    }

    /// <summary>Step 7: off the ground, then off every body.</summary>
    public static void Bounce(int env, in CreatureArguments a)
    {
        MatchSlots<float> ball = a.State.Ball.Of(env), body = a.State.Body.Of(env), scratch = a.Scratch.Of(env);
        int slot = FirstSlot(a), work = Work(a);
        CreatureContacts.Bounce(Restitution, InverseMass, ball, 0, scratch, work, slot);
        for (int index = 0; index < a.Parameters.Layout.Bodies; index++)
            BounceOff(a.Bodies[index], index, body, ball, scratch, work, slot + (1 + index) * CreatureScratch.ContactFloats);
    }

    /// <summary>The point of a body that is nearest to <paramref name="point"/>: on a capsule's line, a sphere's centre, in a box; world axes.</summary>
    public static Float3 Nearest(in CreatureBody table, Float3 x, Rotation q, Float3 point)
    {
        Float3 local = q.RotateBack(point - x);
        Float3 nearest = table.Shape == (int)SkeletonShape.Sphere ? default
            : table.Shape == (int)SkeletonShape.Capsule ? new Float3(Scalar.Clamp(local.X, -table.HalfX, table.HalfX), 0f, 0f)
            : new Float3(Scalar.Clamp(local.X, -table.HalfX, table.HalfX), Scalar.Clamp(local.Y, -table.HalfY, table.HalfY), Scalar.Clamp(local.Z, -table.HalfZ, table.HalfZ));
        return x + q.Rotate(nearest);
    }

    private static int Work(in CreatureArguments a) => a.Parameters.Layout.Bodies * CreatureScratch.BodyFloats;

    private static int FirstSlot(in CreatureArguments a) => CreatureScratch.Contacts(a.Parameters.Layout) + a.Parameters.Layout.Points * CreatureScratch.ContactFloats;

    private static void Ground(int env, in CreatureArguments a, int slot)
    {
        MatchSlots<float> ball = a.State.Ball.Of(env);
        Float3 x = MovingBody.Vector(ball, 0);
        GroundAt ground = CreatureBumps.At(env, a, x.X, x.Y);
        float gap = (x.Z - ground.Height) * ground.Normal.Z - Radius;
        if (gap >= 0f) return;
        CreatureContacts.Push(env, a, InverseMass, default, Radius, x, ground.Normal, gap, slot, ball, 0, a.Scratch.Of(env), Work(a), Friction);
    }

    // Normal push and friction between the ball and a body: equal and opposite.
    private static void Meet(int env, in CreatureArguments a, int index, int slot)
    {
        ref readonly CreatureBody table = ref a.Bodies[index];
        MatchSlots<float> state = a.State.Body.Of(env), ballState = a.State.Ball.Of(env), scratch = a.Scratch.Of(env);
        int at = index * CreatureConstants.BodyFloats, work = index * CreatureScratch.BodyFloats, ballWork = Work(a);
        Float3 centre = MovingBody.Vector(ballState, 0);
        Float3 x = MovingBody.Vector(state, at);
        float reach = table.Reach + Radius;
        if (!((centre - x).LengthSquared < reach * reach)) return;
        Float3 nearest = Nearest(table, x, MovingBody.Orientation(state, at + CreatureConstants.Orientation), centre);
        Float3 n = Direction(centre - nearest, out float distance);
        float gap = distance - Radius - table.Radius;
        if (gap >= 0f) return;
        MovingBody body = default, ball = default;
        body.Load(state, at, scratch, work, table.InverseMass);
        ball.Load(ballState, 0, scratch, ballWork, InverseMass);
        Rotation startQ = MovingBody.Orientation(scratch, work + CreatureScratch.StartQ), ballStartQ = MovingBody.Orientation(scratch, ballWork + CreatureScratch.StartQ);
        Direction(ball.Start - Nearest(table, body.Start, startQ, ball.Start), out float before);
        float correction = CreatureContacts.Correction(gap, before - Radius - table.Radius, a.Parameters.TimeStep);
        if (!(correction > 0f)) return;
        Float3 arm = nearest + n * table.Radius - body.X, ballArm = n * -Radius;
        Float3 own = body.Q.RotateBack(arm), ballOwn = ball.Q.RotateBack(ballArm);
        Float3 lever = Float3.Cross(arm, n), turn = body.Inverse(lever);
        float weight = InverseMass + (table.InverseMass + Float3.Dot(lever, turn));
        float lambda = correction / weight;
        scratch[slot + CreatureScratch.Lambda] = lambda;
        scratch[slot + CreatureScratch.Weight] = weight;
        MovingBody.Put(scratch, slot + CreatureScratch.Normal, n);
        MovingBody.Put(scratch, slot + CreatureScratch.Arm, arm);
        scratch[slot + CreatureScratch.Speed] = Float3.Dot(SpeedAt(ballState, 0, ballStartQ.Rotate(ballOwn)) - SpeedAt(state, at, startQ.Rotate(own)), n);
        ball.Move(n * (lambda * InverseMass));
        body.Move(n * -(lambda * table.InverseMass));
        body.Rotate(turn * -lambda);
        Float3 armAfter = body.Q.Rotate(own), ballArmAfter = ball.Q.Rotate(ballOwn);
        Float3 slip = ball.X + ballArmAfter - (ball.Start + ballStartQ.Rotate(ballOwn)) - (body.X + armAfter - (body.Start + startQ.Rotate(own)));
        Rub(ref ball, ref body, slip - n * Float3.Dot(n, slip), ballArmAfter, armAfter, Friction * lambda);
        body.Store(state, at, scratch, work);
        ball.Store(ballState, 0, scratch, ballWork);
    }

    private static void Rub(ref MovingBody ball, ref MovingBody body, Float3 slip, Float3 ballArm, Float3 arm, float bound)
    {
        float squared = slip.LengthSquared;
        if (squared < TinySlip) return;
        float length = Scalar.Sqrt(squared);
        Float3 t = slip * (-1f / length);
        Float3 lever = Float3.Cross(arm, t), ballLever = Float3.Cross(ballArm, t);
        Float3 turn = body.Inverse(lever), ballTurn = ball.Inverse(ballLever);
        float weight = (ball.InverseMass + Float3.Dot(ballLever, ballTurn)) + (body.InverseMass + Float3.Dot(lever, turn));
        float size = Scalar.Min(length / weight, bound);
        ball.Move(t * (size * ball.InverseMass));
        ball.Rotate(ballTurn * size);
        body.Move(t * -(size * body.InverseMass));
        body.Rotate(turn * -size);
    }

    private static void BounceOff(in CreatureBody table, int index, MatchSlots<float> state, MatchSlots<float> ball, MatchSlots<float> scratch, int ballWork, int slot)
    {
        float arrival = scratch[slot + CreatureScratch.Speed];
        if (!(scratch[slot + CreatureScratch.Lambda] > 0f) || !(arrival < -CreatureContacts.BounceSpeed)) return;
        int at = index * CreatureConstants.BodyFloats;
        Float3 n = MovingBody.Vector(scratch, slot + CreatureScratch.Normal), arm = MovingBody.Vector(scratch, slot + CreatureScratch.Arm), ballArm = n * -Radius;
        float speed = Float3.Dot(SpeedAt(ball, 0, ballArm) - SpeedAt(state, at, arm), n);
        Float3 impulse = n * (Scalar.Max(0f, -Restitution * arrival - speed) / scratch[slot + CreatureScratch.Weight]);
        Add(ball, 0, impulse * InverseMass, MovingBody.Inverse(scratch, ballWork, Float3.Cross(ballArm, impulse)));
        Add(state, at, impulse * -table.InverseMass, -MovingBody.Inverse(scratch, index * CreatureScratch.BodyFloats, Float3.Cross(arm, impulse)));
    }

    private static void Add(MatchSlots<float> state, int at, Float3 velocity, Float3 spin)
    {
        MovingBody.Put(state, at + CreatureConstants.Velocity, MovingBody.Vector(state, at + CreatureConstants.Velocity) + velocity);
        MovingBody.Put(state, at + CreatureConstants.Spin, MovingBody.Vector(state, at + CreatureConstants.Spin) + spin);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float3 SpeedAt(MatchSlots<float> state, int at, Float3 arm) =>
        MovingBody.Vector(state, at + CreatureConstants.Velocity) + Float3.Cross(MovingBody.Vector(state, at + CreatureConstants.Spin), arm);

    // Unit vector and length; straight up where there is no direction (a centre inside a box).
    private static Float3 Direction(Float3 offset, out float length)
    {
        float squared = offset.LengthSquared;
        length = squared < TinyDistance ? 0f : Scalar.Sqrt(squared);
        return squared < TinyDistance ? new Float3(0f, 0f, 1f) : offset * (1f / length);
    }
}
