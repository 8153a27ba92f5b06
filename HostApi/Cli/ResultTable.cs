using Spectre.Console;

namespace Arena.HostApi.Cli;

/// <summary>A table: rich in a terminal, aligned plain text elsewhere.</summary>
internal sealed class ResultTable(string title, params string[] headers)
{
    private readonly List<string[]> rows = [];

    /// <summary>Columns of numbers stand to the right. Everything but the first column, unless said otherwise.</summary>
    internal Func<int, bool> RightAligned { get; init; } = column => column > 0;

    /// <summary>Adds a row with one cell per header.</summary>
    internal void Add(params string[] cells) => rows.Add(cells);

    /// <summary>Whether no line of it is longer than those of <paramref name="terminal"/>.</summary>
    internal bool FitsInto(Terminal terminal)
    {
        int[] widths = Widths();
        // Between columns two spaces, or a line between two; and the frame.
        int between = terminal.IsTerminal ? 3 * widths.Length + 1 : 2 * (widths.Length - 1);
        return widths.Sum() + between <= terminal.Width;
    }

    /// <summary>Writes the table and an empty line.</summary>
    internal void Write(Terminal terminal)
    {
        if (terminal.IsTerminal) WriteRich(terminal);
        else WritePlain(terminal);
        terminal.Output.WriteLine();
    }

    private void WriteRich(Terminal terminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.Output),
            Ansi = AnsiSupport.Yes,
            ColorSystem = terminal.Color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = terminal.Width;
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title), new Style(decoration: Decoration.Bold)) };
        for (int column = 0; column < headers.Length; column++)
        {
            var added = new TableColumn(new Text(headers[column], new Style(foreground: Color.Grey)));
            if (RightAligned(column)) added.RightAligned();
            table.AddColumn(added);
        }

        foreach (string[] row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        console.Write(table);
    }

    private void WritePlain(Terminal terminal)
    {
        int[] widths = Widths();
        terminal.Output.WriteLine(title);
        terminal.Output.WriteLine(Line(headers, widths));
        terminal.Output.WriteLine(string.Join("  ", widths.Select(width => new string('-', width))));
        foreach (string[] row in rows) terminal.Output.WriteLine(Line(row, widths));
    }

    private int[] Widths() => [.. headers.Select((header, column) => Math.Max(header.Length, rows.Max(row => (int?)row[column].Length) ?? 0))];

    private string Line(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((cell, column) => RightAligned(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd();
}
