using Arena.Policy.Networks;
using TorchSharp;

namespace Arena.Policy.Torch;

/// <summary>The numbers in torch operations, made once and never released.</summary>
/// <remarks>
/// The binding turns a number into a managed object with a finalizer and passes on its native address alone. A number written in place is garbage while
/// the native call still reads it; a collection at that moment frees it, and the call sees whatever is there then.
/// </remarks>
internal static class TorchScalars
{
    internal static readonly Scalar Zero = 0f;
    internal static readonly Scalar One = 1f;
    internal static readonly Scalar Half = 0.5f;
    internal static readonly Scalar MinusInfinity = float.NegativeInfinity;

    /// <summary>Finite, so that the softmax of a row without keys is a number, which is then cleared.</summary>
    internal static readonly Scalar Never = -1e30f;

    internal static readonly Scalar UpperLimit = NetworkSpec.NormalizedLimit;
    internal static readonly Scalar LowerLimit = -NetworkSpec.NormalizedLimit;
}
