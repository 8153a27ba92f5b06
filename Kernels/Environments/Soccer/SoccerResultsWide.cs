using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Step 9 for the CPU, as <see cref="SoccerResults"/>: rewards and flags of all players of a match at once.</summary>
internal static unsafe class SoccerResultsWide
{
    /// <summary>As <see cref="SoccerResults.Run"/>.</summary>
    internal static void Run(in SoccerTick tick, in SoccerArguments a)
    {
        bool touched = tick.FirstTouches != 0 && a.Parameters.TouchWeight != 0f;
        if (touched || a.Parameters.ExertionWeight != 0f || a.Views.RewardParts.Length > 0) SoccerResults.WriteRewards(tick, a);
        else WriteRewards(tick, a);
        WriteFlags(tick, a);
        SoccerResults.Account(tick, a);
    }

    // Without touches, exertion and parts the players of a side differ in their approach alone, and it is the nearest one's. Components that
    // are 0 are not added to the statistics: those begin at +0, and a sum that does is never −0.
    private static void WriteRewards(in SoccerTick tick, in SoccerArguments a)
    {
        ref readonly SoccerParameters p = ref a.Parameters;
        int teamSize = p.TeamSize, agents = teamSize + teamSize;
        MatchSlots<float> statistics = a.State.Statistics.Of(tick.Env);
        float goal = p.GoalWeight * tick.Goal;
        float win = tick.Terminated + tick.Truncated != 0 ? p.WinWeight * SoccerResults.Winner(tick.Env, a) : 0f;
        float progress = p.BallProgressWeight == 0f ? 0f : p.BallProgressWeight * Progress(tick, p.HalfLength);
        float none = 0f; // added as the plain rule adds it: −0 + 0 is +0
        float sideA = goal + win + progress + none, sideB = goal * -1f + win * -1f + progress * -1f + none;
        float approachA = p.ApproachBallWeight * tick.ApproachA, approachB = p.ApproachBallWeight * tick.ApproachB;
        View<float> rewards = a.Views.Rewards.Slice((long)tick.Env * agents, agents);
        FillRewards(rewards, teamSize, sideA + none + none, sideB + none + none);
        View<int> nearest = a.State.Nearest.ContiguousOf(tick.Env);
        rewards[nearest[0]] = sideA + approachA + none;
        rewards[teamSize + nearest[1]] = sideB + approachB + none;

        float share = 1f / teamSize;
        if (goal != 0f) SoccerResults.AddBoth(statistics, SoccerReward.Goal, goal, -goal);
        if (win != 0f) SoccerResults.AddBoth(statistics, SoccerReward.Win, win, -win);
        SoccerResults.AddBoth(statistics, SoccerReward.BallProgress, progress, -progress);
        SoccerResults.AddBoth(statistics, SoccerReward.ApproachBall, approachA * share, approachB * share);
    }

    private static void FillRewards(View<float> rewards, int teamSize, float sideA, float sideB)
    {
        for (int first = 0; first < 2 * teamSize; first += Vector512<float>.Count)
        {
            Vector512<int> agent = Vector512<int>.Indices + Vector512.Create(first);
            Vector512<float> isSideA = Vector512.LessThan(agent, Vector512.Create(teamSize)).AsSingle(), isPlayer = Vector512.LessThan(agent, Vector512.Create(2 * teamSize)).AsSingle();
            Avx512F.MaskStore(rewards.Pointer + first, isPlayer, Vector512.ConditionalSelect(isSideA, Vector512.Create(sideA), Vector512.Create(sideB)));
        }
    }

    // Potential of the ball where it is − where it was, as SoccerResults.Potential, with one root for all four distances.
    private static float Progress(in SoccerTick tick, float halfLength)
    {
        Vector128<float> goal = Vector128.Create(halfLength, -halfLength, halfLength, -halfLength);
        Vector128<float> x = Vector128.Create(tick.BallX, tick.BallX, tick.StartBallX, tick.StartBallX) + goal;
        Vector128<float> y = Vector128.Create(tick.BallY, tick.BallY, tick.StartBallY, tick.StartBallY);
        Vector128<float> distance = Vector128.Sqrt(x * x + y * y);
        Vector128<float> difference = (distance - Vector128.Shuffle(distance, Vector128.Create(1, 0, 3, 2))) / Vector128.Create(2f * halfLength);
        return difference.ToScalar() - difference.GetElement(2);
    }

    private static void WriteFlags(in SoccerTick tick, in SoccerArguments a)
    {
        int agents = 2 * a.Parameters.TeamSize;
        long first = (long)tick.Env * agents;
        Fill(a.Views.Terminated.Slice(first, agents).Pointer, agents, tick.Terminated);
        Fill(a.Views.Truncated.Slice(first, agents).Pointer, agents, tick.Truncated);
        Fill(a.Views.EpisodeStart.Slice(first, agents).Pointer, agents, tick.Terminated + tick.Truncated);
        Fill(a.Views.RowActive.Slice(first, agents).Pointer, agents, 1);
    }

    // Stores that may overlap; 2 to 24 bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(byte* flags, int count, int value)
    {
        ulong eight = (uint)value * 0x0101010101010101UL;
        if (count >= sizeof(ulong))
        {
            Unsafe.WriteUnaligned(flags, eight);
            if (count > 2 * sizeof(ulong)) Unsafe.WriteUnaligned(flags + sizeof(ulong), eight);
            Unsafe.WriteUnaligned(flags + count - sizeof(ulong), eight);
        }
        else if (count >= sizeof(uint))
        {
            Unsafe.WriteUnaligned(flags, (uint)eight);
            Unsafe.WriteUnaligned(flags + count - sizeof(uint), (uint)eight);
        }
        else
        {
            Unsafe.WriteUnaligned(flags, (ushort)eight);
        }
    }
}
