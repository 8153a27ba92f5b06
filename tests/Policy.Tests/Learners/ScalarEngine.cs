using Arena.Kernels.Device;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Learners;

/// <summary>A network engine in plain loops, one row after the other: slow, obvious, the same on any number of threads.</summary>
internal sealed class ScalarEngine : INetworkEngine
{
    private readonly List<IDisposable> owned = [];
    private readonly DeviceBuffer<float> weights;
    private readonly DeviceBuffer<float> gradients;
    private readonly DeviceBuffer<float> inputs;
    private readonly DeviceBuffer<float>[] activations;
    private readonly int outputLength; // Spec.Outputs sums a list, which allocates
    private readonly float[] upper;
    private readonly float[] lower;

    internal ScalarEngine(IDevice device, NetworkSpec spec, int maxRows, int seed)
    {
        Spec = spec;
        MaxRows = maxRows;
        outputLength = spec.Outputs;
        Parameters = new ParameterLayout(spec);
        weights = Own(device.Allocate<float>(Parameters.Length, "weights"));
        gradients = Own(device.Allocate<float>(Parameters.Length, "gradients"));
        inputs = Own(device.Allocate<float>((long)maxRows * spec.Observations, "inputs"));
        activations = [.. spec.Hidden.Select(width => Own(device.Allocate<float>((long)maxRows * width, "activations")))];
        int widest = Math.Max(spec.Observations, Math.Max(spec.Outputs, spec.Hidden.Max()));
        upper = new float[widest];
        lower = new float[widest];
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

    public void Forward(in NetworkInput input, View<float> outputs, bool keepActivations)
    {
        View<float> observations = input.Observations;
        int rows = input.Rows;
        if (rows < 1 || rows > MaxRows) throw new ArgumentOutOfRangeException(nameof(rows));
        observations.Slice(0, (long)rows * Spec.Observations).AsSpan().CopyTo(inputs.View.AsSpan());
        for (int row = 0; row < rows; row++)
        {
            Span<float> below = inputs.View.AsSpan().Slice(row * Spec.Observations, Spec.Observations);
            for (int layer = 0; layer < Spec.Hidden.Count; layer++)
            {
                Span<float> layerOutputs = activations[layer].View.AsSpan().Slice(row * Spec.Hidden[layer], Spec.Hidden[layer]);
                Linear(2 * layer, below, layerOutputs);
                foreach (ref float x in layerOutputs) x = MathF.Tanh(x);
                below = layerOutputs;
            }

            Span<float> to = outputs.AsSpan().Slice(row * outputLength, outputLength);
            Linear(2 * Spec.Hidden.Count, below, to[..^1]);
            Linear(2 * Spec.Hidden.Count + 2, below, to[^1..]);
        }
    }

    public void Backward(View<float> outputGradients, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> from = outputGradients.AsSpan().Slice(row * outputLength, outputLength);
            int last = Spec.Hidden.Count;
            Array.Clear(lower);
            LinearGradient(2 * last, Below(last, row), from[..^1]);
            LinearGradient(2 * last + 2, Below(last, row), from[^1..]);
            for (int layer = last - 1; layer >= 0; layer--)
            {
                Span<float> values = activations[layer].View.AsSpan().Slice(row * Spec.Hidden[layer], Spec.Hidden[layer]);
                for (int i = 0; i < values.Length; i++) upper[i] = lower[i] * (1 - values[i] * values[i]);
                Array.Clear(lower);
                LinearGradient(2 * layer, Below(layer, row), upper.AsSpan(0, values.Length));
            }
        }
    }

    public IllegalCodes TakeIllegalCodes() => default;

    public void RefreshDerived() => Refreshes++;

    public void Dispose()
    {
        foreach (IDisposable buffer in owned) buffer.Dispose();
    }

    private Span<float> Below(int layer, int row) =>
        layer == 0 ? inputs.View.AsSpan().Slice(row * Spec.Observations, Spec.Observations)
        : activations[layer - 1].View.AsSpan().Slice(row * Spec.Hidden[layer - 1], Spec.Hidden[layer - 1]);

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
