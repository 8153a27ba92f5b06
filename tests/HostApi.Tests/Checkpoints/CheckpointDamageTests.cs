using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Policy.Networks;
using Arena.Policy.Weights;
using Arena.Tests;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>However a checkpoint is damaged: the older one, or a clear message; never a crash, a hang, or other numbers.</summary>
public sealed class CheckpointDamageTests : IDisposable
{
    private const string Good = "000000100";
    private const string Bad = "000000200";

    private static readonly string[] FileNames = ["policy.safetensors", "optimizer.safetensors", "world.safetensors", "state.json", "manifest.json"];
    private static readonly HashSet<long> Nothing = [];

    private readonly string run = Directory.CreateTempSubdirectory("arena-damage-").FullName;
    private readonly CheckpointStore store;

    public CheckpointDamageTests()
    {
        store = CheckpointStore.Open(run);
        store.Write(100, SmallState(1), Nothing);
        store.Write(200, SmallState(2), Nothing);
    }

    public void Dispose()
    {
        store.Dispose();
        Directory.Delete(run, recursive: true);
    }

    [Fact]
    public void A_whole_one_is_read_and_nothing_is_said()
    {
        LoadedCheckpoint newest = store.ReadNewest(said => Assert.Fail(said));
        Assert.Equal(200, newest.Update);
        Assert.Equal([2f, 3f], newest.State.World.ReadArray<float>("some/floats"));
        Assert.Equal(2, newest.State.Values.ReadLong("some/number"));
        Assert.Equal(100, store.ReadNamed(Good).Update);
    }

