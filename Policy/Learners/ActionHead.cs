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

    /// <summary>(N, A_c) float, raw, or empty; out.</summary>
    public View<float> ContinuousActions;

    /// <summary>(N, A_c) float in [−1, 1]; out.</summary>
    public View<float> EnvironmentActions;

    /// <summary>(N, H) int, or empty; out.</summary>
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

    /// <summary>(N) global number of every row; empty = adjacent from <see cref="FirstRow"/>; in.</summary>
    public View<uint> RowNumbers;

    /// <summary>Global number of row 0.</summary>
    public uint FirstRow;

    /// <summary>N.</summary>
    public int Rows;

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic;

    /// <summary>What is drawn for: one of <see cref="LearnerPurpose"/>.</summary>
    public uint Purpose;
}

/// <summary>The action distribution of a network: how its outputs become actions, and how a loss reaches them.</summary>
public abstract class ActionHead : IDisposable
{
    /// <summary>Columns per lane that <see cref="LossGradient"/> leaves (<see cref="LossSum"/>).</summary>
    public abstract int LossColumns { get; }

    /// <summary>The head for <paramref name="action"/> behind <paramref name="engine"/>.</summary>
    /// <param name="device">Where the network runs.</param>
    /// <param name="action">What the game takes.</param>
    /// <param name="engine">The network.</param>
    /// <param name="maxRows">Rows of the largest batch that is sampled or learned from.</param>
    /// <exception cref="UsageException">the network was made for other actions.</exception>
    public static ActionHead Create(IDevice device, ActionSpec action, INetworkEngine engine, int maxRows)
    {
        int continuous = action.Continuous.Count;
        if (engine.Spec.ContinuousActions != continuous || !engine.Spec.DiscreteHeads.SequenceEqual(action.Discrete.Select(head => head.Size)))
            throw new UsageException(
                $"The network has {engine.Spec.ContinuousActions} continuous actions and heads ({string.Join(", ", engine.Spec.DiscreteHeads)}); " +
                $"the game has {continuous} and ({string.Join(", ", action.Discrete.Select(head => head.Size))}).");
        if (action.Discrete.Count == 0) return new GaussianHead(device, engine, maxRows);
        if (continuous == 0) return new CategoricalHeads(device, action, engine.Spec);
        return new MixedHeads(device, new GaussianHead(device, engine, maxRows), new CategoricalHeads(device, action, engine.Spec));
    }

    /// <summary>Call after the weights changed, before sampling or a loss.</summary>
    public abstract void Refresh();

    /// <summary>Samples one action per row.</summary>
    public abstract void Sample(in SampleViews views);

    /// <summary>Loss sums and gradient at the outputs; fills in what of the arguments depends on the head.</summary>
    public abstract void LossGradient(in PpoLossArguments arguments);

    /// <summary>ℓ of the actions of a minibatch under the present weights, for its first Rows rows; fills in what of the arguments depends on the head.</summary>
    /// <param name="arguments">Minibatch, outputs and rows; nothing else is read.</param>
    /// <param name="logProbs">(rows) float; out.</param>
    public abstract void LogProbs(in PpoLossArguments arguments, View<float> logProbs);

    /// <summary>Adds what the loss asks of parameters that no layer reads (free log-stds) to the flat gradient.</summary>
    /// <param name="sums">(<see cref="LossColumns"/>) double of this minibatch.</param>
    public abstract void AddParameterGradients(View<double> sums);

    /// <inheritdoc/>
    public abstract void Dispose();
}
