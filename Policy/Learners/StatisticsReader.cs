using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;

namespace Arena.Policy.Learners;

/// <summary>Brings an update's sums to the host, a few numbers per epoch, and turns them into <see cref="PpoStatistics"/>.</summary>
internal sealed class StatisticsReader(
    IDevice device, PpoConfig config, ActionSpec action, ActionSquash squash, View<double> lossSums, View<double> squaredNorms, View<double> advantageSums, Shard shard)
{
    private readonly int columns = (int)(lossSums.Length / (config.Epochs * config.Minibatches));
    private readonly double[] headEntropies = new double[action.Discrete.Count];
    private readonly double[] losses = new double[lossSums.Length];
    private readonly double[] norms = new double[config.Epochs * config.Minibatches];
    private readonly double[] ratios = new double[config.Minibatches];
    private readonly double[] advantages = new double[AdvantageSum.Count];

    /// <summary>(H) mean entropy of every discrete head in the update last summarised; nat.</summary>
    internal ReadOnlySpan<double> HeadEntropies => headEntropies;

    /// <summary>Reads one epoch's sums, over all shards; returns its mean KL.</summary>
    internal double ReadEpoch(int epoch)
    {
        int first = epoch * config.Minibatches;
        device.CopyToHost(lossSums.Slice((long)first * columns, (long)config.Minibatches * columns), losses.AsSpan(first * columns, config.Minibatches * columns));
        device.CopyToHost(squaredNorms.Slice(first, config.Minibatches), norms.AsSpan(first, config.Minibatches));
        if (shard.Count > 1) SumOverShards(losses.AsSpan(first * columns, config.Minibatches * columns));
        return Mean(LossSum.Kl, first, first + config.Minibatches);
    }

    /// <summary>The first optimiser step of the update whose gradient norm was not finite; −1 = none.</summary>
    internal int FirstNonFiniteNorm(int epochs)
    {
        for (int step = 0; step < epochs * config.Minibatches; step++)
            if (!float.IsFinite((float)norms[step])) return step;
        return -1;
    }

    /// <summary>Everything about an update of which <paramref name="epochs"/> ran and were read.</summary>
    internal PpoStatistics Summarise(long update, int epochs, double learningRate)
    {
        device.CopyToHost(advantageSums, advantages);
        int steps = epochs * config.Minibatches;
        (double norm, double clipped, int skipped) = Norms(steps);
        for (int head = 0; head < headEntropies.Length; head++) headEntropies[head] = Mean(columns - headEntropies.Length + head, 0, steps);
        bool continuous = action.Continuous.Count > 0;
        double policy = Mean(LossSum.Policy, 0, steps), value = Mean(LossSum.Value, 0, steps);
        double entropy = Mean(LossSum.Entropy, 0, steps), bound = Mean(LossSum.Bound, 0, steps);

        double weight = Math.Max(1, advantages[AdvantageSum.Weight]);
        double advantageVariance = Variance(AdvantageSum.Advantage, AdvantageSum.AdvantageSquared, weight);
        double returnVariance = Variance(AdvantageSum.Return, AdvantageSum.ReturnSquared, weight);
        return new PpoStatistics
        {
            Update = update,
            LearnerRows = (long)advantages[AdvantageSum.Weight],
            PolicyLoss = policy,
            ValueLoss = value,
            TotalLoss = policy + config.ValueCoefficient * value - config.EntropyCoefficient * entropy + config.BoundCoefficient * bound,
            Entropy = entropy,
            Std = continuous ? Mean(LossSum.Std, 0, steps) : double.NaN,
            ClippedActionShare = continuous && squash == ActionSquash.Clip ? Mean(LossSum.ClippedActions, 0, steps) : double.NaN,
            LegalShare = action.MaskWords > 0 ? Mean(LossSum.Legal, 0, steps) : double.NaN,
            Kl = Mean(LossSum.Kl, steps - config.Minibatches, steps),
            FirstMinibatchKl = Mean(LossSum.Kl, 0, 1),
            RatioMax = Largest(LossSum.RatioMax, steps),
            ClipShare = Mean(LossSum.Clipped, 0, steps),
            BoundPenalty = bound,
            Epochs = epochs,
            GradientNorm = norm / steps,
            ClippedGradientShare = clipped / steps,
            SkippedSteps = skipped,
            // R − V = A, so this is 1 − Var(R − V)/Var(R).
            ExplainedVariance = returnVariance > 0 ? 1 - advantageVariance / returnVariance : 0,
            ValueMean = advantages[AdvantageSum.Value] / weight,
            AdvantageStd = Math.Sqrt(advantageVariance),
            LearningRate = learningRate,
        };
    }

    // Of the largest ratio the maximum. The norms are those of the summed gradient already.
    private void SumOverShards(Span<double> epoch)
    {
        for (int step = 0; step < ratios.Length; step++) ratios[step] = epoch[step * columns + LossSum.RatioMax];
        shard.Sum(epoch);
        shard.Max(ratios);
        for (int step = 0; step < ratios.Length; step++) epoch[step * columns + LossSum.RatioMax] = ratios[step];
    }

    // Sum of the norms, steps whose gradient was scaled down, steps that were left out.
    private (double Sum, double Clipped, int Skipped) Norms(int steps)
    {
        double sum = 0, clipped = 0;
        int skipped = 0;
        for (int step = 0; step < steps; step++)
        {
            double length = Math.Sqrt(norms[step]);
            sum += length;
            if (length > config.MaxGradientNorm) clipped++;
            if (!float.IsFinite((float)norms[step])) skipped++;
        }

        return (sum, clipped, skipped);
    }

    private double Largest(int column, int steps)
    {
        double largest = 0;
        for (int step = 0; step < steps; step++) largest = Math.Max(largest, losses[step * columns + column]);
        return largest;
    }

    private double Variance(int sum, int squares, double weight)
    {
        double mean = advantages[sum] / weight;
        return Math.Max(0, advantages[squares] / weight - mean * mean);
    }

    // Over rows, not over minibatches, which may differ in size and in rows that count.
    private double Mean(int column, int firstStep, int lastStep)
    {
        double sum = 0, weight = 0;
        for (int step = firstStep; step < lastStep; step++)
        {
            sum += losses[step * columns + column];
            weight += losses[step * columns + LossSum.Weight];
        }

        return weight > 0 ? sum / weight : 0;
    }
}
