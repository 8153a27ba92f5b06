using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 7: levels, rewards, statistics, ends. Lanes are hero slots 0…9 unless said.</summary>
public static class MobaScore
{
    /// <summary>7a: xp and level, flags hurt, hit, died, gained, fell; the integer parts of the hero's reward.</summary>
    public static void Levels(in MobaMatch match, int slot, in MobaArguments a)
    {
    }

    /// <summary>7b: reward and parts of the hero's row, sums and counters of the episode (xp, ticks dead).</summary>
    public static void Rewards(in MobaMatch match, int slot, in MobaArguments a)
    {
    }

    /// <summary>7b, one lane: t += 1, how the tick ends the episode (into <see cref="MobaScratch.Ended"/>), statistics of an ended one.</summary>
    public static void End(in MobaMatch match, in MobaArguments a)
    {
    }

    /// <summary>7c: flags of the hero's row; the last observation of a truncated one.</summary>
    public static void Finish(in MobaMatch match, int slot, in MobaArguments a)
    {
    }
}

/// <summary>Phase 8: observations.</summary>
public static class MobaObserve
{
    /// <summary>RowActive, EpisodeStart and the observation of agent row <paramref name="row"/> 0…9 of the match.</summary>
    public static void Finish(in MobaMatch match, int row, in MobaArguments a)
    {
    }

    /// <summary>The observation of agent row <paramref name="row"/> 0…9 into its row of <paramref name="target"/> (N, O).</summary>
    public static void Write(in MobaMatch match, int row, View<byte> target, in MobaArguments a)
    {
    }
}
