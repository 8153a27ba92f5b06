using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phases 4 and 5: clocks, rewards, flags and statistics; then the snakes whose life is over leave the arena.</summary>
public static class SnakeResults
{
    private const int Over = SnakeEvent.AnyDeath | SnakeEvent.Truncated | SnakeEvent.Won;

    /// <summary>Phase 4. Reads the grid for last observations, writes only what is the lane's own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Account<TAtomics>(in SnakeArena arena, int i, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int happened = arena.Event[i];
        int row = arena.FirstRow + i;
        if (happened == 0)
        {
            WriteResults(row, 0, a);
            return;
        }

        uint ticks = arena.LifeTicks[i] + 1;
        uint hunger = (happened & (SnakeEvent.AteFood | SnakeEvent.AteCorpse)) != 0 ? 0 : arena.Hunger[i] + 1;
        if ((happened & SnakeEvent.AnyDeath) == 0)
        {
            int length = arena.Length[i];
            if (arena.MaxLength[i] < length) arena.MaxLength[i] = (uint)length;
            if (a.Parameters.Classic != 0 && (happened & SnakeEvent.AteFood) != 0 && length == a.Parameters.Width * a.Parameters.Height) happened |= SnakeEvent.Won;
            else if ((a.Parameters.LifeLimit | a.Parameters.HungerLimit) != 0 && TimeIsUp(arena, ticks, hunger, a)) happened |= SnakeEvent.Truncated;
        }

        arena.LifeTicks[i] = ticks;
        arena.Hunger[i] = hunger;
        WriteResults(row, happened, a);
        if ((happened & Over) == 0) return;
        arena.Event[i] = happened;
        Finish<TAtomics>(arena, i, happened, a);
    }

    /// <summary>Phase 5: cells of truncated lives are emptied, and everything a life counts begins again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Retire<TAtomics>(in SnakeArena arena, int i, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int happened = arena.Event[i];
        if ((happened & Over) == 0) return;
        if ((happened & SnakeEvent.AnyDeath) == 0) SnakeMove.LeaveCells<TAtomics>(arena, i, 0, a);
        arena.Head[i] = 0;
        arena.Tail[i] = 0;
        arena.Length[i] = 0;
        arena.Pending[i] = 0;
        arena.LifeTicks[i] = 0;
        arena.EatenFood[i] = 0;
        arena.EatenCorpse[i] = 0;
        arena.MaxLength[i] = 0;
        arena.Hunger[i] = 0;
    }

    private static bool TimeIsUp(in SnakeArena arena, uint ticks, uint hunger, in SnakeArguments a)
    {
        if (a.Parameters.HungerLimit != 0 && hunger >= (uint)a.Parameters.HungerLimit) return true;
        if (a.Parameters.LifeLimit == 0) return false;
        // With desync, lives that began with the arena are the first ones.
        bool first = arena.Episode[0] == 0 && ticks == (uint)arena.Tick[0] + 1;
        return ticks >= (uint)EpisodeClock.Limit(a.Parameters.LifeLimit, a.Parameters.Desync, a.Parameters.MatchOffset + arena.Env, first ? 0 : 1);
    }

    // In the order of the components, so that the parts sum to the reward.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteResults(int row, int happened, in SnakeArguments a)
    {
        int died = (happened & SnakeEvent.AnyDeath) != 0 ? 1 : 0, won = (happened & SnakeEvent.Won) >> SnakeEvent.WonShift;
        float food = a.Parameters.FoodWeight * ((happened & SnakeEvent.AteFood) >> SnakeEvent.AteFoodShift);
        float corpse = a.Parameters.CorpseWeight * ((happened & SnakeEvent.AteCorpse) >> SnakeEvent.AteCorpseShift);
        float death = a.Parameters.DeathWeight * died;
        float win = a.Parameters.WinWeight * won;
        float living = a.Parameters.LivingWeight * (happened & SnakeEvent.Acted & ~died);
        float turning = a.Parameters.TurningWeight * ((happened & SnakeEvent.Turned) >> SnakeEvent.TurnedShift);
        a.Views.Rewards[row] = food + corpse + death + win + living + turning;
        a.Views.Terminated[row] = (byte)(died | won);
        a.Views.Truncated[row] = (byte)((happened & SnakeEvent.Truncated) >> SnakeEvent.TruncatedShift);
        if (a.Views.RewardParts.Length == 0) return;
        int at = row * SnakeReward.Count;
        a.Views.RewardParts[at + SnakeReward.Food] = food;
        a.Views.RewardParts[at + SnakeReward.Corpse] = corpse;
        a.Views.RewardParts[at + SnakeReward.Death] = death;
        a.Views.RewardParts[at + SnakeReward.Win] = win;
        a.Views.RewardParts[at + SnakeReward.Living] = living;
        a.Views.RewardParts[at + SnakeReward.Turning] = turning;
    }

    /// <summary>The end of a life: statistics, totals of the arena, and the last observation if the clock ended it.</summary>
    internal static void Finish<TAtomics>(in SnakeArena arena, int i, int happened, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int row = arena.FirstRow + i, at = row * SnakeStatistic.Count;
        bool died = (happened & SnakeEvent.AnyDeath) != 0;
        int length = arena.Length[i] + (died && (happened & SnakeEvent.Vacated) != 0 ? 1 : 0);
        int meals = (int)(arena.EatenFood[i] + arena.EatenCorpse[i]);
        View<float> statistics = a.Views.EpisodeStatistics;
        statistics[at + SnakeStatistic.Score] = a.Parameters.Classic != 0 ? (float)meals : length;
        statistics[at + SnakeStatistic.Length] = length;
        statistics[at + SnakeStatistic.MaxLength] = (int)arena.MaxLength[i];
        statistics[at + SnakeStatistic.Ticks] = (int)arena.LifeTicks[i];
        statistics[at + SnakeStatistic.Food] = (int)arena.EatenFood[i];
        statistics[at + SnakeStatistic.Corpse] = (int)arena.EatenCorpse[i];
        statistics[at + SnakeStatistic.Truncated] = (happened & SnakeEvent.Truncated) != 0 ? 1f : 0f;
        statistics[at + SnakeStatistic.Win] = (happened & SnakeEvent.Won) != 0 ? 1f : 0f;
        for (int cause = 0; cause < 4; cause++)
        {
            int caused = (happened & (SnakeEvent.Died << cause)) != 0 ? 1 : 0;
            statistics[at + SnakeStatistic.Causes + cause] = caused;
            if (caused != 0) TAtomics.Add(ref arena.Totals[SnakeTotal.Causes + cause], 1);
        }

        TAtomics.Add(ref arena.Totals[SnakeTotal.Lives], 1);
        TAtomics.Add(ref arena.Totals[SnakeTotal.Length], length);
        TAtomics.Max(ref arena.Totals[SnakeTotal.MaxLength], (int)arena.MaxLength[i]);
        TAtomics.Add(ref arena.Totals[SnakeTotal.Ticks], (int)arena.LifeTicks[i]);
        TAtomics.Add(ref arena.Totals[SnakeTotal.Food], (int)arena.EatenFood[i]);
        TAtomics.Add(ref arena.Totals[SnakeTotal.Corpse], (int)arena.EatenCorpse[i]);
        a.Views.EpisodesFinished[row] += 1;
        if ((happened & SnakeEvent.Truncated) != 0) SnakeObserve.Write(arena, i, a.Views.FinalByteObservations, a);
    }
}
