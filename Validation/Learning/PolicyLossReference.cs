namespace Arena.Validation.Learning;

/// <summary>Coefficients of the loss.</summary>
/// <param name="ClipRange">ε.</param>
/// <param name="ValueClipRange">ε_v; 0 = off.</param>
/// <param name="Value">c_v.</param>
/// <param name="Entropy">c_H.</param>
/// <param name="Bound">c_Ω.</param>
public readonly record struct LossCoefficients(double ClipRange, double ValueClipRange, double Value, double Entropy, double Bound);

/// <summary>What a row of a minibatch brings along.</summary>
/// <param name="OldLogProb">ℓ_old.</param>
/// <param name="OldValue">V_old.</param>
/// <param name="Advantage">Â.</param>
/// <param name="Return">R.</param>
public readonly record struct LossRow(double OldLogProb, double OldValue, double Advantage, double Return);

/// <summary>The parts of a row's loss, and what is logged beside them.</summary>
public readonly record struct RowLoss(double Policy, double Value, double Entropy, double Kl, double Bound, double Total)
{
    /// <summary>r.</summary>
    public double Ratio { get; init; }

    /// <summary>Continuous actions: mean σ of the components.</summary>
    public double Std { get; init; }

    /// <summary>Continuous actions: share of the components outside [−1, 1].</summary>
    public double ClippedActions { get; init; }

    /// <summary>Discrete actions: legal choices of all heads / all choices.</summary>
    public double Legal { get; init; }

    /// <summary>Discrete actions: H of every head; nat.</summary>
    public IReadOnlyList<double> HeadEntropies { get; init; } = [];
}

/// <summary>PPO's loss of one row in double precision, as the formula says; gradients come from differences of it.</summary>
/// <remarks>arXiv 1707.06347, eq. 7 and 9, with the value clip of its published code.</remarks>
public static class PolicyLossReference
{
    /// <summary>Where the bound penalty begins.</summary>
    public const double MeanBound = 1.1;

    /// <summary>Row with continuous actions.</summary>
    /// <param name="row">Targets.</param>
    /// <param name="actions">Raw samples.</param>
    /// <param name="means">μ.</param>
    /// <param name="rawLogStds">ρ.</param>
    /// <param name="value">V.</param>
    /// <param name="c">Coefficients.</param>
    public static RowLoss Gaussian(LossRow row, double[] actions, double[] means, double[] rawLogStds, double value, LossCoefficients c)
    {
        double entropy = 0, bound = 0;
        for (int j = 0; j < actions.Length; j++)
        {
            double deviation = StandardDeviation(rawLogStds[j]);
            entropy += 0.5 * Math.Log(2 * Math.PI * Math.E * deviation * deviation);
            bound += Math.Pow(Math.Max(0, Math.Abs(means[j]) - MeanBound), 2);
        }

        return Combine(row, GaussianLogProb(actions, means, rawLogStds), entropy, bound, value, c) with
        {
            Std = rawLogStds.Average(StandardDeviation),
            ClippedActions = actions.Average(action => action is < -1 or > 1 ? 1.0 : 0.0),
        };
    }

    /// <summary>Row with discrete heads.</summary>
    /// <param name="row">Targets.</param>
    /// <param name="actions">Choice per head.</param>
    /// <param name="logits">Logits per head.</param>
    /// <param name="legal">Legal choices per head.</param>
    /// <param name="value">V.</param>
    /// <param name="c">Coefficients.</param>
    public static RowLoss Categorical(LossRow row, int[] actions, double[][] logits, bool[][] legal, double value, LossCoefficients c)
    {
        double[] entropies = [.. logits.Select((l, head) => legal[head].Contains(true) ? Entropy(Probabilities(l, legal[head])) : 0)];
        return Combine(row, CategoricalLogProb(actions, logits, legal), entropies.Sum(), 0, value, c) with
        {
            Legal = (double)legal.Sum(head => head.Count(choice => choice)) / legal.Sum(head => head.Length),
            HeadEntropies = entropies,
        };
    }

    /// <summary>Row with continuous actions and discrete heads: log-probs and entropies add.</summary>
    /// <param name="row">Targets.</param>
    /// <param name="samples">Raw samples.</param>
    /// <param name="means">μ.</param>
    /// <param name="rawLogStds">ρ.</param>
    /// <param name="choices">Choice per head.</param>
    /// <param name="logits">Logits per head.</param>
    /// <param name="legal">Legal choices per head.</param>
    /// <param name="value">V.</param>
    /// <param name="c">Coefficients.</param>
    public static RowLoss Mixed(
        LossRow row, double[] samples, double[] means, double[] rawLogStds, int[] choices, double[][] logits, bool[][] legal, double value, LossCoefficients c)
    {
        RowLoss continuous = Gaussian(row, samples, means, rawLogStds, value, c), discrete = Categorical(row, choices, logits, legal, value, c);
        double logProb = GaussianLogProb(samples, means, rawLogStds) + CategoricalLogProb(choices, logits, legal);
        return Combine(row, logProb, continuous.Entropy + discrete.Entropy, continuous.Bound, value, c);
    }

