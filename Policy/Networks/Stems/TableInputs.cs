namespace Arena.Policy.Networks;

/// <summary>The bytes of a window in the order of a <see cref="TableLayer"/>, and the canonical column of every row of its table.</summary>
internal sealed class TableInputs
{
    /// <summary>Bytes that hold codes.</summary>
    internal List<TableEntry> Codes { get; } = [];

    /// <summary>Bytes that hold amounts.</summary>
    internal List<TableEntry> Amounts { get; } = [];

    /// <summary>Per row of the table its canonical column, or −1 for the row of illegal codes.</summary>
    internal List<int> Rows { get; } = [];

    /// <summary>Adds a byte at <paramref name="offset"/> of the window.</summary>
    /// <param name="codes">0: an amount.</param>
    /// <param name="first">Canonical column of code 0 or of the amount.</param>
    /// <param name="step">Canonical columns from code to code.</param>
    internal void Add(int offset, int codes, int first, int step)
    {
        (codes > 0 ? Codes : Amounts).Add(new TableEntry { Offset = offset, Row = Rows.Count });
        for (int code = 0; code < Math.Max(codes, 1); code++) Rows.Add(first + code * step);
        if (codes > 0) Rows.Add(-1);
    }
}
