using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Validation.Replay;

/// <summary>Takes a replay file apart, trusting nothing in it.</summary>
internal sealed class ReplayReader(string path, byte[] bytes)
{
    private static int HeaderStart => ReplayFile.Magic.Length + 2 * sizeof(int);

    public ReplayFile Read()
    {
        ReadOnlySpan<byte> magic = ReplayFile.Magic;
        int known = Math.Min(magic.Length, bytes.Length);
        if (known == 0 || !bytes.AsSpan(0, known).SequenceEqual(magic[..known]))
            throw new UsageException(
                $"'{path}' is not a replay file: it does not begin with '{Encoding.ASCII.GetString(magic)}'. Give the path of a recorded match (*{ReplayFile.Extension}).");
        if (bytes.Length < HeaderStart + SHA256.HashSizeInBytes) throw Truncated($"{bytes.Length} bytes, not even a header");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(magic.Length));
        if (version > ReplayFile.FormatVersion)
            throw new UsageException($"'{path}' has replay format {version}; this program reads up to format {ReplayFile.FormatVersion}. Use a newer program.");
        if (version < 1) throw Damaged($"its format version is {version}");
        int headerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(magic.Length + sizeof(int)));
        if (headerLength is < 2 or > ReplayFile.MaxHeaderBytes)
            throw Damaged($"its header claims {headerLength} bytes; allowed are 2..{ReplayFile.MaxHeaderBytes}");
        if (headerLength > bytes.Length - HeaderStart - SHA256.HashSizeInBytes)
            throw Truncated($"{bytes.Length} bytes, of which the header alone claims {headerLength}");

        ReplayHeader header = Header(headerLength);
        CheckLength(header, headerLength);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - hash.Length), hash);
        if (!hash.SequenceEqual(bytes.AsSpan(bytes.Length - hash.Length)))
            throw new UsageException($"'{path}' is damaged: its SHA-256 checksum does not match its contents. Copy or record it again.");
        ReplayFile replay = Replay(header, HeaderStart + headerLength);
        CheckGame(replay);
        return replay;
    }

    private ReplayHeader Header(int length)
    {
        try
        {
            ReplayHeader header = ReplayHeader.FromJson(bytes.AsSpan(HeaderStart, length)) ?? throw Damaged("its header is empty");
            if (header.Game is null || header.Settings is null || header.FinalState is null) throw Damaged("its header lacks game, settings or finalState");
            if (header.Settings.Any(setting => setting.Value is null)) throw Damaged("its header has a setting without a value");
            return header;
        }
        catch (JsonException error)
        {
            throw Damaged($"its header is not the JSON of a replay ({error.Message})");
        }
    }

    // The length a hostile header asks for is compared with what is there before anything is allocated.
    private void CheckLength(ReplayHeader header, int headerLength)
    {
        bool possible = header is { Match: >= 0, Ticks: >= 0, Agents: >= 1 and <= 1 << 16, Continuous: >= 0 and <= 1 << 10, Discrete: >= 0 and <= 1 << 10 };
        if (!possible)
            throw Damaged(
                $"its header claims match {header.Match}, {header.Ticks} ticks, {header.Agents} agents, " +
                $"{header.Continuous} continuous and {header.Discrete} discrete actions each");
        long perTick = sizeof(float) + (long)header.Agents * (header.Continuous + header.Discrete) * sizeof(int);
        long expected = HeaderStart + headerLength + header.Ticks * perTick + SHA256.HashSizeInBytes;
        if (bytes.Length < expected) throw Truncated($"{bytes.Length} bytes of {expected}");
        if (bytes.Length > expected) throw Damaged($"it has {bytes.Length} bytes, {bytes.Length - expected} more than its header says");
    }

    private ReplayFile Replay(ReplayHeader header, int start)
    {
        var ticks = new ReplayTick[header.Ticks];
        int at = start;
        for (int tick = 0; tick < ticks.Length; tick++)
        {
            float progress = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
            at += sizeof(float);
            var continuous = new float[header.Agents * header.Continuous];
            for (int i = 0; i < continuous.Length; i++, at += sizeof(float)) continuous[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
            var discrete = new int[header.Agents * header.Discrete];
            for (int i = 0; i < discrete.Length; i++, at += sizeof(int)) discrete[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            ticks[tick] = new ReplayTick(progress, new MatchActions(continuous, discrete));
        }

        return new ReplayFile
        {
            Game = header.Game!,
            Settings = [.. header.Settings!],
            Seed = header.Seed,
            Match = header.Match,
            Agents = header.Agents,
            Continuous = header.Continuous,
            Discrete = header.Discrete,
            FinalState = header.FinalState!,
            Ticks = ticks,
        };
    }

    private void CheckGame(ReplayFile replay)
    {
        try
        {
            EnvironmentSpec spec = Registry.Find(replay.Game).Describe(replay.Options());
            if (replay.Agents != spec.AgentsPerMatch || replay.Continuous != spec.Action.Continuous.Count || replay.Discrete != spec.Action.Discrete.Count)
                throw new UsageException(
                    $"It has {replay.Agents} agents with {replay.Continuous} continuous and {replay.Discrete} discrete actions; " +
                    $"with its settings this program's {replay.Game} has {spec.AgentsPerMatch} with {spec.Action.Continuous.Count} and {spec.Action.Discrete.Count}.");
        }
        catch (UsageException error)
        {
            throw new UsageException($"'{path}' is a replay that this program cannot play; use the version that recorded it. {error.Message}");
        }
    }

    private UsageException Truncated(string what) => new($"'{path}' is a replay file that was cut off: it has {what}. Copy or record it again.");

    private UsageException Damaged(string what) => new($"'{path}' is a damaged replay file: {what}. Copy or record it again.");
}
