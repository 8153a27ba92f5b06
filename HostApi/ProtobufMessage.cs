using Google.Protobuf;
using static Google.Protobuf.WireFormat.WireType;

namespace Arena.HostApi;

/// <summary>Messages written by field numbers, for formats whose generated classes would be larger than what is written.</summary>
internal static class ProtobufMessage
{
    /// <summary>The bytes of a message.</summary>
    internal static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true)) write(output);
        return bytes.ToArray();
    }

    /// <summary>A field that is a message itself.</summary>
    internal static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }
}
