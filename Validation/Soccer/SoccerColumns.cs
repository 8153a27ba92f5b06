using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>Between the kernels' state columns and <see cref="GameState"/>, with the range of every float.</summary>
internal static class SoccerColumns
{
    private const int BodyFloats = SoccerConstants.BodyFloats;

    /// <summary>The state that the columns of a match hold.</summary>
    public static GameState Read(IReadOnlyDictionary<string, double[]> columns, Pitch pitch)
    {
        double[] touch = columns["touch"];
        double[] place = columns["touchPlace"];
        return new GameState
        {
            Players = Bodies(columns["player"], pitch.Agents),
            Ball = Bodies(columns["ball"], 1)[0],
            BallHistory = Bodies(columns["ballHistory"], SoccerConstants.HistoryLength),
            Score = [.. columns["score"].Select(goals => (int)goals)],
            Nearest = [.. columns["nearest"].Select(index => (int)index)],
            Touch = new LastTouch((int)touch[0], (int)touch[1], touch[2] != 0, new Vector(place[0], place[1]), place[2]),
            Tick = (int)columns["tick"][0],
            Episode = (int)columns["episode"][0],
            Statistics = [.. columns["statistics"]],
        };
    }

    /// <summary>The columns that must hold <paramref name="state"/>.</summary>
    public static IReadOnlyDictionary<string, ExpectedValues> Write(GameState state, Pitch pitch)
    {
        double length = 2 * pitch.HalfLength;
        LastTouch touch = state.Touch;
        return new Dictionary<string, ExpectedValues>
        {
            ["player"] = Bodies(state.Players, length, pitch.Physics.PlayerMaxSpeed),
            ["ball"] = Bodies([state.Ball], length, pitch.Physics.BallMaxSpeed),
            ["ballHistory"] = Bodies(state.BallHistory, length, pitch.Physics.BallMaxSpeed),
            ["score"] = ExpectedValues.Exact(state.Score[0], state.Score[1]),
            ["nearest"] = ExpectedValues.Exact(state.Nearest[0], state.Nearest[1]),
            ["touch"] = ExpectedValues.Exact(touch.Agent, touch.Streak, touch.Dribbled ? 1 : 0),
            ["touchPlace"] = new ExpectedValues([touch.Place.X, touch.Place.Y, touch.Way], [length, length, Math.Max(length, touch.Way)]),
            ["tick"] = ExpectedValues.Exact(state.Tick),
            ["episode"] = ExpectedValues.Exact(state.Episode),
            ["statistics"] = Statistics(state, pitch),
        };
    }

    /// <summary>Raw statistics: counts exact; sums to 32-bit rounding of what they have grown to.</summary>
    public static ExpectedValues Statistics(GameState state, Pitch pitch)
    {
        double[] values = [.. state.Statistics];
        var scales = new double[values.Length];
        double[] rewardScales = [.. RewardScales(pitch, 0).Zip(RewardScales(pitch, 1), Math.Max)];
        for (int i = 0; i < values.Length; i++)
        {
            double size = Math.Abs(values[i]);
            if (i is SoccerStatistic.PassLength or SoccerStatistic.PassLength + 1) scales[i] = Math.Max(size, 2 * pitch.HalfLength);
            if (i is SoccerStatistic.Distance or SoccerStatistic.Distance + 1) scales[i] = Math.Max(size, 2 * pitch.HalfLength);
            if (i is >= SoccerStatistic.Rewards and < SoccerStatistic.BallBins) scales[i] = Math.Max(size, rewardScales[(i - SoccerStatistic.Rewards) / 2]);
        }

        return new ExpectedValues(values, scales);
    }

    /// <summary>Per component: the reward that a quantity of unit range earns. Approach is in metres, its range the pitch's length.</summary>
    public static double[] RewardScales(Pitch pitch, double progress)
    {
        SoccerRewards weights = pitch.Options.Rewards;
        double approach = weights.ApproachBall + ((double)weights.ApproachBallFinal - weights.ApproachBall) * progress;
        double[] ranges = [weights.Goal, weights.Win, weights.BallProgress, weights.Touch, approach * 2 * pitch.HalfLength, weights.Exertion];
        return [.. ranges.Select(range => Math.Max(1, Math.Abs(range)))];
    }

    private static ImmutableArray<Body> Bodies(double[] values, int count) =>
        [.. Enumerable.Range(0, count).Select(body => body * BodyFloats).Select(at =>
            new Body(new Vector(values[at], values[at + 1]), new Vector(values[at + 2], values[at + 3])))];

    private static ExpectedValues Bodies(ImmutableArray<Body> bodies, double length, double speed) => new(
        [.. bodies.SelectMany(body => new[] { body.Position.X, body.Position.Y, body.Velocity.X, body.Velocity.Y })],
        [.. bodies.SelectMany(_ => new[] { length, length, speed, speed })]);
}
