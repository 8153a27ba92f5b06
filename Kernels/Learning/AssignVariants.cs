using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>Chooses the variant that every match plays in its next episode: the present one, or for a share of them an earlier one. One index per match.</summary>
/// <remarks>
/// The choice is a function of seed, global match number and the number of the episode, so that it depends neither on the batch nor on
/// how often this is launched.
/// </remarks>
public struct AssignVariants : IKernel
{
    /// <summary>(E·EpisodesPerMatch) int: episodes finished so far; in.</summary>
    public View<int> EpisodesFinished;

    /// <summary>Episodes that run in a match at the same time; the number of the first counts.</summary>
    public int EpisodesPerMatch;

    /// <summary>(E, 1) byte: the slot that the next episode will play by; out.</summary>
    public Column<byte> Next;

    /// <summary>(earlier) byte: slots of the earlier variants, all equally likely; in, may be empty.</summary>
    public View<byte> Earlier;

    /// <summary>How many of <see cref="Earlier"/> hold.</summary>
    public int EarlierCount;

    /// <summary>Slot of the present variant.</summary>
    public byte Present;

    /// <summary>Share of episodes that play an earlier variant, in 1/2³².</summary>
    public uint Rehearse;

    /// <summary>1 while episodes run; 0 before a reset, whose episode is number 0.</summary>
    public int Ahead;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>Key of the draws.</summary>
    public ulong Seed;

    /// <inheritdoc/>
    public void Run(int env)
    {
        byte slot = Present;
        if (EarlierCount > 0)
        {
            ulong episode = (ulong)(EpisodesFinished[env * EpisodesPerMatch] + Ahead);
            if (Rehearses(Seed, MatchOffset + env, episode, Rehearse, out uint which)) slot = Earlier[Philox.Below(which, EarlierCount)];
        }

        Next[env, 0] = slot;
    }

    /// <summary>Whether an episode plays an earlier variant, where there are any.</summary>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="match">Global number of the match.</param>
    /// <param name="episode">Number of its episode, from 0.</param>
    /// <param name="share">Of the episodes that do, in 1/2³².</param>
    /// <param name="which">Random word that chooses one of them.</param>
    public static bool Rehearses(ulong seed, int match, ulong episode, uint share, out uint which)
    {
        UInt4 words = LearnerRandom.Draw(seed, (uint)match, episode, LearnerPurpose.Rehearsal, 0);
        which = words.Y;
        return words.X < share;
    }
}
