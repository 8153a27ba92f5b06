using System.Numerics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 7: levels, rewards, ends, statistics. Lanes are hero slots 0…9 unless said.</summary>
public static class MobaScore
{
    private const int Lower = MobaConstants.FirstTower + 2 * MobaConstants.Ancient; // slot of side 0's ancient; side 1's is the next
    private const int Ancients = 3 << (2 * MobaConstants.Ancient);
    private const int EveryOther = 0x555555;

    /// <summary>7a: xp and level, the hero's flags, and how far it came towards a structure (in place of <see cref="MobaScratch.StartDistance"/>).</summary>
    public static void Levels(in MobaMatch match, int slot, in MobaArguments a)
    {
        int gain = match.Scratch.XpGain[slot], counters = slot * MobaCounter.Count;
        match.Xp[slot] = Scalar.Min(MobaConstants.MaxXp, match.Xp[slot] + gain);
        match.Level[slot] = (byte)MobaStats.LevelOf(match.Xp[slot], match.Level[slot]);
        if (gain != 0) match.Counters[counters + MobaCounter.Xp] += gain;
        int hp = match.Hp[slot], was = match.Scratch.Was[slot], flags = match.Flags[slot] & MobaFlag.Hurt;
        if (hp == 0) match.Counters[counters + MobaCounter.TicksDead] += 1;
        else flags = Hurt(flags, hp, MobaStats.HeroHp(slot >> 1, match.Level[slot]));
        if ((was & MobaWas.Hit) != 0) flags |= MobaFlag.Hit;
        if ((was & MobaWas.Died) != 0) flags |= MobaFlag.Died;
        if (gain != 0) flags |= MobaFlag.Gained;
        if (FallenOf(match, 1 - (slot & 1)) != 0) flags |= MobaFlag.Fell;
        match.Flags[slot] = (byte)flags;
        if (a.Parameters.DistanceWeight != 0) match.Scratch.StartDistance[slot] -= StructureDistance(match, slot);
    }

    /// <summary>
    /// L1 distance in units from a hero to the nearest enemy structure that was vulnerable when the tick began, whether it has fallen since or
    /// not; 0 if there was none.
    /// </summary>
    public static int StructureDistance(in MobaMatch match, int slot)
    {
        int wanted = match.Scratch.Match[MobaScratch.Vulnerable] & (EveryOther << (1 - (slot & 1))), nearest = int.MaxValue;
        while (wanted != 0)
        {
            int tower = BitOperations.TrailingZeroCount(wanted);
            wanted &= wanted - 1;
            nearest = Scalar.Min(nearest, MobaMatch.Distance(match.Position[slot], match.Position[MobaConstants.FirstTower + tower]));
        }

        return nearest == int.MaxValue ? 0 : nearest;
    }

    /// <summary>7b: reward and parts of the hero's row, and their sums over the episode.</summary>
    public static void Rewards(in MobaMatch match, int slot, in MobaArguments a)
    {
        int row = match.FirstRow + MobaMatch.RowOf(slot);
        float reward = 0f;
        for (int component = 0; component < MobaReward.Count; component++)
        {
            long raw = Raw(match, slot, component, a.Parameters);
            if (a.Parameters.ZeroSum != 0)
            {
                raw *= MobaClass.Count;
                for (int enemy = 1 - (slot & 1); enemy < MobaConstants.Heroes; enemy += 2) raw -= Raw(match, enemy, component, a.Parameters);
            }

            float part = raw * a.Parameters.RewardScale;
            reward = component == 0 ? part : reward + part;
            if (a.Views.RewardParts.Length > 0) a.Views.RewardParts[row * MobaReward.Count + component] = part;
            if (raw != 0) match.RewardSums[slot * MobaReward.Count + component] += part;
        }

        a.Views.Rewards[row] = reward;
    }

    /// <summary>7b, one lane: t + 1, and how the tick ends the episode, into <see cref="MobaScratch.Ended"/>.</summary>
    public static void End(in MobaMatch match, in MobaArguments a)
    {
        int tick = match.Tick + 1;
        a.State.Tick[match.Env, 0] = tick;
        int outcome = Outcome(match, 0);
        int ended = outcome > 0 ? MobaEnd.Won0 : outcome < 0 ? MobaEnd.Won1 : match.Hp[Lower] == 0 ? MobaEnd.Draw : MobaEnd.None;
        int limit = EpisodeClock.Limit(a.Parameters.EpisodeLimit, a.Parameters.Desync, a.Parameters.MatchOffset + match.Env, match.Episode);
        if (ended == MobaEnd.None && tick >= limit) ended = MobaEnd.Truncated;
        match.Scratch.Match[MobaScratch.Ended] = ended;
    }

