using Google.Protobuf;
using static Arena.HostApi.ProtobufMessage;
using static Google.Protobuf.WireFormat.WireType;

namespace Arena.HostApi.Metrics;

/// <summary>The messages of an event file, by the field numbers of TensorFlow's event.proto, summary.proto and tensor.proto.</summary>
internal static class EventMessages
{
    private const string FileVersion = "brain.Event:2";
    private const int SessionStart = 1;
    private const int StringType = 7;

    /// <summary>The first event of a file.</summary>
    internal static byte[] Version(double unixSeconds) => Message(output =>
    {
        WallTime(output, unixSeconds);
        output.WriteTag(3, LengthDelimited);
        output.WriteString(FileVersion);
    });

    /// <summary>Says that a run begins anew at <paramref name="step"/>: a viewer drops what other files hold from there on.</summary>
    internal static byte[] Start(double unixSeconds, long step) => Message(output =>
    {
        Head(output, unixSeconds, step);
        Nested(output, 7, log =>
        {
            log.WriteTag(1, Varint);
            log.WriteEnum(SessionStart);
        });
    });

    /// <summary>A text in Markdown.</summary>
    internal static byte[] Text(double unixSeconds, long step, string tag, string markdown) => Message(output =>
    {
        Head(output, unixSeconds, step);
        Nested(output, 5, summary => Nested(summary, 1, value =>
        {
            value.WriteTag(1, LengthDelimited);
            value.WriteString(tag);
            Nested(value, 8, tensor => Strings(tensor, markdown));
            Nested(value, 9, metadata => Nested(metadata, 1, plugin =>
            {
                plugin.WriteTag(1, LengthDelimited);
                plugin.WriteString("text");
            }));
        }));
    });

    /// <summary>Writes an event with all numbers of a sample into <paramref name="payload"/>, which is emptied first.</summary>
    /// <remarks>Lengths stand before contents, so they are computed first, not written to buffers and copied: this runs once per update.</remarks>
    internal static void Scalars(MemoryStream payload, MetricSample sample)
    {
        payload.SetLength(0);
        using var output = new CodedOutputStream(payload, leaveOpen: true);
        Head(output, sample.UnixSeconds, sample.AgentSteps);
        int length = ScalarField("progress/update") + ScalarField("progress/agent_steps");
        for (int i = 0; i < sample.Count; i++) length += ScalarField(sample[i].Name);
        output.WriteTag(5, LengthDelimited);
        output.WriteLength(length);
        Scalar(output, "progress/update", sample.Update + 1);
        Scalar(output, "progress/agent_steps", sample.AgentSteps);
        for (int i = 0; i < sample.Count; i++) Scalar(output, sample[i].Name, (float)sample[i].Value);
    }

    // Bytes of a summary's value: its tag (1 byte), its length, itself.
    private static int ScalarField(string tag) => 1 + CodedOutputStream.ComputeLengthSize(ScalarLength(tag)) + ScalarLength(tag);

    private static int ScalarLength(string tag) => 1 + CodedOutputStream.ComputeStringSize(tag) + 1 + sizeof(float);

    private static void Scalar(CodedOutputStream output, string tag, float value)
    {
        output.WriteTag(1, LengthDelimited);
        output.WriteLength(ScalarLength(tag));
        output.WriteTag(1, LengthDelimited);
        output.WriteString(tag);
        output.WriteTag(2, Fixed32);
        output.WriteFloat(value);
    }

    // A tensor of one string.
    private static void Strings(CodedOutputStream tensor, string text)
    {
        tensor.WriteTag(1, Varint);
        tensor.WriteEnum(StringType);
        Nested(tensor, 2, shape => Nested(shape, 2, dimension =>
        {
            dimension.WriteTag(1, Varint);
            dimension.WriteInt64(1);
        }));
        tensor.WriteTag(8, LengthDelimited);
        tensor.WriteBytes(ByteString.CopyFromUtf8(text));
    }

    private static void Head(CodedOutputStream output, double unixSeconds, long step)
    {
        WallTime(output, unixSeconds);
        output.WriteTag(2, Varint);
        output.WriteInt64(step);
    }

    private static void WallTime(CodedOutputStream output, double unixSeconds)
    {
        output.WriteTag(1, Fixed64);
        output.WriteDouble(unixSeconds);
    }
}
