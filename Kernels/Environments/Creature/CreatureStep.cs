using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>One tick of a creature: action, substeps, guard, task, rewards, ends, next episode. One index per match.</summary>
/// <remarks>The order is the rule book's (README.md, "One tick"); <see cref="CreatureObserve"/> runs afterwards.</remarks>
public struct CreatureStep : IKernel
{
    private const float Shift = 4f; // m of the moving origin

    /// <summary>Arguments.</summary>
    public CreatureArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        var tick = new CreatureTick { Env = env, StartX = Arguments.State.Body[env, 0], StartY = Arguments.State.Body[env, 1] };
        Prepare(env, Arguments);
        CreatureAction.Run(ref tick, Arguments);                                        // 1 wanted coordinates
        for (int substep = 0; substep < Arguments.Parameters.Substeps; substep++)
            CreatureSolver.Run(ref tick, Arguments);                                    // 2 the bodies move
        Finish(env, Arguments);
        tick.Diverged = CreatureGuards.Check(env, Arguments);                           // 3 is the state still a state
        if (tick.Diverged == CreatureGuard.None)
        {
            CreatureHeading.Update(env, Arguments);
            tick.Way = (CreatureGoals.Torso(env, Arguments) - new Float2(tick.StartX, tick.StartY)).Length;
            CreatureGoals.Run(ref tick, Arguments);                                     // 4 task
            MoveOrigin(env, Arguments);
        }

        CreatureResults.Run(ref tick, Arguments);                                       //   rewards, 5 flags, statistics
        if (tick.Truncated != 0) CreatureObserve.Write(env, Arguments, Arguments.Views.FinalObservations); // 6 last observation
        if (tick.Terminated + tick.Truncated != 0)
            CreatureReset.BeginEpisode(env, Arguments.State.Episode[env, 0] + 1, ref Arguments); // next episode
    }

    // Sums of the tick start at 0.
    private static void Prepare(int env, in CreatureArguments a)
    {
        MatchSlots<float> feet = a.State.Feet.Of(env), scratch = a.Scratch.Of(env);
        for (int slot = 0; slot < feet.Length; slot++) feet[slot] = 0f;
        int contacts = CreatureScratch.Contacts(a.Parameters.Layout);
        for (int point = 0; point < a.Parameters.Layout.Points; point++)
            scratch[contacts + point * CreatureScratch.ContactFloats + CreatureScratch.Largest] = 0f;
    }

    // Sum of λ over the substeps to mean force as a share of the weight.
    private static void Finish(int env, in CreatureArguments a)
    {
        MatchSlots<float> feet = a.State.Feet.Of(env);
        float scale = a.Parameters.InverseTimeStep * a.Parameters.InverseTimeStep * a.Parameters.InverseWeight / a.Parameters.Substeps;
        for (int foot = 0; foot < a.Parameters.Layout.Feet; foot++) feet[2 * foot + 1] *= scale;
    }

    // Keeps the torso within 4 m of the origin, so that a float resolves half a micrometre.
    private static void MoveOrigin(int env, in CreatureArguments a)
    {
        for (int axis = 0; axis < 2; axis++)
        {
            float torso = a.State.Body[env, axis];
            int steps = torso >= Shift ? 1 : torso <= -Shift ? -1 : 0;
            if (steps == 0) continue;
            float shift = steps * Shift;
            a.State.Origin[env, axis] += steps;
            for (int body = 0; body < a.Parameters.Layout.Bodies; body++) a.State.Body[env, body * CreatureConstants.BodyFloats + axis] -= shift;
            a.State.Ball[env, axis] -= shift;
            a.State.Goal[env, 2 + axis] -= shift;
            if (a.State.Task[env, 0] != (int)CreatureTask.Run) a.State.Goal[env, axis] -= shift; // a direction does not move
        }
    }
}

/// <summary>Where the creature looks.</summary>
public static class CreatureHeading
{
    /// <summary>The torso's rotation since the rest pose.</summary>
    public static Rotation Torso(int env, in CreatureArguments a)
    {
        CreatureBody torso = a.Bodies[0];
        return MovingBody.Orientation(a.State.Body.Of(env), CreatureConstants.Orientation) * new Rotation(torso.RestQx, torso.RestQy, torso.RestQz, torso.RestQw).Conjugate;
    }

