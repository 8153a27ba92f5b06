using Arena.Kernels.Learning;

namespace Arena.Policy.Networks;

/// <summary>Activation functions.</summary>
public enum Activation
{
    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks and Gimpel, arXiv 1606.08415).</summary>
    Gelu,
}

/// <summary>The memory of a network, between its hidden layers and its heads.</summary>
public enum NetworkCore
{
    /// <summary>None: a row depends on its own observation only.</summary>
    None,

    /// <summary>Long short-term memory (Hochreiter and Schmidhuber, 1997), gates i, f, g, o.</summary>
    Lstm,

    /// <summary>Minimal gated recurrent unit (Feng et al., arXiv 2410.01201).</summary>
    MinGru,
}

/// <summary>An actor-critic: hidden layers, perhaps a memory, then one linear actor head and one linear critic head.</summary>
/// <param name="Observations">O: inputs.</param>
/// <param name="Hidden">Widths of the hidden layers.</param>
/// <param name="Activation">After every hidden layer.</param>
/// <param name="ContinuousActions">A_c: Gaussian means; 0 for discrete actions.</param>
/// <param name="DiscreteHeads">Sizes of the categorical heads; empty for continuous actions.</param>
/// <remarks>
/// Outputs of a row: the A_c means, the logits of all heads in order (L of them together), then the value. The raw log-std of the
/// Gaussian is free (A_c parameters "log_std" that no layer reads; sampling and loss do), or follows the means with <see cref="StateDependentStd"/>.
/// </remarks>
public sealed record NetworkSpec(int Observations, IReadOnlyList<int> Hidden, Activation Activation, int ContinuousActions, IReadOnlyList<int> DiscreteHeads)
{
    /// <summary>Largest magnitude of a normalised observation: an element that hardly varies must not drown the others.</summary>
    public const float NormalizedLimit = 10f;

    /// <summary>What remembers.</summary>
    public NetworkCore Core { get; init; }

    /// <summary>H: width of the core; 0 without one.</summary>
    public int CoreWidth { get; init; }

    /// <summary>S: floats of recurrent state per row: h and c of an LSTM, h of a MinGRU.</summary>
    public int StateSize => Core switch { NetworkCore.Lstm => 2 * CoreWidth, NetworkCore.MinGru => CoreWidth, _ => 0 };

    /// <summary>Whether every hidden layer is normalised over its features before its activation (Ba et al., arXiv 1607.06450).</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Whether actor and critic have hidden layers of their own; without a core only.</summary>
    public bool SeparateCritic { get; init; }

    /// <summary>Whether the raw log-std is an output of its own for every row, behind the means, instead of a free parameter.</summary>
    public bool StateDependentStd { get; init; }

    /// <summary>What the environment plays of a sampled continuous action.</summary>
    public ActionSquash Squash { get; init; }

    /// <summary>Whether observations are normalised by mean and scale per element, which are stored with the weights and never trained.</summary>
    public bool NormalizeObservations { get; init; }

    /// <summary>Whether observations are bytes.</summary>
    public bool ByteObservations => Stem is { ReadsBytes: true };

    /// <summary>What makes features of an observation; null: its floats are the features.</summary>
    public NetworkStem? Stem { get; init; }

    /// <summary>Inputs of the first layer behind the stem.</summary>
    public int Features => Stem?.Features(Observations) ?? Observations;

    /// <summary>Outputs in front of the logits: A_c means, and as many raw log-stds with <see cref="StateDependentStd"/>.</summary>
    public int GaussianOutputs => StateDependentStd ? 2 * ContinuousActions : ContinuousActions;

    /// <summary>L: distribution parameters per row.</summary>
    public int DistributionOutputs
    {
        get
        {
            int choices = 0;
            // By index: every forward pass asks, and an enumerator would be an allocation.
            for (int head = 0; head < DiscreteHeads.Count; head++) choices += DiscreteHeads[head];
            return choices + GaussianOutputs;
        }
    }

    /// <summary>L + 1.</summary>
    public int Outputs => DistributionOutputs + 1;
}

/// <summary>One parameter tensor inside the flat vector.</summary>
/// <param name="Name">"encoder.0.weight", "actor.bias", "log_std".</param>
/// <param name="Shape">Row-major; weights are (out, in).</param>
/// <param name="Offset">First element.</param>
/// <param name="Gain">Gain of the orthogonal initialisation of matrices; 0 for tensors of rank 1.</param>
/// <param name="Decays">Whether weight decay applies (tensors of rank 2 and more).</param>
public sealed record ParameterTensor(string Name, IReadOnlyList<int> Shape, int Offset, double Gain, bool Decays)
{
    /// <summary>Equal blocks of rows that start as orthogonal matrices of their own: one per gate of a core.</summary>
    public int Blocks { get; init; } = 1;

