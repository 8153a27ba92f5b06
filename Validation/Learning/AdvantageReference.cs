namespace Arena.Validation.Learning;

/// <summary>What happened to one row in one slot.</summary>
/// <param name="Reward">r_t.</param>
/// <param name="Value">V_t.</param>
/// <param name="Terminated">The rules ended the episode here.</param>
/// <param name="Truncated">The clock did.</param>
/// <param name="FinalValue">Value of the last observation, where truncated.</param>
public readonly record struct SlotOutcome(double Reward, double Value, bool Terminated, bool Truncated, double FinalValue);

/// <summary>Generalised advantage estimation by its definition, in double precision, for one row.</summary>
/// <remarks>
/// A_t = Σ_k (γλ)^k δ_{t+k} up to the slot that ends the episode (arXiv 1506.02438, eq. 16), written as that sum and not as the
/// usual recursion: slow, and independent of it. An end by the rules is worth nothing afterwards, even if the clock ran out too.
/// </remarks>
public static class AdvantageReference
{
    /// <summary>Advantages of a row's slots.</summary>
    /// <param name="slots">In order of time.</param>
    /// <param name="lastValue">Value of the observation after the last slot.</param>
    /// <param name="discount">γ.</param>
    /// <param name="lambda">λ.</param>
    public static double[] Advantages(IReadOnlyList<SlotOutcome> slots, double lastValue, double discount, double lambda)
    {
        var advantages = new double[slots.Count];
        for (int t = 0; t < slots.Count; t++)
        {
            double factor = 1;
            for (int k = t; k < slots.Count; k++)
            {
                advantages[t] += factor * TemporalDifference(slots, k, lastValue, discount);
                if (slots[k].Terminated || slots[k].Truncated) break;
                factor *= discount * lambda;
            }
        }

        return advantages;
    }

    /// <summary>V-trace (arXiv 1802.01561, eq. 1): Σ_k (γλ)^(k−t) (Π_{t ≤ i &lt; k} c_i) ρ_k δ_k up to the slot that ends the episode.</summary>
    /// <param name="slots">In order of time; values under the present weights.</param>
    /// <param name="lastValue">Value of the observation after the last slot.</param>
    /// <param name="ratios">Probability of the slot's action under the present weights by that under those that acted.</param>
    /// <param name="discount">γ.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="temporalCap">Largest ρ.</param>
    /// <param name="traceCap">Largest c.</param>
    public static double[] VTrace(
        IReadOnlyList<SlotOutcome> slots, double lastValue, IReadOnlyList<double> ratios, double discount, double lambda, double temporalCap = 1, double traceCap = 1)
    {
        var advantages = new double[slots.Count];
        for (int t = 0; t < slots.Count; t++)
        {
            double factor = 1;
            for (int k = t; k < slots.Count; k++)
            {
                advantages[t] += factor * Math.Min(temporalCap, ratios[k]) * TemporalDifference(slots, k, lastValue, discount);
                if (slots[k].Terminated || slots[k].Truncated) break;
                factor *= discount * lambda * Math.Min(traceCap, ratios[k]);
            }
        }

        return advantages;
    }

    private static double TemporalDifference(IReadOnlyList<SlotOutcome> slots, int t, double lastValue, double discount)
    {
        SlotOutcome slot = slots[t];
        double following = t + 1 < slots.Count ? slots[t + 1].Value : lastValue;
        double next = slot switch
        {
            { Terminated: true } => 0,
            { Truncated: true } => slot.FinalValue,
            _ => following,
        };
        return slot.Reward + discount * next - slot.Value;
    }
}
