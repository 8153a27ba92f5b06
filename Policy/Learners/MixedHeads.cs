using Arena.Kernels.Device;
using Arena.Kernels.Learning;

namespace Arena.Policy.Learners;

/// <summary>Continuous and discrete actions in one row: their log-probs and entropies add.</summary>
internal sealed class MixedHeads(IDevice device, GaussianHead continuous, CategoricalHeads discrete) : ActionHead
{
    public override int LossColumns => discrete.LossColumns; // of which the continuous part has the first

    public override void Refresh() => continuous.Refresh();

    public override void Sample(in SampleViews views)
    {
        // In this order: the discrete part adds its log-prob to what the continuous part wrote.
        continuous.Sample(views);
        discrete.Sample(views);
    }

    public override void LossGradient(in PpoLossArguments arguments) =>
        device.Launch(Loss(arguments), Reduction.Lanes);

    public override void LogProbs(in PpoLossArguments arguments, View<float> logProbs) =>
        device.Launch(new LogProbsMixed { Loss = Loss(arguments), LogProbs = logProbs }, arguments.Rows);

    public override void AddParameterGradients(View<double> sums) => continuous.AddParameterGradients(sums);

    public override void Dispose()
    {
        continuous.Dispose();
        discrete.Dispose();
    }

    private PpoLossGradientMixed Loss(in PpoLossArguments arguments) => new() { Continuous = continuous.Loss(arguments), Discrete = discrete.Loss(arguments) };
}
