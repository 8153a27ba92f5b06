namespace Arena.Policy.Networks;

/// <summary>y = γ·x̂ + β, x̂ = (x − mean)/√(variance + 1e-5) over the N features of a row (Ba et al., arXiv 1607.06450); absent where Gain is null.</summary>
/// <remarks>
/// Sums over a row run in 16 lanes whatever the width of a register, feature j in lane j mod 16, and the lanes are added in pairs: so all
/// micro-kernels give the same bits. The padding of a row stays zero.
/// </remarks>
internal unsafe struct LayerNorm
{
    private const float Epsilon = 1e-5f;

    /// <summary>N, and N': N padded.</summary>
    internal int Features;
    internal int Columns;

    /// <summary>Offsets of γ and β in the flat parameter vector.</summary>
    internal int GainOffset;
    internal int ShiftOffset;

    /// <summary>(N') γ and β, zero-padded.</summary>
    internal float* Gain;
    internal float* Shift;

    /// <summary>(MaxRows, N') x̂ and (MaxRows) 1/√(…) of the last kept forward.</summary>
    internal float* Normal;
    internal float* Inverse;

    /// <summary>Where, in floats, a chunk's sums for γ and β (N') begin.</summary>
    internal long PartialGain;
    internal long PartialShift;

    /// <summary>Copies γ and β from the flat parameter vector.</summary>
    internal readonly void Refresh(float* weights)
    {
        new ReadOnlySpan<float>(weights + GainOffset, Features).CopyTo(new Span<float>(Gain, Features));
        new ReadOnlySpan<float>(weights + ShiftOffset, Features).CopyTo(new Span<float>(Shift, Features));
    }

    /// <summary>x (rows, N') ← y; keeps x̂ by <paramref name="position"/> if asked to.</summary>
    internal readonly void Forward<TVector, TLanes>(float* x, int rows, int position, bool keep)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int row = 0; row < rows; row++, x += Columns)
        {
            float mean = Sum<TVector, TLanes>(x) / Features;
            Centre<TVector, TLanes>(x, mean);
            float inverse = 1f / MathF.Sqrt(Dot<TVector, TLanes>(x, x) / Features + Epsilon);
            float* normal = keep ? Normal + (nint)(position + row) * Columns : x;
            TVector factor = TLanes.Broadcast(inverse);
            for (int column = 0; column < Columns; column += TLanes.Count)
            {
                TVector value = TLanes.Multiply(TLanes.Load(x + column), factor);
                TLanes.Store(value, normal + column);
                TLanes.Store(TLanes.MultiplyAdd(value, TLanes.Load(Gain + column), TLanes.Load(Shift + column)), x + column);
            }

            if (keep) Inverse[position + row] = inverse;
        }
    }

    /// <summary>dy (rows, N') ← dx; adds those of γ and β to a chunk's partial sums, or sets them for its first rows.</summary>
    internal readonly void Backward<TVector, TLanes>(float* gradient, int rows, int position, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        ParameterGradient<TVector, TLanes>(gradient, rows, position, partials, first);
        for (int row = 0; row < rows; row++, gradient += Columns)
        {
            float* normal = Normal + (nint)(position + row) * Columns;
            for (int column = 0; column < Columns; column += TLanes.Count)
                TLanes.Store(TLanes.Multiply(TLanes.Load(gradient + column), TLanes.Load(Gain + column)), gradient + column);
            float mean = Sum<TVector, TLanes>(gradient) / Features;
            TVector along = TLanes.Broadcast(-(Dot<TVector, TLanes>(gradient, normal) / Features));
            TVector inverse = TLanes.Broadcast(Inverse[position + row]);
            Centre<TVector, TLanes>(gradient, mean);
            for (int column = 0; column < Columns; column += TLanes.Count)
            {
                TVector value = TLanes.MultiplyAdd(TLanes.Load(normal + column), along, TLanes.Load(gradient + column));
                TLanes.Store(TLanes.Multiply(value, inverse), gradient + column);
            }
        }
    }

    private readonly void ParameterGradient<TVector, TLanes>(float* gradient, int rows, int position, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int column = 0; column < Columns; column += TLanes.Count)
        {
            TVector byGain = first ? TLanes.Broadcast(0f) : TLanes.Load(partials + PartialGain + column);
            TVector byShift = first ? TLanes.Broadcast(0f) : TLanes.Load(partials + PartialShift + column);
            for (int row = 0; row < rows; row++)
            {
                TVector value = TLanes.Load(gradient + (nint)row * Columns + column);
                byGain = TLanes.MultiplyAdd(value, TLanes.Load(Normal + (nint)(position + row) * Columns + column), byGain);
                byShift = TLanes.Add(value, byShift);
            }

            TLanes.Store(byGain, partials + PartialGain + column);
            TLanes.Store(byShift, partials + PartialShift + column);
        }
    }

    // x ← x − mean, and zero in the padding.
    private readonly void Centre<TVector, TLanes>(float* x, float mean)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector shift = TLanes.Broadcast(-mean);
        for (int column = 0; column < Columns; column += TLanes.Count) TLanes.Store(TLanes.Add(TLanes.Load(x + column), shift), x + column);
        new Span<float>(x + Features, Columns - Features).Clear();
    }

    private readonly float Sum<TVector, TLanes>(float* x)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* lanes = stackalloc float[Gemm.ColumnBlock];
        for (int lane = 0; lane < Gemm.ColumnBlock; lane += TLanes.Count)
        {
            TVector sum = TLanes.Load(x + lane);
            for (int column = lane + Gemm.ColumnBlock; column < Columns; column += Gemm.ColumnBlock) sum = TLanes.Add(sum, TLanes.Load(x + column));
            TLanes.Store(sum, lanes + lane);
        }

        return SumOfLanes(lanes);
    }

    private readonly float Dot<TVector, TLanes>(float* a, float* b)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* lanes = stackalloc float[Gemm.ColumnBlock];
        for (int lane = 0; lane < Gemm.ColumnBlock; lane += TLanes.Count)
        {
            TVector sum = TLanes.Multiply(TLanes.Load(a + lane), TLanes.Load(b + lane));
            for (int column = lane + Gemm.ColumnBlock; column < Columns; column += Gemm.ColumnBlock)
                sum = TLanes.MultiplyAdd(TLanes.Load(a + column), TLanes.Load(b + column), sum);
            TLanes.Store(sum, lanes + lane);
        }

        return SumOfLanes(lanes);
    }

    private static float SumOfLanes(float* lanes)
    {
        for (int half = Gemm.ColumnBlock / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
        return lanes[0];
    }
}
