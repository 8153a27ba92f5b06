namespace Arena.Policy.Networks;

/// <summary>max(0, x) and its gradient, a register at a time, in place. NaN stays NaN.</summary>
internal static unsafe class Relu
{
    /// <summary>x ← max(0, x) for <paramref name="count"/> floats, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal static void Forward<TVector, TLanes>(float* x, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector zero = TLanes.Broadcast(0f);
        for (float* end = x + count; x < end; x += TLanes.Count)
        {
            TVector value = TLanes.Load(x);
            TLanes.Store(TLanes.SelectGreater(zero, value, zero, value), x);
        }
    }

    /// <summary>dy ← dy where y = max(0, x) is positive, else 0.</summary>
    internal static void Backward<TVector, TLanes>(float* gradient, float* y, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector zero = TLanes.Broadcast(0f);
        for (float* end = y + count; y < end; y += TLanes.Count, gradient += TLanes.Count)
            TLanes.Store(TLanes.SelectGreater(TLanes.Load(y), zero, TLanes.Load(gradient), zero), gradient);
    }
}
