namespace Arena.Policy.Networks;

/// <summary>Multi-head attention among the entities of one row (Vaswani et al., 1706.03762), added to what they were.</summary>
/// <remarks>
/// Per head of width d: scores K·Qᵀ/√d, softmax over the present keys, sum of their values. Scores lie as (keys, queries'), so Q is
/// transposed first; everything else is products with suitable strides. Queries, keys and values are (tokens, D), heads side by side.
/// </remarks>
internal unsafe struct Attention
{
    internal int Heads;

    /// <summary>d, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal int HeadWidth;

    /// <summary>Entities of a row, and that rounded up.</summary>
    internal int Tokens;
    internal int PaddedTokens;
    internal float Scale;

    /// <summary>At least queries' and D zeros.</summary>
    internal float* Zeros;

    /// <summary>Floats of scratch.</summary>
    internal readonly long ScratchLength => (long)HeadWidth * PaddedTokens + 2L * Tokens * PaddedTokens;

    private readonly int Width => Heads * HeadWidth;

    /// <summary>outputs (tokens, D) = inputs + attention.</summary>
    internal readonly void Forward<TVector, TLanes>(in AttentionRow row, float* inputs, float* outputs, float* scratch)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* probabilities = scratch + (nint)HeadWidth * PaddedTokens;
        for (int head = 0; head < Heads; head++)
        {
            int at = head * HeadWidth;
            Probabilities<TVector, TLanes>(row, at, scratch, probabilities);
            Combine<TVector, TLanes>(probabilities, 1, PaddedTokens, row.Values + at, inputs + at, Width, outputs + at);
        }
    }

    /// <summary>Gradients of queries, keys and values (tokens, D) of the outputs' gradient; the inputs' own is the outputs'.</summary>
    internal readonly void Backward<TVector, TLanes>(in AttentionRow row, float* dOutputs, in AttentionRow gradients, float* scratch)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* probabilities = scratch + (nint)HeadWidth * PaddedTokens;
        float* dScores = probabilities + (nint)Tokens * PaddedTokens;
        for (int head = 0; head < Heads; head++)
        {
            int at = head * HeadWidth;
            Probabilities<TVector, TLanes>(row, at, scratch, probabilities);
            Scores<TVector, TLanes>(row.Values + at, dOutputs + at, scratch, dScores);
            MaskedSoftmax.Backward<TVector, TLanes>(dScores, probabilities, row.Present, Tokens, PaddedTokens, Scale);
            Combine<TVector, TLanes>(probabilities, PaddedTokens, 1, dOutputs + at, Zeros, 0, gradients.Values + at);
            Combine<TVector, TLanes>(dScores, 1, PaddedTokens, row.Keys + at, Zeros, 0, gradients.Queries + at);
            Combine<TVector, TLanes>(dScores, PaddedTokens, 1, row.Queries + at, Zeros, 0, gradients.Keys + at);
        }
    }

    private readonly void Probabilities<TVector, TLanes>(in AttentionRow row, int at, float* transposed, float* probabilities)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        Scores<TVector, TLanes>(row.Keys + at, row.Queries + at, transposed, probabilities);
        MaskedSoftmax.Forward<TVector, TLanes>(probabilities, row.Present, Tokens, PaddedTokens, Scale);
    }

    // scores[i, j] = a[i] · b[j].
    private readonly void Scores<TVector, TLanes>(float* a, float* b, float* transposed, float* scores)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int component = 0; component < HeadWidth; component++)
        {
            float* row = transposed + (nint)component * PaddedTokens;
            for (int token = 0; token < Tokens; token++) row[token] = b[(nint)token * Width + component];
            for (int token = Tokens; token < PaddedTokens; token++) row[token] = 0f;
        }

        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = a,
            ARow = Width,
            AStep = 1,
            B = transposed,
            BRow = PaddedTokens,
            Start = Zeros,
            C = scores,
            CRow = PaddedTokens,
            Rows = Tokens,
            Steps = HeadWidth,
            Columns = PaddedTokens,
        });
    }

    // sums[i] = start[i] + Σ_j weights[i, j] · vectors[j], one head wide.
    private readonly void Combine<TVector, TLanes>(float* weights, nint weightRow, nint weightStep, float* vectors, float* start, nint startRow, float* sums)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = weights,
            ARow = weightRow,
            AStep = weightStep,
            B = vectors,
            BRow = Width,
            Start = start,
            StartRow = startRow,
            C = sums,
            CRow = Width,
            Rows = Tokens,
            Steps = Tokens,
            Columns = HeadWidth,
        });
}

/// <summary>What attention reads of one row, or the gradients of that.</summary>
internal unsafe struct AttentionRow
{
    /// <summary>(tokens, D).</summary>
    internal float* Queries;
    internal float* Keys;
    internal float* Values;

    /// <summary>(tokens) 1 or 0; unused for gradients.</summary>
    internal float* Present;
}
