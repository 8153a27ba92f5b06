using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Creature;

/// <summary>What the tasks ask for: where points, balls and gates are put, and when they are reached.</summary>
public static class CreatureGoals
{
    /// <summary>A point is reached within this distance of the torso; m.</summary>
    public const float ReachDistance = 0.5f;

    /// <summary>The ball has arrived within this distance of the gate; m.</summary>
    public const float GateDistance = 0.75f;

    private const float TurnPerLevel = 1f / 12f;   // 30°
    private const float AheadTurn = 1f / 8f;       // 45°
    private const float NearestPoint = 2f, PointPerLevel = 2f, NearestGate = 3f, NearestBall = 1f; // m

    /// <summary>The task of an episode that begins, with the creature in its place and its heading known.</summary>
    public static void Begin(int env, in CreatureArguments a)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        a.State.Task[env, 0] = p.Task;
        a.State.Task[env, 1] = p.Level;
        UInt4 words = Philox.Draw(a.Seed, (uint)(p.MatchOffset + env), (uint)a.State.Episode[env, 0], 0, CreaturePurpose.TaskSlot, CreaturePurpose.Start);
        MatchSlots<float> goal = a.State.Goal.Of(env);
        var heading = new Float2(a.State.Heading[env, 0], a.State.Heading[env, 1]);
        goal[0] = goal[1] = goal[2] = goal[3] = 0f;
        a.State.Command[env, 0] = 0f;
        if (p.Task == (int)CreatureTask.Run)
        {
            Float2 direction = Turned(heading, p.Planar != 0 ? 0f : p.Level * TurnPerLevel * Philox.Symmetric(words.X));
            goal[0] = direction.X;
            goal[1] = direction.Y;
            a.State.Command[env, 0] = p.SlowestCommand + (p.FastestCommand - p.SlowestCommand) * Philox.Uniform(words.Y);
        }
        else if (p.Task == (int)CreatureTask.Target)
        {
            PlacePoint(env, a, words, heading);
        }
        else
        {
            Float2 toBall = Turned(heading, p.Planar != 0 ? 0f : p.Level * TurnPerLevel * Philox.Symmetric(words.Y));
            Float2 ball = Torso(env, a) + toBall * (NearestBall + Philox.Uniform(words.X));
            PutBall(env, a, ball);
            PlaceGate(env, a, ball, toBall, words.Z);
        }

        Remember(env, a);
    }

    /// <summary>After the substeps: speeds of approach, what was reached, the next point or gate.</summary>
    public static void Run(ref CreatureTick tick, in CreatureArguments a)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        int env = tick.Env, task = a.State.Task[env, 0];
        Float2 torso = Torso(env, a);
        MatchSlots<float> goal = a.State.Goal.Of(env), distance = a.State.Distance.Of(env);
        if (task == (int)CreatureTask.Run)
        {
            float along = (torso.X - tick.StartX) * goal[0] + (torso.Y - tick.StartY) * goal[1];
            tick.Velocity = Scalar.Clamp(along * p.TicksPerSecond, -1f, a.State.Command[env, 0] + 0.5f);
            a.State.Statistics[env, CreatureStatistic.Along] += along;
            return;
        }

        float point = distance[0], ball = distance[1], gate = distance[2];
        Remember(env, a);
        UInt4 words = Philox.Draw(a.Seed, (uint)(p.MatchOffset + env), (uint)a.State.Episode[env, 0], (uint)a.State.Tick[env, 0], 0, CreaturePurpose.NextGoal);
        if (task == (int)CreatureTask.Target)
        {
            tick.Progress = Scalar.Clamp((point - distance[0]) * p.TicksPerSecond, -2f, 2f);
            if (!(distance[0] <= ReachDistance)) return;
            tick.Reached = 1;
            PlacePoint(env, a, words, new Float2(a.State.Heading[env, 0], a.State.Heading[env, 1]));
        }
        else
        {
            tick.BallNear = distance[1] < 0.6f ? 0f : Scalar.Clamp((ball - distance[1]) * p.TicksPerSecond, -2f, 2f);
            tick.BallGoal = Scalar.Clamp((gate - distance[2]) * p.TicksPerSecond, -3f, 3f);
            if (!(distance[2] <= GateDistance)) return;
            tick.Arrived = 1;
            Float2 place = Ball(env, a);
            PlaceGate(env, a, place, Unit(place - torso, new Float2(a.State.Heading[env, 0], a.State.Heading[env, 1])), words.Z);
        }

        Remember(env, a);
    }

    /// <summary>Torso, ground plane; m.</summary>
    public static Float2 Torso(int env, in CreatureArguments a) => new(a.State.Body[env, 0], a.State.Body[env, 1]);

    /// <summary>Ball, ground plane; m.</summary>
    public static Float2 Ball(int env, in CreatureArguments a) => new(a.State.Ball[env, 0], a.State.Ball[env, 1]);

    /// <summary>The direction of a vector, or <paramref name="fallback"/> where it is shorter than 1 mm.</summary>
    public static Float2 Unit(Float2 v, Float2 fallback)
    {
        float squared = v.LengthSquared;
        return squared < 1e-6f ? fallback : v * (1f / Scalar.Sqrt(squared));
    }

    private static Float2 Turned(Float2 direction, float turns)
    {
        Float2 t = Turns.CosSin(turns - MathF.Floor(turns));
        return new Float2(direction.X * t.X - direction.Y * t.Y, direction.X * t.Y + direction.Y * t.X);
    }

    private static void PlacePoint(int env, in CreatureArguments a, UInt4 words, Float2 heading)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        float far = NearestPoint + PointPerLevel * p.Level * Philox.Uniform(words.X);
        float turn = p.Planar != 0 ? 0f : p.Level == 0 ? AheadTurn * Philox.Symmetric(words.Y) : Philox.Uniform(words.Y);
        Float2 point = Torso(env, a) + Turned(heading, turn) * far;
        a.State.Goal[env, 0] = point.X;
        a.State.Goal[env, 1] = point.Y;
    }

    private static void PlaceGate(int env, in CreatureArguments a, Float2 ball, Float2 line, uint word)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        Float2 gate = ball + Turned(line, p.Planar != 0 ? 0f : p.Level * TurnPerLevel * Philox.Symmetric(word)) * (NearestGate + p.Level);
        a.State.Goal[env, 2] = gate.X;
        a.State.Goal[env, 3] = gate.Y;
    }

    private static void PutBall(int env, in CreatureArguments a, Float2 place)
    {
        MatchSlots<float> ball = a.State.Ball.Of(env);
        for (int i = 0; i < CreatureConstants.BodyFloats; i++) ball[i] = 0f;
        ball[0] = place.X;
        ball[1] = place.Y;
        ball[2] = CreatureBall.Radius + CreatureBumps.At(env, a, place.X, place.Y).Height;
        ball[CreatureConstants.Orientation + 3] = 1f;
    }

    private static void Remember(int env, in CreatureArguments a)
    {
        MatchSlots<float> goal = a.State.Goal.Of(env), distance = a.State.Distance.Of(env);
        int task = a.State.Task[env, 0];
        Float2 torso = Torso(env, a), ball = Ball(env, a);
        distance[0] = task == (int)CreatureTask.Target ? (torso - new Float2(goal[0], goal[1])).Length : 0f;
        distance[1] = task == (int)CreatureTask.Dribble ? (torso - ball).Length : 0f;
        distance[2] = task == (int)CreatureTask.Dribble ? (ball - new Float2(goal[2], goal[3])).Length : 0f;
    }
}
