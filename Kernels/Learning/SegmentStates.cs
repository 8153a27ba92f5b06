using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>Keeps the recurrent states with which a segment begins; rows whose episode begins there have none yet. One index per row.</summary>
public struct KeepStates : IKernel
{
    /// <summary>(N, S) float: states before the slot; in.</summary>
    public View<float> States;

    /// <summary>(N) byte: the slot is the first of an episode; in.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(N, S) float; out.</summary>
    public View<float> Kept;

    /// <summary>S.</summary>
    public int StateSize;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        bool first = EpisodeStart[row] != 0;
        for (long at = (long)row * StateSize; at < (long)(row + 1) * StateSize; at++) Kept[at] = first ? 0f : States[at];
    }
}

/// <summary>Copies the states with which the segments of a minibatch begin. One index per segment of the minibatch; beside <see cref="GatherRows"/>.</summary>
public struct GatherStates : IKernel
{
    /// <summary>(T/B, N, S) float: of segment g = chunk·N + row; in.</summary>
    public View<float> SegmentStates;

    /// <summary>(segments, S) float; out.</summary>
    public View<float> Minibatch;

    /// <summary>Order of the segments in this epoch.</summary>
    public IndexPermutation Order;

    /// <summary>Place in that order of the minibatch's first segment.</summary>
    public int FirstSegment;

    /// <summary>S.</summary>
    public int StateSize;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        long source = (long)Order.At(FirstSegment + index) * StateSize, to = (long)index * StateSize;
        for (int i = 0; i < StateSize; i++) Minibatch[to + i] = SegmentStates[source + i];
    }
}
