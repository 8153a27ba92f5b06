using Arena.Kernels.Device;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Learners;

/// <summary>A network engine in plain loops, one row after the other: slow, obvious, the same on any number of threads.</summary>
/// <remarks>
/// Its memory, where the spec has a core, is a leaky average without parameters: h = ½·keep·h⁻ + ½·e of the last hidden layer's e. Enough to
/// carry a cue, to need its resets, and to be differentiated through time.
/// </remarks>
internal sealed class ScalarEngine : INetworkEngine
{
    private readonly List<IDisposable> owned = [];
    private readonly IDevice device;
    private readonly DeviceBuffer<float> weights;
    private readonly DeviceBuffer<float> gradients;
    private readonly DeviceBuffer<float> inputs;
    private readonly DeviceBuffer<float>[] activations;
    private readonly DeviceBuffer<float>? memories; // (rows, H) h of every row
    private readonly byte[] starts;
    private readonly int[] tensors; // of every layer, then actor, then critic
    private readonly int outputLength; // Spec.Outputs sums a list, which allocates
    private readonly float[] upper;
    private readonly float[] lower;
    private readonly float[] carried;
    private int keptSlots = 1;

    internal ScalarEngine(IDevice device, NetworkSpec spec, int maxRows, int seed)
    {
        this.device = device;
        Spec = spec;
        MaxRows = maxRows;
        outputLength = spec.Outputs;
        Parameters = new ParameterLayout(spec);
        tensors = [.. Enumerable.Range(0, spec.Hidden.Count).Select(layer => IndexOf($"encoder.{layer}.weight")), IndexOf("actor.weight"), IndexOf("critic.weight")];
        weights = Own(device.Allocate<float>(Parameters.Length, "weights"));
        gradients = Own(device.Allocate<float>(Parameters.Length, "gradients"));
        inputs = Own(device.Allocate<float>((long)maxRows * spec.Observations, "inputs"));
        activations = [.. spec.Hidden.Select(width => Own(device.Allocate<float>((long)maxRows * width, "activations")))];
        if (spec.StateSize > 0) memories = Own(device.Allocate<float>((long)maxRows * spec.StateSize, "memories"));
        starts = new byte[maxRows];
        int widest = Math.Max(spec.Observations, Math.Max(spec.Outputs, spec.Hidden.Max()));
        upper = new float[widest];
        lower = new float[widest];
        carried = new float[widest];
        Initialise(new Random(seed));
    }

    public NetworkSpec Spec { get; }

    public ParameterLayout Parameters { get; }

    public int MaxRows { get; }

    public View<float> Weights => weights.View;

    public View<float> Gradients => gradients.View;

    /// <summary>Refreshes seen; a learner that forgets them would work with old panels.</summary>
    internal int Refreshes { get; private set; }

    /// <summary>A planted sign error: Backward subtracts instead of adding.</summary>
    internal bool WrongSign { get; set; }

    /// <summary>A planted bug: the state is carried over the ends of episodes.</summary>
    internal bool IgnoresEpisodeStart { get; set; }

    public void Forward(in NetworkInput input, View<float> outputs, bool keepActivations)
    {
        int rows = input.Rows;
        if (rows < 1 || rows > MaxRows) throw new ArgumentOutOfRangeException(nameof(input));
        input.Observations.Slice(0, (long)rows * Spec.Observations).AsSpan().CopyTo(inputs.View.AsSpan());
        starts.AsSpan(0, rows).Clear();
        if (input.EpisodeStart.Length > 0 && !IgnoresEpisodeStart) input.EpisodeStart.Slice(0, rows).AsSpan().CopyTo(starts);
        if (keepActivations) keptSlots = input.Slots;
        for (int row = 0; row < rows; row++)
        {
            Span<float> below = Row(inputs, row, Spec.Observations);
            for (int layer = 0; layer < Spec.Hidden.Count; layer++)
            {
                Span<float> layerOutputs = Row(activations[layer], row, Spec.Hidden[layer]);
                Linear(tensors[layer], below, layerOutputs);
                foreach (ref float x in layerOutputs) x = MathF.Tanh(x);
                below = layerOutputs;
            }

            if (memories is not null)
            {
                Remember(input, row, below);
                below = Row(memories, row, Spec.StateSize);
            }

            Span<float> to = outputs.AsSpan().Slice(row * outputLength, outputLength);
            Linear(tensors[^2], below, to[..^1]);
            Linear(tensors[^1], below, to[^1..]);
        }
    }

