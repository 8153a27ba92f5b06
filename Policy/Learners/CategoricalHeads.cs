using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>Discrete actions: one categorical distribution per head, with masks.</summary>
internal sealed class CategoricalHeads : ActionHead
{
    private readonly IDevice device;
    private readonly int outputLength;
    private readonly int firstLogit;
    private readonly int maskWords;
    private readonly int firstHeadSum;
    private readonly uint firstBlock;
    private readonly bool addsLogProbs;
    private readonly DeviceBuffer<int> sizes;

    internal CategoricalHeads(IDevice device, ActionSpec action, NetworkSpec network)
    {
        this.device = device;
        outputLength = network.Outputs;
        firstLogit = network.GaussianOutputs;
        maskWords = action.MaskWords;
        firstHeadSum = LossSum.Count + (network.StateDependentStd ? 0 : network.ContinuousActions);
        addsLogProbs = network.ContinuousActions > 0;
        firstBlock = (uint)((network.ContinuousActions + 3) / 4); // SampleGaussian takes one block for four components
        sizes = device.Allocate<int>(action.Discrete.Count, "head sizes");
        sizes.Write([.. action.Discrete.Select(head => head.Size)]);
    }

    public override int LossColumns => firstHeadSum + (int)sizes.Length;

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
                FirstBlock = firstBlock,
                OutputLength = outputLength,
                FirstLogit = firstLogit,
                AddsLogProbs = addsLogProbs ? 1 : 0,
                MaskWords = maskWords,
                Deterministic = views.Deterministic ? 1 : 0,
                Purpose = views.Purpose,
                RowNumbers = views.RowNumbers,
            },
            views.Rows);

    public override void LossGradient(in PpoLossArguments arguments) => device.Launch(Loss(arguments), Reduction.Lanes);

    public override void LogProbs(in PpoLossArguments arguments, View<float> logProbs) =>
        device.Launch(new LogProbsCategorical { Loss = Loss(arguments), LogProbs = logProbs }, arguments.Rows);

    /// <summary>The kernel of a loss, ready to launch.</summary>
    internal PpoLossGradientCategorical Loss(in PpoLossArguments arguments) =>
        new() { Arguments = arguments, HeadSizes = sizes.View, FirstLogit = firstLogit, FirstHeadSum = firstHeadSum, MaskWords = maskWords };

    public override void AddParameterGradients(View<double> sums)
    {
        // No parameters outside the layers.
    }

    public override void Dispose() => sizes.Dispose();
}
