namespace Arena.Policy.Networks;

/// <summary>A <see cref="GridStem"/> in the engine's memory.</summary>
internal unsafe struct GridPlan
{
    /// <summary>O, and O rounded up to whole registers.</summary>
    internal int RowLength;
    internal int PaddedRow;

    /// <summary>(PaddedRow) see <see cref="ByteRows.Load"/>.</summary>
    internal byte* Limits;

    /// <summary>The first convolution; without a map, no cells.</summary>
    internal TableLayer Table;

    /// <summary>Fields that are added to the last map's sums: one cell, as wide as the whole map; without such fields, no entries.</summary>
    internal TableLayer Fields;

    /// <summary>The convolutions behind the first.</summary>
    internal ConvolutionLayer* Convolutions;
    internal int ConvolutionCount;

    /// <summary>Per convolution (MaxRows, width) activations of the last kept forward.</summary>
    internal float** Kept;

    /// <summary>(MapFeatures) where a feature stands in a row of the last map.</summary>
    internal int* MapSource;
    internal int MapFeatures;

    /// <summary>Whether features stand as in the map: one cell.</summary>
    internal bool MapInOrder;

    /// <summary>Fields that follow the map: offset and codes.</summary>
    internal TableEntry* Appended;
    internal int AppendedCount;

    /// <summary>Floats of the widest map.</summary>
    internal int MaxWidth;
    internal Activation Activation;
    internal float* Zeros;
    internal float* One;

    /// <summary>Floats of scratch: the copied bytes, two maps, and what a table needs.</summary>
    internal readonly long ScratchLength =>
        NetworkPlan.RowBlock * (PaddedRow / sizeof(float) + 2L * MaxWidth) + Math.Max(Table.ScratchLength(PaddedRow), Fields.ScratchLength(PaddedRow));

    private readonly bool HasMap => Table.CellCount > 0;

    private readonly bool HasFields => Fields.CellCount > 0;

    private readonly int LastWidth => ConvolutionCount > 0 ? Convolutions[ConvolutionCount - 1].OutputWidth : Table.CellCount * Table.Width;

