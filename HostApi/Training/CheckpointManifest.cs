using System.Text;
using System.Text.Json;
using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>One file of a checkpoint as its manifest has it.</summary>
/// <param name="Name">Without a folder.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
internal sealed record CheckpointFile(string Name, long Bytes, string Sha256);

/// <summary>manifest.json: the format's version, the update, and name, size and SHA-256 of every other file.</summary>
/// <param name="Update">Updates made when it was written; also the folder's name.</param>
/// <param name="Files">In the order they were written.</param>
internal sealed record CheckpointManifest(long Update, IReadOnlyList<CheckpointFile> Files)
{
    internal const string Name = "manifest.json";
    internal const int MaxBytes = 1 << 20;

    private const string Format = "arena-checkpoint-1";

    internal byte[] ToJson() => Encoding.UTF8.GetBytes(JsonText.Of(writer =>
    {
        writer.WriteString("format", Format);
        writer.WriteNumber("update", Update);
        writer.WriteStartArray("files");
        foreach (CheckpointFile file in Files)
        {
            writer.WriteStartObject();
            writer.WriteString("name", file.Name);
            writer.WriteNumber("bytes", file.Bytes);
            writer.WriteString("sha256", file.Sha256);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }));

    /// <summary>Reads what <see cref="ToJson"/> wrote, and nothing else: a manifest that would be written differently was changed.</summary>
    /// <exception cref="DamagedCheckpointException">it is something else.</exception>
    internal static CheckpointManifest Parse(byte[] json)
    {
        CheckpointManifest manifest;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            JsonElement root = document.RootElement;
            string format = root.GetProperty("format").GetString() ?? "";
            if (format != Format) throw new DamagedCheckpointException($"{Name} has the format '{format}', this version reads '{Format}'");
            manifest = new CheckpointManifest(root.GetProperty("update").GetInt64(), [.. root.GetProperty("files").EnumerateArray().Select(File)]);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DamagedCheckpointException($"{Name} is not a manifest");
        }

        CheckpointFile[] bad = [.. manifest.Files.Where(file => !IsPlain(file.Name) || file.Bytes < 0 || file.Sha256.Length != 64)];
        if (bad.Length > 0) throw new DamagedCheckpointException($"{Name} lists a file that cannot be ('{bad[0].Name}')");
        if (manifest.Files.DistinctBy(file => file.Name).Count() != manifest.Files.Count) throw new DamagedCheckpointException($"{Name} lists a file twice");
        return manifest.ToJson().AsSpan().SequenceEqual(json) ? manifest : throw new DamagedCheckpointException($"{Name} was changed");
    }

    // Never a path: a manifest must not reach out of its folder.
    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= 100 && name != Name && name[0] != '.' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-');

    private static CheckpointFile File(JsonElement file) =>
        new(file.GetProperty("name").GetString() ?? "", file.GetProperty("bytes").GetInt64(), file.GetProperty("sha256").GetString() ?? "");
}
