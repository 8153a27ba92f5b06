using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>The CPU's loop over matches, with a lane of a 512-bit register per player; writes the bits that <see cref="Run"/> writes.</summary>
/// <remarks>
/// A tick is one long chain of results that wait for each other. So a few matches go through each phase one after the other: the processor then
/// has the next match's phase to work on while it waits.
/// </remarks>
public partial struct SoccerStep
{
    private const int Together = 8;

    /// <inheritdoc/>
    [SkipLocalsInit] // zeroing the scratch would take longer than one match; what is not written is in no lane that counts
    public unsafe void RunRange(int begin, int end)
    {
        if (!Avx512F.IsSupported)
        {
            for (int env = begin; env < end; env++) Run(env);
            return;
        }

        float* scratch = stackalloc float[Together * SoccerLanes512.ScratchFloats + SoccerLanes512.Count];
        scratch = (float*)((nint)(scratch + SoccerLanes512.Count - 1) & -64);
        SoccerTick* ticks = stackalloc SoccerTick[Together];
        int together = Arguments.Variants.Used != 0 ? 1 : Together; // the numbers are one match's at a time
        for (int env = begin; env < end; env += together)
        {
            Arguments.Variants.Take(env, ref Arguments.Parameters);
            int count = Math.Min(together, end - env);
            for (int i = 0; i < count; i++) ticks[i] = new SoccerTick { Env = env + i, LastTouch = Arguments.State.Touch.ContiguousOf(env + i)[0] };
            RunWide(ticks, count, scratch);
        }
    }

    private readonly unsafe void RunWide(SoccerTick* ticks, int count, float* scratch)
    {
        for (int i = 0; i < count; i++) SoccerMotion512.Run(ref ticks[i], Arguments, Lanes(scratch, i));                     // 1, 2
        for (int i = 0; i < count; i++) SoccerContact512.Run(Arguments.Parameters, Lanes(scratch, i));                       // 3
        for (int i = 0; i < count; i++) SoccerMotion512.Finish(ref ticks[i], Arguments, Lanes(scratch, i));
        for (int i = 0; i < count; i++) SoccerBall512.Kick(ref ticks[i], Arguments, Lanes(scratch, i));                      // 4
        for (int i = 0; i < count; i++) SoccerBall.Run<SoccerBall512>(ref ticks[i], Arguments, Lanes(scratch, i).View);      // 5, 6
        for (int i = 0; i < count; i++) SoccerEnd.Run(ref ticks[i], Arguments);                                              // 7, 8
        for (int i = 0; i < count; i++) SoccerResultsWide.Run(ticks[i], Arguments);                                          // 9
        for (int i = 0; i < count; i++)
        {
            if ((ticks[i].Terminated | ticks[i].Truncated | ticks[i].Goal) != 0) SoccerEnd.Continue(ref ticks[i], Arguments);
            else FindNearest(ticks[i], Lanes(scratch, i));
        }
    }

    private static unsafe SoccerLanes512 Lanes(float* scratch, int match) => new(scratch + match * SoccerLanes512.ScratchFloats);

    // As SoccerReset.FindNearest, where nobody was moved after the lanes were written.
    private readonly unsafe void FindNearest(in SoccerTick tick, SoccerLanes512 lanes)
    {
        int teamSize = Arguments.Parameters.TeamSize;
        Vector512<float> first = ToBall(tick, lanes, 0), second = 2 * teamSize > SoccerLanes512.Count ? ToBall(tick, lanes, SoccerLanes512.Count) : Vector512<float>.Zero;
        uint sideA = SoccerLanes512.All(teamSize), sideB = sideA << teamSize;
        View<int> nearest = Arguments.State.Nearest.ContiguousOf(tick.Env);
        nearest[0] = Least(first, second, sideA);
        nearest[1] = Least(first, second, sideB) - teamSize;
    }

    // Squared distances; m².
    private static unsafe Vector512<float> ToBall(in SoccerTick tick, SoccerLanes512 lanes, int first)
    {
        Vector512<float> offsetX = Vector512.Load(lanes.X + first) - Vector512.Create(tick.BallX), offsetY = Vector512.Load(lanes.Y + first) - Vector512.Create(tick.BallY);
        return Avx512F.Min(offsetX * offsetX + offsetY * offsetY, Vector512.Create(float.MaxValue));
    }

    // The lowest of these lanes that holds the smallest value of them.
    private static int Least(Vector512<float> first, Vector512<float> second, uint lanes)
    {
        Vector512<float> never = Vector512.Create(float.MaxValue);
        first = Vector512.ConditionalSelect(SoccerLanes512.Where(lanes), first, never);
        bool more = lanes >> SoccerLanes512.Count != 0;
        if (more) second = Vector512.ConditionalSelect(SoccerLanes512.Where(lanes >> SoccerLanes512.Count), second, never);
        Vector512<float> all = more ? Avx512F.Min(first, second) : first;
        Vector256<float> eight = Avx.Min(all.GetLower(), all.GetUpper());
        Vector128<float> four = Sse.Min(eight.GetLower(), eight.GetUpper());
        Vector128<float> two = Sse.Min(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        Vector512<float> least = Vector512.Create(Sse.Min(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar());
        uint equal = SoccerLanes512.Bits(Vector512.Equals(first, least));
        if (more) equal |= SoccerLanes512.Bits(Vector512.Equals(second, least)) << SoccerLanes512.Count;
        return BitOperations.TrailingZeroCount(equal & lanes);
    }
}
