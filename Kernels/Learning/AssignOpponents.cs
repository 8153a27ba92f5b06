using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Who plays which side of every match, and which rows are learned from. One index per match; before every action.</summary>
/// <remarks>
/// A share of the matches, spread evenly over their global numbers, is played against a built-in opponent for good. There
/// the learner plays side (match + episode) mod 2: it changes sides when a new episode begins and never within one.
/// </remarks>
public struct AssignOpponents : IKernel
{
    /// <summary>One whole, for <see cref="ShareUnits"/>.</summary>
    public const int WholeShare = 1 << 16;

    /// <summary>(E) int: episodes finished so far = number of the present one; in.</summary>
    public View<int> EpisodesFinished;

    /// <summary>(N) byte: 1 where the agent takes part; in.</summary>
    public View<byte> RowActive;

    /// <summary>(E·Sides) byte: 0 = learner, k + 1 = built-in opponent k; out.</summary>
    public View<byte> Controllers;

    /// <summary>(N) byte: 1 where the coming action is the learner's and counts; out.</summary>
    public View<byte> RowWeights;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>Share of matches against the opponent, in 1/<see cref="WholeShare"/>.</summary>
    public int ShareUnits;

    /// <summary>Controller of the opponent.</summary>
    public byte Opponent;

    /// <summary>Competing sides, 1 or 2.</summary>
    public int Sides;

    /// <summary>Agents per side.</summary>
    public int AgentsPerSide;

    /// <inheritdoc/>
    public readonly void Run(int env)
    {
        int match = MatchOffset + env;
        bool opposed = HasOpponent(match, ShareUnits);
        int learnerSide = match + EpisodesFinished[env] & 1;
        for (int side = 0; side < Sides; side++)
        {
            bool learner = !opposed || side == learnerSide;
            Controllers[env * Sides + side] = learner ? (byte)0 : Opponent;
            int first = (env * Sides + side) * AgentsPerSide;
            for (int row = first; row < first + AgentsPerSide; row++) RowWeights[row] = learner ? RowActive[row] : (byte)0;
        }
    }

    /// <summary>Does this match have the opponent? As many do among the first n matches as the share asks for, rounded down.</summary>
    public static bool HasOpponent(int match, int shareUnits) =>
        ((long)match + 1) * shareUnits >> 16 != (long)match * shareUnits >> 16;
}
