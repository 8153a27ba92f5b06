using System.Runtime.CompilerServices;

namespace Arena.Policy.Networks;

/// <summary>eˣ for x ≤ 0, a register at a time.</summary>
/// <remarks>
/// eˣ = 2ⁿ·eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2, where the series up to r⁷ errs by 5e-9. ln 2 is taken in two parts (Cody and
/// Waite), so that r keeps its digits. Below −87 the result is e⁻⁸⁷ = 1.6e-38. NaN stays NaN.
/// </remarks>
internal static class Exponential
{
    private const float Lowest = -87f;
    private const float RoundingShift = 12_582_912f; // 1.5·2²³: adding it leaves no bits behind the point

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Of<TVector, TLanes>(TVector x)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector lowest = TLanes.Broadcast(Lowest);
        x = TLanes.SelectGreater(lowest, x, lowest, x);
        TVector n = TLanes.MultiplyAdd(x, TLanes.Broadcast(1.44269504f), TLanes.Broadcast(RoundingShift));
        n = TLanes.Add(n, TLanes.Broadcast(-RoundingShift));
        TVector r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-0.693359375f), x);
        r = TLanes.MultiplyAdd(n, TLanes.Broadcast(2.12194440e-4f), r);

        TVector series = TLanes.Broadcast(1f / 5040f);
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(1f / 720f));
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(1f / 120f));
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(1f / 24f));
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(1f / 6f));
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(0.5f));
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(1f));
        series = TLanes.MultiplyAdd(series, r, TLanes.Broadcast(1f));
        return TLanes.Multiply(series, TLanes.PowerOfTwo(n));
    }
}
