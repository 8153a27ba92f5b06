namespace Arena.Policy.Networks;

/// <summary>An <see cref="EntityStem"/> in the engine's memory.</summary>
/// <remarks>
/// A token is one record of one row; tokens of a kind are (rows, count, D'), and all tokens of a row follow each other as (rows, records, D') where attention
/// joins them. Rows are taken a few at a time, so that the tokens of all of them stay in the caches. Records of absent entities are read as zeros
/// and pass through the layers, which costs less than leaving them out; nothing reads what comes of them.
/// </remarks>
internal unsafe struct EntityPlan
{
    private const int TokenBlock = 192;

    internal EntityKind* Kinds;
    internal int KindCount;
    internal int Records;

    /// <summary>The layers of all kinds, kind by kind; then queries, keys and values.</summary>
    internal Linear* Layers;
    internal int LayersPerKind;

    /// <summary>D, D': the last width.</summary>
    internal int Width;
    internal int PaddedWidth;

    /// <summary>The largest K' of a first layer, and the largest width of any.</summary>
    internal int InputWidth;
    internal int MaxWidth;

    internal Attention Attention;

    /// <summary>(MaxRows · records, D') tokens before and after attention, of the last kept forward.</summary>
    internal float* KeptBefore;
    internal float* KeptAfter;

    /// <summary>Elements of a row that are features as they are.</summary>
    internal int* Context;
    internal int ContextCount;
    internal int FirstContext;

    internal Activation Activation;
    internal float* Zeros;
    internal float* One;

    /// <summary>Floats of scratch per chunk.</summary>
    internal readonly long ScratchLength
    {
        get
        {
            EntityScratch end = Divide(null);
            return (float*)end.Attention - (float*)null + (Attends ? Attention.ScratchLength : 0);
        }
    }

    private readonly bool Attends => Attention.Heads > 0;

    private readonly int RowsAtOnce => Math.Clamp(TokenBlock / Records, 1, NetworkPlan.RowBlock);

