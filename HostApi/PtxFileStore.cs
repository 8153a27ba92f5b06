using System.Security.Cryptography;
using System.Text;
using Arena.Kernels.Device.Cuda;

namespace Arena.HostApi;

/// <summary>Compiled kernels as files of a folder, one per key, so that the next run need not compile them.</summary>
/// <remarks>
/// A file is a line with the SHA-256 of what follows, then the PTX. A file that does not match its own line, or cannot be read, counts as
/// none and is written again. Files are written under another name and renamed, so two programs may share the folder. Nothing is ever deleted:
/// a kernel takes some ten kilobytes, and the folder may be removed at any time.
/// </remarks>
public sealed class PtxFileStore(string folder) : IPtxStore
{
    private bool broken;

    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Texts found so far.</summary>
    public int Hits { get; private set; }

    /// <summary>Texts not found, or found damaged.</summary>
    public int Misses { get; private set; }

    /// <summary>Told once when the folder cannot be written.</summary>
    public Action<string> Warn { get; init; } = static text => Console.Error.WriteLine(text);

    /// <summary>The user's: $ARENA_PTX_CACHE, or arena/ptx in the cache folder of the system (Linux: ~/.cache).</summary>
    public static PtxFileStore OfUser()
    {
        if (Environment.GetEnvironmentVariable("ARENA_PTX_CACHE") is { Length: > 0 } asked) return new PtxFileStore(asked);
        string root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new PtxFileStore(Path.Combine(root, "arena", "ptx"));
    }

    /// <inheritdoc/>
    public string? Find(string key)
    {
        string? text = Read(FileOf(key));
        if (text is null) Misses++;
        else Hits++;
        return text;
    }

    /// <inheritdoc/>
    public void Keep(string key, string ptx)
    {
        if (broken) return;
        string file = FileOf(key), temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(temporary, $"{Checksum(ptx)}\n{ptx}");
            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception why) when (why is IOException or UnauthorizedAccessException)
        {
            broken = true;
            Warn($"Compiled kernels cannot be kept in {Folder} ({why.Message}): they are compiled again in every run. Set ARENA_PTX_CACHE to a folder that can be written.");
        }
    }

    private string FileOf(string key) => Path.Combine(Folder, key + ".ptx");

    private static string? Read(string file)
    {
        try
        {
            if (!File.Exists(file)) return null;
            string text = File.ReadAllText(file);
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            return end > 0 && text[..end] == Checksum(text[(end + 1)..]) ? text[(end + 1)..] : null;
        }
        catch (Exception why) when (why is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Checksum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
