namespace Arena.Policy.Networks;

/// <summary>The layers of a network and the memory that its kernels share.</summary>
/// <remarks>
/// Rows are worked on in stretches of at most <see cref="RowBlock"/>, small enough that their activations stay in the first-level cache
/// from layer to layer. Each chunk has scratch and partial sums of its own (<see cref="SequenceBlocks"/>).
/// </remarks>
internal unsafe struct NetworkPlan
{
    /// <summary>Rows of a full stretch: a multiple of <see cref="Tile.Rows"/>.</summary>
    internal const int RowBlock = 96;

    private const int ScratchBuffers = 3;

    /// <summary>
    /// The layers in order of execution: hidden layers, gates of the core, heads; with a critic of its own, the critic's hidden layers and
    /// head follow, and begin at the observation again.
    /// </summary>
    internal Linear* Layers;
    internal int LayerCount;
    internal Activation Activation;

    /// <summary>What makes features of the observations, before the first layer; null where observations are features.</summary>
    internal StemPlan* Stem;

    /// <summary>What remembers, after the layer of its gates.</summary>
    internal Core Core;

    /// <summary>What is done to observations first.</summary>
    internal Normalizer Normalizer;

    /// <summary>O.</summary>
    internal int Observations;

    /// <summary>L + 1.</summary>
    internal int Outputs;

    /// <summary>Three buffers per chunk of (RowBlock, MaxWidth) floats.</summary>
    internal float* Scratch;

    /// <summary>The largest N' of all layers.</summary>
    internal int MaxWidth;

    /// <summary>Per chunk, the observations of a stretch (RowBlock, O padded) where they cannot be read where they are.</summary>
    internal float* Loaded;

    /// <summary>Per chunk, the sums of the parameter gradients over its rows.</summary>
    internal float* Partials;

    /// <summary>Floats per chunk there.</summary>
    internal long PartialLength;

    /// <summary>Where partial sums belong.</summary>
    internal GradientPart* Parts;

    /// <summary>Rows of all parts: jobs of the reduction.</summary>
    internal int Reductions;

    /// <summary>MaxWidth zeros.</summary>
    internal float* Zeros;

    /// <summary>The number 1.</summary>
    internal float* One;

    /// <summary>Floats of scratch per chunk.</summary>
    internal readonly long ScratchLength => (long)ScratchBuffers * RowBlock * MaxWidth;

    /// <summary>One of the two buffers that layers use in turn.</summary>
    internal readonly float* ScratchOf(int chunk, int layer) => Scratch + chunk * ScratchLength + (long)(layer & 1) * RowBlock * MaxWidth;

    /// <summary>A third one, for the core.</summary>
    internal readonly float* CoreScratch(int chunk) => Scratch + chunk * ScratchLength + 2L * RowBlock * MaxWidth;

    /// <summary>What layer <paramref name="index"/> reads, in the kept forward: the layer below or the stem, at row <paramref name="position"/>.</summary>
    internal readonly float* KeptInput(int index, int position)
    {
        if (index == 0) return Stem->Kept + (nint)position * Stem->Width;
        Linear* below = Layers + index - 1;
        return below->Role == LayerRole.Core
            ? Core.Hidden + (nint)position * Core.Columns
            : below->Activations + (nint)position * below->PaddedOutputs;
    }

    /// <summary>Floats between observations there.</summary>
    internal readonly int LoadedStride => Gemm.Padded(Observations);

    /// <summary>The observations of a stretch in its order, normalised if the network says so.</summary>
    internal readonly StemRows Observe<TVector, TLanes>(in PassInput input, in Stretch stretch, bool keep)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        var rows = new StemRows { Stride = Observations, Rows = stretch.Rows, Position = stretch.Position, Chunk = stretch.Chunk, Keep = keep, Stretch = stretch };
        if (input.ByteObservations != null) return ObserveBytes(input, rows);
        rows.Observations = input.Observations + (nint)stretch.RowOf(0) * Observations;
        if (stretch.InOrder && Normalizer.Scale == null) return rows;
        rows.Stride = LoadedStride;
        rows.Observations = Loaded + (nint)stretch.Chunk * RowBlock * LoadedStride;
        for (int row = 0; row < stretch.Rows; row++)
        {
            float* loaded = rows.Observations + row * rows.Stride;
            var source = new ReadOnlySpan<float>(input.Observations + (nint)stretch.RowOf(row) * Observations, Observations);
            source.CopyTo(new Span<float>(loaded, Observations));
            if (Normalizer.Scale != null) Normalizer.Apply<TVector, TLanes>(loaded, LoadedStride);
        }

        return rows;
    }

    private readonly StemRows ObserveBytes(in PassInput input, StemRows rows)
    {
        rows.Bytes = input.ByteObservations + (nint)rows.Stretch.RowOf(0) * Observations;
        if (rows.Stretch.InOrder) return rows;
        rows.Bytes = (byte*)(Loaded + (nint)rows.Chunk * RowBlock * Observations);
        for (int row = 0; row < rows.Rows; row++)
        {
            var source = new ReadOnlySpan<byte>(input.ByteObservations + (nint)rows.Stretch.RowOf(row) * Observations, Observations);
            source.CopyTo(new Span<byte>(rows.Bytes + (nint)row * Observations, Observations));
        }

        return rows;
    }
}

/// <summary>The caller's buffers of a pass, as <see cref="NetworkInput"/> has them; null where that is empty.</summary>
internal unsafe struct PassInput
{
    internal float* Observations;
    internal byte* ByteObservations;
    internal byte* EpisodeStart;
    internal float* State;
    internal float* NextState;

    /// <summary>Whether slot <paramref name="slot"/> of sequence <paramref name="sequence"/> is the first of an episode.</summary>
    internal readonly bool Starts(int sequence, int slot, int slots) => EpisodeStart != null && EpisodeStart[(nint)sequence * slots + slot] != 0;
}