    /// <summary>Rebuilds the panels of all layers.</summary>
    internal readonly void Refresh<TVector, TLanes>(float* weights)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int layers = KindCount * LayersPerKind + (Attends ? 3 : 0);
        for (int layer = 0; layer < layers; layer++) Layers[layer].Refresh<TVector, TLanes>(weights);
    }

    /// <summary>Features (rows, stride) of rows of records.</summary>
    internal readonly void Forward<TVector, TLanes>(in StemRows rows, float* memory, float* features, int featureStride)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        EntityScratch scratch = Divide(memory);
        for (int row = 0; row < rows.Rows; row += RowsAtOnce)
            ForwardSome<TVector, TLanes>(Part(rows, row), scratch, features + (nint)row * featureStride, featureStride);
    }

    /// <summary>Adds the parameters' gradient to the chunk's partial sums.</summary>
    /// <param name="first">Whether these are the chunk's first rows, whose sums start at zero.</param>
    internal readonly void Backward<TVector, TLanes>(in StemRows rows, float* memory, float* gradient, int gradientStride, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        EntityScratch scratch = Divide(memory);
        for (int row = 0; row < rows.Rows; row += RowsAtOnce)
            BackwardSome<TVector, TLanes>(Part(rows, row), scratch, gradient + (nint)row * gradientStride, gradientStride, partials, first && row == 0);
    }

    private readonly void ForwardSome<TVector, TLanes>(in StemRows rows, in EntityScratch scratch, float* features, int featureStride)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* before = rows.Keep && Attends ? KeptBefore + (nint)rows.Position * Records * PaddedWidth : scratch.Before;
        float* after = rows.Keep && Attends ? KeptAfter + (nint)rows.Position * Records * PaddedWidth : scratch.After;
        for (EntityKind* kind = Kinds; kind < Kinds + KindCount; kind++)
        {
            Read(rows, kind, scratch);
            float* tokens = Embed<TVector, TLanes>(rows, kind, scratch);
            if (Attends) Join(tokens, kind, rows.Rows, before);
            else Pool<TVector, TLanes>(kind, tokens, kind->Count, rows.Rows, scratch, features, featureStride);
        }

        if (Attends)
        {
            Attend<TVector, TLanes>(rows, scratch, before, after);
            for (EntityKind* kind = Kinds; kind < Kinds + KindCount; kind++)
                Pool<TVector, TLanes>(kind, after + (nint)kind->FirstRecord * PaddedWidth, Records, rows.Rows, scratch, features, featureStride);
        }

        for (int row = 0; row < rows.Rows; row++)
        {
            float* observation = rows.Observations + row * rows.Stride;
            float* feature = features + (nint)row * featureStride;
            for (int at = 0; at < ContextCount; at++) feature[FirstContext + at] = observation[Context[at]];
            new Span<float>(feature + FirstContext + ContextCount, featureStride - FirstContext - ContextCount).Clear();
        }
    }

    private readonly void BackwardSome<TVector, TLanes>(
        in StemRows rows, in EntityScratch scratch, float* gradient, int gradientStride, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (EntityKind* kind = Kinds; kind < Kinds + KindCount; kind++) ReadPresent(rows, kind, scratch);
        if (Attends)
        {
            float* after = KeptAfter + (nint)rows.Position * Records * PaddedWidth;
            for (EntityKind* kind = Kinds; kind < Kinds + KindCount; kind++)
            {
                nint at = (nint)kind->FirstRecord * PaddedWidth;
                Unpool<TVector, TLanes>(kind, after + at, Records, rows.Rows, scratch, gradient, gradientStride, scratch.After + at);
            }

            Unattend<TVector, TLanes>(rows, scratch, partials, first);
        }

        for (EntityKind* kind = Kinds; kind < Kinds + KindCount; kind++)
        {
            Read(rows, kind, scratch);
            if (Attends) Separate(scratch.After, kind, rows.Rows, scratch.Even);
            else Unpool<TVector, TLanes>(kind, KeptOf(kind, LayersPerKind - 1, rows), kind->Count, rows.Rows, scratch, gradient, gradientStride, scratch.Even);
            Unembed<TVector, TLanes>(rows, kind, scratch, partials, first);
        }
    }

    // The kind's layers; inputs are in scratch.
    private readonly float* Embed<TVector, TLanes>(in StemRows rows, EntityKind* kind, in EntityScratch scratch)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int tokens = rows.Rows * kind->Count;
        float* x = scratch.Inputs;
        for (int index = 0; index < LayersPerKind; index++)
        {
            Linear* layer = Layers + kind->FirstLayer + index;
            float* y = rows.Keep ? KeptOf(kind, index, rows) : (index & 1) == 0 ? scratch.Even : scratch.Odd;
            layer->Forward<TVector, TLanes>(x, layer->PaddedInputs, tokens, y);
            Activations.Forward<TVector, TLanes>(Activation, y, (long)tokens * layer->PaddedOutputs);
            x = y;
        }

        return x;
    }

    // The gradient of the tokens is in the even buffer.
    private readonly void Unembed<TVector, TLanes>(in StemRows rows, EntityKind* kind, in EntityScratch scratch, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int tokens = rows.Rows * kind->Count;
        float* gradient = scratch.Even;
        float* other = scratch.Odd;
        for (int index = LayersPerKind - 1; index >= 0; index--)
        {
            Linear* layer = Layers + kind->FirstLayer + index;
            Activations.Backward<TVector, TLanes>(Activation, gradient, KeptOf(kind, index, rows), (long)tokens * layer->PaddedOutputs);
            float* x = index == 0 ? scratch.Inputs : KeptOf(kind, index - 1, rows);
            layer->ParameterGradient<TVector, TLanes>(x, layer->PaddedInputs, gradient, tokens, partials, first, Zeros, One);
            if (index == 0) return;
            layer->InputGradient<TVector, TLanes>(gradient, tokens, other, Zeros);
            float* done = gradient;
            gradient = other;
            other = done;
        }
    }

    private readonly void Attend<TVector, TLanes>(in StemRows rows, in EntityScratch scratch, float* before, float* after)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        AttentionRow read = Projections(rows, scratch);
        Linear* layer = Layers + KindCount * LayersPerKind;
        layer[0].Forward<TVector, TLanes>(before, PaddedWidth, rows.Rows * Records, read.Queries);
        layer[1].Forward<TVector, TLanes>(before, PaddedWidth, rows.Rows * Records, read.Keys);
        layer[2].Forward<TVector, TLanes>(before, PaddedWidth, rows.Rows * Records, read.Values);
        for (int row = 0; row < rows.Rows; row++)
        {
            nint at = (nint)row * Records * PaddedWidth;
            Attention.Forward<TVector, TLanes>(Shifted(read, row), before + at, after + at, scratch.Attention);
        }
    }

    // From the gradient after attention, in scratch, to that before it, in its place.
    private readonly void Unattend<TVector, TLanes>(in StemRows rows, in EntityScratch scratch, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        StemRows kept = rows;
        kept.Keep = true;
        AttentionRow read = Projections(kept, scratch);
        read.Present = scratch.Present;
        var gradients = new AttentionRow { Queries = scratch.Queries, Keys = scratch.Keys, Values = scratch.Values };
        for (int row = 0; row < rows.Rows; row++)
        {
            float* dAfter = scratch.After + (nint)row * Records * PaddedWidth;
            Attention.Backward<TVector, TLanes>(Shifted(read, row), dAfter, Shifted(gradients, row), scratch.Attention);
        }

        float* before = KeptBefore + (nint)rows.Position * Records * PaddedWidth;
        AddProjection<TVector, TLanes>(0, gradients.Queries, before, rows.Rows, scratch, partials, first);
        AddProjection<TVector, TLanes>(1, gradients.Keys, before, rows.Rows, scratch, partials, first);
        AddProjection<TVector, TLanes>(2, gradients.Values, before, rows.Rows, scratch, partials, first);
    }

    private readonly void AddProjection<TVector, TLanes>(
        int index, float* gradient, float* before, int rows, in EntityScratch scratch, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        Linear* layer = Layers + KindCount * LayersPerKind + index;
        layer->ParameterGradient<TVector, TLanes>(before, PaddedWidth, gradient, rows * Records, partials, first, Zeros, One);
        layer->AddInputGradient<TVector, TLanes>(gradient, rows * Records, scratch.After);
    }

    private readonly void Pool<TVector, TLanes>(
        EntityKind* kind, float* tokens, int tokensPerRow, int rows, in EntityScratch scratch, float* features, int featureStride)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int row = 0; row < rows; row++)
        {
            float* present = scratch.Present + (nint)row * Records + kind->FirstRecord;
            EntityPool.Forward<TVector, TLanes>(tokens + (nint)row * tokensPerRow * PaddedWidth, present, kind->Count, PaddedWidth, scratch.Pooled);
            float* feature = features + (nint)row * featureStride + kind->FirstFeature;
            Copy(scratch.Pooled, feature, Width);
            if (kind->Count > 1) Copy(scratch.Pooled + PaddedWidth, feature + Width, Width);
        }
    }

    private readonly void Unpool<TVector, TLanes>(
        EntityKind* kind, float* tokens, int tokensPerRow, int rows, in EntityScratch scratch, float* gradient, int gradientStride, float* dTokens)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        new Span<float>(scratch.Pooled, 2 * PaddedWidth).Clear();
        for (int row = 0; row < rows; row++)
        {
            float* feature = gradient + (nint)row * gradientStride + kind->FirstFeature;
            Copy(feature, scratch.Pooled, Width);
            if (kind->Count > 1) Copy(feature + Width, scratch.Pooled + PaddedWidth, Width);
            float* present = scratch.Present + (nint)row * Records + kind->FirstRecord;
            nint at = (nint)row * tokensPerRow * PaddedWidth;
            EntityPool.Backward<TVector, TLanes>(tokens + at, present, kind->Count, PaddedWidth, scratch.Pooled, dTokens + at);
        }
    }

    // Records without their flag, and the flags.
    private readonly void Read(in StemRows rows, EntityKind* kind, in EntityScratch scratch)
    {
        ReadPresent(rows, kind, scratch);
        int width = kind->RecordLength - 1, padded = Layers[kind->FirstLayer].PaddedInputs;
        for (int row = 0; row < rows.Rows; row++)
            for (int record = 0; record < kind->Count; record++)
            {
                float* source = rows.Observations + row * rows.Stride + kind->Offset + record * kind->RecordLength;
                float* input = scratch.Inputs + ((nint)row * kind->Count + record) * padded;
                bool present = scratch.Present[(nint)row * Records + kind->FirstRecord + record] != 0f;
                int read = present ? width : 0;
                Copy(source, input, read);
                new Span<float>(input + read, padded - read).Clear();
            }
    }

    private readonly void ReadPresent(in StemRows rows, EntityKind* kind, in EntityScratch scratch)
    {
        for (int row = 0; row < rows.Rows; row++)
            for (int record = 0; record < kind->Count; record++)
            {
                float flag = rows.Observations[row * rows.Stride + kind->Offset + (record + 1) * kind->RecordLength - 1];
                scratch.Present[(nint)row * Records + kind->FirstRecord + record] = flag == 0f ? 0f : 1f; // NaN is somebody: it must show
            }
    }

    private readonly void Join(float* tokens, EntityKind* kind, int rows, float* all)
    {
        int length = kind->Count * PaddedWidth;
        for (int row = 0; row < rows; row++)
            Copy(tokens + (nint)row * length, all + ((nint)row * Records + kind->FirstRecord) * PaddedWidth, length);
    }

    private readonly void Separate(float* all, EntityKind* kind, int rows, float* tokens)
    {
        int length = kind->Count * PaddedWidth;
        for (int row = 0; row < rows; row++)
            Copy(all + ((nint)row * Records + kind->FirstRecord) * PaddedWidth, tokens + (nint)row * length, length);
    }

    private readonly StemRows Part(in StemRows rows, int row)
    {
        StemRows part = rows;
        part.Observations += row * rows.Stride;
        part.Position += row;
        part.Rows = Math.Min(RowsAtOnce, rows.Rows - row);
        return part;
    }

    private readonly AttentionRow Projections(in StemRows rows, in EntityScratch scratch)
    {
        nint at = (nint)rows.Position * Records * PaddedWidth;
        Linear* layer = Layers + KindCount * LayersPerKind;
        return new AttentionRow
        {
            Queries = rows.Keep ? layer[0].Activations + at : scratch.Queries,
            Keys = rows.Keep ? layer[1].Activations + at : scratch.Keys,
            Values = rows.Keep ? layer[2].Activations + at : scratch.Values,
            Present = scratch.Present,
        };
    }

    private readonly AttentionRow Shifted(in AttentionRow first, int row)
    {
        nint at = (nint)row * Records * PaddedWidth;
        return new AttentionRow { Queries = first.Queries + at, Keys = first.Keys + at, Values = first.Values + at, Present = first.Present + (nint)row * Records };
    }

    private readonly float* KeptOf(EntityKind* kind, int index, in StemRows rows)
    {
        Linear* layer = Layers + kind->FirstLayer + index;
        return layer->Activations + (nint)rows.Position * kind->Count * layer->PaddedOutputs;
    }

    private readonly EntityScratch Divide(float* memory)
    {
        int tokens = RowsAtOnce * Records;
        int all = Attends ? tokens * PaddedWidth : 0;
        EntityScratch scratch = default;
        scratch.Inputs = memory;
        scratch.Even = scratch.Inputs + tokens * InputWidth;
        scratch.Odd = scratch.Even + tokens * MaxWidth;
        scratch.Pooled = scratch.Odd + tokens * MaxWidth;
        scratch.Before = scratch.Pooled + 2 * PaddedWidth;
        scratch.After = scratch.Before + all;
        scratch.Queries = scratch.After + all;
        scratch.Keys = scratch.Queries + all;
        scratch.Values = scratch.Keys + all;
        scratch.Present = scratch.Values + all;
        scratch.Attention = scratch.Present + Gemm.Padded(tokens);
        return scratch;
    }

    private static void Copy(float* source, float* destination, int count) =>
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
}
