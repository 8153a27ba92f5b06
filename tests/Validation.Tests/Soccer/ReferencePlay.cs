using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Random;
using Arena.Validation.Soccer;

namespace Arena.Validation.Tests.Soccer;

/// <summary>Actions that make a match of the reference go on by itself.</summary>
internal static class ReferencePlay
{
    private const uint Purpose = 900;

    /// <summary>Uniform actions.</summary>
    public static PlayerAction[] Random(Pitch pitch, int run, int tick) =>
    [
        .. Enumerable.Range(0, pitch.Agents).Select(agent =>
        {
            UInt4 draw = Philox.Draw((ulong)run, 0, 0, (uint)tick, (uint)agent, Purpose);
            return new PlayerAction(
                new Vector(Philox.Symmetric(draw.X), Philox.Symmetric(draw.Y)).LimitedTo(1),
                new Vector(Philox.Symmetric(draw.Z), Philox.Symmetric(draw.W)).LimitedTo(1));
        }),
    ];

    /// <summary>Everybody runs at the ball and kicks somewhere forward: crowds.</summary>
    public static PlayerAction[] Crowd(Pitch pitch, GameState state, int run, int tick)
    {
        PlayerAction[] random = Random(pitch, run, tick);
        return
        [
            .. random.Select((action, agent) =>
            {
                Vector toBall = Pitch.Turn(state.Ball.Position - state.Players[agent].Position, pitch.SideOf(agent));
                return new PlayerAction((toBall + action.Move * 0.3).LimitedTo(1), new Vector(0.6, 0) + action.Kick * 0.4);
            }),
        ];
    }

    /// <summary>A state rounded to 32-bit floats, as kernels hold it.</summary>
    public static GameState Rounded(GameState state) => state with
    {
        Players = [.. state.Players.Select(Rounded)],
        Ball = Rounded(state.Ball),
        Touch = state.Touch with { Way = (float)state.Touch.Way, Place = Rounded(state.Touch.Place) },
        Statistics = [.. state.Statistics.Select(value => (double)(float)value)],
    };

    /// <summary>The same match, turned by 180° with the sides swapped.</summary>
    public static GameState Turned(Pitch pitch, GameState state) => state with
    {
        Players = [.. Swap(pitch, state.Players).Select(Turned)],
        Ball = Turned(state.Ball),
        BallHistory = [.. state.BallHistory.Select(Turned)],
        Score = [state.Score[1], state.Score[0]],
        Nearest = [state.Nearest[1], state.Nearest[0]],
        Touch = state.Touch with
        {
            Agent = state.Touch.Agent == SoccerConstants.Nobody ? SoccerConstants.Nobody : (state.Touch.Agent + pitch.TeamSize) % pitch.Agents,
            Place = -state.Touch.Place,
        },
    };

    /// <summary>Side B's elements first.</summary>
    public static IEnumerable<T> Swap<T>(Pitch pitch, IReadOnlyList<T> perAgent) => perAgent.Skip(pitch.TeamSize).Concat(perAgent.Take(pitch.TeamSize));

    private static Body Turned(Body body) => new(-body.Position, -body.Velocity);

    private static Body Rounded(Body body) => new(Rounded(body.Position), Rounded(body.Velocity));

    private static Vector Rounded(Vector v) => new((float)v.X, (float)v.Y);
}
