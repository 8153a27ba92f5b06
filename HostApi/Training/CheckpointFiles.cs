using System.Globalization;
using System.Security.Cryptography;
using Arena.Kernels;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Why a checkpoint cannot be read; the message is the end of a sentence.</summary>
internal sealed class DamagedCheckpointException(string message) : Exception(message);

/// <summary>The files of one checkpoint: policies, optimizer.safetensors, world.safetensors, world-N.safetensors of shards, state.json, and manifest.json last.</summary>
/// <remarks>A file is read once: its size is compared with the manifest before, its hash after, and only then is it parsed.</remarks>
internal static class CheckpointFiles
{
    private const string OptimizerName = "optimizer.safetensors";
    private const string WorldName = "world.safetensors";
    private const string ValuesName = "state.json";
    private const string Tensors = ".safetensors";

    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <summary>Writes the parts of the shards of this process into <paramref name="folder"/> and flushes each.</summary>
    /// <exception cref="IOException">the disk is full, or failed.</exception>
    internal static IReadOnlyList<CheckpointFile> WriteShards(string folder, SavedState state, CheckpointDisk disk) =>
        [.. state.Shards.Select(shard => WriteListed(folder, SavedState.NameOf(shard.Key) + Tensors, disk, stream => Safetensors.Write(stream, shard.Value.All, NoMetadata)))];

    /// <summary>Writes every other file into <paramref name="folder"/> and flushes each, the manifest last.</summary>
    /// <param name="folder">Of the checkpoint.</param>
    /// <param name="update">Its update.</param>
    /// <param name="state">What is saved.</param>
    /// <param name="disk">Where it goes.</param>
    /// <param name="shards">What <see cref="WriteShards"/> wrote, here and elsewhere.</param>
    /// <exception cref="IOException">the disk is full, or failed.</exception>
    internal static void Write(string folder, long update, SavedState state, CheckpointDisk disk, IEnumerable<CheckpointFile> shards)
    {
        List<CheckpointFile> files = [.. shards];
        void File(string name, Action<Stream> write) => files.Add(WriteListed(folder, name, disk, write));
        foreach ((string name, SavedPolicy policy) in state.Policies) File(name + Tensors, stream => PolicyFile.Save(stream, policy.Description, policy.Weights));
        File(OptimizerName, stream => Safetensors.Write(stream, state.Optimizer.All, NoMetadata));
        File(WorldName, stream => Safetensors.Write(stream, state.World.All, NoMetadata));
        File(ValuesName, stream => stream.Write(state.Values.ToJson()));
        WriteFile(Path.Join(folder, CheckpointManifest.Name), disk, stream => stream.Write(new CheckpointManifest(update, files).ToJson()));
    }

    /// <summary>Reads and checks everything in <paramref name="folder"/>; of shards that are not asked for only that their files have their size.</summary>
    /// <exception cref="DamagedCheckpointException">something is missing, cut, changed, or not what it should be.</exception>
    internal static SavedState Read(string folder, long update, Func<int, bool>? shards = null)
    {
        try
        {
            return ReadChecked(folder, update, shards ?? (_ => true));
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
    /// <param name="state">What is saved.</param>
    /// <param name="ranks">Processes of the run, each with as many shards.</param>
    internal static long SizeOf(SavedState state, int ranks = 1) =>
        16_384 + state.Values.ToJson().Length + state.Optimizer.Bytes + state.World.Bytes + 256L * (state.Optimizer.All.Count + state.World.All.Count)
        + state.Policies.Values.Sum(policy => 8_192 + (long)policy.Weights.Length * sizeof(float))
        + ranks * state.Shards.Values.Sum(shard => 8_192 + shard.Bytes + 256L * shard.All.Count);

    private static SavedState ReadChecked(string folder, long update, Func<int, bool> shards)
    {
        CheckpointManifest manifest = ReadManifest(folder, update);
        foreach (CheckpointFile other in manifest.Files.Where(file => ShardOf(file.Name) is { } shard && !shards(shard))) OpenFile(folder, other).Dispose();
        var contents = manifest.Files.Where(file => ShardOf(file.Name) is not { } shard || shards(shard)).ToDictionary(file => file.Name, file => ReadFile(folder, file));
        byte[] Take(string name) => contents.Remove(name, out byte[]? found) ? found : throw new DamagedCheckpointException($"its manifest does not list {name}");
        var state = new SavedState(
            new SavedTensors("optimizer", Safetensors.Parse(OptimizerName, Take(OptimizerName)).Tensors),
            new SavedTensors("world", Safetensors.Parse(WorldName, Take(WorldName)).Tensors),
            SavedValues.Parse("state", Take(ValuesName)));
        foreach ((string name, byte[] file) in contents)
        {
            if (ShardOf(name) is { } shard)
            {
                state.AddShard(shard, Safetensors.Parse(name, file).Tensors);
                continue;
            }

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

    // Number of the shard whose part a file is; null for other files.
    private static int? ShardOf(string name)
    {
        const string first = "world-";
        return name.StartsWith(first, StringComparison.Ordinal) && name.EndsWith(Tensors, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(first.Length, name.Length - first.Length - Tensors.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int shard) ? shard : null;
    }

    // Of the size that the manifest says.
    private static FileStream OpenFile(string folder, CheckpointFile expected)
    {
        string path = Path.Join(folder, expected.Name);
        if (!File.Exists(path)) throw new DamagedCheckpointException($"{expected.Name} is missing");
        FileStream file = File.OpenRead(path);
        long length = file.Length;
        if (length == expected.Bytes) return file;
        file.Dispose();
        throw new DamagedCheckpointException(string.Create(CultureInfo.InvariantCulture, $"{expected.Name} is {length:N0} bytes, manifest says {expected.Bytes:N0}"));
    }

    private static byte[] ReadFile(string folder, CheckpointFile expected)
    {
        using FileStream file = OpenFile(folder, expected);
        if (file.Length > Array.MaxLength)
            throw new DamagedCheckpointException(string.Create(CultureInfo.InvariantCulture, $"{expected.Name} is {file.Length:N0} bytes, more than {Array.MaxLength:N0} that can be read at once"));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == expected.Sha256
            ? bytes
            : throw new DamagedCheckpointException($"{expected.Name} has another SHA-256 than its manifest says");
    }

    private static CheckpointFile WriteListed(string folder, string name, CheckpointDisk disk, Action<Stream> write)
    {
        WriteFile(Path.Join(folder, name), disk, write);
        using FileStream written = File.OpenRead(Path.Join(folder, name));
        return new CheckpointFile(name, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }

    private static void WriteFile(string path, CheckpointDisk disk, Action<Stream> write)
    {
        using Stream stream = disk.Create(path);
        write(stream);
        disk.Flush(stream);
    }
}
