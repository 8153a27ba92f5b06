namespace Arena.Policy.Networks;

/// <summary>An illegal code that a chunk met.</summary>
internal struct IllegalCodeSlot
{
    /// <summary>Bytes that held one.</summary>
    internal long Count;

    /// <summary>The caller's row of the first one, its byte, and what it held.</summary>
    internal int Row;
    internal int Byte;
    internal int Value;
}

/// <summary>A stem in the engine's memory: what comes before the first layer, where observations are not floats to be taken as they are.</summary>
internal unsafe struct StemPlan
{
    /// <summary>Whether <see cref="Grid"/> or <see cref="Entities"/> is in use.</summary>
    internal bool ReadsBytes;
    internal GridPlan Grid;
    internal EntityPlan Entities;

    /// <summary>F': features per row, padded.</summary>
    internal int Width;

    /// <summary>(MaxRows, F') features of the last kept forward.</summary>
    internal float* Kept;

    /// <summary>Per chunk, (RowBlock, F') features of a forward that keeps nothing, and the stem's own scratch.</summary>
    internal float* Scratch;
    internal long ScratchLength;

    /// <summary>One per chunk.</summary>
    internal IllegalCodeSlot* Illegal;

    /// <summary>Features (rows, F') of some rows.</summary>
    internal readonly float* Forward<TVector, TLanes>(in StemRows rows)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* scratch = Scratch + rows.Chunk * ScratchLength;
        float* features = rows.Keep ? Kept + (nint)rows.Position * Width : scratch;
        float* own = scratch + (nint)NetworkPlan.RowBlock * Width;
        if (!ReadsBytes)
        {
            Entities.Forward<TVector, TLanes>(rows, own, features, Width);
            return features;
        }

        long illegal = Grid.Forward<TVector, TLanes>(rows, own, features, Width);
        if (illegal > 0) Record(rows, illegal);
        return features;
    }

    /// <summary>Adds the parameter gradients of some rows of the kept forward to the chunk's partial sums, or sets them for its first rows.</summary>
    /// <param name="gradient">(rows, F') of the loss by the features.</param>
    internal readonly void Backward<TVector, TLanes>(in StemRows rows, float* gradient, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        StemRows kept = rows;
        kept.Keep = true;
        float* own = Scratch + rows.Chunk * ScratchLength + (nint)NetworkPlan.RowBlock * Width;
        if (ReadsBytes) Grid.Backward<TVector, TLanes>(kept, own, gradient, Width, partials, first);
        else Entities.Backward<TVector, TLanes>(kept, own, gradient, Width, partials, first);
    }

    /// <summary>Completes a chunk's partial sums when all its rows are in them.</summary>
    internal readonly void Finish<TVector, TLanes>(float* partials)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (ReadsBytes) Grid.Finish<TVector, TLanes>(partials);
    }

    /// <summary>Rebuilds tables and panels from the flat parameter vector.</summary>
    internal readonly void Refresh<TVector, TLanes>(float* weights)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (ReadsBytes) Grid.Refresh<TVector, TLanes>(weights);
        else Entities.Refresh<TVector, TLanes>(weights);
    }

    private readonly void Record(in StemRows rows, long illegal)
    {
        IllegalCodeSlot* slot = Illegal + rows.Chunk;
        slot->Count += illegal;
        if (slot->Count > illegal) return;
        (int row, int position) = Grid.FirstIllegal(rows);
        slot->Row = rows.Stretch.RowOf(row);
        slot->Byte = position;
        slot->Value = rows.Bytes[row * rows.Stride + position];
    }
}
