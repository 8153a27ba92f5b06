using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Serving;

/// <summary>Messages between a game and the policy server, as JSON or binary (docs/export.md). What comes in is not trusted.</summary>
internal static class ServeMessages
{
    /// <summary>First byte of every binary message.</summary>
    internal const byte Version = 1;

    internal const byte Step = 1;
    internal const byte Leave = 2;
    internal const byte Error = 255;

    private const int HeaderBytes = 4;
    private const int AgentBytes = 8; // id, flags, three bytes of nothing
    private const byte StartFlag = 1;
    private const byte MaskFlag = 2;
    private const int BytesPerJsonNumber = 32;
    private const int JsonOverhead = 1 << 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 5 };

    /// <summary>Bytes of the longest message that can mean something.</summary>
    internal static int LongestMessage(NetworkSpec network, int agents) =>
        (int)Math.Min(64 << 20, JsonOverhead + (long)agents * (network.Observations + network.DiscreteHeads.Sum() + 4) * BytesPerJsonNumber);

    /// <summary>The first message to a game.</summary>
    internal static byte[] Hello(PolicyDescription policy, ServeOptions options) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        hello = "arena policy",
        version = Version,
        game = policy.Game,
        network = NetworkText.Describe(policy.Network),
        observations = policy.Network.Observations,
        observationType = policy.Network.ByteObservations ? "byte" : "float",
        continuousActions = policy.Network.ContinuousActions,
        discreteActions = policy.Network.DiscreteHeads,
        remembers = policy.Network.StateSize > 0,
        agents = options.Agents,
    });

    /// <summary>Reads a text message.</summary>
    /// <exception cref="FormatException">what is wrong, as a clause.</exception>
    internal static void ReadJson(ReadOnlyMemory<byte> message, AgentStep step)
    {
        step.Clear();
        try
        {
            using JsonDocument document = JsonDocument.Parse(message, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException("a message is a JSON object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.Array || property.Name is not ("agents" or "leave")) throw new FormatException("a message has the lists 'agents' and 'leave', and nothing else");
                foreach (JsonElement one in property.Value.EnumerateArray())
                {
                    if (property.Name == "leave") step.Leave(Id(one));
                    else ReadAgent(one, step);
                }
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException) // no JSON; or half of a surrogate pair
        {
            throw new FormatException("a text message is JSON", problem);
        }
    }

    /// <summary>Reads a binary message.</summary>
    /// <exception cref="FormatException">what is wrong, as a clause.</exception>
    internal static void ReadBinary(ReadOnlySpan<byte> message, AgentStep step)
    {
        step.Clear();
        if (message.Length < HeaderBytes || message[0] != Version) throw new FormatException($"a binary message begins with {Version}, kind, and the number of agents");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(message[2..]);
        byte kind = message[1];
        message = message[HeaderBytes..];
        if (kind is not (Step or Leave)) throw new FormatException($"kind {kind} of a message is unknown");
        for (int at = 0; at < count; at++) message = message[(kind == Leave ? ReadLeaving(message, step) : ReadAgent(message, step))..];
        if (message.Length > 0) throw new FormatException($"{message.Length} bytes follow the last agent");
    }

    /// <summary>The actions of all agents of a message, as JSON.</summary>
    internal static void WriteJson(AgentStep step, ArrayBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        NetworkSpec network = step.Network;
        writer.WriteStartObject();
        writer.WriteStartArray("actions");
        for (int at = 0; at < step.Count; at++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", step.Ids[at]);
            if (network.ContinuousActions > 0)
            {
                writer.WriteStartArray("continuous");
                foreach (float component in step.Components.AsSpan(at * network.ContinuousActions, network.ContinuousActions)) writer.WriteNumberValue(component);
                writer.WriteEndArray();
            }

            if (network.DiscreteHeads.Count > 0)
            {
                writer.WriteStartArray("discrete");
                foreach (int choice in step.Choices.AsSpan(at * network.DiscreteHeads.Count, network.DiscreteHeads.Count)) writer.WriteNumberValue(choice);
                writer.WriteEndArray();
            }

            writer.WriteNumber("value", step.Values[at]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The actions of all agents of a message, as bytes.</summary>
    internal static void WriteBinary(AgentStep step, ArrayBufferWriter<byte> output)
    {
        NetworkSpec network = step.Network;
        Header(output, Step, step.Count);
        for (int at = 0; at < step.Count; at++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), step.Ids[at]);
            output.Advance(4);
            output.Write(MemoryMarshal.AsBytes(step.Components.AsSpan(at * network.ContinuousActions, network.ContinuousActions)));
            output.Write(MemoryMarshal.AsBytes(step.Choices.AsSpan(at * network.DiscreteHeads.Count, network.DiscreteHeads.Count)));
            output.Write(MemoryMarshal.AsBytes(step.Values.AsSpan(at, 1)));
        }
    }

    /// <summary>What was wrong with a message, in the form it had.</summary>
    internal static void WriteError(string problem, bool binary, ArrayBufferWriter<byte> output)
    {
        if (!binary)
        {
            output.Write(JsonSerializer.SerializeToUtf8Bytes(new { error = problem }));
            return;
        }

        Header(output, Error, 0);
        output.Write(Encoding.UTF8.GetBytes(problem));
    }

    private static void Header(ArrayBufferWriter<byte> output, byte kind, int count)
    {
        Span<byte> header = output.GetSpan(HeaderBytes);
        (header[0], header[1]) = (Version, kind);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)count);
        output.Advance(HeaderBytes);
    }

    private static int ReadLeaving(ReadOnlySpan<byte> message, AgentStep step)
    {
        if (message.Length < 4) throw new FormatException("a message ends inside an agent's number");
        step.Leave(BinaryPrimitives.ReadUInt32LittleEndian(message));
        return 4;
    }

    private static int ReadAgent(ReadOnlySpan<byte> message, AgentStep step)
    {
        int observation = step.Network.Observations * (step.Network.ByteObservations ? 1 : 4), choices = step.Network.DiscreteHeads.Sum();
        if (message.Length < AgentBytes) throw new FormatException("a message ends inside an agent");
        byte flags = message[4];
        if ((flags & ~(StartFlag | MaskFlag)) != 0 || message[5] != 0 || message[6] != 0 || message[7] != 0) throw new FormatException("an agent has flags that mean nothing");
        bool masked = (flags & MaskFlag) != 0;
        int length = AgentBytes + observation + (masked ? choices : 0);
        if (message.Length < length) throw new FormatException($"a message ends inside an agent, who takes {length} bytes");
        step.Add(BinaryPrimitives.ReadUInt32LittleEndian(message), (flags & StartFlag) != 0);
        ReadOnlySpan<byte> seen = message.Slice(AgentBytes, observation);
        if (step.Network.ByteObservations) seen.CopyTo(step.Bytes(step.Count - 1));
        else seen.CopyTo(MemoryMarshal.AsBytes(step.Floats(step.Count - 1)));
        if (masked) message[(AgentBytes + observation)..length].CopyTo(step.Mask(step.Count - 1));
        return length;
    }

    private static void ReadAgent(JsonElement agent, AgentStep step)
    {
        if (agent.ValueKind != JsonValueKind.Object || !agent.TryGetProperty("id", out JsonElement id) || !agent.TryGetProperty("observation", out JsonElement seen))
            throw new FormatException("an agent is an object with 'id' and 'observation', and perhaps 'mask' and 'start'");
        bool start = agent.TryGetProperty("start", out JsonElement flag) && Flag(flag);
        step.Add(Id(id), start);
        int at = step.Count - 1;
        if (step.Network.ByteObservations) Numbers(seen, step.Bytes(at), "observation");
        else Numbers(seen, step.Floats(at));
        bool masked = agent.TryGetProperty("mask", out JsonElement mask);
        if (masked) Numbers(mask, step.Mask(at), "mask");
        if (agent.GetPropertyCount() != 2 + (masked ? 1 : 0) + (flag.ValueKind == JsonValueKind.Undefined ? 0 : 1)) throw new FormatException("an agent has something besides 'id', 'observation', 'mask' and 'start'");
    }

    private static void Numbers(JsonElement list, Span<float> numbers)
    {
        CheckLength(list, numbers.Length, "observation");
        int at = 0;
        foreach (JsonElement one in list.EnumerateArray())
            if (one.ValueKind != JsonValueKind.Number || !one.TryGetSingle(out numbers[at++])) throw new FormatException("an observation is a list of numbers");
    }

    private static void Numbers(JsonElement list, Span<byte> numbers, string name)
    {
        CheckLength(list, numbers.Length, name);
        int at = 0;
        foreach (JsonElement one in list.EnumerateArray())
            if (one.ValueKind != JsonValueKind.Number || !one.TryGetByte(out numbers[at++])) throw new FormatException($"'{name}' is a list of whole numbers 0..255");
    }

    private static void CheckLength(JsonElement list, int length, string name)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != length) throw new FormatException($"'{name}' is a list of {length} numbers");
    }

    private static uint Id(JsonElement id) =>
        id.ValueKind == JsonValueKind.Number && id.TryGetUInt32(out uint value) ? value : throw new FormatException("an agent's 'id' is a whole number 0..4294967295");

    private static bool Flag(JsonElement flag) => flag.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FormatException("'start' is true or false"),
    };
}
