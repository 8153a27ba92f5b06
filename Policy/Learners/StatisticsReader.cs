using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;

namespace Arena.Policy.Learners;

/// <summary>Where an update's sums are written, and what they say: <see cref="PpoStatistics"/>.</summary>
internal sealed class StatisticsReader(
    IDevice device, MetricsBlock block, PpoConfig config, ActionSpec action, ActionSquash squash, int columns, Shard shard)
{
    private readonly MetricsPlace<double> lossSums = block.Take<double>(config.Epochs * config.Minibatches * columns);
    private readonly MetricsPlace<double> squaredNorms = block.Take<double>(config.Epochs * config.Minibatches);
    private readonly MetricsPlace<double> advantageSums = block.Take<double>(AdvantageSum.Count);
    private readonly double[] headEntropies = new double[action.Discrete.Count];
    private readonly double[] epochSums = new double[config.Minibatches * columns];
    private readonly double[] ratios = new double[config.Epochs * config.Minibatches];

    /// <summary>(H) mean entropy of every discrete head in the update last summarised; nat.</summary>
    internal ReadOnlySpan<double> HeadEntropies => headEntropies;

    /// <summary>(steps, columns) double: the loss sums of every optimiser step; kernels write them.</summary>
    internal View<double> LossSums => lossSums.View;

    /// <summary>(steps) double: the squared gradient norm of every optimiser step; kernels write them.</summary>
    internal View<double> SquaredNorms => squaredNorms.View;

    /// <summary>(<see cref="AdvantageSum.Count"/>) double; kernels write them.</summary>
    internal View<double> AdvantageSums => advantageSums.View;

    /// <summary>Mean KL of an epoch over all shards, read from the device in the middle of an update: for who must decide whether another epoch is made.</summary>
    internal double KlOf(int epoch)
    {
        device.CopyToHost(lossSums.View.Slice((long)epoch * epochSums.Length, epochSums.Length), epochSums);
        shard.Sum<double>(epochSums);
        return Mean(epochSums, LossSum.Kl, 0, config.Minibatches);
    }

    /// <summary>Once the block has been read: adds up the shards of an update of which <paramref name="epochs"/> ran.</summary>
    internal void Finish(int epochs)
    {
        if (shard.Count > 1) SumOverShards(epochs * config.Minibatches);
    }

    /// <summary>The first optimiser step of the update whose gradient norm was not finite; −1 = none.</summary>
    internal int FirstNonFiniteNorm(int epochs)
    {
        for (int step = 0; step < epochs * config.Minibatches; step++)
            if (!float.IsFinite((float)squaredNorms.Host[step])) return step;
        return -1;
    }

    /// <summary>Everything about an update of which <paramref name="epochs"/> ran and were read.</summary>
    internal PpoStatistics Summarise(long update, int epochs, double learningRate)
    {
        ReadOnlySpan<double> advantages = advantageSums.Host, losses = lossSums.Host;
        int steps = epochs * config.Minibatches;
        (double norm, double clipped, int skipped) = Norms(steps);
        for (int head = 0; head < headEntropies.Length; head++) headEntropies[head] = Mean(losses, columns - headEntropies.Length + head, 0, steps);
        bool continuous = action.Continuous.Count > 0;
        double policy = Mean(losses, LossSum.Policy, 0, steps), value = Mean(losses, LossSum.Value, 0, steps);
        double entropy = Mean(losses, LossSum.Entropy, 0, steps), bound = Mean(losses, LossSum.Bound, 0, steps);

        double weight = Math.Max(1, advantages[AdvantageSum.Weight]);
        double advantageVariance = Variance(advantages, AdvantageSum.Advantage, AdvantageSum.AdvantageSquared, weight);
        double returnVariance = Variance(advantages, AdvantageSum.Return, AdvantageSum.ReturnSquared, weight);
        return new PpoStatistics
        {
            Update = update,
            LearnerRows = (long)advantages[AdvantageSum.Weight],
            PolicyLoss = policy,
            ValueLoss = value,
            TotalLoss = policy + config.ValueCoefficient * value - config.EntropyCoefficient * entropy + config.BoundCoefficient * bound,
            Entropy = entropy,
            Std = continuous ? Mean(losses, LossSum.Std, 0, steps) : double.NaN,
            ClippedActionShare = continuous && squash == ActionSquash.Clip ? Mean(losses, LossSum.ClippedActions, 0, steps) : double.NaN,
            LegalShare = action.MaskWords > 0 ? Mean(losses, LossSum.Legal, 0, steps) : double.NaN,
            Kl = Mean(losses, LossSum.Kl, steps - config.Minibatches, steps),
            FirstMinibatchKl = Mean(losses, LossSum.Kl, 0, 1),
            RatioMax = Largest(LossSum.RatioMax, steps),
            ClipShare = Mean(losses, LossSum.Clipped, 0, steps),
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
    private void SumOverShards(int steps)
    {
        Span<double> losses = lossSums.Host[..(steps * columns)];
        Span<double> largest = ratios.AsSpan(0, steps);
        for (int step = 0; step < steps; step++) largest[step] = losses[step * columns + LossSum.RatioMax];
        shard.Sum(losses);
        shard.Max(largest);
        for (int step = 0; step < steps; step++) losses[step * columns + LossSum.RatioMax] = largest[step];
    }

    // Sum of the norms, steps whose gradient was scaled down, steps that were left out.
    private (double Sum, double Clipped, int Skipped) Norms(int steps)
    {
        ReadOnlySpan<double> norms = squaredNorms.Host;
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
        for (int step = 0; step < steps; step++) largest = Math.Max(largest, lossSums.Host[step * columns + column]);
        return largest;
    }

    private static double Variance(ReadOnlySpan<double> advantages, int sum, int squares, double weight)
    {
        double mean = advantages[sum] / weight;
        return Math.Max(0, advantages[squares] / weight - mean * mean);
    }

    // Over rows, not over minibatches, which may differ in size and in rows that count.
    private double Mean(ReadOnlySpan<double> losses, int column, int firstStep, int lastStep)
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
