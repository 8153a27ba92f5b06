namespace Arena.Policy.Networks;

/// <summary>One byte of a window: which rows of the table belong to it.</summary>
/// <remarks>
/// A code κ of n uses row <see cref="Row"/> + κ; row <see cref="Row"/> + n stands for every illegal code, whose weights are zero. An amount uses row
/// <see cref="Row"/>, scaled by value / 255.
/// </remarks>
internal struct TableEntry
{
    /// <summary>Bytes from the window's first byte.</summary>
    internal int Offset;

    internal int Row;

    /// <summary>n, or 0 for an amount.</summary>
    internal int Codes;

    /// <summary>All bits for a code, none for an amount: what of the value counts as a row.</summary>
    internal readonly int RowBits => Codes > 0 ? -1 : 0;
}

/// <summary>Adjacent bytes of a window that are all read, at most 64.</summary>
internal struct TableRun
{
    /// <summary>Bytes from the window's first byte.</summary>
    internal int Offset;

    /// <summary>Index of the entry of the first byte; the others follow.</summary>
    internal int First;

    /// <summary>A bit per byte.</summary>
    internal ulong Bits;

    /// <summary>The runs of <paramref name="entries"/>, which ascend by offset.</summary>
    internal static IEnumerable<TableRun> Of(IReadOnlyList<TableEntry> entries)
    {
        for (int first = 0; first < entries.Count;)
        {
            int length = 1;
            while (length < 64 && first + length < entries.Count && entries[first + length].Offset == entries[first].Offset + length) length++;
            yield return new TableRun { Offset = entries[first].Offset, First = first, Bits = ulong.MaxValue >> (64 - length) };
            first += length;
        }
    }
}

/// <summary>What a byte that is not 0 adds to a sum.</summary>
internal struct TableItem
{
    /// <summary>Row of the table.</summary>
    internal int Row;

    /// <summary>1 for a code, value / 255 for an amount.</summary>
    internal float Scale;
}
