using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>Where sampled actions come from and go to: one slot of N rows.</summary>
public struct SampleViews
{
    /// <summary>(N, L + 1) float from the network; in.</summary>
    public View<float> Outputs;

    /// <summary>(N, MaskWords) bits, or empty; in.</summary>
    public View<uint> ActionMasks;

    /// <summary>(N, A_c) float, raw; out.</summary>
    public View<float> ContinuousActions;

    /// <summary>(N, A_c) float in [−1, 1]; out.</summary>
    public View<float> EnvironmentActions;

    /// <summary>(N, H) int; out.</summary>
    public View<int> DiscreteActions;

    /// <summary>(N) int, see <see cref="SampleCategorical.EmptyHeads"/>; out.</summary>
    public View<int> EmptyHeads;

    /// <summary>(N) float; out.</summary>
    public View<float> LogProbs;

    /// <summary>(N) float; out.</summary>
    public View<float> Values;

    /// <summary>Key of the draws.</summary>
    public ulong Seed;

    /// <summary>Policy step: update·T + t.</summary>
    public ulong Step;

    /// <summary>Global number of row 0.</summary>
    public uint FirstRow;

    /// <summary>N.</summary>
    public int Rows;

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic;

    /// <summary>Draw for evaluation games, whose numbers training never meets.</summary>
    public bool Evaluating;
}

/// <summary>The action distribution of a network: how its outputs become actions, and how a loss reaches them.</summary>
public abstract class ActionHead : IDisposable
{
    /// <summary>Columns per lane that <see cref="LossGradient"/> leaves (<see cref="LossSum"/>).</summary>
    public abstract int LossColumns { get; }

    /// <summary>The head for <paramref name="action"/> behind <paramref name="engine"/>.</summary>
    /// <exception cref="UsageException">the network was made for other actions.</exception>
    public static ActionHead Create(IDevice device, ActionSpec action, INetworkEngine engine)
    {
        int continuous = action.Continuous.Count;
        if (engine.Spec.ContinuousActions != continuous || (continuous == 0 && !engine.Spec.DiscreteHeads.SequenceEqual(action.Discrete.Select(head => head.Size))))
            throw new UsageException(
                $"The network has {engine.Spec.ContinuousActions} continuous actions and heads ({string.Join(", ", engine.Spec.DiscreteHeads)}); " +
                $"the game has {continuous} and ({string.Join(", ", action.Discrete.Select(head => head.Size))}).");
        return continuous > 0 ? new GaussianHead(device, engine) : new CategoricalHeads(device, action);
    }

    /// <summary>Call after the weights changed, before sampling or a loss.</summary>
    public abstract void Refresh();

    /// <summary>Samples one action per row.</summary>
    public abstract void Sample(in SampleViews views);

    /// <summary>Loss sums and gradient at the outputs; fills in what of the arguments depends on the head.</summary>
    public abstract void LossGradient(in PpoLossArguments arguments);

    /// <summary>Adds what the loss asks of parameters that no layer reads (free log-stds) to the flat gradient.</summary>
    /// <param name="sums">(<see cref="LossColumns"/>) double of this minibatch.</param>
    public abstract void AddParameterGradients(View<double> sums);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class GaussianHead : ActionHead
    {
        private readonly IDevice device;
        private readonly int components;
        private readonly DeviceBuffer<GaussianScale> scales;
        private readonly View<float> logStd;
        private readonly View<float> logStdGradient;

        internal GaussianHead(IDevice device, INetworkEngine engine)
        {
            this.device = device;
            components = engine.Spec.ContinuousActions;
            ParameterTensor tensor = engine.Parameters["log_std"];
            logStd = engine.Weights.Slice(tensor.Offset, components);
            logStdGradient = engine.Gradients.Slice(tensor.Offset, components);
            scales = device.Allocate<GaussianScale>(components, "log-std");
        }

        public override int LossColumns => LossSum.Count + components;

        public override void Refresh() => device.Launch(new BoundLogStd { RawLogStd = logStd, Scales = scales.View }, components);

        public override void Sample(in SampleViews views) =>
            device.Launch(
                new SampleGaussian
                {
                    Outputs = views.Outputs,
                    Scales = scales.View,
                    Actions = views.ContinuousActions,
                    EnvironmentActions = views.EnvironmentActions,
                    LogProbs = views.LogProbs,
                    Values = views.Values,
                    Seed = views.Seed,
                    Step = views.Step,
                    FirstRow = views.FirstRow,
                    Components = components,
                    Deterministic = views.Deterministic ? 1 : 0,
                    Evaluating = views.Evaluating ? 1 : 0,
                },
                views.Rows);

        public override void LossGradient(in PpoLossArguments arguments) =>
            device.Launch(new PpoLossGradientGaussian { Arguments = arguments, Scales = scales.View, Components = components }, Reduction.Lanes);

        public override void AddParameterGradients(View<double> sums) =>
            device.Launch(new AddLogStdGradient { Sums = sums, Scales = scales.View, Gradients = logStdGradient }, components);

        public override void Dispose() => scales.Dispose();
    }

    private sealed class CategoricalHeads : ActionHead
    {
        private readonly IDevice device;
        private readonly int choices;
        private readonly int maskWords;
        private readonly DeviceBuffer<int> sizes;

        internal CategoricalHeads(IDevice device, ActionSpec action)
        {
            this.device = device;
            choices = action.DiscreteChoices;
            maskWords = action.MaskWords;
            sizes = device.Allocate<int>(action.Discrete.Count, "head sizes");
            sizes.Write([.. action.Discrete.Select(head => head.Size)]);
        }

        public override int LossColumns => LossSum.Count + (int)sizes.Length;

        public override void Refresh()
        {
            // Everything a categorical head needs is in the outputs.
        }

        public override void Sample(in SampleViews views) =>
            device.Launch(
                new SampleCategorical
                {
                    Outputs = views.Outputs,
                    Masks = views.ActionMasks,
                    HeadSizes = sizes.View,
                    Actions = views.DiscreteActions,
                    LogProbs = views.LogProbs,
                    Values = views.Values,
                    EmptyHeads = views.EmptyHeads,
                    Seed = views.Seed,
                    Step = views.Step,
                    FirstRow = views.FirstRow,
                    Choices = choices,
                    MaskWords = maskWords,
                    Deterministic = views.Deterministic ? 1 : 0,
                    Evaluating = views.Evaluating ? 1 : 0,
                },
                views.Rows);

        public override void LossGradient(in PpoLossArguments arguments) =>
            device.Launch(
                new PpoLossGradientCategorical { Arguments = arguments, HeadSizes = sizes.View, Choices = choices, MaskWords = maskWords }, Reduction.Lanes);

        public override void AddParameterGradients(View<double> sums)
        {
            // No parameters outside the layers.
        }

        public override void Dispose() => sizes.Dispose();
    }
}
