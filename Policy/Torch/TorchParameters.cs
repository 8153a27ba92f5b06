using Arena.Kernels.Device;
using Arena.Policy.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>Every parameter as a tensor inside the flat weights, whose gradient lies inside the flat gradients.</summary>
/// <remarks>
/// Autograd adds to a gradient in place where there is one, so what it computes arrives in the flat gradients without a copy; <see cref="GradientsMoved"/> says if that
/// ever failed. Weights that a kernel has changed are seen by the next pass, since it is the same memory.
/// </remarks>
internal sealed class TorchParameters : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors = [];
    private readonly List<(string Name, Tensor Leaf, nint Gradient)> leaves = [];

    internal TorchParameters(ParameterLayout layout, View<float> weights, View<float> gradients, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = TorchMemory.Over(weights, 1, layout.Length, device).view(layout.Length);
        Tensor flatGradient = TorchMemory.Over(gradients, 1, layout.Length, device).view(layout.Length);
        foreach (ParameterTensor parameter in layout.Tensors)
        {
            long[] shape = [.. parameter.Shape.Select(size => (long)size)];
            Tensor leaf = flat.narrow(0, parameter.Offset, parameter.Length).view(shape).detach().DetachFromDisposeScope();
            tensors.Add(parameter.Name, leaf);
            if (!IsTrained(parameter.Name)) continue;
            leaf.requires_grad = true;
            Tensor gradient = flatGradient.narrow(0, parameter.Offset, parameter.Length).view(shape).detach();
            leaf.grad = gradient;
            leaves.Add((parameter.Name, leaf, TorchNative.Address(gradient.Handle)));
        }
    }

    /// <summary>The parameter called <paramref name="name"/>.</summary>
    internal Tensor this[string name] => tensors[name];

    /// <summary>The first parameter whose gradient is no longer inside the flat gradients; null if all are.</summary>
    internal string? GradientsMoved()
    {
        foreach ((string name, Tensor leaf, nint expected) in leaves)
        {
            using Tensor? gradient = leaf.grad;
            if (gradient is null || TorchNative.Address(gradient.Handle) != expected) return name;
        }

        return null;
    }

    /// <summary>Releases the tensors; the memory belongs to the engine.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in tensors.Values) tensor.Dispose();
    }

    // The observation normaliser is measured, not learned, and the free log-std is read by the loss alone.
    private static bool IsTrained(string name) => name is not (Normalizer.MeanName or Normalizer.ScaleName or "log_std");
}
