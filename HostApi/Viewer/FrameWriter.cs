using System.Buffers.Binary;
using System.Text;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Viewer;

/// <summary>One picture of all shown matches as bytes: docs/frame-protocol.md, little-endian.</summary>
/// <remarks>One thread at a time. A frame is a new array, since several connections may still be sending the one before.</remarks>
internal sealed class FrameWriter
{
    internal const byte Kind = 1;
    internal const byte Version = 1;
    internal const int HeaderBytes = 20;
    internal const int MatchBytes = 22;
    internal const int ShapeBytes = 28;
    internal const byte Paused = 1;
    internal const byte Ended = 2;
    internal const byte Cut = 4;

    private const int FlagsAt = 2;
    private const ushort NoAgent = ushort.MaxValue;

    private readonly Scene scene = new();
    private byte[] bytes = new byte[1 << 12];
    private int length;
    private uint sequence;

    /// <summary>Draws matches 0..<paramref name="matches"/>−1.</summary>
    /// <param name="environment">Whose matches.</param>
    /// <param name="matches">How many.</param>
    /// <param name="flags"><see cref="Paused"/>, <see cref="Ended"/>, <see cref="Cut"/>.</param>
    /// <param name="tick">Ticks since the show began.</param>
    /// <param name="seconds">How long this picture stands: motion from the one before may be spread over it; 0 = show it as it is.</param>
    internal byte[] Write(IEnvironment environment, int matches, byte flags, uint tick, float seconds)
    {
        length = 0;
        Span<byte> header = Take(HeaderBytes);
        (header[0], header[1], header[FlagsAt], header[3]) = (Kind, Version, flags, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], sequence++);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], tick);
        BinaryPrimitives.WriteSingleLittleEndian(header[12..], seconds);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], checked((ushort)matches));
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 0);
        for (int match = 0; match < matches; match++)
        {
            scene.Clear();
            environment.Draw(match, scene);
            if (scene.Sorted) bytes[FlagsAt] |= Cut;
            WriteMatch();
        }

        return bytes.AsSpan(0, length).ToArray();
    }

    private void WriteMatch()
    {
        byte[] caption = Encoding.UTF8.GetBytes(scene.Caption);
        Span<byte> head = Take(MatchBytes);
        BinaryPrimitives.WriteSingleLittleEndian(head, scene.Bounds.MinX);
        BinaryPrimitives.WriteSingleLittleEndian(head[4..], scene.Bounds.MinY);
        BinaryPrimitives.WriteSingleLittleEndian(head[8..], scene.Bounds.MaxX);
        BinaryPrimitives.WriteSingleLittleEndian(head[12..], scene.Bounds.MaxY);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], scene.Shapes.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(head[20..], checked((ushort)caption.Length));
        caption.CopyTo(Take(caption.Length));
        for (int i = 0; i < scene.Shapes.Count; i++) WriteShape(scene.Shapes[i]);
    }

    private void WriteShape(Shape shape)
    {
        Span<byte> to = Take(ShapeBytes);
        (to[0], to[1]) = ((byte)shape.Kind, (byte)shape.Ink);
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], shape.Agent < 0 ? NoAgent : checked((ushort)shape.Agent));
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], Letter(shape.Label, 0));
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], Letter(shape.Label, 1));
        bool patch = shape.Kind is ShapeKind.Face or ShapeKind.Oval; // no label and no radius: their places hold the second half diameter
        if (patch) BinaryPrimitives.WriteSingleLittleEndian(to[4..], shape.Y3);
        BinaryPrimitives.WriteSingleLittleEndian(to[8..], shape.X);
        BinaryPrimitives.WriteSingleLittleEndian(to[12..], shape.Y);
        BinaryPrimitives.WriteSingleLittleEndian(to[16..], shape.X2);
        BinaryPrimitives.WriteSingleLittleEndian(to[20..], shape.Y2);
        BinaryPrimitives.WriteSingleLittleEndian(to[24..], patch ? shape.X3 : shape.Radius);
    }

    private static ushort Letter(string? label, int at) => label is not null && label.Length > at ? label[at] : (ushort)0;

    private Span<byte> Take(int count)
    {
        if (length + count > bytes.Length) Array.Resize(ref bytes, Math.Max(2 * bytes.Length, length + count));
        Span<byte> taken = bytes.AsSpan(length, count);
        length += count;
        return taken;
    }
}
