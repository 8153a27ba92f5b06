using System.Runtime.CompilerServices;

namespace Arena.Policy.Networks;

/// <summary>½x(1 + t), t = tanh(κ(x + 0.044715x³)), κ = √(2/π) (Hendrycks and Gimpel, arXiv 1606.08415), a register at a time.</summary>
internal static unsafe class Gelu
{
    private const float Scale = 0.7978845608f;
    private const float Cubic = 0.044715f;

    // Beyond, 1 − t² is rounding noise, which the factor x³ of the slope would magnify.
    private const float SlopeLimit = 5f;

    /// <summary>x ← gelu x for <paramref name="count"/> floats, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal static void Forward<TVector, TLanes>(float* x, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector half = TLanes.Broadcast(0.5f);
        for (float* end = x + count; x < end; x += TLanes.Count)
        {
            TVector value = TLanes.Load(x), scaled = TLanes.Multiply(half, value);
            TLanes.Store(TLanes.MultiplyAdd(scaled, Bend<TVector, TLanes>(value), scaled), x);
        }
    }

    /// <summary>dy ← dy·(½(1 + t) + ½x(1 − t²)κ(1 + 0.134145x²)), where x went into the forward pass.</summary>
    internal static void Backward<TVector, TLanes>(float* gradient, float* x, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector half = TLanes.Broadcast(0.5f), one = TLanes.Broadcast(1f);
        TVector upper = TLanes.Broadcast(SlopeLimit), lower = TLanes.Broadcast(-SlopeLimit);
        for (float* end = x + count; x < end; x += TLanes.Count, gradient += TLanes.Count)
        {
            TVector value = TLanes.Load(x), bend = Bend<TVector, TLanes>(value);
            value = TLanes.SelectGreater(value, upper, upper, value);
            value = TLanes.SelectGreater(lower, value, lower, value);
            TVector inner = TLanes.MultiplyAdd(TLanes.Multiply(value, value), TLanes.Broadcast(3f * Cubic), one);
            TVector steep = TLanes.Multiply(TLanes.Multiply(value, TLanes.Broadcast(Scale)), TLanes.Multiply(inner, Tanh.Slope<TVector, TLanes>(bend)));
            TVector slope = TLanes.Multiply(half, TLanes.Add(TLanes.Add(one, bend), steep));
            TLanes.Store(TLanes.Multiply(TLanes.Load(gradient), slope), gradient);
        }
    }

    // t
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Bend<TVector, TLanes>(TVector x)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector factor = TLanes.MultiplyAdd(TLanes.Multiply(x, x), TLanes.Broadcast(Scale * Cubic), TLanes.Broadcast(Scale));
        return Tanh.Of<TVector, TLanes>(TLanes.Multiply(x, factor));
    }
}
