namespace Arena.Validation.Learning;

/// <summary>What one slot of one row adds to its discounted return.</summary>
/// <param name="Reward">r_t.</param>
/// <param name="Ended">The episode ended here, by rules or clock.</param>
/// <param name="Counts">The slot is learned from.</param>
public readonly record struct RewardSlot(double Reward, bool Ended, bool Counts);

/// <summary>Standard deviation of the discounted return by its definition, in double precision.</summary>
/// <remarks>R_t = Σ_k γ^k·r_{t−k} back to the first slot of the episode, as that sum; the deviation in two passes over all that was seen.</remarks>
public static class ReturnScaleReference
{
    /// <summary>Deviation of the slots that count; 0 when there are none.</summary>
    /// <param name="rows">Every row's slots in order of time, from the first rollout on.</param>
    /// <param name="discount">γ.</param>
    public static double Deviation(IEnumerable<IReadOnlyList<RewardSlot>> rows, double discount)
    {
        double[] returns = [.. rows.SelectMany(slots => Enumerable.Range(0, slots.Count).Where(t => slots[t].Counts).Select(t => Return(slots, t, discount)))];
        if (returns.Length == 0) return 0;
        double mean = returns.Average();
        return Math.Sqrt(returns.Average(value => (value - mean) * (value - mean)));
    }

    private static double Return(IReadOnlyList<RewardSlot> slots, int last, double discount)
    {
        double sum = 0, factor = 1;
        for (int t = last; t >= 0 && (t == last || !slots[t].Ended); t--)
        {
            sum += factor * slots[t].Reward;
            factor *= discount;
        }

        return sum;
    }
}
