using System.Text.Json;
using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>final.json of a run: the table that ended its training, in words, for whoever shows it again.</summary>
/// <param name="Title">What was played.</param>
/// <param name="Columns">Headers.</param>
/// <param name="Rows">Cells, one per column.</param>
internal sealed record FinalResult(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Its name in a run directory.</summary>
    internal const string FileName = "final.json";

    /// <summary>Writes it into a run directory.</summary>
    /// <exception cref="IOException">the disk is full.</exception>
    internal void Write(string run)
    {
        using ResultFile file = ResultFile.Open(Path.Join(run, FileName))!;
        file.Commit(JsonText.Of(writer =>
        {
            writer.WriteString("title", Title);
            WriteCells(writer, "columns", Columns);
            writer.WriteStartArray("rows");
            foreach (IReadOnlyList<string> row in Rows) WriteCells(writer, null, row);
            writer.WriteEndArray();
        }));
    }

    private static void WriteCells(Utf8JsonWriter writer, string? name, IReadOnlyList<string> cells)
    {
        if (name is null) writer.WriteStartArray();
        else writer.WriteStartArray(name);
        foreach (string cell in cells) writer.WriteStringValue(cell);
        writer.WriteEndArray();
    }
}
