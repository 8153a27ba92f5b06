using System.Buffers.Binary;
using System.Text;
using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Metrics;

/// <summary>Event files, read back by <see cref="EventReader"/>, which shares nothing with the writer.</summary>
public sealed class EventFileTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2025, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("arena-events-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_check_value_is_that_of_the_polynomials_standard_text()
    {
        Assert.Equal(0xe3069283u, EventRecord.Crc("123456789"u8));
        Assert.Equal(0xe3069283u, EventReader.Crc("123456789"u8));
    }

    // Length, its check, payload, its check, byte by byte.
    [Fact]
    public void The_first_record_is_known()
    {
        using var bytes = new MemoryStream();
        EventRecord.Write(bytes, EventMessages.Version(0));
        Assert.Equal("1800000000000000" + "A37F4B22" + "0900000000000000001A0D627261696E2E4576656E743A32" + "EEDF28A3", Convert.ToHexString(bytes.ToArray()));
    }

    [Fact]
    public void A_thousand_records_are_read_back()
    {
        var random = new System.Random(1);
        var names = new MetricNames();
        List<(long Step, (string, float)[] Scalars)> expected = [];
        string path;
        using (var file = new EventFile(folder, "soccer-1", Now))
        {
            path = file.Path;
            for (int update = 0; update < 1_000; update++)
            {
                var sample = new MetricSample(names) { Update = update, AgentSteps = 49_152L * (update + 1), UnixSeconds = 1e9 + update };
                List<(string, float)> scalars = [("progress/update", update + 1), ("progress/agent_steps", sample.AgentSteps)];
                for (int i = random.Next(40); i >= 0; i--)
                {
                    string name = i == 0 ? "ppo/kl" : i == 1 ? "eval/scripted:ünïcode/score" : $"reward/{new string('r', i * 5)}";
                    double value = i == 7 ? double.NaN : i == 8 ? double.NegativeInfinity : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20));
                    sample.Set(name, value);
                    scalars.Add((name, (float)value));
                }

                file.Write(sample);
                expected.Add((sample.AgentSteps, [.. scalars]));
            }
        }

        List<ReadEvent> events = EventReader.Read(File.ReadAllBytes(path));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(1_000, events.Count - 1);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal((expected[i].Step, 1e9 + i), (events[i + 1].Step, events[i + 1].WallTime));
            Assert.Equal(expected[i].Scalars, events[i + 1].Scalars);
        }
    }

    [Fact]
    public void The_reader_is_strict()
    {
        string path;
        using (var file = new EventFile(folder, "run", Now)) path = file.Path;
        byte[] bytes = File.ReadAllBytes(path);
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.ThrowsAny<Exception>(() => EventReader.Read(bytes));
            bytes[i] ^= 1;
        }

        Assert.Single(EventReader.Read(bytes));
    }

    [Fact]
    public void Records_of_any_length_pass_their_own_checks() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), payload =>
        {
            using var bytes = new MemoryStream();
            EventRecord.Write(bytes, payload);
            return EventReader.Frames(bytes.ToArray()).Single().SequenceEqual(payload);
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void The_name_says_time_host_and_run_and_never_meets_another()
    {
        using EventFile first = new(folder, "soccer 1/2", Now), second = new(folder, "soccer 1/2", Now);
        string host = string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
        Assert.Equal($"events.out.tfevents.1741064767.{host}.soccer-1-2", Path.GetFileName(first.Path));
        Assert.Equal($"events.out.tfevents.1741064768.{host}.soccer-1-2", Path.GetFileName(second.Path));
    }

    // A viewer drops what has the start's step or more: the checkpoint's own point stays, the first new one does not meet an old one.
    [Fact]
    public void A_resumed_run_says_from_where_it_counts()
    {
        string path;
        using (var file = new EventFile(folder, "run", Now, resumedAfter: 5_000))
        {
            path = file.Path;
            file.Write(new MetricSample(new MetricNames()) { Update = 5, AgentSteps = 6_000, UnixSeconds = 1 });
        }

        List<ReadEvent> events = EventReader.Read(File.ReadAllBytes(path));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((1, 5_001L), (events[1].SessionStatus, events[1].Step));
        Assert.Equal(6_000, events[2].Step);
    }

    [Fact]
    public void A_text_arrives_as_the_text_plugin_wants_it()
    {
        string path;
        using (var file = new EventFile(folder, "run", Now))
        {
            path = file.Path;
            file.WriteText("config", "| setting | value |\n| --- | --- |\n| ε | 0.2 |\n", Now, 7);
        }

        ReadEvent read = EventReader.Read(File.ReadAllBytes(path))[1];
        Assert.Equal((7L, 1741064767.0), (read.Step, read.WallTime));
        Assert.Equal(("config", "text", 7, 1L, "| setting | value |\n| --- | --- |\n| ε | 0.2 |\n"), read.Text);
    }
}

