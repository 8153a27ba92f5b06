using Arena.Kernels.Device;

namespace Arena.Cuda.Tests;

/// <summary>Arguments of several sizes, so that a wrong packing shows.</summary>
public struct Mixed : IKernel
{
    public View<float> Values;
    public byte Small;
    public int Number;
    public View<double> Doubles;
    public short Odd;

    public readonly void Run(int index) => Values[index] = Number + Small + Odd;
}

/// <summary>A phased kernel.</summary>
public struct TwoPhases : IPhasedKernel
{
    public View<int> Values;
    public int Number;

    public readonly int PhaseCount => 2;

    public readonly void Run(int phase, int group, int lane) => Values[group] = Number + phase + lane;
}

/// <summary>More arguments than a GPU takes.</summary>
public unsafe struct TooManyArguments : IKernel
{
    public fixed byte Table[5000];

    public readonly void Run(int index)
    {
    }
}
