using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Learners;

/// <summary>The reference of the KL-to-past penalty: a second engine whose weights follow the learner's slowly.</summary>
/// <remarks>
/// θ_ref begins as the weights before the first update, and takes θ_ref += rate·(θ − θ_ref) after each; the tensors of the observation
/// normaliser are copied, for they describe observations, not a policy. Its outputs are computed for every minibatch (a forward pass more), from
/// the states with which the learner's own network entered the segments: the reference has no memory of its own between segments.
/// </remarks>
internal sealed class PastPolicy : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly IDevice device;
    private readonly INetworkEngine engine;
    private readonly INetworkEngine past;
    private readonly PpoConfig config;
    private readonly Shard shard;
    private readonly (View<float> Source, View<float> Destination)[] normaliser;
    private readonly View<float> logStd;
    private readonly View<float> pastLogStd;
    private readonly int columns;
    private readonly int stride;
    private readonly int maskWords;
    private readonly View<float> outputs;
    private readonly View<GaussianScale> scales;
    private readonly View<GaussianScale> pastScales;
    private readonly View<int> headSizes;
    private readonly View<double> partials;
    private readonly MetricsPlace<double> sums;
    private double coefficient;
    private bool begun;

    private PastPolicy(RolloutBuffers rollout, INetworkEngine engine, PpoConfig config, int rows, Shard? shard)
    {
        (device, this.engine, this.config, this.shard) = (rollout.Device, engine, config, shard ?? Shard.Whole);
        ActionSpec action = rollout.Spec.Action;
        past = engine.Another(rows);
        owned.Add(past);
        int components = engine.Spec.ContinuousActions;
        bool free = !engine.Spec.StateDependentStd;
        stride = free ? 0 : components;
        columns = PastKlSum.Count + (free ? components : 0);
        maskWords = action.MaskWords;
        // Looked up once: finding a tensor and its length allocates.
        normaliser = engine.Spec.NormalizeObservations ? [Pair("normalizer.mean"), Pair("normalizer.scale")] : [];
        if (free && components > 0) (logStd, pastLogStd) = Pair("log_std");
        outputs = Take<float>((long)rows * engine.Spec.Outputs, "outputs");
        scales = Take<GaussianScale>(free ? components : (long)rows * components, "present scales");
        pastScales = Take<GaussianScale>(free ? components : (long)rows * components, "scales");
        headSizes = Take<int>(action.Discrete.Count, "head sizes");
        if (headSizes.Length > 0) device.CopyToDevice<int>([.. action.Discrete.Select(head => head.Size)], headSizes);
        partials = Take<double>((long)Reduction.Lanes * columns, "partial sums");
        sums = rollout.Metrics.Take<double>(config.Epochs * config.Minibatches * columns);
    }

    /// <summary>The penalty of <paramref name="config"/>; null where its coefficient is 0.</summary>
    /// <param name="rollout">What is learned from.</param>
    /// <param name="engine">The learner's network.</param>
    /// <param name="config">Coefficient, rate, epochs and minibatches; fixed for a run.</param>
    /// <param name="rows">Rows of the largest minibatch.</param>
    /// <param name="shard">Over whose rows, with those of the other shards, the distance is measured; the only one when null.</param>
    internal static PastPolicy? Create(RolloutBuffers rollout, INetworkEngine engine, PpoConfig config, int rows, Shard? shard = null) =>
        config.PastKlCoefficient == 0 ? null : new PastPolicy(rollout, engine, config, rows, shard);

    /// <summary>(P) float: θ_ref.</summary>
    internal View<float> Weights => past.Weights;

    /// <summary>Before the first minibatch of an update.</summary>
    /// <param name="progress">Share of the planned updates already made, 0..1.</param>
    internal void Begin(double progress)
    {
        coefficient = config.PastKlCoefficientAt(progress);
        if (begun) return;
        device.Launch(new CopyWeights { Source = engine.Weights, Destination = past.Weights }, engine.Parameters.Length);
        past.RefreshDerived();
        begun = true;
    }

    /// <summary>Adds the penalty's gradient to that at the outputs, and to the loss sums of free log-stds.</summary>
    /// <param name="minibatch">With the outputs of the present weights.</param>
    /// <param name="input">Its rows.</param>
    /// <param name="weightSum">(1) double: W.</param>
    /// <param name="step">Optimiser step of the update.</param>
    /// <param name="lossSums">Of this minibatch.</param>
    internal void AddGradient(Minibatch minibatch, in NetworkInput input, View<double> weightSum, int step, View<double> lossSums)
    {
        int components = engine.Spec.ContinuousActions;
        past.Forward(input, outputs, keepActivations: false);
        Bound(logStd, minibatch.Outputs, scales, input.Rows);
        Bound(pastLogStd, outputs, pastScales, input.Rows);
        device.Launch(
            new PastKlGradient
            {
                Outputs = minibatch.Outputs,
                PastOutputs = outputs,
                OutputGradients = minibatch.OutputGradients,
                RowWeights = minibatch.Views.RowWeights,
                ActionMasks = minibatch.Views.ActionMasks,
                Scales = scales,
                PastScales = pastScales,
                HeadSizes = headSizes,
                WeightSum = weightSum,
                Partials = partials,
                Columns = columns,
                Rows = input.Rows,
                OutputLength = engine.Spec.Outputs,
                Components = components,
                ScaleStride = stride,
                FirstLogit = engine.Spec.GaussianOutputs,
                MaskWords = maskWords,
                Coefficient = (float)coefficient,
            },
            Reduction.Lanes);
        View<double> stepSums = sums.View.Slice((long)step * columns, columns);
        device.Launch(new SumPartials { Partials = partials, Sums = stepSums, Columns = columns }, columns);
        if (columns > PastKlSum.Count) device.Launch(new AddPastLogStdSums { PastSums = stepSums, LossSums = lossSums }, components);
    }

    /// <summary>After the last optimiser step of an update: lets the reference follow.</summary>
    internal void Follow()
    {
        device.Launch(new FollowWeights { Weights = engine.Weights, Past = past.Weights, Rate = (float)config.PastRate }, engine.Parameters.Length);
        foreach ((View<float> source, View<float> destination) in normaliser)
            device.Launch(new CopyWeights { Source = source, Destination = destination }, checked((int)source.Length));
        past.RefreshDerived();
    }

    /// <summary>Once the block has been read: adds the penalty to what the update did.</summary>
    internal PpoStatistics Add(in PpoStatistics statistics)
    {
        Span<double> read = sums.Host;
        shard.Sum(read);
        double kl = 0, weight = 0;
        for (int step = 0; step < statistics.Epochs * config.Minibatches; step++)
        {
            kl += read[step * columns + PastKlSum.Kl];
            weight += read[step * columns + PastKlSum.Weight];
        }

        double mean = weight > 0 ? kl / weight : 0;
        return statistics with { PastKl = mean, TotalLoss = statistics.TotalLoss + coefficient * mean };
    }

    /// <summary>Saves θ_ref by parameter name.</summary>
    internal void Save(SavedState state)
    {
        state.Values.Write("past/begun", begun ? 1L : 0L);
        foreach (ParameterTensor tensor in past.Parameters.Tensors)
            state.Optimizer.Write($"past/{tensor.Name}", device, past.Weights.Slice(tensor.Offset, tensor.Length), [.. tensor.Shape]);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="Arena.Kernels.UsageException">it is of another network, or of a run without the penalty.</exception>
    internal void Load(SavedState state)
    {
        begun = state.Values.ReadLong("past/begun", 0, 1) == 1;
        foreach (ParameterTensor tensor in past.Parameters.Tensors)
            state.Optimizer.Read($"past/{tensor.Name}", device, past.Weights.Slice(tensor.Offset, tensor.Length));
        past.RefreshDerived();
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        foreach (IDisposable item in owned) item.Dispose();
    }

    // A tensor of θ and of θ_ref.
    private (View<float> Present, View<float> Past) Pair(string name)
    {
        ParameterTensor tensor = engine.Parameters[name];
        return (engine.Weights.Slice(tensor.Offset, tensor.Length), past.Weights.Slice(tensor.Offset, tensor.Length));
    }

    // s of every component, or of every component of every row.
    private void Bound(View<float> free, View<float> rowOutputs, View<GaussianScale> bounded, int rows)
    {
        int components = engine.Spec.ContinuousActions;
        if (components == 0) return;
        if (stride > 0)
            device.Launch(new BoundRowLogStds { Outputs = rowOutputs, Scales = bounded, Components = components, OutputLength = engine.Spec.Outputs }, rows);
        else
            device.Launch(new BoundLogStd { RawLogStd = free, Scales = bounded }, components);
    }

    private View<T> Take<T>(long length, string name)
        where T : unmanaged
    {
        if (length == 0) return default;
        DeviceBuffer<T> buffer = device.Allocate<T>(length, $"past policy: {name}");
        owned.Add(buffer);
        return buffer.View;
    }
}
