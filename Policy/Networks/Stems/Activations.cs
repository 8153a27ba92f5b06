namespace Arena.Policy.Networks;

/// <summary>The activation function of a stem, forward and backward, in place: tanh or max(0, x).</summary>
internal static unsafe class Activations
{
    /// <summary>x ← f(x) for <paramref name="count"/> floats, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal static void Forward<TVector, TLanes>(Activation activation, float* x, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (activation == Activation.Tanh) Tanh.Forward<TVector, TLanes>(x, count);
        else Relu.Forward<TVector, TLanes>(x, count);
    }

    /// <summary>dy ← dy · f'(x), where y = f(x).</summary>
    internal static void Backward<TVector, TLanes>(Activation activation, float* gradient, float* y, long count)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (activation == Activation.Tanh) Tanh.Backward<TVector, TLanes>(gradient, y, count);
        else Relu.Backward<TVector, TLanes>(gradient, y, count);
    }
}
