using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>From what a policy wrote to what a player does.</summary>
internal static class ActionRules
{
    /// <summary>Action and error bits of one agent.</summary>
    public static (PlayerAction Action, uint Error) Read(SoccerActions kind, MatchActions actions, int agent) =>
        kind == SoccerActions.Continuous
            ? Continuous(actions.Continuous.AsSpan(agent * SoccerConstants.ActionFloats, SoccerConstants.ActionFloats))
            : Discrete(actions.Discrete[2 * agent], actions.Discrete[2 * agent + 1]);

    private static (PlayerAction Action, uint Error) Continuous(ReadOnlySpan<float> raw)
    {
        foreach (float component in raw)
            if (!float.IsFinite(component)) return (default, ErrorCode.ActionNotFinite);
        return (new PlayerAction(Limited(raw[0], raw[1]), Limited(raw[2], raw[3])), 0);
    }

    // Each component to [-1, 1], then the vector to length 1.
    private static Vector Limited(double x, double y) => new Vector(Math.Clamp(x, -1, 1), Math.Clamp(y, -1, 1)).LimitedTo(1);

    private static (PlayerAction Action, uint Error) Discrete(int move, int kick)
    {
        if (move is < 0 or >= SoccerConstants.Directions || kick is < 0 or >= SoccerConstants.Directions)
            return (default, ErrorCode.ActionOutOfRange);
        return (new PlayerAction(Direction(move), Direction(kick)), 0);
    }

    // 0 = none; 1..8 = 45° steps counter-clockwise from +x.
    private static Vector Direction(int choice)
    {
        const double D = SoccerConstants.Diagonal;
        return choice switch
        {
            1 => new(1, 0),
            2 => new(D, D),
            3 => new(0, 1),
            4 => new(-D, D),
            5 => new(-1, 0),
            6 => new(-D, -D),
            7 => new(0, -1),
            8 => new(D, -D),
            _ => Vector.Zero,
        };
    }
}
