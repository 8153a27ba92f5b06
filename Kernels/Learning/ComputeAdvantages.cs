using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Generalised advantage estimation (Schulman et al., arXiv 1506.02438). One index per row, backwards in time.</summary>
/// <remarks>
/// δ_t = r_t + γ·V⁺_t − V_t; A_t = δ_t + γλ·A_{t+1} unless an episode ended at t; R_t = A_t + V_t. What follows slot t,
/// V⁺_t: 0 after a termination (also when both flags are set), the value of the preserved last observation after a
/// truncation (Pardo et al., arXiv 1712.00378), else Values[t + 1].
/// </remarks>
public struct ComputeAdvantages : IRangeKernel
{
    /// <summary>(T, N) float; in.</summary>
    public View<float> Rewards;

    /// <summary>(T, N) byte; in.</summary>
    public View<byte> Terminated;

    /// <summary>(T, N) byte; in.</summary>
    public View<byte> Truncated;

    /// <summary>(T + 1, N) float; in.</summary>
    public View<float> Values;

    /// <summary>(N, F) float: value of the last observation before the row's k-th truncation; in.</summary>
    public View<float> FinalValues;

    /// <summary>(N, F) int: slot of that truncation, −1 = there was none; in.</summary>
    public View<int> FinalSteps;

    /// <summary>(T, N) float; out.</summary>
    public View<float> Advantages;

    /// <summary>(T, N) float; out.</summary>
    public View<float> Returns;

    /// <summary>T.</summary>
    public int Horizon;

    /// <summary>N.</summary>
    public int Rows;

    /// <summary>F: truncations a row can have in a rollout.</summary>
    public int Finals;

    /// <summary>γ.</summary>
    public float Discount;

    /// <summary>γλ.</summary>
    public float Decay;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        for (int t = Horizon - 1; t >= 0; t--) Slot(t, row);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        // Slot by slot, so that memory is walked in its own order.
        for (int t = Horizon - 1; t >= 0; t--)
            for (int row = begin; row < end; row++)
                Slot(t, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Slot(int t, int row)
    {
        long at = (long)t * Rows + row;
        float advantage = Difference(t, row);
        if (GoesOn(t, at)) advantage += Decay * Advantages[at + Rows];
        Advantages[at] = advantage;
        Returns[at] = advantage + Values[at];
    }

    /// <summary>δ_t of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly float Difference(int t, int row)
    {
        long at = (long)t * Rows + row;
        float next = Terminated[at] != 0 ? 0f : Truncated[at] != 0 ? FinalValue(row, t) : Values[at + Rows];
        return Rewards[at] + Discount * next - Values[at];
    }

    /// <summary>Whether A_{t+1} of the rollout belongs to the same episode as element <paramref name="at"/>, in slot t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool GoesOn(int t, long at) => Terminated[at] == 0 && Truncated[at] == 0 && t + 1 < Horizon;

    // F is nearly always 1; searching keeps the walk backwards free of a counter per row.
    private readonly float FinalValue(int row, int t)
    {
        for (long at = (long)row * Finals; at < (long)(row + 1) * Finals; at++)
            if (FinalSteps[at] == t) return FinalValues[at];
        return 0f;
    }
}