    /// <summary>ln of the density of raw samples: the sum over components of ln N(a; μ, σ²).</summary>
    public static double GaussianLogProb(double[] actions, double[] means, double[] rawLogStds)
    {
        double logProb = 0;
        for (int j = 0; j < actions.Length; j++)
        {
            double deviation = StandardDeviation(rawLogStds[j]), distance = actions[j] - means[j];
            logProb -= distance * distance / (2 * deviation * deviation) + Math.Log(deviation * Math.Sqrt(2 * Math.PI));
        }

        return logProb;
    }

    /// <summary>ln of the probability of the choices; a head without a legal choice counts 0.</summary>
    public static double CategoricalLogProb(int[] actions, double[][] logits, bool[][] legal)
    {
        double logProb = 0;
        for (int head = 0; head < actions.Length; head++)
            if (legal[head].Contains(true)) logProb += Math.Log(Probabilities(logits[head], legal[head])[actions[head]]);
        return logProb;
    }

    /// <summary>KL(π ‖ π_ref) of diagonal Gaussians: the sum over components of ln(σ_ref/σ) + (σ² + (μ − μ_ref)²)/(2σ_ref²) − ½; nat.</summary>
    public static double GaussianKl(double[] means, double[] rawLogStds, double[] pastMeans, double[] pastRawLogStds)
    {
        double kl = 0;
        for (int j = 0; j < means.Length; j++)
        {
            double deviation = StandardDeviation(rawLogStds[j]), past = StandardDeviation(pastRawLogStds[j]), distance = means[j] - pastMeans[j];
            kl += Math.Log(past / deviation) + (deviation * deviation + distance * distance) / (2 * past * past) - 0.5;
        }

        return kl;
    }

    /// <summary>KL(π ‖ π_ref) of discrete heads: the sum over heads and legal choices of p·ln(p/q); a head without a legal choice counts 0; nat.</summary>
    public static double CategoricalKl(double[][] logits, double[][] pastLogits, bool[][] legal)
    {
        double kl = 0;
        for (int head = 0; head < logits.Length; head++)
        {
            if (!legal[head].Contains(true)) continue;
            double[] present = Probabilities(logits[head], legal[head]), past = Probabilities(pastLogits[head], legal[head]);
            for (int j = 0; j < present.Length; j++)
                if (present[j] > 0) kl += present[j] * Math.Log(present[j] / past[j]);
        }

        return kl;
    }

    /// <summary>σ = exp(m + d·tanh ρ), between e⁻⁴ and e.</summary>
    public static double StandardDeviation(double rawLogStd)
    {
        const double Low = -4, High = 1;
        return Math.Exp((Low + High) / 2 + (High - Low) / 2 * Math.Tanh(rawLogStd));
    }

    /// <summary>Softmax over the legal choices; 0 for the others.</summary>
    public static double[] Probabilities(double[] logits, bool[] legal)
    {
        double highest = logits.Where((_, j) => legal[j]).Max();
        double[] weights = [.. logits.Select((logit, j) => legal[j] ? Math.Exp(logit - highest) : 0)];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static double Entropy(double[] probabilities) => -probabilities.Where(p => p > 0).Sum(p => p * Math.Log(p));

    private static RowLoss Combine(LossRow row, double logProb, double entropy, double bound, double value, LossCoefficients c)
    {
        double logRatio = Math.Clamp(logProb - row.OldLogProb, -20, 20);
        double ratio = Math.Exp(logRatio);
        double clipped = Math.Clamp(ratio, 1 - c.ClipRange, 1 + c.ClipRange);
        double policy = -Math.Min(ratio * row.Advantage, clipped * row.Advantage);
        double valueLoss = ValueLoss(row, value, c.ValueClipRange);
        double total = policy + c.Value * valueLoss - c.Entropy * entropy + c.Bound * bound;
        return new RowLoss(policy, valueLoss, entropy, ratio - 1 - logRatio, bound, total) { Ratio = ratio };
    }

    private static double ValueLoss(LossRow row, double value, double clipRange)
    {
        double plain = Math.Pow(value - row.Return, 2) / 2;
        if (clipRange == 0) return plain;
        double near = row.OldValue + Math.Clamp(value - row.OldValue, -clipRange, clipRange);
        return Math.Max(plain, Math.Pow(near - row.Return, 2) / 2);
    }
}
