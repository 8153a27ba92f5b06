using System.Numerics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.KernelScan;

// What kernels may do, next door to every ban.

public struct HarmlessArithmetic : IKernel
{
    public View<float> Values;
    public View<int> Numbers;
    public float Scale;

    public void Run(int index)
    {
        ref float value = ref Values[index];
        value = (value * 0.5f + 1f) * 3f - 2f;
        value = value * Scale * 0.1f;
        value = -value + 0.25f;
        if (value > 2f) value += 0.5f;
        value = value + 1f;
        (int low, int high) = Split(Numbers[index]);
        Numbers[index] = low / 3 + high % 7 + (int)((uint)high >> 5) + Scalar.DivTowardZero(low, 4) + low / high;
        value += MathF.Sqrt(MathF.Abs(value)) + MathF.Floor(value) + (int)((uint)high >> 8) + BitOperations.PopCount((uint)high);
        value += Numbers[index] switch { 0 => 1f, 1 => 0.5f, _ => 0f };
    }

    private static (int Low, int High) Split(int number) => (number & 0xFF, number >> 8);
}

public struct HarmlessPhased<TAtomics> : IGroupKernel
    where TAtomics : struct, IAtomics
{
    public GroupScratch<int> Scratch;
    public View<int> Sums;

    public readonly int PhaseCount => 2;

    public void Run(int phase, int group, int lane)
    {
        if (phase == 0) Scratch.Of(group)[lane] = lane;
        else TAtomics.Add(ref Sums[group], Scratch.Of(group)[lane]);
    }

    // For the CPU alone: the scanner leaves it out.
    public void RunGroup(int group, int lanes)
    {
        int sum = Enumerable.Range(0, lanes).Sum();
        Sums[group] += sum;
    }
}