    public void Backward(View<float> outputGradients, int rows)
    {
        // Backwards in time, so that what a later slot asks of the memory has arrived.
        for (int row = rows - 1; row >= 0; row--)
        {
            Span<float> from = outputGradients.AsSpan().Slice(row * outputLength, outputLength);
            int last = Spec.Hidden.Count;
            if ((row + 1) % keptSlots == 0) Array.Clear(carried);
            Array.Clear(lower);
            LinearGradient(tensors[^2], Below(last, row), from[..^1]);
            LinearGradient(tensors[^1], Below(last, row), from[^1..]);
            for (int i = 0; memories is not null && i < Spec.StateSize; i++)
            {
                lower[i] = 0.5f * (lower[i] + carried[i]);
                carried[i] = starts[row] != 0 ? 0f : lower[i];
            }

            for (int layer = last - 1; layer >= 0; layer--)
            {
                Span<float> values = Row(activations[layer], row, Spec.Hidden[layer]);
                for (int i = 0; i < values.Length; i++) upper[i] = lower[i] * (1 - values[i] * values[i]);
                Array.Clear(lower);
                LinearGradient(tensors[layer], Below(layer, row), upper.AsSpan(0, values.Length));
            }
        }
    }

    public IllegalCodes TakeIllegalCodes() => default;

    public void Initialise(ulong seed) => Initialise(new Random((int)seed));

    public INetworkEngine Another(int maxRows) => new ScalarEngine(device, Spec, maxRows, seed: 0);

    public void RefreshDerived() => Refreshes++;

    public void Dispose()
    {
        foreach (IDisposable buffer in owned) buffer.Dispose();
    }

    private static Span<float> Row(DeviceBuffer<float> buffer, int row, int width) => buffer.View.AsSpan().Slice(row * width, width);

    private void Remember(in NetworkInput input, int row, Span<float> hidden)
    {
        int size = Spec.StateSize, sequence = row / input.Slots;
        Span<float> state = Row(memories!, row, size);
        Span<float> before = row % input.Slots == 0 ? input.State.AsSpan().Slice(sequence * size, size) : Row(memories!, row - 1, size);
        for (int i = 0; i < size; i++) state[i] = 0.5f * hidden[i] + (starts[row] != 0 ? 0f : 0.5f * before[i]);
        if ((row + 1) % input.Slots == 0 && input.NextState.Length > 0) state.CopyTo(input.NextState.AsSpan().Slice(sequence * size, size));
    }

    private int IndexOf(string tensor) => Parameters.Tensors.ToList().FindIndex(candidate => candidate.Name == tensor);

    private Span<float> Below(int layer, int row) =>
        layer == 0 ? Row(inputs, row, Spec.Observations)
        : layer == Spec.Hidden.Count && memories is not null ? Row(memories, row, Spec.StateSize)
        : Row(activations[layer - 1], row, Spec.Hidden[layer - 1]);

    private void Linear(int tensor, Span<float> x, Span<float> y)
    {
        Span<float> w = weights.View.AsSpan().Slice(Parameters.Tensors[tensor].Offset, x.Length * y.Length);
        Span<float> b = weights.View.AsSpan().Slice(Parameters.Tensors[tensor + 1].Offset, y.Length);
        for (int o = 0; o < y.Length; o++)
        {
            float sum = b[o];
            for (int i = 0; i < x.Length; i++) sum += w[o * x.Length + i] * x[i];
            y[o] = sum;
        }
    }

    private void LinearGradient(int tensor, Span<float> x, Span<float> dy)
    {
        int at = Parameters.Tensors[tensor].Offset;
        Span<float> w = weights.View.AsSpan().Slice(at, x.Length * dy.Length), dw = gradients.View.AsSpan().Slice(at, x.Length * dy.Length);
        Span<float> db = gradients.View.AsSpan().Slice(Parameters.Tensors[tensor + 1].Offset, dy.Length);
        float sign = WrongSign ? -1 : 1;
        for (int o = 0; o < dy.Length; o++)
        {
            db[o] += sign * dy[o];
            for (int i = 0; i < x.Length; i++)
            {
                dw[o * x.Length + i] += sign * dy[o] * x[i];
                lower[i] += dy[o] * w[o * x.Length + i];
            }
        }
    }

    private void Initialise(Random random)
    {
        foreach (ParameterTensor tensor in Parameters.Tensors)
        {
            Span<float> values = weights.View.AsSpan().Slice(tensor.Offset, tensor.Length);
            if (tensor.Name == "log_std") values.Fill(ParameterLayout.InitialLogStd);
            if (tensor.Gain == 0) continue;
            double scale = tensor.Gain / Math.Sqrt(tensor.Shape[^1]);
            foreach (ref float value in values) value = (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
    }

    private DeviceBuffer<float> Own(DeviceBuffer<float> buffer)
    {
        owned.Add(buffer);
        return buffer;
    }
}
