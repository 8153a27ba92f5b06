using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Whom the learner plays in a match.</summary>
public static class OpponentSeat
{
    /// <summary>Itself: it plays both sides.</summary>
    public const int None = 0;

    /// <summary>The built-in opponent.</summary>
    public const int BuiltIn = 1;

    /// <summary>The frozen policy in slot 0 of the pool; slot s is this plus s.</summary>
    public const int FirstSlot = 2;
}

/// <summary>Who plays which side of every match, and which rows are learned from. One index per match; before every action.</summary>
/// <remarks>
/// A share of the matches, spread evenly over their global numbers, is played against a built-in opponent for good. Others have a
/// home slot in the opponent pool: whether a game is played against the policy there is drawn when the game begins and
/// holds to its end. Against anybody else the learner plays side (match + episode) mod 2: it changes sides when a new episode
/// begins and never within one.
/// </remarks>
public struct AssignOpponents : IKernel
{
    /// <summary>One whole, for <see cref="ShareUnits"/>.</summary>
    public const int WholeShare = 1 << 16;

    /// <summary>(E) int: episodes finished so far = number of the present one; in.</summary>
    public View<int> EpisodesFinished;

    /// <summary>(N) byte: 1 where the agent takes part; in.</summary>
    public View<byte> RowActive;

    /// <summary>(E) int: slot of the pool that a match may meet, −1 = none; empty without a pool; in.</summary>
    public View<int> HomeSlots;

    /// <summary>(Slots) uint: a game is played against the slot if its random word is at most this; 0 = never; in.</summary>
    public View<uint> Odds;

    /// <summary>(E) int: an <see cref="OpponentSeat"/>; in and out.</summary>
    public View<int> Opponents;

    /// <summary>(E) int: the same in the episode before; in and out.</summary>
    public View<int> Previous;

    /// <summary>(E) int: 1 + episode for which <see cref="Opponents"/> was drawn, 0 = not yet; in and out.</summary>
    public View<int> Drawn;

    /// <summary>(E·Sides) byte: 0 = played from outside, k + 1 = built-in opponent k; out.</summary>
    public View<byte> Controllers;

    /// <summary>(N) byte: 1 where the coming action is the learner's and counts; out.</summary>
    public View<byte> RowWeights;

    /// <summary>Key of the draws.</summary>
    public ulong Seed;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>Share of matches against the built-in opponent, in 1/<see cref="WholeShare"/>.</summary>
    public int ShareUnits;

    /// <summary>Controller of the built-in opponent.</summary>
    public byte Opponent;

    /// <summary>Competing sides, 1 or 2.</summary>
    public int Sides;

    /// <summary>Agents per side.</summary>
    public int AgentsPerSide;

    /// <inheritdoc/>
    public readonly void Run(int env)
    {
        int match = MatchOffset + env, episode = EpisodesFinished[env];
        if (Drawn[env] != episode + 1)
        {
            Previous[env] = Opponents[env];
            Opponents[env] = Draw(env, match, episode);
            Drawn[env] = episode + 1;
        }

        int opponent = Opponents[env], learnerSide = LearnerSide(match, episode);
        for (int side = 0; side < Sides; side++)
        {
            bool learner = opponent == OpponentSeat.None || side == learnerSide;
            Controllers[env * Sides + side] = !learner && opponent == OpponentSeat.BuiltIn ? Opponent : (byte)0;
            int first = (env * Sides + side) * AgentsPerSide;
            for (int row = first; row < first + AgentsPerSide; row++) RowWeights[row] = learner ? RowActive[row] : (byte)0;
        }
    }

    /// <summary>Does this match have the opponent? As many do among the first n matches as the share asks for, rounded down.</summary>
    public static bool HasOpponent(int match, int shareUnits) =>
        ((long)match + 1) * shareUnits >> 16 != (long)match * shareUnits >> 16;

    /// <summary>Side of the learner in a match against somebody else.</summary>
    public static int LearnerSide(int match, int episode) => match + episode & 1;

    private readonly int Draw(int env, int match, int episode)
    {
        if (HasOpponent(match, ShareUnits)) return OpponentSeat.BuiltIn;
        int slot = HomeSlots.Length > 0 ? HomeSlots[env] : -1;
        if (slot < 0 || Odds[slot] == 0) return OpponentSeat.None;
        uint word = LearnerRandom.Draw(Seed, (uint)match, (ulong)episode, LearnerPurpose.OpponentAssignment, 0).X;
        return word <= Odds[slot] ? OpponentSeat.FirstSlot + slot : OpponentSeat.None;
    }
}

/// <summary>Counts the matches that are being played against each slot of the pool. One index per slot.</summary>
public struct CountSeats : IKernel
{
    /// <summary>(E) int; in.</summary>
    public View<int> Opponents;

    /// <summary>(Slots) int; out.</summary>
    public View<int> Matches;

    /// <inheritdoc/>
    public readonly void Run(int slot)
    {
        int count = 0;
        for (int env = 0; env < (int)Opponents.Length; env++) count += Opponents[env] == OpponentSeat.FirstSlot + slot ? 1 : 0;
        Matches[slot] = count;
    }
}
