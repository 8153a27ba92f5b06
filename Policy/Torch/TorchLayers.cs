using Arena.Policy.Networks;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>y = x·Wᵀ + b.</summary>
/// <param name="Weight">(out, in), or of rank 4 with so many elements per output.</param>
/// <param name="Bias">(out); null for none.</param>
/// <param name="Rounded">Whether the factors are rounded to bfloat16.</param>
internal sealed record TorchLinear(Tensor Weight, Tensor? Bias, bool Rounded)
{
    /// <summary>(rows, out) float of x (rows, in).</summary>
    internal Tensor Apply(Tensor x)
    {
        Tensor weight = Weight.dim() > 2 ? Weight.view(Weight.size(0), -1) : Weight;
        if (!Rounded) return nn.functional.linear(x, weight, Bias);
        Tensor product = nn.functional.linear(x.to_type(ScalarType.BFloat16), weight.to_type(ScalarType.BFloat16)).to_type(ScalarType.Float32);
        return Bias is null ? product : product + Bias;
    }
}

/// <summary>γ·x̂ + β over the features of a row.</summary>
internal sealed record TorchNorm(Tensor Gain, Tensor Shift)
{
    private const double Epsilon = 1e-5;

    private readonly long[] shape = [Gain.numel()];

    internal Tensor Apply(Tensor x) => nn.functional.layer_norm(x, shape, Gain, Shift, Epsilon);
}

/// <summary>Hidden layers, one after the other.</summary>
internal sealed class TorchEncoder
{
    private readonly Activation activation;
    private readonly List<(TorchLinear Linear, TorchNorm? Norm)> layers = [];

    internal TorchEncoder(NetworkSpec spec, TorchParameters parameters, string name, bool rounded)
    {
        activation = spec.Activation;
        for (int layer = 0; layer < spec.Hidden.Count; layer++)
        {
            var linear = new TorchLinear(parameters[$"{name}.{layer}.weight"], parameters[$"{name}.{layer}.bias"], rounded);
            TorchNorm? norm = spec.LayerNorm ? new TorchNorm(parameters[$"{name}.{layer}.norm.weight"], parameters[$"{name}.{layer}.norm.bias"]) : null;
            layers.Add((linear, norm));
        }
    }

    internal Tensor Apply(Tensor x)
    {
        foreach ((TorchLinear linear, TorchNorm? norm) in layers)
        {
            x = linear.Apply(x);
            if (norm is not null) x = norm.Apply(x);
            x = Activate(x, activation);
        }

        return x;
    }

    internal static Tensor Activate(Tensor x, Activation activation) => activation switch
    {
        Activation.Tanh => x.tanh(),
        Activation.Relu => x.relu(),
        _ => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
    };
}
