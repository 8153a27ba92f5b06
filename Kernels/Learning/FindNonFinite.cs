using System.Numerics;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Stage 1 of the search for NaN and infinity: the lowest bad index of every lane. One index per lane.</summary>
/// <remarks>
/// Lane c looks through the c-th of <see cref="Reduction.Lanes"/> equal blocks. A minimum does not depend on the order,
/// so blocks may lie together here, which is what wide instructions want.
/// </remarks>
public struct FindNonFinite : IRangeKernel
{
    /// <summary>(length) float; in.</summary>
    public View<float> Values;

    /// <summary>(Lanes) long: lowest index that is not finite, −1 = none; out.</summary>
    public View<long> Found;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        (long begin, long end) = Block(lane);
        Found[lane] = Search(begin, end);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int firstLane, int endLane)
    {
        for (int lane = firstLane; lane < endLane; lane++)
        {
            (long begin, long end) = Block(lane);
            Found[lane] = AllFinite(begin, end) ? -1 : Search(begin, end);
        }
    }

    private readonly (long Begin, long End) Block(int lane)
    {
        long size = (Values.Length + (Reduction.Lanes - 1)) >> 10; // Lanes = 2¹⁰
        long begin = lane * size;
        long end = begin + size;
        return (begin, end < Values.Length ? end : Values.Length);
    }

    private readonly long Search(long begin, long end)
    {
        for (long i = begin; i < end; i++)
            if (Values[i] - Values[i] != 0f) return i;
        return -1;
    }

    // x − x is 0 for finite x and NaN otherwise, and a sum keeps a NaN.
    private readonly bool AllFinite(long begin, long end)
    {
        if (begin >= end) return true;
        Span<float> block = Values.Slice(begin, end - begin).AsSpan();
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i + Vector<float>.Count <= block.Length; i += Vector<float>.Count)
        {
            var values = new Vector<float>(block[i..]);
            sum += values - values;
        }

        float rest = 0f;
        for (; i < block.Length; i++) rest += block[i] - block[i];
        return Vector.Sum(sum) + rest == 0f;
    }
}

/// <summary>Stage 2: the lowest index of all lanes. One index.</summary>
public struct FirstFound : IKernel
{
    /// <summary>(Lanes) long from <see cref="FindNonFinite"/>; in.</summary>
    public View<long> Found;

    /// <summary>(1) long: lowest index that is not finite, −1 = none; out.</summary>
    public View<long> Result;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        Result[0] = -1;
        for (int lane = Reduction.Lanes - 1; lane >= 0; lane--)
            if (Found[lane] >= 0) Result[0] = Found[lane];
    }
}

/// <summary>Stage 3: is anything wrong in any of the columns that were looked through? One index.</summary>
public struct AnyFound : IKernel
{
    /// <summary>(columns) long from <see cref="FirstFound"/>; in.</summary>
    public View<long> Found;

    /// <summary>(1) long: number of the first column with a finding, −1 = none; out.</summary>
    public View<long> Result;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        Result[0] = -1;
        for (int column = (int)Found.Length - 1; column >= 0; column--)
            if (Found[column] >= 0) Result[0] = column;
    }
}
