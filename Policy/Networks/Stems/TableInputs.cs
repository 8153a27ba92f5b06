namespace Arena.Policy.Networks;

/// <summary>The bytes of a window as a <see cref="TableLayer"/> reads them, and the canonical column of every row of its table.</summary>
internal sealed class TableInputs
{
    private readonly List<TableEntry> entries = [];

    /// <summary>Ascending by offset.</summary>
    internal IReadOnlyList<TableEntry> Entries => [.. entries.OrderBy(entry => entry.Offset)];

    /// <summary>Per row of the table its canonical column, or −1 for the row of illegal codes.</summary>
    internal List<int> Rows { get; } = [];

    /// <summary>Adds a byte at <paramref name="offset"/> of the window.</summary>
    /// <param name="codes">0: an amount.</param>
    /// <param name="first">Canonical column of code 0 or of the amount.</param>
    /// <param name="step">Canonical columns from code to code.</param>
    internal void Add(int offset, int codes, int first, int step)
    {
        entries.Add(new TableEntry { Offset = offset, Row = Rows.Count, Codes = codes });
        for (int code = 0; code < Math.Max(codes, 1); code++) Rows.Add(first + code * step);
        if (codes > 0) Rows.Add(-1);
    }
}
