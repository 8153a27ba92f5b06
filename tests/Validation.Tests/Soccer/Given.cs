using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;
using Arena.Validation.Soccer;

namespace Arena.Validation.Tests.Soccer;

/// <summary>Builds states and actions for hand-worked cases: players stand in a far corner until placed.</summary>
internal static class Given
{
    public const double Close = 1e-6;

    /// <summary>Default numbers: dt 0.1 s, 12 m/s² and 4 m/s, drag 1.5; ball drag 0.6, 12 m/s; restitution 0.7 and 0.3.</summary>
    public static SoccerMatch Match(int teamSize = 1, Func<SoccerOptions, SoccerOptions>? change = null)
    {
        var options = new SoccerOptions { TeamSize = teamSize };
        return new SoccerMatch(change is null ? options : change(options), seed: 1, match: 0);
    }

    public static SoccerOptions With(this SoccerOptions options, Func<SoccerPhysics, SoccerPhysics> change) =>
        options with { Physics = change(options.Physics) };

    /// <summary>Side A's players along the lower left edge, side B's along the upper right, ball at rest in the centre.</summary>
    public static GameState Empty(this SoccerMatch match)
    {
        Pitch pitch = match.Pitch;
        return match.Begin(0) with
        {
            Players = [.. Enumerable.Range(0, pitch.Agents).Select(agent => new Body(
                Pitch.Turn(new Vector(-pitch.HalfLength + (agent % pitch.TeamSize), -pitch.HalfWidth), pitch.SideOf(agent)), Vector.Zero))],
            Ball = new Body(Vector.Zero, Vector.Zero),
            Nearest = [0, 0],
        };
    }

    public static GameState Player(this GameState state, int agent, double x, double y, double velocityX = 0, double velocityY = 0) =>
        state with { Players = state.Players.SetItem(agent, new Body(new Vector(x, y), new Vector(velocityX, velocityY))) };

    public static GameState BallAt(this GameState state, double x, double y, double velocityX = 0, double velocityY = 0) =>
        state with { Ball = new Body(new Vector(x, y), new Vector(velocityX, velocityY)) };

    public static GameState Touched(this GameState state, int agent, int streak = 1, double x = 0, double y = 0, double way = 0) =>
        state with { Touch = new LastTouch(agent, streak, false, new Vector(x, y), way) };

    public static PlayerAction[] Nothing(this SoccerMatch match) => new PlayerAction[match.Pitch.Agents];

    public static PlayerAction[] Kick(this PlayerAction[] actions, int agent, double x, double y)
    {
        actions[agent] = actions[agent] with { Kick = new Vector(x, y) };
        return actions;
    }

    public static PlayerAction[] Move(this PlayerAction[] actions, int agent, double x, double y)
    {
        actions[agent] = actions[agent] with { Move = new Vector(x, y) };
        return actions;
    }

    public static double Statistic(this TickResult tick, int statistic, int side = 0) => tick.Played.Statistics[statistic + side];

    public static void Near(double x, double y, Vector actual, double tolerance = Close)
    {
        Assert.Equal(x, actual.X, tolerance);
        Assert.Equal(y, actual.Y, tolerance);
    }
}
