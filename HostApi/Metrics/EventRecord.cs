using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Arena.HostApi.Metrics;

/// <summary>The frame around every message of an event file: length, check of the length, payload, check of the payload.</summary>
/// <remarks>Little-endian: u64 length, u32 masked CRC-32C of those 8 bytes, payload, u32 masked CRC-32C of the payload (TFRecord).</remarks>
internal static class EventRecord
{
    private const uint MaskDelta = 0xa282ead8;
    private const int HeaderBytes = 12;

    /// <summary>Appends one record.</summary>
    internal static void Write(Stream stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderBytes], footer = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(header, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[sizeof(long)..], Mask(Crc(header[..sizeof(long)])));
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Mask(Crc(payload)));
        stream.Write(header);
        stream.Write(payload);
        stream.Write(footer);
    }

    /// <summary>CRC-32C (Castagnoli); that of "123456789" is e3069283.</summary>
    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        int wide = bytes.Length & ~(sizeof(ulong) - 1);
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes[..wide]))
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (byte rest in bytes[wide..]) crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }

    /// <summary>A check value that itself may stand in checked data: rotated by 15 bits, plus a constant.</summary>
    internal static uint Mask(uint crc) => BitOperations.RotateRight(crc, 15) + MaskDelta;
}