    /// <summary>Rebuilds tables and panels.</summary>
    internal readonly void Refresh<TVector, TLanes>(float* weights)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (HasMap) Table.Refresh(weights);
        if (HasFields) Fields.Refresh(weights);
        for (int layer = 0; layer < ConvolutionCount; layer++) Convolutions[layer].Refresh<TVector, TLanes>(weights);
    }

    /// <summary>Features (rows, stride) of bytes.</summary>
    /// <returns>Illegal codes met.</returns>
    internal readonly long Forward<TVector, TLanes>(in StemRows block, float* scratch, float* features, int featureStride)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        byte* bytes = (byte*)scratch;
        long illegal = ByteRows.Load(block.Bytes, block.Stride, block.Rows, RowLength, Limits, bytes, PaddedRow);
        float* map = null;
        if (HasMap)
        {
            map = MapOf(0, block, scratch);
            Table.Forward<TVector, TLanes>(bytes, PaddedRow, block.Rows, TableScratch(scratch), map);
            for (int layer = 0; layer < ConvolutionCount; layer++)
            {
                Activations.Forward<TVector, TLanes>(Activation, map, (long)block.Rows * Convolutions[layer].InputWidth);
                float* next = MapOf(layer + 1, block, scratch);
                Convolutions[layer].Forward<TVector, TLanes>(map, block.Rows, next);
                map = next;
            }

            if (HasFields) Fields.Forward<TVector, TLanes>(bytes, PaddedRow, block.Rows, TableScratch(scratch), map);
            Activations.Forward<TVector, TLanes>(Activation, map, (long)block.Rows * LastWidth);
        }

        for (int row = 0; row < block.Rows; row++)
            WriteFeatures(map + (nint)row * LastWidth, bytes + (nint)row * PaddedRow, features + (nint)row * featureStride, featureStride);
        return illegal;
    }

    /// <summary>Adds the parameters' gradient to the chunk's partial sums.</summary>
    /// <param name="first">Whether these are the chunk's first rows, whose sums start at zero.</param>
    internal readonly void Backward<TVector, TLanes>(in StemRows block, float* scratch, float* gradient, int gradientStride, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (!HasMap) return; // no parameters
        byte* bytes = (byte*)scratch;
        ByteRows.Load(block.Bytes, block.Stride, block.Rows, RowLength, Limits, bytes, PaddedRow);
        float* map = MapOf(ConvolutionCount, block, scratch);
        float* dy = ScratchMap(ConvolutionCount, scratch);
        ReadGradient(gradient, gradientStride, block.Rows, dy);
        Activations.Backward<TVector, TLanes>(Activation, dy, map, (long)block.Rows * LastWidth);
        if (HasFields) Fields.Backward<TVector, TLanes>(bytes, PaddedRow, block.Rows, TableScratch(scratch), dy, partials, first, Zeros, One);
        for (int layer = ConvolutionCount - 1; layer >= 0; layer--)
        {
            float* below = MapOf(layer, block, scratch);
            Convolutions[layer].ParameterGradient<TVector, TLanes>(below, dy, block.Rows, partials, first, Zeros, One);
            float* dx = ScratchMap(layer, scratch);
            Convolutions[layer].InputGradient<TVector, TLanes>(dy, block.Rows, dx, Zeros);
            Activations.Backward<TVector, TLanes>(Activation, dx, below, (long)block.Rows * Convolutions[layer].InputWidth);
            dy = dx;
        }

        Table.Backward<TVector, TLanes>(bytes, PaddedRow, block.Rows, TableScratch(scratch), dy, partials, first, Zeros, One);
    }

    /// <summary>Completes a chunk's partial sums when all its rows are in them.</summary>
    internal readonly void Finish<TVector, TLanes>(float* partials)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (HasMap) Table.Finish<TVector, TLanes>(partials);
        if (HasFields) Fields.Finish<TVector, TLanes>(partials);
    }

    /// <summary>Finds the first illegal code of a block that has one: its row within the block and its byte.</summary>
    internal readonly (int Row, int Position) FirstIllegal(in StemRows block)
    {
        for (int row = 0; row < block.Rows; row++)
        {
            int position = ByteRows.FirstIllegal(block.Bytes + row * block.Stride, Limits, RowLength);
            if (position >= 0) return (row, position);
        }

        return (-1, -1);
    }

    private readonly float* MapOf(int layer, in StemRows block, float* scratch) =>
        block.Keep ? Kept[layer] + (nint)block.Position * WidthOf(layer) : ScratchMap(layer, scratch);

    private readonly int WidthOf(int layer) => layer == 0 ? Table.CellCount * Table.Width : Convolutions[layer - 1].OutputWidth;

    private readonly float* ScratchMap(int layer, float* scratch) =>
        scratch + (nint)NetworkPlan.RowBlock * (PaddedRow / sizeof(float)) + (layer & 1) * (nint)NetworkPlan.RowBlock * MaxWidth;

    private readonly float* TableScratch(float* scratch) => scratch + NetworkPlan.RowBlock * (PaddedRow / sizeof(float) + 2L * MaxWidth);

    private readonly void WriteFeatures(float* map, byte* bytes, float* features, int stride)
    {
        int at = MapInOrder ? MapFeatures : 0;
        new ReadOnlySpan<float>(map, at).CopyTo(new Span<float>(features, at));
        for (; at < MapFeatures; at++) features[at] = map[MapSource[at]];
        for (int field = 0; field < AppendedCount; field++)
        {
            (int value, int codes) = (bytes[Appended[field].Offset], Appended[field].Codes);
            if (codes == 0) features[at++] = ByteRows.Scaled(value);
            for (int code = 0; code < codes; code++) features[at++] = code == value ? 1f : 0f;
        }

        for (; at < stride; at++) features[at] = 0f;
    }

    private readonly void ReadGradient(float* gradient, int stride, int rows, float* map)
    {
        int width = LastWidth;
        for (int row = 0; row < rows; row++, gradient += stride, map += width)
        {
            new Span<float>(map, width).Clear(); // the padding
            for (int at = 0; at < MapFeatures; at++) map[MapSource[at]] = gradient[at];
        }
    }
}