/// <summary>One event as the reader found it.</summary>
internal sealed record ReadEvent(double WallTime, long Step, string? FileVersion, int SessionStatus, List<(string Tag, float Value)> Scalars, (string Tag, string Plugin, int Type, long Size, string Value)? Text);

/// <summary>Reads event files by the description of the format: no library, a bit-by-bit CRC, and an error for whatever is not expected.</summary>
internal static class EventReader
{
    internal static List<ReadEvent> Read(byte[] file) => [.. Frames(file).Select(Event)];

    internal static IEnumerable<byte[]> Frames(byte[] file)
    {
        int at = 0;
        while (at < file.Length)
        {
            long length = BitConverter.ToInt64(file, at);
            Check(file.AsSpan(at, 8), BitConverter.ToUInt32(file, at + 8));
            byte[] payload = file[(at + 12)..checked((int)(at + 12 + length))];
            Check(payload, BitConverter.ToUInt32(file, at + 12 + payload.Length));
            yield return payload;
            at += 16 + payload.Length;
        }
    }

    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
        }

        return ~crc;
    }

    private static void Check(ReadOnlySpan<byte> bytes, uint masked)
    {
        uint rotated = masked - 0xa282ead8, crc = rotated >> 17 | rotated << 15;
        if (crc != Crc(bytes)) throw new InvalidDataException("check value");
    }

    private static ReadEvent Event(byte[] payload)
    {
        double time = 0;
        long step = 0;
        string? version = null;
        int status = 0;
        List<(string, float)> scalars = [];
        (string, string, int, long, string)? text = null;
        foreach ((int field, ulong number, byte[] bytes) in Fields(payload))
        {
            if (field == 1) time = BitConverter.UInt64BitsToDouble(number);
            else if (field == 2) step = (long)number;
            else if (field == 3) version = Encoding.UTF8.GetString(bytes);
            else if (field == 7) status = (int)Fields(bytes).Single(inner => inner.Field == 1).Number;
            else if (field == 5) Summary(bytes, scalars, ref text);
            else throw new InvalidDataException($"field {field} of an event");
        }

        return new ReadEvent(time, step, version, status, scalars, text);
    }

    private static void Summary(byte[] summary, List<(string, float)> scalars, ref (string, string, int, long, string)? text)
    {
        foreach ((int field, _, byte[] value) in Fields(summary))
        {
            if (field != 1) throw new InvalidDataException($"field {field} of a summary");
            var parts = Fields(value).ToDictionary(part => part.Field);
            string tag = Encoding.UTF8.GetString(parts[1].Bytes);
            if (parts.TryGetValue(2, out var scalar)) scalars.Add((tag, BitConverter.UInt32BitsToSingle((uint)scalar.Number)));
            else text = Text(tag, parts[8].Bytes, parts[9].Bytes);
        }
    }

    private static (string, string, int, long, string) Text(string tag, byte[] tensor, byte[] metadata)
    {
        var plugin = Fields(Fields(metadata).Single(part => part.Field == 1).Bytes).Single(part => part.Field == 1);
        var parts = Fields(tensor).ToDictionary(part => part.Field);
        var dimension = Fields(parts[2].Bytes).Single(part => part.Field == 2);
        return (tag, Encoding.UTF8.GetString(plugin.Bytes), (int)parts[1].Number, (long)Fields(dimension.Bytes).Single(part => part.Field == 1).Number, Encoding.UTF8.GetString(parts[8].Bytes));
    }

    // Fields of one message: varints and fixed numbers, or bytes.
    private static List<(int Field, ulong Number, byte[] Bytes)> Fields(byte[] message)
    {
        List<(int, ulong, byte[])> fields = [];
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint(message, ref at);
            int field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0: fields.Add((field, Varint(message, ref at), [])); break;
                case 1: fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)), [])); at += 8; break;
                case 5: fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)), [])); at += 4; break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    fields.Add((field, 0, message[at..(at + length)]));
                    at += length;
                    break;
                default: throw new InvalidDataException("wire type");
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
    }
}
