using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Stage 1 of the largest absolute element of recurrent states. One index per lane; followed by <see cref="LargestPartial"/>.</summary>
/// <remarks>Lane c of <see cref="Reduction.Lanes"/> takes rows c, c + Lanes, …</remarks>
public struct LargestState : IKernel
{
    /// <summary>(rows, S) float, finite; in.</summary>
    public View<float> States;

    /// <summary>S.</summary>
    public int StateSize;

    /// <summary>First element of a row that counts: of an LSTM's (h, c) the first of c, else 0.</summary>
    public int First;

    /// <summary>(Lanes) double; out.</summary>
    public View<double> Partials;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        float largest = 0;
        for (long row = lane; row * StateSize < States.Length; row += Reduction.Lanes)
            for (int i = First; i < StateSize; i++)
                largest = Scalar.Max(largest, Scalar.Abs(States[row * StateSize + i]));
        Partials[lane] = largest;
    }
}

/// <summary>Stage 2: the largest of the lanes. One index.</summary>
public struct LargestPartial : IKernel
{
    /// <summary>(Lanes) double, at least 0; in.</summary>
    public View<double> Partials;

    /// <summary>(1) double; out.</summary>
    public View<double> Largest;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        double largest = 0;
        for (int lane = 0; lane < Reduction.Lanes; lane++)
            if (Partials[lane] > largest) largest = Partials[lane];
        Largest[index] = largest;
    }
}
