using System.Globalization;
using System.Security.Cryptography;
using Arena.Kernels;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Why a checkpoint cannot be read; the message is the end of a sentence.</summary>
internal sealed class DamagedCheckpointException(string message) : Exception(message);

/// <summary>The files of one checkpoint: policies, optimizer.safetensors, world.safetensors, state.json, and manifest.json last.</summary>
/// <remarks>A file is read once: its size is compared with the manifest before, its hash after, and only then is it parsed.</remarks>
internal static class CheckpointFiles
{
    private const string OptimizerName = "optimizer.safetensors";
    private const string WorldName = "world.safetensors";
    private const string ValuesName = "state.json";
    private const string Tensors = ".safetensors";

    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <summary>Writes every file into the empty <paramref name="folder"/> and flushes each, the manifest last.</summary>
    /// <exception cref="IOException">the disk is full, or failed.</exception>
    internal static void Write(string folder, long update, SavedState state, CheckpointDisk disk)
    {
        var files = new List<CheckpointFile>();
        void File(string name, Action<Stream> write)
        {
            WriteFile(Path.Join(folder, name), disk, write);
            using FileStream written = System.IO.File.OpenRead(Path.Join(folder, name));
            files.Add(new CheckpointFile(name, written.Length, Convert.ToHexStringLower(SHA256.HashData(written))));
        }

        foreach ((string name, SavedPolicy policy) in state.Policies) File(name + Tensors, stream => PolicyFile.Save(stream, policy.Description, policy.Weights));
        File(OptimizerName, stream => Safetensors.Write(stream, state.Optimizer.All, NoMetadata));
        File(WorldName, stream => Safetensors.Write(stream, state.World.All, NoMetadata));
        File(ValuesName, stream => stream.Write(state.Values.ToJson()));
        WriteFile(Path.Join(folder, CheckpointManifest.Name), disk, stream => stream.Write(new CheckpointManifest(update, files).ToJson()));
    }

    /// <summary>Reads and checks everything in <paramref name="folder"/>.</summary>
    /// <exception cref="DamagedCheckpointException">something is missing, cut, changed, or not what it should be.</exception>
    internal static SavedState Read(string folder, long update)
    {
        try
        {
            return ReadChecked(folder, update);
        }
        catch (Exception problem) when (problem is UsageException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new DamagedCheckpointException(problem.Message);
        }
    }

    /// <summary>The numbers and words alone, hash-checked; null where they cannot be read.</summary>
    internal static SavedValues? ReadValues(string folder, long update)
    {
        try
        {
            CheckpointManifest manifest = ReadManifest(folder, update);
            return manifest.Files.FirstOrDefault(file => file.Name == ValuesName) is { } values ? SavedValues.Parse("state", ReadFile(folder, values)) : null;
        }
        catch (Exception problem) when (problem is DamagedCheckpointException or FormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>More bytes than the files will take: data, and for every tensor, policy and file room for what describes it.</summary>
    internal static long SizeOf(SavedState state) =>
        16_384 + state.Values.ToJson().Length + state.Optimizer.Bytes + state.World.Bytes + 256L * (state.Optimizer.All.Count + state.World.All.Count)
        + state.Policies.Values.Sum(policy => 8_192 + (long)policy.Weights.Length * sizeof(float));

    private static SavedState ReadChecked(string folder, long update)
    {
        CheckpointManifest manifest = ReadManifest(folder, update);
        var contents = manifest.Files.ToDictionary(file => file.Name, file => ReadFile(folder, file));
        byte[] Take(string name) => contents.Remove(name, out byte[]? found) ? found : throw new DamagedCheckpointException($"its manifest does not list {name}");
        var state = new SavedState(
            new SavedTensors("optimizer", Safetensors.Parse(OptimizerName, Take(OptimizerName)).Tensors),
            new SavedTensors("world", Safetensors.Parse(WorldName, Take(WorldName)).Tensors),
            SavedValues.Parse("state", Take(ValuesName)));
        foreach ((string name, byte[] file) in contents)
        {
            if (!name.EndsWith(Tensors, StringComparison.Ordinal)) throw new DamagedCheckpointException($"its manifest lists {name}, which this version does not know");
            PolicyFile policy = PolicyFile.Parse(Path.Join(folder, name), file);
            state.Write(name[..^Tensors.Length], new SavedPolicy(policy.Description, policy.Weights.ToArray()));
        }

        return state;
    }

    private static CheckpointManifest ReadManifest(string folder, long update)
    {
        string path = Path.Join(folder, CheckpointManifest.Name);
        if (!File.Exists(path)) throw new DamagedCheckpointException($"{CheckpointManifest.Name} is missing");
        using FileStream file = File.OpenRead(path);
        if (file.Length > CheckpointManifest.MaxBytes)
            throw new DamagedCheckpointException(string.Create(CultureInfo.InvariantCulture, $"{CheckpointManifest.Name} is {file.Length:N0} bytes, more than {CheckpointManifest.MaxBytes:N0}"));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        CheckpointManifest manifest = CheckpointManifest.Parse(bytes);
        return manifest.Update == update
            ? manifest
            : throw new DamagedCheckpointException($"{CheckpointManifest.Name} says it is of update {manifest.Update}");
    }

    private static byte[] ReadFile(string folder, CheckpointFile expected)
    {
        string path = Path.Join(folder, expected.Name);
        if (!File.Exists(path)) throw new DamagedCheckpointException($"{expected.Name} is missing");
        using FileStream file = File.OpenRead(path);
        if (file.Length != expected.Bytes)
            throw new DamagedCheckpointException(string.Create(CultureInfo.InvariantCulture, $"{expected.Name} is {file.Length:N0} bytes, manifest says {expected.Bytes:N0}"));
        if (file.Length > Array.MaxLength)
            throw new DamagedCheckpointException(string.Create(CultureInfo.InvariantCulture, $"{expected.Name} is {file.Length:N0} bytes, more than {Array.MaxLength:N0} that can be read at once"));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == expected.Sha256
            ? bytes
            : throw new DamagedCheckpointException($"{expected.Name} has another SHA-256 than its manifest says");
    }

    private static void WriteFile(string path, CheckpointDisk disk, Action<Stream> write)
    {
        using Stream stream = disk.Create(path);
        write(stream);
        disk.Flush(stream);
    }
}
