using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>Continuous actions: a diagonal Gaussian whose log-stds are free parameters, or outputs of every row.</summary>
internal sealed class GaussianHead : ActionHead
{
    private readonly IDevice device;
    private readonly int components;
    private readonly int outputLength;
    private readonly int stride;
    private readonly ActionSquash squash;
    private readonly DeviceBuffer<GaussianScale> scales; // (A_c), or (maxRows, A_c)
    private readonly View<float> logStd;
    private readonly View<float> logStdGradient;

    internal GaussianHead(IDevice device, INetworkEngine engine, int maxRows)
    {
        this.device = device;
        components = engine.Spec.ContinuousActions;
        outputLength = engine.Spec.Outputs;
        squash = engine.Spec.Squash;
        if (engine.Spec.StateDependentStd)
        {
            stride = components;
            scales = device.Allocate<GaussianScale>((long)maxRows * components, "log-stds of rows");
            return;
        }

        ParameterTensor tensor = engine.Parameters["log_std"];
        logStd = engine.Weights.Slice(tensor.Offset, components);
        logStdGradient = engine.Gradients.Slice(tensor.Offset, components);
        scales = device.Allocate<GaussianScale>(components, "log-std");
    }

    public override int LossColumns => LossSum.Count + (stride == 0 ? components : 0);

    public override void Refresh()
    {
        if (stride == 0) device.Launch(new BoundLogStd { RawLogStd = logStd, Scales = scales.View }, components);
    }

    public override void Sample(in SampleViews views)
    {
        BoundRows(views.Outputs, views.Rows);
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
                OutputLength = outputLength,
                ScaleStride = stride,
                Squash = squash,
                Deterministic = views.Deterministic ? 1 : 0,
                Purpose = views.Purpose,
                RowNumbers = views.RowNumbers,
            },
            views.Rows);
    }

    public override void LossGradient(in PpoLossArguments arguments) => device.Launch(Loss(arguments), Reduction.Lanes);

    public override void LogProbs(in PpoLossArguments arguments, View<float> logProbs) =>
        device.Launch(new LogProbsGaussian { Loss = Loss(arguments), LogProbs = logProbs }, arguments.Rows);

    /// <summary>The kernel of a loss, ready to launch.</summary>
    internal PpoLossGradientGaussian Loss(in PpoLossArguments arguments)
    {
        BoundRows(arguments.Outputs, arguments.Rows);
        return new PpoLossGradientGaussian { Arguments = arguments, Scales = scales.View, Components = components, ScaleStride = stride };
    }

    public override void AddParameterGradients(View<double> sums)
    {
        if (stride == 0) device.Launch(new AddLogStdGradient { Sums = sums, Scales = scales.View, Gradients = logStdGradient }, components);
    }

    public override void Dispose() => scales.Dispose();

    private void BoundRows(View<float> outputs, int rows)
    {
        if (stride > 0)
            device.Launch(new BoundRowLogStds { Outputs = outputs, Scales = scales.View, Components = components, OutputLength = outputLength }, rows);
    }
}
