using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Arena.Policy.Networks;

/// <summary>Which micro-kernel multiplies matrices. All give the same bits.</summary>
public enum MicroKernel
{
    /// <summary>The fastest of this machine.</summary>
    Auto,

    /// <summary>6 × 64, 512-bit registers.</summary>
    Avx512,

    /// <summary>6 × 16, 256-bit registers with fused multiply-add.</summary>
    Avx2,

    /// <summary>6 × two registers of whatever width the machine has.</summary>
    Portable,
}

/// <summary>Products of small single-precision matrices for network layers.</summary>
/// <remarks>
/// One routine serves all three products of a linear layer with weights W (out, in):
/// Y = X·Wᵀ + b (B = Wᵀ packed), dX = dY·W (B = W packed), dWᵀ += Xᵀ·dY or dW += dYᵀ·X (B = rows as they lie).
/// Weights are packed once after they change; activations never are. K is not split: the networks here are at
/// most a few hundred wide, so a panel of B fits the second-level cache, and every sum runs in one order.
/// </remarks>
internal static unsafe class Gemm
{
    /// <summary>Columns are padded to a multiple of this: one cache line, and the widest register.</summary>
    internal const int ColumnBlock = 16;

    /// <summary><paramref name="columns"/> rounded up to a multiple of <see cref="ColumnBlock"/>.</summary>
    internal static int Padded(int columns) => (columns + ColumnBlock - 1) / ColumnBlock * ColumnBlock;

    /// <summary>The micro-kernel that <paramref name="asked"/> means on this machine.</summary>
    /// <exception cref="Kernels.UsageException">this machine lacks the instructions.</exception>
    internal static MicroKernel Choose(MicroKernel asked)
    {
        bool avx2 = Vector256.IsHardwareAccelerated && Fma.IsSupported;
        bool available = asked switch
        {
            MicroKernel.Avx512 => Vector512.IsHardwareAccelerated,
            MicroKernel.Avx2 => avx2,
            _ => true,
        };
        if (!available)
        {
            throw new Kernels.UsageException(
                $"The micro-kernel {asked} needs instructions that this machine lacks ({Kernels.Device.CpuDevice.InstructionSet}); use {MicroKernel.Auto}.");
        }

        if (asked != MicroKernel.Auto) return asked;
        return Vector512.IsHardwareAccelerated ? MicroKernel.Avx512 : avx2 ? MicroKernel.Avx2 : MicroKernel.Portable;
    }

    /// <summary>Computes <paramref name="product"/>.</summary>
    internal static void Multiply<TVector, TLanes>(in Product product)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int column = 0;
        while (column < product.Columns)
        {
            int width = PanelWidth<TVector, TLanes>(product.Columns - column);
            if (width == Quad<TVector, TLanes>.Width) Tile.Panel<Quad<TVector, TLanes>>(product, column);
            else if (width == Pair<TVector, TLanes>.Width) Tile.Panel<Pair<TVector, TLanes>>(product, column);
            else Tile.Panel<Single<TVector, TLanes>>(product, column);
            column += width;
        }
    }

    /// <summary>Writes column <paramref name="column"/> of a B of <paramref name="steps"/> × <paramref name="columns"/> into its panel.</summary>
    /// <param name="source">(steps) the column, adjacent.</param>
    /// <param name="columns">A multiple of <see cref="ColumnBlock"/>.</param>
    internal static void PackColumn<TVector, TLanes>(float* source, int steps, int column, float* packed, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int panel = 0;
        int width = PanelWidth<TVector, TLanes>(columns);
        while (column >= panel + width)
        {
            panel += width;
            width = PanelWidth<TVector, TLanes>(columns - panel);
        }

        float* destination = packed + (nint)panel * steps + (column - panel);
        for (int step = 0; step < steps; step++) destination[step * width] = source[step];
    }

    /// <summary>Writes row <paramref name="step"/> of a B of <paramref name="steps"/> × <paramref name="columns"/> into all panels.</summary>
    /// <param name="source">(used) the row, adjacent; columns past it stay as they are.</param>
    /// <param name="columns">A multiple of <see cref="ColumnBlock"/>.</param>
    internal static void PackStep<TVector, TLanes>(float* source, int step, int used, int steps, float* packed, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int panel = 0;
        while (panel < used)
        {
            int width = PanelWidth<TVector, TLanes>(columns - panel);
            float* destination = packed + (nint)panel * steps + (nint)step * width;
            new ReadOnlySpan<float>(source + panel, Math.Min(width, used - panel)).CopyTo(new Span<float>(destination, width));
            panel += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PanelWidth<TVector, TLanes>(int remaining)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (TLanes.WidestTile == 4 && remaining >= Quad<TVector, TLanes>.Width) return Quad<TVector, TLanes>.Width;
        return remaining >= Pair<TVector, TLanes>.Width ? Pair<TVector, TLanes>.Width : Single<TVector, TLanes>.Width;
    }
}
