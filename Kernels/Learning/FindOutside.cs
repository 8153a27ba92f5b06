using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Stage 1 of the search for integers out of a range: the lowest such index of every lane. One index per lane; stage 2 is <see cref="FirstFound"/>.</summary>
/// <remarks>So one number comes to the host, and not the whole column.</remarks>
public struct FindOutside : IKernel
{
    /// <summary>(length) int; in.</summary>
    public View<int> Values;

    /// <summary>(Lanes) long: lowest index whose value is out of range, −1 = none; out.</summary>
    public View<long> Found;

    /// <summary>Smallest allowed value.</summary>
    public int Low;

    /// <summary>Largest allowed value.</summary>
    public int High;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        long size = (Values.Length + (Reduction.Lanes - 1)) >> 10; // Lanes = 2¹⁰
        long begin = lane * size, end = begin + size;
        if (end > Values.Length) end = Values.Length;
        long found = -1;
        for (long i = begin; i < end && found < 0; i++)
            if (Values[i] < Low || Values[i] > High) found = i;
        Found[lane] = found;
    }
}
