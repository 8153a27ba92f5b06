using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Learners;

/// <summary>AdamW over the flat parameters of one engine.</summary>
public sealed class Optimizer : IDisposable
{
    private readonly IDevice device;
    private readonly INetworkEngine engine;
    private readonly PpoConfig config;
    private readonly DeviceBuffer<float> decays;
    private readonly DeviceBuffer<int> skipped;
    private readonly int[] read = new int[1];

    internal Optimizer(IDevice device, INetworkEngine engine, PpoConfig config)
    {
        this.device = device;
        this.engine = engine;
        this.config = config;
        int length = engine.Parameters.Length;
        FirstMoments = device.Allocate<float>(length, "AdamW: first moments");
        SecondMoments = device.Allocate<float>(length, "AdamW: second moments");
        decays = device.Allocate<float>(length, "AdamW: decays");
        skipped = device.Allocate<int>(1, "AdamW: skipped steps");
        var host = new float[length];
        foreach (ParameterTensor tensor in engine.Parameters.Tensors)
            if (tensor.Decays) host.AsSpan(tensor.Offset, tensor.Length).Fill((float)config.WeightDecay);
        decays.Write(host);
    }

    /// <summary>(P) float m, in the order of the parameters.</summary>
    public DeviceBuffer<float> FirstMoments { get; }

    /// <summary>(P) float v.</summary>
    public DeviceBuffer<float> SecondMoments { get; }

    /// <summary>k: steps made; the bias corrections depend on it.</summary>
    public long Steps { get; set; }

    /// <summary>Steps left out since the start because the gradient's norm was not finite; reads one number back.</summary>
    public int ReadSkipped()
    {
        skipped.Read(read);
        return read[0];
    }

    /// <summary>Saves both moments by parameter name, and the counters.</summary>
    /// <param name="state">Where to.</param>
    /// <param name="prefix">Before every name, where there are several optimisers.</param>
    public void Save(SavedState state, string prefix = "")
    {
        state.Values.Write($"{prefix}adamw/steps", Steps);
        state.Values.Write($"{prefix}adamw/skipped", (long)ReadSkipped());
        foreach (ParameterTensor tensor in engine.Parameters.Tensors)
        {
            int[] shape = [.. tensor.Shape];
            state.Optimizer.Write($"{prefix}adamw.m/{tensor.Name}", device, FirstMoments.View.Slice(tensor.Offset, tensor.Length), shape);
            state.Optimizer.Write($"{prefix}adamw.v/{tensor.Name}", device, SecondMoments.View.Slice(tensor.Offset, tensor.Length), shape);
        }
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="Arena.Kernels.UsageException">it is of another network.</exception>
    public void Load(SavedState state, string prefix = "")
    {
        Steps = state.Values.ReadLong($"{prefix}adamw/steps");
        read[0] = (int)state.Values.ReadLong($"{prefix}adamw/skipped", 0, int.MaxValue);
        skipped.Write(read);
        foreach (ParameterTensor tensor in engine.Parameters.Tensors)
        {
            state.Optimizer.Read($"{prefix}adamw.m/{tensor.Name}", device, FirstMoments.View.Slice(tensor.Offset, tensor.Length));
            state.Optimizer.Read($"{prefix}adamw.v/{tensor.Name}", device, SecondMoments.View.Slice(tensor.Offset, tensor.Length));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
        decays.Dispose();
        skipped.Dispose();
    }

    internal void ClearGradients() => device.Launch(new ClearFloats { Destination = engine.Gradients }, engine.Parameters.Length);

    /// <summary>One step with the gradients as they are; the caller refreshes the engine.</summary>
    /// <param name="rate">η.</param>
    /// <param name="squaredNorm">(1) double: Σ gradient².</param>
    /// <param name="veto">(1) long: as <see cref="AdamWStep.Veto"/>.</param>
    internal void Step(double rate, View<double> squaredNorm, View<long> veto)
    {
        Steps++;
        device.Launch(
            new AdamWStep
            {
                Weights = engine.Weights,
                Gradients = engine.Gradients,
                FirstMoments = FirstMoments.View,
                SecondMoments = SecondMoments.View,
                Decays = decays.View,
                SquaredNorm = squaredNorm,
                Skipped = skipped.View,
                Veto = veto,
                LearningRate = (float)rate,
                Beta1 = (float)config.AdamBeta1,
                OneMinusBeta1 = (float)(1 - config.AdamBeta1),
                Beta2 = (float)config.AdamBeta2,
                OneMinusBeta2 = (float)(1 - config.AdamBeta2),
                Correction1 = (float)(1 / (1 - Math.Pow(config.AdamBeta1, Steps))),
                Correction2 = (float)(1 / (1 - Math.Pow(config.AdamBeta2, Steps))),
                Epsilon = (float)config.AdamEpsilon,
                MaxNorm = (float)config.MaxGradientNorm,
            },
            engine.Parameters.Length);
    }
}
