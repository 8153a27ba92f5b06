using Arena.Kernels.Device;
using Arena.Kernels.Learning;

namespace Arena.Policy.Learners;

/// <summary>Brings an update's sums to the host, a few numbers per epoch, and turns them into <see cref="PpoStatistics"/>.</summary>
internal sealed class StatisticsReader(
    IDevice device, PpoConfig config, int columns, View<double> lossSums, View<double> squaredNorms, View<double> advantageSums)
{
    private readonly double[] losses = new double[config.Epochs * config.Minibatches * columns];
    private readonly double[] norms = new double[config.Epochs * config.Minibatches];
    private readonly double[] advantages = new double[AdvantageSum.Count];

    /// <summary>Reads one epoch's sums; returns its mean KL.</summary>
    internal double ReadEpoch(int epoch)
    {
        int first = epoch * config.Minibatches;
        device.CopyToHost(lossSums.Slice((long)first * columns, (long)config.Minibatches * columns), losses.AsSpan(first * columns, config.Minibatches * columns));
        device.CopyToHost(squaredNorms.Slice(first, config.Minibatches), norms.AsSpan(first, config.Minibatches));
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
        double norm = 0, clipped = 0;
        for (int step = 0; step < steps; step++)
        {
            double length = Math.Sqrt(norms[step]);
            norm += length;
            if (length > config.MaxGradientNorm) clipped++;
        }

        double weight = Math.Max(1, advantages[AdvantageSum.Weight]);
        double advantageVariance = Variance(AdvantageSum.Advantage, AdvantageSum.AdvantageSquared, weight);
        double returnVariance = Variance(AdvantageSum.Return, AdvantageSum.ReturnSquared, weight);
        return new PpoStatistics
        {
            Update = update,
            LearnerRows = (long)advantages[AdvantageSum.Weight],
            PolicyLoss = Mean(LossSum.Policy, 0, steps),
            ValueLoss = Mean(LossSum.Value, 0, steps),
            Entropy = Mean(LossSum.Entropy, 0, steps),
            Kl = Mean(LossSum.Kl, steps - config.Minibatches, steps),
            FirstMinibatchKl = Mean(LossSum.Kl, 0, 1),
            ClipShare = Mean(LossSum.Clipped, 0, steps),
            BoundPenalty = Mean(LossSum.Bound, 0, steps),
            Epochs = epochs,
            GradientNorm = norm / steps,
            ClippedGradientShare = clipped / steps,
            // R − V = A, so this is 1 − Var(R − V)/Var(R).
            ExplainedVariance = returnVariance > 0 ? 1 - advantageVariance / returnVariance : 0,
            ValueMean = advantages[AdvantageSum.Value] / weight,
            AdvantageStd = Math.Sqrt(advantageVariance),
            LearningRate = learningRate,
        };
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
