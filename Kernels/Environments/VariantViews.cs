using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>The variants of a batch as kernels see them: which numbers each match plays by, and which it plays by next.</summary>
/// <remarks>
/// A kernel asks once per match: <see cref="Take"/> leaves its numbers as they are in a batch without variants (one branch, nothing
/// is read), and otherwise overwrites them with those of the match. A kernel is a value of its own on every thread, so that its
/// fields may be overwritten. Where it starts an episode it calls <see cref="Begin"/> instead.
/// </remarks>
/// <typeparam name="TParameters">The numbers that a set of options becomes.</typeparam>
public struct VariantViews<TParameters>
    where TParameters : unmanaged
{
    /// <summary>(slots) what each slot plays by; a slot that was never set holds slot 0's.</summary>
    public View<TParameters> Table;

    /// <summary>(E, 1) byte: the slot that the running episode plays by.</summary>
    public Column<byte> Running;

    /// <summary>(E, 1) byte: the slot that the next episode will play by.</summary>
    public Column<byte> Next;

    /// <summary>0 = every match plays by the kernel's own arguments.</summary>
    public int Used;

    /// <summary>Gives a kernel the numbers that the running episode of match <paramref name="env"/> plays by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Take(int env, ref TParameters parameters)
    {
        if (Used != 0) parameters = Table[Slot(Running[env, 0])];
    }

    /// <summary>Lets the episode of match <paramref name="env"/> that begins now play by the slot that was chosen for it, and gives its numbers.</summary>
    public readonly void Begin(int env, ref TParameters parameters)
    {
        if (Used == 0) return;
        int slot = Slot(Next[env, 0]);
        Running[env, 0] = (byte)slot;
        parameters = Table[slot];
    }

    // The columns are also written from outside (a snapshot, a kernel that assigns): a number without a slot is slot 0.
    private readonly int Slot(byte wanted) => wanted < Table.Length ? wanted : 0;
}
