using System.Globalization;
using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;

namespace Arena.HostApi.GpuCheck;

/// <summary>The kernels of an update, on both devices, from the same numbers: equal within rounding.</summary>
/// <remarks>A GPU's logarithm, exponential and cosine are approximations, so equal bits are not expected here.</remarks>
public static class LearningCheck
{
    private const int Rows = 4096;
    private const int Horizon = 16;
    private const int Components = 3;
    private const int Width = Components + 1;
    private const double Tolerance = 2e-4; // of the largest number of a result; a GPU's log and exp have an error of about 1e-6 each

    /// <summary>Advantages, their normalisation, sampling, loss gradient, optimiser step, and the gathering of finished episodes.</summary>
    public static CheckOutcome Run(CheckContext context)
    {
        IReadOnlyList<(string Name, double[] Values)> expected = Results(context.Judge), actual = Results(context.Tested);
        var lines = new List<string>();
        string? wrong = null;
        for (int i = 0; i < expected.Count; i++)
        {
            double scale = Math.Max(1e-9, expected[i].Values.Max(Math.Abs));
            double[] differences = [.. expected[i].Values.Zip(actual[i].Values, (a, b) => Math.Abs(a - b) / scale)];
            double error = differences.Max();
            int at = Array.IndexOf(differences, error);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{expected[i].Name}: largest difference {error:0.0e+0} of the largest value ({expected[i].Values[at]:g6} and {actual[i].Values[at]:g6} in place {at})"));
            if (!(error <= Tolerance)) wrong ??= lines[^1];
        }

        return wrong is null
            ? CheckOutcome.Passed(string.Create(CultureInfo.InvariantCulture, $"{expected.Count} results of learning kernels agree within {Tolerance:0.0e+0}"), lines)
            : CheckOutcome.Failed(wrong, lines);
    }

    private static List<(string, double[])> Results(IDevice device)
    {
        using var memory = new Memory(device);
        var results = new List<(string, double[])>();
        var random = new Random(5);
        View<float> outputs = memory.Floats(random, Rows * Width, -1.5, 1.5), logStds = memory.Floats(random, Components, -1, 1);
        View<GaussianScale> scales = memory.Zeros<GaussianScale>(Components);
        device.Launch(new BoundLogStd { RawLogStd = logStds, Scales = scales }, Components);
        View<float> actions = memory.Zeros<float>(Rows * Components), logProbs = memory.Zeros<float>(Rows), values = memory.Zeros<float>(Rows);
        device.Launch(
            new SampleGaussian
            {
                Outputs = outputs, Scales = scales, Actions = actions, EnvironmentActions = memory.Zeros<float>(Rows * Components), LogProbs = logProbs, Values = values,
                Seed = 1, Step = 1, Components = Components, OutputLength = Width, Purpose = LearnerPurpose.ActionSampling,
            },
            Rows);
        results.Add(("sampled actions", memory.Read(actions)));
        results.Add(("log-probabilities", memory.Read(logProbs)));
        View<float> advantages = memory.Zeros<float>(Rows), returns = memory.Zeros<float>(Rows);
        Advantages(memory, random, values, advantages, returns, results);
        LossGradient(memory, new RolloutViews { ContinuousActions = actions, LogProbs = memory.Floats(random, Rows, -6, -2), Values = values, Advantages = advantages, Returns = returns, RowWeights = memory.Ones(Rows) }, outputs, scales, results);
        FinishedEpisodes(memory, random, results);
        return results;
    }

    // More owners than lanes; a third ended an episode.
    private static void FinishedEpisodes(Memory memory, Random random, List<(string, double[])> results)
    {
        const int StatisticsWidth = 3;
        using var block = new MetricsBlock(memory.Device);
        View<int> finished = memory.Zeros<int>(Rows);
        using var episodes = new FinishedEpisodes(memory.Device, block, finished, memory.Floats(random, Rows * StatisticsWidth, -1, 1));
        episodes.Begin();
        memory.Device.CopyToDevice<int>([.. Enumerable.Range(0, Rows).Select(_ => Math.Max(0, random.Next(6) - 3))], finished);
        episodes.Gather();
        var records = new List<double> { episodes.Count, episodes.Total };
        var numbers = new List<double>();
        for (int i = 0; i < episodes.Count; i++)
        {
            (int owner, int number, int opponent) = episodes.Record(i, out ReadOnlySpan<float> statistics);
            records.AddRange([owner, number, opponent]);
            foreach (float value in statistics) numbers.Add(value);
        }

        results.Add(("finished episodes", [.. records]));
        results.Add(("their statistics", [.. numbers]));
    }

