using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>Networks in torch's operations, differentiated by its autograd, on the CPU or on CUDA.</summary>
/// <remarks>
/// Weights, gradients, observations, states, outputs and their gradients are the caller's device memory, which torch reads and writes
/// where it lies (<see cref="TorchMemory"/>). All calls must come from the thread that made the engine: torch's modes and this binding's scopes
/// belong to a thread. Torch allocates the activations of a pass itself and keeps them until the next kept pass; every pass also makes small managed objects.
/// </remarks>
public sealed class TorchEngine : INetworkEngine
{
    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly Device torchDevice;
    private readonly DeviceBuffer<float> weights;
    private readonly DeviceBuffer<float> gradients;
    private readonly TorchParameters parameters;
    private readonly TorchNetwork network;
    private readonly IDevice device;
    private readonly NetworkPrecision precision;
    private readonly int outputLength;
    private (Tensor Actor, Tensor Critic)? kept;
    private int keptRows;

    /// <summary>Loads torch if need be, and allocates weights (zero) and gradients (zero) on <paramref name="device"/>.</summary>
    /// <param name="device">A CPU device; or a CUDA device whose memory torch owns.</param>
    /// <param name="spec">The network: at least 1 observation and 1 action output, hidden widths of at least 1.</param>
    /// <param name="maxRows">Rows of the largest batch, at least 1.</param>
    /// <param name="precision">Of matrix products.</param>
    /// <exception cref="UsageException">a size does not fit, or torch's libraries cannot be used.</exception>
    public TorchEngine(IDevice device, NetworkSpec spec, int maxRows, NetworkPrecision precision = NetworkPrecision.Float32)
    {
        EngineArguments.Check(spec, maxRows);
        (this.device, this.precision) = (device, precision);
        torchDevice = TorchRuntime.Prepare(device, precision);
        (Spec, MaxRows, outputLength) = (spec, maxRows, spec.Outputs);
        Parameters = new ParameterLayout(spec);
        weights = device.Allocate<float>(Parameters.Length, "network weights");
        gradients = device.Allocate<float>(Parameters.Length, "network gradients");
        parameters = new TorchParameters(Parameters, weights.View, gradients.View, torchDevice);
        network = new TorchNetwork(spec, parameters, rounded: precision == NetworkPrecision.BFloat16, device, torchDevice);
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    public int MaxRows { get; }

    /// <inheritdoc/>
    public View<float> Weights => weights.View;

    /// <inheritdoc/>
    public View<float> Gradients => gradients.View;

    /// <summary>Tensors of the calling thread that have not been released; must not grow from update to update.</summary>
    public static long LiveTensors => TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <inheritdoc/>
    public void Initialise(ulong seed)
    {
        var initial = new float[Parameters.Length];
        Initialisation.Fill(Parameters, seed, initial);
        device.CopyToDevice<float>(initial, Weights);
    }

    /// <inheritdoc/>
    public void Forward(in NetworkInput input, View<float> outputs, bool keepActivations)
    {
        CheckThread();
        EngineArguments.Check(input, outputs, Spec, MaxRows);
        if (keepActivations) Forget(); // before the new ones are made, so that torch can use their memory again
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = set_grad_enabled(keepActivations);
        (Tensor actor, Tensor critic) = network.Forward(input);
        Tensor all = TorchMemory.Over(outputs, input.Rows, outputLength, torchDevice);
        all.narrow(1, 0, outputLength - 1).copy_(actor.detach());
        all.narrow(1, outputLength - 1, 1).copy_(critic.detach());
        if (!keepActivations) return;
        kept = (actor.DetachFromDisposeScope(), critic.DetachFromDisposeScope());
        keptRows = input.Rows;
    }

    /// <inheritdoc/>
    public void Backward(View<float> outputGradients, int rows)
    {
        CheckThread();
        if (kept is not { } of || rows != keptRows)
            throw new InvalidOperationException($"Backward for {rows:N0} rows, but the last forward that kept its activations had {keptRows:N0}.");
        EngineArguments.CheckLength(outputGradients, (long)rows * outputLength, "output gradients");
        using DisposeScope scope = NewDisposeScope();
        Tensor all = TorchMemory.Over(outputGradients, rows, outputLength, torchDevice);
        // Retained, since the contract allows another backward pass over the same forward.
        autograd.backward([of.Actor, of.Critic], [all.narrow(1, 0, outputLength - 1), all.narrow(1, outputLength - 1, 1)], retain_graph: true);
    }

    /// <inheritdoc/>
    public IllegalCodes TakeIllegalCodes() => network.TakeIllegalCodes();

    /// <inheritdoc/>
    public View<int> IllegalCodeCount => network.IllegalCodeCount;

    /// <summary>Nothing is derived from the weights: every pass reads them where they are.</summary>
    public void RefreshDerived()
    {
    }

    /// <inheritdoc/>
    public INetworkEngine Another(int maxRows) => new TorchEngine(device, Spec, maxRows, precision);

    /// <summary>The first parameter whose gradient autograd has put elsewhere than into <see cref="Gradients"/>; null if none, as it must be.</summary>
    public string? GradientsMoved() => parameters.GradientsMoved();

    /// <summary>Returns all memory.</summary>
    public void Dispose()
    {
        Forget();
        network.Dispose();
        parameters.Dispose();
        weights.Dispose();
        gradients.Dispose();
    }

    private void Forget()
    {
        kept?.Actor.Dispose();
        kept?.Critic.Dispose();
        kept = null;
        keptRows = 0;
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != thread)
            throw new InvalidOperationException(
                $"The torch engine was made on thread {thread} and called on thread {Environment.CurrentManagedThreadId}; all its calls must come from one thread.");
    }
}
