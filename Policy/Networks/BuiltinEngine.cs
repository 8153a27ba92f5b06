using Arena.Kernels;
using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>Networks in plain C# with wide instructions, on the cores of the CPU.</summary>
/// <remarks>
/// All layers of a block of rows run in one launch, forward and backward; a second small launch adds up the gradients of the
/// chunks. Nothing is allocated after construction (but one object per kind of launch, at its first). Results are
/// the same bits for any number of threads, any chunk size of the device and any micro-kernel: sums run over chunks of rows that
/// depend on the number of rows alone. The output of a row does not depend on the other rows.
/// </remarks>
public sealed unsafe class BuiltinEngine : INetworkEngine
{
    private readonly IDevice device;
    private readonly DeviceBuffer<float> weights;
    private readonly DeviceBuffer<float> gradients;
    private readonly NetworkMemory memory;
    private readonly NetworkKernels kernels;
    private readonly int rowsPerChunk;
    private PassInput keptInput;
    private SequenceBlocks keptBlocks;
    private int keptRows;
    private IllegalCodes illegalCodes;

    /// <summary>Allocates weights (zero), gradients (zero) and work memory on <paramref name="device"/>.</summary>
    /// <param name="device">A <see cref="CpuDevice"/>.</param>
    /// <param name="spec">The network: at least 1 observation and 1 action output, hidden widths of at least 1.</param>
    /// <param name="maxRows">Rows of the largest batch, at least 1.</param>
    /// <param name="microKernel">Which instructions to use; no choice changes a result.</param>
    /// <exception cref="UsageException">a size or the device does not fit.</exception>
    /// <exception cref="DeviceMemoryException">it does not fit into memory.</exception>
    public BuiltinEngine(IDevice device, NetworkSpec spec, int maxRows, MicroKernel microKernel = MicroKernel.Auto)
    {
        if (device is not CpuDevice)
            throw new UsageException($"The built-in engine runs on the CPU, not on '{device.Name}'; use --device cpu.");
        EngineArguments.Check(spec, maxRows);
        this.device = device;
        Spec = spec;
        MaxRows = maxRows;
        MicroKernel = Gemm.Choose(microKernel);
        kernels = NetworkKernels.For(MicroKernel);
        rowsPerChunk = SequenceBlocks.RowsPerChunk(spec);
        Parameters = new ParameterLayout(spec);
        memory = new NetworkMemory(device, spec, Parameters, maxRows); // first: the part that may not fit
        weights = device.Allocate<float>(Parameters.Length, "network weights");
        gradients = device.Allocate<float>(Parameters.Length, "network gradients");
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    public int MaxRows { get; }

    /// <summary>The instructions in use; never Auto.</summary>
    public MicroKernel MicroKernel { get; }

    /// <inheritdoc/>
    public View<float> Weights => weights.View;

    /// <inheritdoc/>
    public View<float> Gradients => gradients.View;

    /// <inheritdoc/>
    public void Initialise(ulong seed)
    {
        Initialisation.Fill(Parameters, seed, Weights.AsSpan());
        RefreshDerived();
    }

    /// <inheritdoc/>
    public void Forward(in NetworkInput input, View<float> outputs, bool keepActivations)
    {
        int rows = input.Rows;
        EngineArguments.Check(input, outputs, Spec, MaxRows);
        var blocks = SequenceBlocks.Of(input.Sequences, input.Slots, Spec.StateSize > 0, rowsPerChunk);
        var pass = new PassInput { Observations = input.Observations.Pointer, ByteObservations = input.ByteObservations.Pointer };
        if (Spec.StateSize > 0)
        {
            pass.EpisodeStart = input.EpisodeStart.Pointer;
            pass.State = input.State.Pointer;
            pass.NextState = input.NextState.Pointer;
        }

        kernels.Forward(device, memory.Plan, blocks, pass, outputs.Pointer, keepActivations);
        if (Spec.ByteObservations) CollectIllegalCodes(blocks.Chunks);
        if (!keepActivations) return;
        (keptInput, keptBlocks, keptRows) = (pass, blocks, rows);
    }

    /// <inheritdoc/>
    public void Backward(View<float> outputGradients, int rows)
    {
        if (rows != keptRows || rows == 0)
            throw new InvalidOperationException($"Backward for {rows:N0} rows, but the last forward that kept its activations had {keptRows:N0}.");
        EngineArguments.CheckLength(outputGradients, (long)rows * Spec.Outputs, "output gradients");
        kernels.Backward(device, memory.Plan, keptBlocks, keptInput, outputGradients.Pointer, Gradients.Pointer);
    }

    /// <inheritdoc/>
    public IllegalCodes TakeIllegalCodes()
    {
        IllegalCodes taken = illegalCodes;
        illegalCodes = default;
        return taken;
    }

    /// <inheritdoc/>
    public void RefreshDerived() => kernels.Refresh(memory.Plan, Weights.Pointer);

    /// <inheritdoc/>
    public INetworkEngine Another(int maxRows) => new BuiltinEngine(device, Spec, maxRows, MicroKernel);

    /// <summary>Returns all memory.</summary>
    public void Dispose()
    {
        weights.Dispose();
        gradients.Dispose();
        memory.Dispose();
    }

    // The chunks' own counts are cleared: the next pass has other rows.
    private void CollectIllegalCodes(int chunks)
    {
        IllegalCodes found = default;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            ref IllegalCodeSlot slot = ref memory.Plan.Stem->Illegal[chunk];
            if (slot.Count == 0) continue;
            bool earlier = found.Count == 0 || slot.Row < found.Row;
            found = earlier ? new IllegalCodes(found.Count + slot.Count, slot.Row, slot.Byte, (byte)slot.Value) : found with { Count = found.Count + slot.Count };
            slot = default;
        }

        if (found.Count > 0) illegalCodes = illegalCodes.Count == 0 ? found : illegalCodes with { Count = illegalCodes.Count + found.Count };
    }
}