    /// <summary>7c: flags of the hero's row; the last observation of a truncated one; slot 0's lane writes the statistics of an ended match.</summary>
    public static void Finish(in MobaMatch match, int slot, in MobaArguments a)
    {
        int agent = MobaMatch.RowOf(slot), row = match.FirstRow + agent, ended = match.Scratch.Match[MobaScratch.Ended];
        a.Views.Terminated[row] = (byte)(ended != MobaEnd.None && ended != MobaEnd.Truncated ? 1 : 0);
        a.Views.Truncated[row] = (byte)(ended == MobaEnd.Truncated ? 1 : 0);
        a.Views.EpisodeStart[row] = (byte)(ended != MobaEnd.None ? 1 : 0);
        if (ended == MobaEnd.None) return;
        if (ended == MobaEnd.Truncated && a.Views.FinalByteObservations.Length > 0) MobaObserve.Write(match, agent, a.Views.FinalByteObservations, a);
        if (slot == 0) WriteStatistics(match, ended, a);
    }

    // Set below 30 %, cleared from 80 % on, else as it was.
    private static int Hurt(int flags, int hp, int max) => hp * 100 < 30 * max ? MobaFlag.Hurt : hp * 100 >= 80 * max ? 0 : flags;

    // 1 when the hero's side has won, −1 when the other has, 0 else.
    private static int Outcome(in MobaMatch match, int side)
    {
        int own = match.Hp[Lower + side] == 0 ? 1 : 0, enemy = match.Hp[Lower + 1 - side] == 0 ? 1 : 0;
        return enemy - own;
    }

    // Structures of a side that fell in this tick, as bits.
    private static int FallenOf(in MobaMatch match, int side) => match.Scratch.Match[MobaScratch.Fallen] & (EveryOther << side);

    private static long Raw(in MobaMatch match, int slot, int component, in MobaParameters p) => component switch
    {
        MobaReward.Xp => (long)p.XpWeight * match.Scratch.XpGain[slot],
        MobaReward.Death => (match.Scratch.Was[slot] & MobaWas.Died) != 0 ? p.DeathWeight : 0,
        MobaReward.Tower => (long)p.TowerWeight * match.Scratch.Felled[slot],
        MobaReward.TowerTeam => (long)p.TowerTeamWeight * BitOperations.PopCount((uint)(FallenOf(match, 1 - (slot & 1)) & ~Ancients)),
        MobaReward.Win => (long)p.WinWeight * Outcome(match, slot & 1),
        _ => p.DistanceWeight == 0 ? 0 : (long)p.DistanceWeight * match.Scratch.StartDistance[slot],
    };

    private static void WriteStatistics(in MobaMatch match, int ended, in MobaArguments a)
    {
        View<float> statistics = a.Views.EpisodeStatistics.Slice((long)match.Env * MobaStatistic.Count, MobaStatistic.Count);
        statistics[MobaStatistic.Winner] = ended == MobaEnd.Won0 ? 1f : ended == MobaEnd.Won1 ? -1f : 0f;
        statistics[MobaStatistic.Ticks] = match.Tick;
        statistics[MobaStatistic.Truncated] = ended == MobaEnd.Truncated ? 1f : 0f;
        for (int side = 0; side < 2; side++)
        {
            statistics[MobaStatistic.Structures + side] = MobaObserve.Standing(match, side);
            int levels = 0;
            for (int slot = side; slot < MobaConstants.Heroes; slot += 2) levels += match.Level[slot];
            statistics[MobaStatistic.Levels + side] = levels;
            for (int counter = 0; counter < MobaCounter.Count; counter++)
            {
                int sum = 0;
                for (int slot = side; slot < MobaConstants.Heroes; slot += 2) sum += match.Counters[slot * MobaCounter.Count + counter];
                statistics[MobaStatistic.Counters + 2 * counter + side] = sum;
            }

            for (int component = 0; component < MobaReward.Count; component++)
            {
                float sum = 0f;
                for (int slot = side; slot < MobaConstants.Heroes; slot += 2) sum += match.RewardSums[slot * MobaReward.Count + component];
                statistics[MobaStatistic.Rewards + 2 * component + side] = 0.2f * sum;
            }
        }

        a.Views.EpisodesFinished[match.Env] += 1;
    }
}

/// <summary>Raw statistics of a finished episode; "per side" is two numbers, side 0 first.</summary>
public static class MobaStatistic
{
    /// <summary>1 side 0 won, −1 side 1 did, 0 nobody.</summary>
    public const int Winner = 0;

    /// <summary>Ticks.</summary>
    public const int Ticks = 1;

    /// <summary>1 when the clock ended it.</summary>
    public const int Truncated = 2;

    /// <summary>Structures standing, per side.</summary>
    public const int Structures = 3;

    /// <summary>Sum of the heroes' levels, per side.</summary>
    public const int Levels = 5;

    /// <summary><see cref="MobaCounter"/>s summed over the heroes: counter by counter, per side.</summary>
    public const int Counters = 7;

    /// <summary>Reward of an episode by component, mean of the heroes: component by component, per side.</summary>
    public const int Rewards = Counters + 2 * MobaCounter.Count;

    /// <summary>Numbers.</summary>
    public const int Count = Rewards + 2 * MobaReward.Count;
}
