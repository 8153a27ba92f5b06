using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>The CPU's loop over matches, with a lane of a 512-bit register per player; writes the bits that <see cref="Run"/> writes.</summary>
public partial struct SoccerStep
{
    /// <inheritdoc/>
    public unsafe void RunRange(int begin, int end)
    {
        if (!Avx512F.IsSupported || 2 * Arguments.Parameters.TeamSize > SoccerLanes512.Count)
        {
            for (int env = begin; env < end; env++) Run(env);
            return;
        }

        float* scratch = stackalloc float[SoccerLanes512.ScratchFloats + SoccerLanes512.Count];
        var lanes = new SoccerLanes512((float*)((nint)(scratch + SoccerLanes512.Count - 1) & -64));
        for (int env = begin; env < end; env++) RunWide(env, lanes);
    }

    private void RunWide(int env, SoccerLanes512 lanes)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        var tick = new SoccerTick { Env = env, LastTouch = Arguments.State.Touch[env, 0] };
        SoccerMotion512.Run(ref tick, Arguments, lanes);                          // 1 to 3
        SoccerBall512.Kick(ref tick, Arguments, lanes);                           // 4
        SoccerBall.Run<SoccerBall512>(ref tick, Arguments, lanes.View);           // 5, 6
        SoccerEnd.Run(ref tick, Arguments);                                       // 7, 8
        SoccerResultsWide.Run(tick, Arguments);                                   // 9
        if ((tick.Terminated | tick.Truncated | tick.Goal) != 0) SoccerEnd.Continue(ref tick, Arguments);
        else FindNearest(tick, lanes);
    }

    // As SoccerReset.FindNearest, where nobody was moved after the lanes were written.
    private readonly unsafe void FindNearest(in SoccerTick tick, SoccerLanes512 lanes)
    {
        int teamSize = Arguments.Parameters.TeamSize;
        Vector512<float> offsetX = Vector512.Load(lanes.X) - Vector512.Create(tick.BallX), offsetY = Vector512.Load(lanes.Y) - Vector512.Create(tick.BallY);
        Vector512<float> never = Vector512.Create(float.MaxValue);
        Vector512<float> distanceSquared = Avx512F.Min(offsetX * offsetX + offsetY * offsetY, never);
        uint sideA = SoccerLanes512.All(teamSize), sideB = sideA << teamSize;
        Arguments.State.Nearest[tick.Env, 0] = Least(distanceSquared, sideA);
        Arguments.State.Nearest[tick.Env, 1] = Least(distanceSquared, sideB) - teamSize;
    }

    // The lowest of these lanes that holds the smallest value of them.
    private static int Least(Vector512<float> value, uint lanes)
    {
        Vector512<float> ofLanes = Vector512.ConditionalSelect(SoccerLanes512.Where(lanes), value, Vector512.Create(float.MaxValue));
        Vector256<float> eight = Avx.Min(ofLanes.GetLower(), ofLanes.GetUpper());
        Vector128<float> four = Sse.Min(eight.GetLower(), eight.GetUpper());
        Vector128<float> two = Sse.Min(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        Vector128<float> one = Sse.Min(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2)));
        return BitOperations.TrailingZeroCount(SoccerLanes512.Bits(Vector512.Equals(ofLanes, Vector512.Create(one.ToScalar()))) & lanes);
    }
}
