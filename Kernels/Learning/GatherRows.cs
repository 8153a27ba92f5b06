using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>Copies the rows of a minibatch out of the rollout: whole segments of B slots. One index per row of the minibatch.</summary>
/// <remarks>
/// Segment g of the rollout is slots (g / N)·B … of row g mod N. Minibatch row i is slot i mod B of segment
/// Order.At(FirstSegment + i / B), so a minibatch needs no index buffer, and a segment's slots lie one behind the other.
/// </remarks>
public unsafe struct GatherRows : IRangeKernel
{
    private const int Line = 64;  // bytes
    private const int Ahead = 8;  // rows that are fetched before they are copied: each is a dozen cache lines far apart

    /// <summary>The rollout; in.</summary>
    public RolloutViews Rollout;

    /// <summary>The minibatch; out.</summary>
    public RolloutViews Minibatch;

    /// <summary>Order of the segments in this epoch.</summary>
    public IndexPermutation Order;

    /// <summary>Place in that order of the minibatch's first segment.</summary>
    public int FirstSegment;

    /// <summary>B.</summary>
    public int SegmentLength;

    /// <summary>N.</summary>
    public int Rows;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>A_c.</summary>
    public int Components;

    /// <summary>H.</summary>
    public int Heads;

    /// <summary>Words of a mask row.</summary>
    public int MaskWords;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        int place = index / SegmentLength;
        long source = Source(Order.At(FirstSegment + place), index - place * SegmentLength);
        if (Rollout.Observations.Length > 0)
            for (int i = 0; i < ObservationLength; i++)
                Minibatch.Observations[(long)index * ObservationLength + i] = Rollout.Observations[source * ObservationLength + i];
        if (Rollout.ByteObservations.Length > 0)
            for (int i = 0; i < ObservationLength; i++)
                Minibatch.ByteObservations[(long)index * ObservationLength + i] = Rollout.ByteObservations[source * ObservationLength + i];
        CopySmall(index, source);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        // The permutation once per segment, observations as blocks of memory.
        int known = -1, segment = 0, knownAhead = -1, segmentAhead = 0;
        for (int index = begin; index < end; index++)
        {
            if (Sse.IsSupported && index + Ahead < end) Fetch(SourceOf(index + Ahead, ref knownAhead, ref segmentAhead));
            long source = SourceOf(index, ref known, ref segment);
            CopyBlock(Rollout.Observations, source, Minibatch.Observations, index);
            CopyBlock(Rollout.ByteObservations, source, Minibatch.ByteObservations, index);
            CopySmall(index, source);
        }
    }

    private readonly long SourceOf(int index, ref int known, ref int segment)
    {
        int place = index / SegmentLength;
        if (place != known) segment = Order.At(FirstSegment + place);
        known = place;
        return Source(segment, index - place * SegmentLength);
    }

    private readonly void Fetch(long source)
    {
        Fetch(Rollout.Observations, source, ObservationLength);
        Fetch(Rollout.ByteObservations, source, ObservationLength);
        Fetch(Rollout.ActionMasks, source, MaskWords);
        Fetch(Rollout.ContinuousActions, source, Components);
        Fetch(Rollout.DiscreteActions, source, Heads);
        Fetch(Rollout.EpisodeStart, source, 1);
        Fetch(Rollout.LogProbs, source, 1);
        Fetch(Rollout.Values, source, 1);
        Fetch(Rollout.Advantages, source, 1);
        Fetch(Rollout.Returns, source, 1);
        Fetch(Rollout.RowWeights, source, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<T>(View<T> from, long source, int width)
        where T : unmanaged
    {
        if (from.Length == 0) return;
        byte* end = (byte*)(from.Pointer + (source + 1) * width);
        for (byte* line = (byte*)((nint)(from.Pointer + source * width) & -Line); line < end; line += Line) Sse.Prefetch0(line);
    }

    private readonly void CopyBlock<T>(View<T> from, long source, View<T> to, int index)
        where T : unmanaged
    {
        if (from.Length == 0) return;
        from.Slice(source * ObservationLength, ObservationLength).AsSpan().CopyTo(to.Slice((long)index * ObservationLength, ObservationLength).AsSpan());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly long Source(int segment, int slot)
    {
        int chunk = segment / Rows;
        return ((long)chunk * SegmentLength + slot) * Rows + (segment - chunk * Rows);
    }

    private readonly void CopySmall(int index, long source)
    {
        for (int i = 0; i < MaskWords; i++) Minibatch.ActionMasks[(long)index * MaskWords + i] = Rollout.ActionMasks[source * MaskWords + i];
        for (int i = 0; i < Components; i++)
            Minibatch.ContinuousActions[(long)index * Components + i] = Rollout.ContinuousActions[source * Components + i];
        for (int i = 0; i < Heads; i++) Minibatch.DiscreteActions[(long)index * Heads + i] = Rollout.DiscreteActions[source * Heads + i];
        Minibatch.EpisodeStart[index] = Rollout.EpisodeStart[source];
        Minibatch.LogProbs[index] = Rollout.LogProbs[source];
        Minibatch.Values[index] = Rollout.Values[source];
        Minibatch.Advantages[index] = Rollout.Advantages[source];
        Minibatch.Returns[index] = Rollout.Returns[source];
        Minibatch.RowWeights[index] = Rollout.RowWeights[source];
    }
}
