using System.Buffers.Binary;
using System.Security.Cryptography;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Validation.Replay;

/// <summary>The actions of every agent in one tick, and how far the reward schedule had come.</summary>
/// <param name="Progress">0..1.</param>
/// <param name="Actions">All agents of the match.</param>
public sealed record ReplayTick(float Progress, MatchActions Actions);

/// <summary>One match as it was played: enough to play it again, bit for bit. The format is described in docs/replay-format.md.</summary>
public sealed record ReplayFile
{
    /// <summary>Newest format version this program reads, and the one it writes.</summary>
    public const int FormatVersion = 1;

    /// <summary>Ending of replay files.</summary>
    public const string Extension = ".replay";

    internal const int MaxHeaderBytes = 1 << 20;

    internal static ReadOnlySpan<byte> Magic => "ARENARPL"u8;

    /// <summary>Name of the game in the registry.</summary>
    public required string Game { get; init; }

    /// <summary>Settings that differ from the game's defaults, as path and value; without numEnvs and matchOffset.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>Key of all draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Global number of the match.</summary>
    public required int Match { get; init; }

    /// <summary>A: agents per match.</summary>
    public required int Agents { get; init; }

    /// <summary>Continuous components per agent.</summary>
    public required int Continuous { get; init; }

    /// <summary>Discrete heads per agent.</summary>
    public required int Discrete { get; init; }

    /// <summary>SHA-256 of the match's state after the last tick, lower-case hexadecimal.</summary>
    public required string FinalState { get; init; }

    /// <summary>What happened, tick by tick from the reset.</summary>
    public required IReadOnlyList<ReplayTick> Ticks { get; init; }

    internal int BytesPerTick => TickBytes(Agents, Continuous, Discrete);

    internal static int TickBytes(int agents, int continuous, int discrete) => sizeof(float) + agents * (continuous + discrete) * sizeof(int);

    /// <summary>Options of a batch that holds this match alone.</summary>
    /// <exception cref="UsageException">the game or a setting is unknown to this program.</exception>
    public GameOptions Options()
    {
        GameOptions options = Registry.Find(Game).DefaultOptions;
        foreach ((string path, string value) in Settings) options = Kernels.Environments.Settings.With(options, path, value);
        return options with { NumEnvs = 1, MatchOffset = Match };
    }

    /// <summary>Writes <paramref name="replay"/> under a temporary name, flushes it, and renames it to <paramref name="path"/>.</summary>
    /// <exception cref="IOException">the disk says no; nothing is left under <paramref name="path"/> that was not there before.</exception>
    public static void Write(string path, ReplayFile replay)
    {
        byte[] bytes = Encode(replay);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads and checks a replay.</summary>
    /// <exception cref="UsageException">no such file, not a replay, damaged, newer than this program, or of an unknown game or setting.</exception>
    public static ReplayFile Read(string path)
    {
        if (!File.Exists(path)) throw new UsageException($"There is no file '{path}'; give the path of a replay file ({Extension}).");
        return new ReplayReader(path, File.ReadAllBytes(path)).Read();
    }

    /// <summary>The bytes of a replay file.</summary>
    public static byte[] Encode(ReplayFile replay)
    {
        byte[] header = ReplayHeader.Of(replay).ToJson();
        int actions = Magic.Length + 2 * sizeof(int) + header.Length;
        var bytes = new byte[actions + replay.Ticks.Count * replay.BytesPerTick + SHA256.HashSizeInBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Magic.Length), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Magic.Length + sizeof(int)), header.Length);
        header.CopyTo(bytes, Magic.Length + 2 * sizeof(int));
        Span<byte> rest = bytes.AsSpan(actions);
        foreach (ReplayTick tick in replay.Ticks) rest = EncodeTick(replay, tick, rest);
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes), rest);
        return bytes;
    }

    private static Span<byte> EncodeTick(ReplayFile replay, ReplayTick tick, Span<byte> to)
    {
        if (tick.Actions.Continuous.Length != replay.Agents * replay.Continuous || tick.Actions.Discrete.Length != replay.Agents * replay.Discrete)
            throw new ArgumentException("A tick of the replay has another number of actions than its header says.", nameof(tick));
        BinaryPrimitives.WriteSingleLittleEndian(to, tick.Progress);
        to = to[sizeof(float)..];
        foreach (float value in tick.Actions.Continuous)
        {
            BinaryPrimitives.WriteSingleLittleEndian(to, value);
            to = to[sizeof(float)..];
        }

        foreach (int value in tick.Actions.Discrete)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to, value);
            to = to[sizeof(int)..];
        }

        return to;
    }
}
