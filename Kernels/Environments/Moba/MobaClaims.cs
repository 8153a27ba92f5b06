using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Who wants which cell in this tick: the smallest claim of each cell counts.</summary>
/// <remarks>Claims of the first round are negative, those of the second are not, <see cref="MobaClaim.None"/> is the largest.</remarks>
public interface IMobaClaims
{
    /// <summary>Claims a cell.</summary>
    void Claim<TAtomics>(int cell, int claim)
        where TAtomics : struct, IAtomics;

    /// <summary>The smallest claim of a cell; within a phase that claims, only its sign.</summary>
    int Of(int cell);

    /// <summary>Forgets the claims of a cell, after everybody has read them.</summary>
    void Release(int cell);
}

/// <summary>Values of claims.</summary>
public static class MobaClaim
{
    /// <summary>Nobody's.</summary>
    public const int None = int.MaxValue;

    /// <summary>Added to a priority in the first round.</summary>
    public const int FirstRound = int.MinValue;
}

/// <summary>One number per cell of the match, all <see cref="MobaClaim.None"/> between ticks: 64 KiB that lanes of a device share.</summary>
public struct MobaClaimTable : IMobaClaims
{
    /// <summary>(16384) claims of a match.</summary>
    public View<int> Cells;

    /// <inheritdoc/>
    public readonly void Claim<TAtomics>(int cell, int claim)
        where TAtomics : struct, IAtomics => TAtomics.Min(ref Cells[cell], claim);

    /// <inheritdoc/>
    public readonly int Of(int cell) => Cells[cell];

    /// <inheritdoc/>
    public readonly void Release(int cell) => Cells[cell] = MobaClaim.None;
}

/// <summary>The same for one thread that runs all lanes of a match: an open hash of 512 places that stays in its first-level cache.</summary>
/// <remarks>At most 2 · 202 cells are claimed in a tick. Places are cell + 1, 0 = free; whoever begins a tick zeroes them.</remarks>
public struct MobaClaimHash : IMobaClaims
{
    /// <summary>Places.</summary>
    public const int Size = 512;

    /// <summary>(512) cell + 1, 0 where a place is free.</summary>
    public View<int> Places;

    /// <summary>(512) the smallest claim of that cell.</summary>
    public View<int> Claims;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Claim<TAtomics>(int cell, int claim)
        where TAtomics : struct, IAtomics
    {
        int place = PlaceOf(cell);
        if (Places[place] != 0)
        {
            TAtomics.Min(ref Claims[place], claim);
            return;
        }

        Places[place] = cell + 1;
        Claims[place] = claim;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Of(int cell)
    {
        int place = PlaceOf(cell);
        return Places[place] != 0 ? Claims[place] : MobaClaim.None;
    }

    /// <inheritdoc/>
    public readonly void Release(int cell)
    {
        // The next tick begins with an empty hash.
    }

    // Where the cell is, or where it would be put. Neighbouring cells get places far apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int PlaceOf(int cell)
    {
        int place = (int)((uint)cell * 0x9E3779B1u >> 23);
        while (Places[place] != 0 && Places[place] != cell + 1) place = (place + 1) & (Size - 1);
        return place;
    }
}
