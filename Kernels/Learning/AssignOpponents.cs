using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Whom the learner plays in a match.</summary>
public static class OpponentSeat
{
    /// <summary>Itself: it plays both sides.</summary>
    public const int None = 0;

    /// <summary>The first of the built-in opponents that are trained against; the k-th after it is −k.</summary>
    public const int BuiltIn = 1;

    /// <summary>The frozen policy in slot 0; slot s is this plus s. The slots of the pool come first, then those of listed policies.</summary>
    public const int FirstSlot = 2;

    /// <summary>The seat of a built-in opponent.</summary>
    /// <param name="place">Its place in the list of those that are trained against, from 0.</param>
    public static int OfListed(int place) => place == 0 ? BuiltIn : -place;

    /// <summary>Is it the seat of a built-in opponent?</summary>
    public static bool IsBuiltIn(int seat) => seat == BuiltIn || seat < None;

    /// <summary>Place in the list of the built-in opponent in <paramref name="seat"/>.</summary>
    public static int PlaceOf(int seat) => seat < None ? -seat : 0;
}

/// <summary>Who plays which side of every match, and which rows are learned from. One index per match; before every action.</summary>
/// <remarks>
/// A share of the matches, spread evenly over their global numbers, is played against built-in opponents for good; where there are several, which one is
/// drawn when a game begins. Some of the share have the home slot of a listed policy instead and always meet it. Others have a home slot in the opponent pool: whether a game is played against the policy there is drawn when the game begins and
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

    /// <summary>(E) int: slot that a match may meet, −1 = none; empty without frozen policies; in.</summary>
    public View<int> HomeSlots;

    /// <summary>Slots of the pool; a home from here on is that of a listed policy.</summary>
    public int PoolSlots;

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

    /// <summary>Share of matches against the built-in opponents, in 1/<see cref="WholeShare"/>.</summary>
    public int ShareUnits;

    /// <summary>(L) byte: controllers of the built-in opponents; empty where none was ever needed; in.</summary>
    public View<byte> Listed;

    /// <summary>(L) uint: largest random word that gives a game to one of the first k + 1 of <see cref="Listed"/>; whatever is above goes to the last; in.</summary>
    public View<uint> ListedBounds;

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
            Controllers[env * Sides + side] = !learner && OpponentSeat.IsBuiltIn(opponent) ? Listed[OpponentSeat.PlaceOf(opponent)] : (byte)0;
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
        int slot = HomeSlots.Length > 0 ? HomeSlots[env] : -1;
        bool policy = slot >= PoolSlots && slot >= 0;
        if (HasOpponent(match, ShareUnits)) return policy ? OpponentSeat.FirstSlot + slot : DrawListed(match, episode);
        if (policy || slot < 0 || Odds[slot] == 0) return OpponentSeat.None;
        uint word = LearnerRandom.Draw(Seed, (uint)match, (ulong)episode, LearnerPurpose.OpponentAssignment, 0).X;
        return word <= Odds[slot] ? OpponentSeat.FirstSlot + slot : OpponentSeat.None;
    }

    // Its own word of the game's draw: the first decides about the pool.
    private readonly int DrawListed(int match, int episode)
    {
        int last = (int)Listed.Length - 1;
        if (last < 0) return OpponentSeat.None; // policies alone are listed, and the share has grown
        if (last == 0) return OpponentSeat.BuiltIn;
        uint word = LearnerRandom.Draw(Seed, (uint)match, (ulong)episode, LearnerPurpose.OpponentAssignment, 0).Y;
        int place = 0;
        while (place < last && word > ListedBounds[place]) place++;
        return OpponentSeat.OfListed(place);
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
