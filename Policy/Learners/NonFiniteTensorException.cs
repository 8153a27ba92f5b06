using Arena.Kernels;

namespace Arena.Policy.Learners;

/// <summary>A number in learning is NaN or infinite. Nothing of the update was written; what is on the disk is from before it.</summary>
public sealed class NonFiniteTensorException(string message, string tensor, long update) : NonFiniteException(message)
{
    /// <summary>The first bad tensor in the order of computation: the cause, not a victim.</summary>
    public string Tensor { get; } = tensor;

    /// <summary>The update in which it was found, from 0.</summary>
    public long Update { get; } = update;
}