    private static void Advantages(Memory memory, Random random, View<float> values, View<float> advantages, View<float> returns, List<(string, double[])> results)
    {
        const int Agents = Rows / Horizon;
        View<float> all = memory.Zeros<float>(Rows + Agents);
        memory.Device.Launch(new CopyWeights { Source = values, Destination = all }, Rows);
        memory.Device.Launch(
            new ComputeAdvantages
            {
                Rewards = memory.Floats(random, Rows, -1, 1), Terminated = memory.Zeros<byte>(Rows), Truncated = memory.Zeros<byte>(Rows), Values = all,
                FinalValues = memory.Zeros<float>(Agents), FinalSteps = memory.Zeros<int>(Agents), Advantages = advantages, Returns = returns,
                Horizon = Horizon, Rows = Agents, Finals = 1, Discount = 0.99f, Decay = 0.94f,
            },
            Agents);
        results.Add(("advantages", memory.Read(advantages)));
        View<double> partials = memory.Zeros<double>(Reduction.Lanes * AdvantageSum.Count), sums = memory.Zeros<double>(AdvantageSum.Count);
        memory.Device.Launch(new SumAdvantages { Advantages = advantages, Returns = returns, Weights = memory.Ones(Rows), Partials = partials }, Reduction.Lanes);
        memory.Device.Launch(new SumPartials { Partials = partials, Sums = sums, Columns = AdvantageSum.Count }, AdvantageSum.Count);
        memory.Device.Launch(new NormalizeAdvantages { Advantages = advantages, Sums = sums }, Rows);
        results.Add(("sums", memory.Read(sums)));
        results.Add(("normalised advantages", memory.Read(advantages)));
    }

    private static void LossGradient(Memory memory, RolloutViews minibatch, View<float> outputs, View<GaussianScale> scales, List<(string, double[])> results)
    {
        const int Columns = LossSum.Count + Components;
        View<double> partials = memory.Zeros<double>(Reduction.Lanes * Columns), sums = memory.Zeros<double>(Columns), weight = memory.Zeros<double>(1);
        View<float> gradients = memory.Zeros<float>(Rows * Width);
        memory.Device.CopyToDevice<double>([Rows], weight);
        var arguments = new PpoLossArguments
        {
            Minibatch = minibatch, Outputs = outputs, OutputGradients = gradients, WeightSum = weight, Partials = partials, Columns = Columns, Rows = Rows,
            ClipRange = 0.2f, ValueCoefficient = 0.5f, EntropyCoefficient = 0.01f, BoundCoefficient = 1e-3f,
        };
        memory.Device.Launch(new PpoLossGradientGaussian { Arguments = arguments, Scales = scales, Components = Components }, Reduction.Lanes);
        memory.Device.Launch(new ReduceLoss { Partials = partials, Sums = sums, Columns = Columns }, Columns);
        results.Add(("loss gradient", memory.Read(gradients)));
        results.Add(("loss sums", memory.Read(sums)));
        View<double> norm = memory.Zeros<double>(1);
        memory.Device.Launch(new SquaredNormPartials { Gradients = gradients, Partials = partials }, Reduction.Lanes);
        memory.Device.Launch(new SumPartials { Partials = partials, Sums = norm, Columns = 1 }, 1);
        View<float> weights = memory.Zeros<float>(Rows * Width);
        memory.Device.Launch(
            new AdamWStep
            {
                Weights = weights, Gradients = gradients, FirstMoments = memory.Zeros<float>(Rows * Width), SecondMoments = memory.Zeros<float>(Rows * Width), Decays = memory.Zeros<float>(Rows * Width),
                SquaredNorm = norm, Skipped = memory.Zeros<int>(1), LearningRate = 1e-3f, Beta1 = 0.9f, OneMinusBeta1 = 0.1f, Beta2 = 0.999f, OneMinusBeta2 = 0.001f,
                Correction1 = 10f, Correction2 = 1000f, Epsilon = 1e-4f, MaxNorm = 0.5f,
            },
            Rows * Width);
        results.Add(("optimiser step", memory.Read(weights)));
    }

    // Buffers of one run, returned together.
    private sealed class Memory(IDevice device) : IDisposable
    {
        private readonly List<IDisposable> owned = [];

        internal IDevice Device => device;

        internal View<T> Zeros<T>(int length)
            where T : unmanaged
        {
            DeviceBuffer<T> buffer = device.Allocate<T>(length, "check: learning");
            owned.Add(buffer);
            return buffer.View;
        }

        internal View<float> Floats(Random random, int length, double low, double high)
        {
            View<float> view = Zeros<float>(length);
            float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)(low + (high - low) * random.NextDouble()))];
            device.CopyToDevice<float>(values, view);
            return view;
        }

        internal View<byte> Ones(int length)
        {
            View<byte> view = Zeros<byte>(length);
            device.CopyToDevice<byte>([.. Enumerable.Repeat((byte)1, length)], view);
            return view;
        }

        internal double[] Read(View<float> view)
        {
            var values = new float[view.Length];
            device.CopyToHost(view, values.AsSpan());
            return [.. values.Select(value => (double)value)];
        }

        internal double[] Read(View<double> view)
        {
            var values = new double[view.Length];
            device.CopyToHost(view, values.AsSpan());
            return values;
        }

        public void Dispose()
        {
            foreach (IDisposable buffer in owned) buffer.Dispose();
        }
    }
}
