namespace Arena.Policy.Networks;

/// <summary>The layers of a network and the memory that its kernels share.</summary>
/// <remarks>
/// Rows are worked on in blocks of <see cref="RowBlock"/>, small enough that a block's activations stay in the first-level cache
/// from layer to layer. Consecutive blocks form at most <see cref="MaxChunks"/> chunks, one job each, with scratch and partial
/// sums of its own. Both depend on the number of rows alone: so do all roundings.
/// </remarks>
internal unsafe struct NetworkPlan
{
    /// <summary>Rows of a block: a multiple of <see cref="Tile.Rows"/>.</summary>
    internal const int RowBlock = 96;

    /// <summary>Jobs of a launch: enough for some tens of cores, few enough that their partial sums cost little.</summary>
    internal const int MaxChunks = 32;

    /// <summary>The layers; the last is the heads.</summary>
    internal Linear* Layers;
    internal int LayerCount;
    internal Activation Activation;

    /// <summary>Two buffers per chunk of (RowBlock, MaxWidth) floats.</summary>
    internal float* Scratch;

    /// <summary>The largest N' of all layers.</summary>
    internal int MaxWidth;

    /// <summary>Per chunk, the sums of the parameter gradients over its rows.</summary>
    internal float* Partials;

    /// <summary>Floats per chunk there.</summary>
    internal long PartialLength;

    /// <summary>MaxWidth zeros.</summary>
    internal float* Zeros;

    /// <summary>The number 1.</summary>
    internal float* One;

    /// <summary>Jobs of the reduction of all layers.</summary>
    internal readonly int Reductions => Layers[LayerCount - 1].FirstReduction + Layers[LayerCount - 1].Reductions;

    /// <summary>Blocks of <paramref name="rows"/> rows.</summary>
    internal static int Blocks(int rows) => (rows - 1) / RowBlock + 1;

    /// <summary>Chunks of <paramref name="rows"/> rows.</summary>
    internal static int Chunks(int rows) => Math.Min(MaxChunks, Blocks(rows));

    /// <summary>First row of chunk <paramref name="chunk"/>; of the chunk after the last, the number of rows.</summary>
    internal static int FirstRow(int chunk, int rows) =>
        (int)Math.Min((long)chunk * Blocks(rows) / Chunks(rows) * RowBlock, rows);

    /// <summary>One of the two scratch buffers of a chunk.</summary>
    internal readonly float* ScratchOf(int chunk, int buffer) => Scratch + (2L * chunk + (buffer & 1)) * RowBlock * MaxWidth;
}
