using System.Runtime.CompilerServices;

namespace Arena.Policy.Networks;

/// <summary>tanh and the logistic function, and their gradients, a register at a time.</summary>
/// <remarks>
/// tanh x ≈ x·P(x²)/Q(x²) for |x| ≤ 8.5, P and Q of degree 4; beyond, the value at 8.5 (1 − tanh 8.5 = 8e-8). The
/// coefficients are our own: minimax in absolute error over [0, 8.5], found by iteratively reweighted least squares
/// (Lawson's algorithm) in 40 digits. The approximation itself errs by 1.1e-8; in float arithmetic the error is 3.1e-7 at most
/// over all floats (a test measures it). All coefficients are positive, so nothing cancels. NaN stays NaN.
/// </remarks>
internal static unsafe class Tanh
{
    private const float Limit = 8.5f;

    /// <summary>x ← tanh x for <paramref name="count"/> floats, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal static void Forward<TVector, TLanes>(float* x, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (float* end = x + count; x < end; x += TLanes.Count) TLanes.Store(Of<TVector, TLanes>(TLanes.Load(x)), x);
    }

    /// <summary>dy ← dy·(1 − y²), where y = tanh x.</summary>
    internal static void Backward<TVector, TLanes>(float* gradient, float* y, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (float* end = y + count; y < end; y += TLanes.Count, gradient += TLanes.Count)
            TLanes.Store(TLanes.Multiply(TLanes.Load(gradient), Slope<TVector, TLanes>(TLanes.Load(y))), gradient);
    }

    /// <summary>1 / (1 + e⁻ˣ) = ½ + ½·tanh(x/2), with half the error of tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Sigmoid<TVector, TLanes>(TVector x)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector half = TLanes.Broadcast(0.5f);
        return TLanes.MultiplyAdd(half, Of<TVector, TLanes>(TLanes.Multiply(half, x)), half);
    }

    /// <summary>Slope 1 − y² of tanh, where y = tanh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Slope<TVector, TLanes>(TVector y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => TLanes.MultiplyAdd(TLanes.Multiply(y, TLanes.Broadcast(-1f)), y, TLanes.Broadcast(1f));

    /// <summary>Slope y·(1 − y) of the logistic function, where y is its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector SigmoidSlope<TVector, TLanes>(TVector y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => TLanes.MultiplyAdd(TLanes.Multiply(y, TLanes.Broadcast(-1f)), y, y);

    /// <summary>tanh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Of<TVector, TLanes>(TVector x)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector upper = TLanes.Broadcast(Limit);
        TVector lower = TLanes.Broadcast(-Limit);
        x = TLanes.SelectGreater(x, upper, upper, x);
        x = TLanes.SelectGreater(lower, x, lower, x);
        TVector square = TLanes.Multiply(x, x);

        TVector p = TLanes.Broadcast(1.4099262261557248e-08f);
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2.112157843004496e-05f));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(0.003525819552625088f));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(0.13406206204561757f));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(0.9999999455172299f));

        TVector q = TLanes.Broadcast(8.07362486147497e-07f);
        q = TLanes.MultiplyAdd(q, square, TLanes.Broadcast(0.0003335690921719134f));
        q = TLanes.MultiplyAdd(q, square, TLanes.Broadcast(0.025991136398182377f));
        q = TLanes.MultiplyAdd(q, square, TLanes.Broadcast(0.46739517588818447f));
        q = TLanes.MultiplyAdd(q, square, TLanes.Broadcast(1f));
        // Rounding can pass 1 by one unit, and 1 − y² must not be negative.
        TVector one = TLanes.Broadcast(1f);
        TVector minusOne = TLanes.Broadcast(-1f);
        TVector y = TLanes.Divide(TLanes.Multiply(x, p), q);
        y = TLanes.SelectGreater(y, one, one, y);
        return TLanes.SelectGreater(minusOne, y, minusOne, y);
    }
}