    /// <summary>Initial values of a tensor of rank 1: one after the other, so many elements each; the rest are 0.</summary>
    public IReadOnlyList<(int Count, float Value)> Constants { get; init; } = [];

    /// <summary>Elements.</summary>
    public int Length => Shape.Aggregate(1, (product, size) => product * size);
}

/// <summary>All parameter tensors of a network in file order.</summary>
public sealed class ParameterLayout
{
    private readonly List<ParameterTensor> tensors = [];

    /// <summary>Initial raw log-std: bounded log-std of σ = 0.6, m + d·tanh ρ with [lo, hi] = [−4, 1].</summary>
    public const float InitialLogStd = 0.424f;

    /// <summary>The layout of <paramref name="spec"/>: normalizer.*, the stem's, encoder.0.weight, encoder.0.bias, encoder.0.norm.*, …, critic.encoder.*, core.*, actor.*, critic.*, log_std.</summary>
    public ParameterLayout(NetworkSpec spec)
    {
        if (spec.NormalizeObservations)
        {
            AddVector(Normalizer.MeanName, spec.Observations);
            AddVector(Normalizer.ScaleName, spec.Observations, (spec.Observations, 1f));
        }

        foreach (StemTensor tensor in spec.Stem?.Tensors(HiddenGain(spec)) ?? [])
            Add(new ParameterTensor(tensor.Name, tensor.Shape, Length, tensor.Gain, Decays: tensor.Shape.Length >= 2));
        int width = AddEncoder(spec, "encoder");
        if (spec.SeparateCritic) AddEncoder(spec, "critic.encoder");
        if (spec.Core != NetworkCore.None) width = AddCore(spec, width);
        bool rho = spec.ContinuousActions > 0 && spec.StateDependentStd;
        AddMatrix("actor.weight", 0.01, spec.DistributionOutputs, width);
        AddVector("actor.bias", spec.DistributionOutputs, (spec.ContinuousActions, 0f), (rho ? spec.ContinuousActions : 0, InitialLogStd));
        AddMatrix("critic.weight", 1, 1, width);
        AddVector("critic.bias", 1);
        if (spec.ContinuousActions > 0 && !rho) AddVector("log_std", spec.ContinuousActions, (spec.ContinuousActions, InitialLogStd));
    }

    /// <summary>In file order, adjacent.</summary>
    public IReadOnlyList<ParameterTensor> Tensors => tensors;

    /// <summary>P.</summary>
    public int Length { get; private set; }

    /// <summary>The tensor called <paramref name="name"/>.</summary>
    public ParameterTensor this[string name] => Tensors.First(tensor => tensor.Name == name);

    private int AddEncoder(NetworkSpec spec, string name)
    {
        int width = spec.Features;
        double gain = HiddenGain(spec);
        for (int layer = 0; layer < spec.Hidden.Count; layer++)
        {
            AddMatrix($"{name}.{layer}.weight", gain, spec.Hidden[layer], width);
            AddVector($"{name}.{layer}.bias", spec.Hidden[layer]);
            width = spec.Hidden[layer];
            if (!spec.LayerNorm) continue;
            AddVector($"{name}.{layer}.norm.weight", width, (width, 1f));
            AddVector($"{name}.{layer}.norm.bias", width);
        }

        return width;
    }

    private static double HiddenGain(NetworkSpec spec) => spec.Activation == Activation.Tanh ? 5.0 / 3.0 : Math.Sqrt(2);

    private int AddCore(NetworkSpec spec, int width)
    {
        if (spec.Core == NetworkCore.Lstm)
        {
            AddMatrix("core.lstm.weight_ih", 1, 4 * spec.CoreWidth, width, blocks: 4);
            AddMatrix("core.lstm.weight_hh", 1, 4 * spec.CoreWidth, spec.CoreWidth, blocks: 4);
            AddVector("core.lstm.bias", 4 * spec.CoreWidth, (spec.CoreWidth, 0f), (spec.CoreWidth, 1f)); // a cell that forgets nothing at first
        }
        else
        {
            AddMatrix("core.mingru.weight", 1, 2 * spec.CoreWidth, width, blocks: 2);
            AddVector("core.mingru.bias", 2 * spec.CoreWidth);
        }

        return spec.CoreWidth;
    }

    private void AddMatrix(string name, double gain, int rows, int columns, int blocks = 1) =>
        Add(new ParameterTensor(name, [rows, columns], Length, gain, Decays: true) { Blocks = blocks });

    private void AddVector(string name, int length, params (int Count, float Value)[] constants) =>
        Add(new ParameterTensor(name, [length], Length, Gain: 0, Decays: false) { Constants = constants });

    private void Add(ParameterTensor tensor)
    {
        tensors.Add(tensor);
        Length += tensor.Length;
    }
}
