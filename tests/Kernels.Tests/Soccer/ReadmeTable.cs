using System.Globalization;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>A row of the rule book's table of observations.</summary>
/// <param name="Offset">First element of the row, or of the first record of another player.</param>
/// <param name="Stride">Elements to the same fact of the next player; 0 for facts about oneself.</param>
/// <param name="Length">Elements.</param>
/// <param name="Meaning">In the rule book's words.</param>
/// <param name="Unit">What the value 1 is.</param>
internal sealed record ReadmeRow(int Offset, int Stride, int Length, string Meaning, string Unit);

/// <summary>The rule book of soccer, as far as tests read it.</summary>
internal static class ReadmeTable
{
    /// <summary>The text of the rule book.</summary>
    internal static string Text { get; } = Find();

    /// <summary>The table of observations in <paramref name="readme"/>.</summary>
    internal static IReadOnlyList<ReadmeRow> Observations(string readme)
    {
        string section = readme[readme.IndexOf("## Observations", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 3, StringComparison.Ordinal)];
        var rows = new List<ReadmeRow>();
        foreach (string line in section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2))
        {
            string[] cells = [.. line.Replace("\\|", "\u2016", StringComparison.Ordinal).Split('|').Select(cell => cell.Trim().Replace('\u2016', '|'))];
            string[] offset = cells[1].Split('+'); // "6" or "14 + 7j"
            int stride = offset.Length == 1 ? 0 : Number(offset[1].Trim().TrimEnd('j'));
            rows.Add(new ReadmeRow(Number(offset[0]), stride, Number(cells[2]), cells[3], cells[4]));
        }

        return rows;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "Kernels", "Environments", "Soccer", "README.md");
            if (File.Exists(file)) return File.ReadAllText(file);
        }

        throw new FileNotFoundException($"No Kernels/Environments/Soccer/README.md above {AppContext.BaseDirectory}.");
    }
}
