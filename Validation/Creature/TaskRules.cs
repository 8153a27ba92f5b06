using Arena.Kernels.Environments.Creature;
using Arena.Kernels.Random;

namespace Arena.Validation.Creature;

/// <summary>What a creature is asked to do, and when it has done it.</summary>
internal static class TaskRules
{
    /// <summary>The torso this near a point has reached it; m.</summary>
    public const double ReachDistance = 0.5;

    /// <summary>The ball this near the gate has arrived; m.</summary>
    public const double GoalDistance = 0.75;

    private const double LevelAngle = Math.PI / 6;

    /// <summary>Torso to point, torso to ball, ball to gate; 0 where the task has none; m.</summary>
    public static double[] Distances(Snapshot state) => state.Task switch
    {
        CreatureTask.Target => [(state.Goal - state.Root).Length, 0, 0],
        CreatureTask.Dribble => [0, (Ball(state) - state.Root).Length, (state.Gate - Ball(state)).Length],
        _ => [0, 0, 0],
    };

    /// <summary>Sets up the task of an episode for a creature that stands in its first pose.</summary>
    public static Snapshot Begin(Snapshot state, CreatureOptions options, BumpTable? bumps, UInt4 draw)
    {
        switch (state.Task)
        {
            case CreatureTask.Run:
                state = state with
                {
                    Goal = state.Heading.Turned(LevelTurn(state, draw.X)),
                    Command = options.SlowestCommand + Philox.Uniform(draw.Y) * ((double)options.FastestCommand - options.SlowestCommand),
                };
                break;
            case CreatureTask.Target:
                state = state with { Goal = NextPoint(state, draw) };
                break;
            default:
                Flat ball = state.Root + state.Heading.Turned(LevelTurn(state, draw.Y)) * (1 + Philox.Uniform(draw.X));
                state.World.Ball = Solver.NewBall(new Vec3(ball.X, ball.Y, Solver.BallRadius + (bumps?.At(ball.X, ball.Y).Height ?? 0)));
                state = state with { Gate = NextGate(state, draw.Z) };
                break;
        }

        return state with { Distances = Distances(state) };
    }

    /// <summary>After an event: the next point or gate.</summary>
    public static Snapshot Next(Snapshot state, UInt4 draw)
    {
        Snapshot next = state.Task == CreatureTask.Target ? state with { Goal = NextPoint(state, draw) } : state with { Gate = NextGate(state, draw.Z) };
        return next with { Distances = Distances(next) };
    }

    /// <summary>Whether the episode met its task's bar.</summary>
    public static bool Success(Snapshot end, bool terminated, double tick) => !terminated && end.Task switch
    {
        CreatureTask.Run => end.Statistics[CreatureStatistic.Along] >= 1.0 * end.Statistics[CreatureStatistic.Ticks] * tick,
        CreatureTask.Target => end.Statistics[CreatureStatistic.Events] >= 3,
        _ => end.Statistics[CreatureStatistic.Events] >= 1,
    };

    // At level 0 ahead, else all around. A planar creature has no left and right.
    private static Flat NextPoint(Snapshot state, UInt4 draw)
    {
        double angle = state.World.Model.Planar ? 0 : state.Level == 0 ? Philox.Symmetric(draw.Y) * Math.PI / 4 : 2 * Math.PI * Philox.Uniform(draw.Y);
        return state.Root + state.Heading.Turned(angle) * (2 + 2.0 * state.Level * Philox.Uniform(draw.X));
    }

    private static Flat NextGate(Snapshot state, uint word)
    {
        Flat line = Ball(state) - state.Root;
        Flat direction = line.Length < 1e-3 ? state.Heading : line * (1 / line.Length);
        return Ball(state) + direction.Turned(LevelTurn(state, word)) * (3 + state.Level);
    }

    // ± 30° per level.
    private static double LevelTurn(Snapshot state, uint word) => state.World.Model.Planar ? 0 : Philox.Symmetric(word) * state.Level * LevelAngle;

    private static Flat Ball(Snapshot state) => Flat.Of(state.World.Ball!.Place);
}
