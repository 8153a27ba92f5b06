using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Arena.HostApi.Video;

/// <summary>Writes a raster as a PNG file (RFC 2083): 8 bits each of red, green and blue, each row coded by its difference from the one above.</summary>
internal static class PngFile
{
    private const byte Truecolour = 2, Up = 2;
    private const uint Polynomial = 0xEDB88320;

    /// <summary>The file's bytes.</summary>
    internal static byte[] Encode(Raster raster)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, raster.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], raster.Height);
        (header[8], header[9]) = (8, Truecolour);
        Chunk(file, "IHDR", header);
        Chunk(file, "IDAT", Rows(raster));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Rows(Raster raster)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize))
        {
            int width = 3 * raster.Width;
            var row = new byte[1 + width];
            row[0] = Up;
            for (int y = 0; y < raster.Height; y++)
            {
                ReadOnlySpan<byte> now = raster.Pixels.AsSpan(y * width, width), above = y == 0 ? default : raster.Pixels.AsSpan((y - 1) * width, width);
                for (int i = 0; i < width; i++) row[1 + i] = (byte)(now[i] - (y == 0 ? 0 : above[i]));
                zlib.Write(row);
            }
        }

        return packed.ToArray();
    }

    private static void Chunk(Stream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] checkedPart = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(checkedPart);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(checkedPart));
        file.Write(number);
    }

    // CRC-32 as the format wants it, bit by bit: pictures are small.
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in data)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? Polynomial : 0);
        }

        return ~crc;
    }
}