    /// <summary>The torso's forward axis in the ground plane; unchanged while that axis is nearly vertical.</summary>
    public static void Update(int env, in CreatureArguments a)
    {
        Float3 forward = Torso(env, a).Rotate(new Float3(1f, 0f, 0f));
        float squared = forward.X * forward.X + forward.Y * forward.Y;
        if (!(squared >= 1e-4f)) return;
        float inverse = 1f / Scalar.Sqrt(squared);
        a.State.Heading[env, 0] = forward.X * inverse;
        a.State.Heading[env, 1] = forward.Y * inverse;
    }
}

/// <summary>The divergence guard: after every tick, is the state still one of a creature?</summary>
public static class CreatureGuards
{
    private const float Farthest = 64f, FarthestBall = 1024f, Fastest = 100f, FastestSpin = 1000f, WidestJoint = 0.3f; // m, m, m/s, rad/s, m
    private const float RotationSlack = 1e-3f;

    /// <summary>The first test that fails, a <see cref="CreatureGuard"/>. Written so that NaN fails.</summary>
    public static int Check(int env, in CreatureArguments a)
    {
        MatchSlots<float> body = a.State.Body.Of(env);
        for (int index = 0; index < a.Parameters.Layout.Bodies; index++)
        {
            int found = CheckBody(body, index * CreatureConstants.BodyFloats, Farthest);
            if (found != CreatureGuard.None) return found;
        }

        if (a.State.Task[env, 0] == (int)CreatureTask.Dribble)
        {
            int found = CheckBody(a.State.Ball.Of(env), 0, FarthestBall);
            if (found != CreatureGuard.None) return found;
        }

        for (int joint = 0; joint < a.Parameters.Layout.Joints; joint++)
            if (!(Separation(a.Joints[joint], body) <= WidestJoint * WidestJoint)) return CreatureGuard.Separation;
        bool finite = Finite(a.State.Goal.Of(env)) && Finite(a.State.Command.Of(env)) && Finite(a.State.Distance.Of(env)) && Finite(a.State.Wanted.Of(env))
            && Finite(a.State.Actions.Of(env)) && Finite(a.State.Heading.Of(env)) && Finite(a.State.Ball.Of(env)) && Finite(a.State.Statistics.Of(env));
        return finite ? CreatureGuard.None : CreatureGuard.Other;
    }

    /// <summary>Squared distance of the two ends of a joint; m².</summary>
    public static float Separation(in CreatureJoint joint, MatchSlots<float> body)
    {
        int parent = joint.Parent * CreatureConstants.BodyFloats, child = joint.Child * CreatureConstants.BodyFloats;
        Float3 atParent = MovingBody.Vector(body, parent) + MovingBody.Orientation(body, parent + CreatureConstants.Orientation).Rotate(new Float3(joint.ParentX, joint.ParentY, joint.ParentZ));
        Float3 atChild = MovingBody.Vector(body, child) + MovingBody.Orientation(body, child + CreatureConstants.Orientation).Rotate(new Float3(joint.ChildX, joint.ChildY, joint.ChildZ));
        return (atParent - atChild).LengthSquared;
    }

    private static int CheckBody(MatchSlots<float> body, int at, float farthest)
    {
        if (!(Largest(body, at) <= farthest)) return CreatureGuard.Position;
        Rotation q = MovingBody.Orientation(body, at + CreatureConstants.Orientation);
        if (!(Scalar.Abs(q.LengthSquared - 1f) <= RotationSlack)) return CreatureGuard.Orientation;
        if (!(MovingBody.Vector(body, at + CreatureConstants.Velocity).LengthSquared <= Fastest * Fastest)) return CreatureGuard.Velocity;
        if (!(MovingBody.Vector(body, at + CreatureConstants.Spin).LengthSquared <= FastestSpin * FastestSpin)) return CreatureGuard.Spin;
        return CreatureGuard.None;
    }

    // The largest of |x|, |y|, |z|; NaN where one of them is.
    private static float Largest(MatchSlots<float> body, int at)
    {
        float x = Scalar.Abs(body[at]), y = Scalar.Abs(body[at + 1]), z = Scalar.Abs(body[at + 2]);
        float sum = x + y + z;
        return sum - sum == 0f ? Scalar.Max(x, Scalar.Max(y, z)) : float.NaN;
    }

    private static bool Finite(MatchSlots<float> slots)
    {
        float sum = 0f;
        for (int slot = 0; slot < slots.Length; slot++) sum += slots[slot] - slots[slot];
        return sum == 0f;
    }
}
