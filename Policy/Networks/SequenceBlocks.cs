namespace Arena.Policy.Networks;

/// <summary>How the rows of a pass are shared out: blocks of sequences, and chunks of consecutive blocks, one job each.</summary>
/// <remarks>
/// Everything here depends on the numbers of sequences and slots alone, never on threads: so do all roundings. Without memory
/// every row is a sequence of one slot.
/// </remarks>
internal readonly struct SequenceBlocks
{
    /// <summary>Jobs of a launch: enough for some tens of cores, few enough that their partial sums cost little.</summary>
    internal const int MaxChunks = 32;

    // Blocks that a batch of sequences is cut into, where they are large enough: fewer would leave cores idle, more would
    // multiply by the recurrent weights for too few rows at a time.
    private const int WantedBlocks = 16;

    // Rows of a table per window of a chunk, at most. At 4 the snake's backward pass takes two thirds of the time that it takes at 11.
    private const int TableRowsPerWindow = 4;

    // Jobs that a pass of many rows has in any case, however few rows each is left with.
    private const int FewChunks = 8;

    private SequenceBlocks(int sequences, int slots, int width, int rowsPerChunk)
    {
        Sequences = sequences;
        Slots = slots;
        Width = width;
        Blocks = (sequences - 1) / width + 1;
        Chunks = Math.Min(Math.Min(MaxChunks, Blocks), Math.Max(FewChunks, sequences * slots / rowsPerChunk));
    }

    /// <summary>M.</summary>
    internal int Sequences { get; }

    /// <summary>B.</summary>
    internal int Slots { get; }

    /// <summary>Sequences of a block: a multiple of <see cref="Tile.Rows"/>, at most <see cref="NetworkPlan.RowBlock"/>.</summary>
    internal int Width { get; }

    /// <summary>Blocks of all sequences.</summary>
    internal int Blocks { get; }

    /// <summary>Jobs.</summary>
    internal int Chunks { get; }

    /// <summary>The blocks of a pass over <paramref name="sequences"/> × <paramref name="slots"/> rows.</summary>
    /// <param name="remembers">Whether the network has a memory.</param>
    /// <param name="rowsPerChunk">The network's <see cref="RowsPerChunk"/>.</param>
    internal static SequenceBlocks Of(int sequences, int slots, bool remembers, int rowsPerChunk)
    {
        if (!remembers) return new SequenceBlocks(sequences * slots, 1, NetworkPlan.RowBlock, rowsPerChunk);
        int tiles = (sequences - 1) / (WantedBlocks * Tile.Rows) + 1;
        return new SequenceBlocks(sequences, slots, Math.Min(tiles * Tile.Rows, NetworkPlan.RowBlock), rowsPerChunk);
    }

    /// <summary>The most chunks of any pass over at most <paramref name="rows"/> rows.</summary>
    internal static int MostChunks(NetworkSpec network, int rows)
    {
        int chunks = Of(rows, 1, network.StateSize > 0, RowsPerChunk(network)).Chunks;
        return network.StateSize > 0 ? Math.Max(chunks, WantedBlocks) : chunks; // a smaller batch may have smaller blocks, up to the wanted number
    }

    /// <summary>Rows that a chunk should have: each writes sums for the whole table of a grid, and these are read again, so its windows should be many.</summary>
    internal static int RowsPerChunk(NetworkSpec network)
    {
        if (network.Stem is not GridStem { Grid: { } grid } stem) return 1;
        Convolution first = stem.Convolutions[0];
        long table = (long)first.Kernel * first.Kernel * stem.Planes, windows = (long)first.Outputs(grid.Rows) * first.Outputs(grid.Columns);
        return (int)Math.Clamp(table / windows / TableRowsPerWindow, 1, 1 << 20);
    }

    /// <summary>First sequence of chunk <paramref name="chunk"/>; of the chunk after the last, the number of sequences.</summary>
    internal int FirstSequence(int chunk) => (int)Math.Min((long)chunk * Blocks / Chunks * Width, Sequences);

    /// <summary>The stretch of a block that begins at slot <paramref name="slot"/>: as many slots as make a full set of rows.</summary>
    internal Stretch StretchOf(int chunk, int firstSequence, int lastSequence, int slot)
    {
        int sequences = Math.Min(Width, lastSequence - firstSequence);
        return new Stretch
        {
            Chunk = chunk,
            FirstSequence = firstSequence,
            Sequences = sequences,
            FirstSlot = slot,
            Slots = Math.Min(StretchSlots, Slots - slot),
            AllSlots = Slots,
        };
    }

    /// <summary>Slots of a full stretch.</summary>
    internal int StretchSlots => NetworkPlan.RowBlock / Width;
}

/// <summary>The rows that go through all layers together: some adjacent slots of the sequences of one block.</summary>
/// <remarks>
/// Inside a stretch, and in everything kept for the backward pass, rows are in order of time: row t·Sequences + s is slot FirstSlot + t of sequence
/// FirstSequence + s. So each slot is one matrix for the recurrence, and a whole stretch is one matrix for every other layer.
/// </remarks>
internal struct Stretch
{
    internal int Chunk;
    internal int FirstSequence;

    /// <summary>All sequences of the block.</summary>
    internal int Sequences;
    internal int FirstSlot;
    internal int Slots;

    /// <summary>B: slots of the pass.</summary>
    internal int AllSlots;

    /// <summary>At most <see cref="NetworkPlan.RowBlock"/>.</summary>
    internal readonly int Rows => Sequences * Slots;

    /// <summary>Number of the first row in whatever is kept for the backward pass.</summary>
    internal readonly int Position => FirstSequence * AllSlots + FirstSlot * Sequences;

    /// <summary>Whether the caller's rows are in the order of the stretch.</summary>
    internal readonly bool InOrder => AllSlots == 1;

    /// <summary>The caller's row of row <paramref name="index"/>.</summary>
    internal readonly int RowOf(int index) => (FirstSequence + index % Sequences) * AllSlots + FirstSlot + index / Sequences;
}