    [Fact]
    public void Every_truncation_of_every_file_means_the_older_one_and_says_so()
    {
        foreach (string name in FileNames)
        {
            byte[] whole = File.ReadAllBytes(PathOf(name));
            for (int length = 0; length < whole.Length; length++)
            {
                File.WriteAllBytes(PathOf(name), whole[..length]);
                string said = ReadOlder();
                Assert.StartsWith($"checkpoint {Bad}: {name} ", said);
                Assert.EndsWith($"; using {Good} instead", said);
                if (name != "manifest.json")
                    Assert.Contains(FormattableString.Invariant($"{name} is {length:N0} bytes, manifest says {whole.Length:N0}"), said);
            }

            File.WriteAllBytes(PathOf(name), whole);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var random = new Random(1);
        for (int flip = 0; flip < TestSize.Of(300, 10_000); flip++)
        {
            string path = PathOf(FileNames[flip % FileNames.Length]);
            byte[] whole = File.ReadAllBytes(path), damaged = [.. whole];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            ReadOlder();
            File.WriteAllBytes(path, whole);
        }
    }

    [Fact]
    public void Bits_flipped_before_the_hash_was_taken_are_read_or_refused_but_never_crash()
    {
        var random = new Random(2);
        for (int flip = 0; flip < TestSize.Of(200, 10_000); flip++)
        {
            string name = FileNames[flip % 4];
            byte[] whole = File.ReadAllBytes(PathOf(name)), damaged = [.. whole], manifest = File.ReadAllBytes(PathOf("manifest.json"));
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Replace(name, damaged);
            try
            {
                SavedState state = store.ReadNamed(Bad).State;
                state.World.Read("some/floats", new float[2].AsSpan());
                state.Values.ReadLong("some/number");
            }
            catch (UsageException refused)
            {
                Assert.DoesNotContain('\n', refused.Message);
            }

            File.WriteAllBytes(PathOf(name), whole);
            File.WriteAllBytes(PathOf("manifest.json"), manifest);
        }
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}""", "cut short")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", "more than 2^63")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "occurs twice")]
    public void A_hostile_header_with_the_right_hash_is_refused_with_its_reason(string header, string expected)
    {
        Replace("world.safetensors", [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[8]]);
        Assert.Contains(expected, ReadOlder());
        Replace("world.safetensors", [.. BitConverter.GetBytes(ulong.MaxValue), .. Encoding.UTF8.GetBytes(header), .. new byte[8]]);
        Assert.Contains("claims", ReadOlder());
    }

    [Theory]
    [InlineData("\"world.safetensors\"", "\"../../../etc/passwd\"", "cannot be")]
    [InlineData("\"world.safetensors\"", "\"/etc/passwd\"", "cannot be")]
    [InlineData("\"world.safetensors\"", "\"policy.safetensors\"", "lists a file twice")]
    [InlineData("\"world.safetensors\"", "\"manifest.json\"", "cannot be")]
    [InlineData("\"world.safetensors\"", "\"wurld.safetensors\"", "wurld.safetensors is missing")]
    [InlineData("\"update\": 200", "\"update\": 201", "says it is of update 201")]
    [InlineData("arena-checkpoint-1", "arena-checkpoint-9", "this version reads 'arena-checkpoint-1'")]
    [InlineData("\"update\": 200", "\"update\": 1e999", "not a manifest")]
    [InlineData("\"update\": 200", "\"update\": 200, \"more\": 1", "was changed")]
    [InlineData("\"bytes\": ", "\"bytes\": -", "cannot be")]
    [InlineData("\"bytes\": ", "\"bytes\": 9999999", "manifest says 9,999,999,")]
    [InlineData("\"files\"", "\"flies\"", "not a manifest")]
    [InlineData("{", "[", "not a manifest")]
    public void A_hostile_manifest_is_refused_with_its_reason(string what, string with, string expected)
    {
        string text = File.ReadAllText(PathOf("manifest.json"));
        Assert.Contains(what, text);
        File.WriteAllText(PathOf("manifest.json"), text.Replace(what, with, StringComparison.Ordinal));
        Assert.Contains(expected, ReadOlder());
    }

    [Fact]
    public void A_manifest_as_large_as_a_disk_is_not_read()
    {
        using (FileStream file = File.OpenWrite(PathOf("manifest.json"))) file.SetLength(1L << 40); // a sparse terabyte
        Assert.Contains("more than", ReadOlder());
        using (FileStream file = File.OpenWrite(PathOf("world.safetensors"))) file.SetLength(1L << 40);
        store.Write(200, SmallState(2), Nothing);
        using (FileStream file = File.OpenWrite(PathOf("world.safetensors"))) file.SetLength(1L << 40);
        Assert.Contains("manifest says", ReadOlder());
    }

    [Fact]
    public void A_missing_file_a_renamed_folder_and_a_file_in_a_folders_place_are_damage()
    {
        File.Delete(PathOf("world.safetensors"));
        Assert.Contains("world.safetensors is missing", ReadOlder());
        Directory.CreateDirectory(PathOf("world.safetensors"));
        Assert.Contains("world.safetensors is missing", ReadOlder());
        Directory.Delete(Path.Join(run, "checkpoints", Bad), recursive: true);
        Directory.Move(Path.Join(run, "checkpoints", Good), Path.Join(run, "checkpoints", Bad));
        Assert.Contains("says it is of update 100", Assert.Throws<UsageException>(() => store.ReadNewest(_ => { })).Message);
        Directory.CreateDirectory(Path.Join(run, "checkpoints", "12")); // not a checkpoint's name
        Assert.Throws<UsageException>(() => store.ReadNamed("12"));
    }

    [Fact]
    public void A_damaged_one_that_was_named_is_an_error_and_all_damaged_is_one_that_lists_all()
    {
        File.WriteAllText(PathOf("state.json"), "{}");
        string message = Assert.Throws<UsageException>(() => store.ReadNamed(Bad)).Message;
        Assert.Contains("state.json is 2 bytes", message);
        File.WriteAllText(Path.Join(run, "checkpoints", Good, "state.json"), "{}");
        message = Assert.Throws<UsageException>(() => store.ReadNewest(said => Assert.Fail(said))).Message;
        Assert.Contains($"checkpoint {Bad}", message);
        Assert.Contains($"checkpoint {Good}", message);
    }

    /// <summary>A state of a few hundred bytes.</summary>
    internal static SavedState SmallState(int number)
    {
        var network = new NetworkSpec(2, [1], Activation.Tanh, 0, [2]);
        var state = new SavedState();
        state.Write(SavedState.LearnerPolicy, new SavedPolicy(new PolicyDescription("corridor", network, [], 1, 1), new float[new ParameterLayout(network).Length]));
        state.Optimizer.Write<float>("adamw.m/bias", [0.5f]);
        state.World.Write<float>("some/floats", [number, number + 1]);
        state.Values.Write("some/number", (long)number);
        return state;
    }

    private string PathOf(string name) => Path.Join(run, "checkpoints", Bad, name);

    // The newest is damaged: the older one is read, and it is the older one's numbers.
    private string ReadOlder()
    {
        string said = "";
        LoadedCheckpoint found = store.ReadNewest(words => said += words);
        Assert.Equal(100, found.Update);
        Assert.Equal(1, found.State.Values.ReadLong("some/number"));
        Assert.Equal([1f, 2f], found.State.World.ReadArray<float>("some/floats"));
        Assert.DoesNotContain('\n', said);
        return said;
    }

    // Another file with its own size and hash in the manifest.
    private void Replace(string name, byte[] contents)
    {
        File.WriteAllBytes(PathOf(name), contents);
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(PathOf("manifest.json")))!;
        JsonNode entry = manifest["files"]!.AsArray().Single(file => (string)file!["name"]! == name)!;
        entry["bytes"] = contents.Length;
        entry["sha256"] = Convert.ToHexStringLower(SHA256.HashData(contents));
        File.WriteAllText(PathOf("manifest.json"), manifest.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }));
    }
}
