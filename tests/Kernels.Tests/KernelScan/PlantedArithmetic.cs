using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.KernelScan;

// One offence each, for the scanner to catch: what a device computes differently.

public struct PlantedMathFMin : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = MathF.Min(Values[index], 1f);
}

public struct PlantedMathFMax : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = MathF.Max(Values[index], 1f);
}

public struct PlantedCopySign : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = MathF.CopySign(1f, Values[index]);
}

public struct PlantedExponential : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = MathF.Exp(Values[index]);
}

public struct PlantedMath : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] = Math.Clamp(Values[index], 0, 9);
}

public struct PlantedIntDivision : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] /= 32;
}

public struct PlantedUintDivision : IKernel
{
    public View<uint> Values;

    public void Run(int index) => Values[index] /= 32u;
}

public struct PlantedIntRemainder : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] %= 8;
}

public struct PlantedUintRemainder : IKernel
{
    public View<uint> Values;

    public void Run(int index) => Values[index] %= 1024u;
}

public struct PlantedTwoSums : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = Values[index] + 0.1f + 0.2f;
}

public struct PlantedTwoProducts : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = Values[index] * 0.1f * 3f;
}

public struct PlantedTwoDifferences : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = Values[index] - 0.1f - 0.2f;
}

public struct PlantedConstantInFront : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = 3f * (0.1f * Values[index]);
}

public struct PlantedConstantThroughLocal : IKernel
{
    public View<float> Values;

    public void Run(int index)
    {
        float scaled = Values[index] * 0.1f;
        Values[index] = scaled;
        Values[index + 1] = scaled * 3f;
    }
}

public struct PlantedChoice : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] += Values[index] > 2f ? 3 : 7;
}

public struct PlantedTruth : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] += Values[index] == 2f ? 0 : 1;
}

public struct PlantedNegation : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = 0f - Values[index];
}

public struct PlantedAddingZero : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = Values[index] + 0f;
}

public struct PlantedNativeUnsigned : IKernel
{
    public View<uint> Words;

    public void Run(int index) => Words[index] = (uint)((nuint)Words[index] << 1);
}

public struct PlantedCompareExchange : IKernel
{
    public View<int> Values;

    public void Run(int index) => Interlocked.CompareExchange(ref Values[index], 1, 0);
}

public struct PlantedUintToFloat : IKernel
{
    public View<uint> Words;
    public View<float> Values;

    public void Run(int index) => Values[index] = Words[index];
}

public struct PlantedDouble : IKernel
{
    public View<float> Values;

    public void Run(int index)
    {
        double precise = Values[index];
        Values[index] = (float)(precise * precise);
    }
}

public struct PlantedDoubleConstant : IKernel
{
    public View<float> Values;

    public void Run(int index) => Values[index] = (float)(Values[index] * 0.5);
}

public struct PlantedInGeneric<TAtomics> : IKernel
    where TAtomics : struct, IAtomics
{
    public View<int> Values;

    public void Run(int index)
    {
        TAtomics.Add(ref Values[0], 1);
        Values[index] /= 4;
    }
}
