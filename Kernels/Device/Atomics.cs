using System.Threading;

namespace Arena.Kernels.Device;

/// <summary>Integer operations on memory that several lanes may meet in. All commute: the order never shows.</summary>
/// <remarks>
/// A kernel takes one of the two implementations as a type argument: <see cref="DeviceAtomics"/> where lanes run at the
/// same time, <see cref="OwnedAtomics"/> where one thread runs a whole group. None hands a value back, since a value
/// read in a race depends on who came first. Nobody may read a cell in the phase in which lanes meet there, either: it is
/// right at the next barrier, and only then.
/// </remarks>
public interface IAtomics
{
    /// <summary>target += value.</summary>
    static abstract void Add(ref int target, int value);

    /// <summary>target += flag, which is 0 or 1: without a branch where one thread owns the target, without a needless atomic elsewhere.</summary>
    static abstract void Count(ref int target, int flag);

    /// <summary>target = the smaller of target and value.</summary>
    static abstract void Min(ref int target, int value);

    /// <summary>target = the larger of target and value.</summary>
    static abstract void Max(ref int target, int value);

    /// <summary>target &amp;= value.</summary>
    static abstract void And(ref int target, int value);

    /// <summary>target |= value.</summary>
    static abstract void Or(ref int target, int value);
}

/// <summary>Atomic against every other lane of the device.</summary>
public readonly struct DeviceAtomics : IAtomics
{
    /// <inheritdoc/>
    public static void Add(ref int target, int value) => Interlocked.Add(ref target, value);

    /// <inheritdoc/>
    public static void Count(ref int target, int flag)
    {
        if (flag != 0) Interlocked.Add(ref target, flag);
    }

    /// <inheritdoc/>
    public static void And(ref int target, int value) => Interlocked.And(ref target, value);

    /// <inheritdoc/>
    public static void Or(ref int target, int value) => Interlocked.Or(ref target, value);

    // No Interlocked minimum or maximum on either device, and no compare-exchange: ILGPU 1.5.3 passes the arguments of
    // Interlocked.CompareExchange on in the wrong order. So put the value in and take the old one out; if the old one
    // should have stayed, put that back in the same way. What a lane carries only ever shrinks (grows), so this ends,
    // and the smallest (largest) value is in memory or in some lane's hand all the time: in memory when all are done.
    /// <inheritdoc/>
    public static void Min(ref int target, int value)
    {
        if (value >= target) return;
        int carried = value;
        int before = Interlocked.Exchange(ref target, carried);
        while (before < carried)
        {
            carried = before;
            before = Interlocked.Exchange(ref target, carried);
        }
    }

    /// <inheritdoc/>
    public static void Max(ref int target, int value)
    {
        if (value <= target) return;
        int carried = value;
        int before = Interlocked.Exchange(ref target, carried);
        while (before > carried)
        {
            carried = before;
            before = Interlocked.Exchange(ref target, carried);
        }
    }
}

/// <summary>Plain operations, for memory that one thread owns (a CPU thread runs all lanes of a group).</summary>
public readonly struct OwnedAtomics : IAtomics
{
    /// <inheritdoc/>
    public static void Add(ref int target, int value) => target += value;

    /// <inheritdoc/>
    public static void Count(ref int target, int flag) => target += flag;

    /// <inheritdoc/>
    public static void Min(ref int target, int value)
    {
        if (value < target) target = value;
    }

    /// <inheritdoc/>
    public static void Max(ref int target, int value)
    {
        if (value > target) target = value;
    }

    /// <inheritdoc/>
    public static void And(ref int target, int value) => target &= value;

    /// <inheritdoc/>
    public static void Or(ref int target, int value) => target |= value;
}
