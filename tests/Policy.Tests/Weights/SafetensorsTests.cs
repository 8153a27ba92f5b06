using System.Buffers.Binary;
using System.Text;
using Arena.Kernels;
using Arena.Policy.Weights;
using Arena.Tests;

namespace Arena.Policy.Tests.Weights;

/// <summary>The safetensors format: what is written is read, and no file, however broken, does worse than a clear message.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-weights-").FullName;

    private string FilePath => Path.Join(folder, "file.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back()
    {
        SafetensorsTensor[] tensors =
        [
            new("weights", "F32", [2, 3], new byte[24]),
            new("counter \"quoted\" ü", "I64", [], BitConverter.GetBytes(123456789012L)),
            new("mask", "U8", [0], Array.Empty<byte>()),
            new("ring", "U16", [2], new byte[] { 1, 2, 3, 255 }),
            new("half", "BF16", [1, 1, 2], new byte[] { 1, 2, 3, 4 }),
        ];
        Safetensors.Write(FilePath, tensors, new Dictionary<string, string> { ["game"] = "soccer", ["note"] = "a\nb" });
        SafetensorsContents read = Safetensors.Read(FilePath);
        Assert.Equal(["soccer", "a\nb"], [read.Metadata["game"], read.Metadata["note"]]);
        foreach (SafetensorsTensor tensor in tensors)
        {
            SafetensorsTensor found = read.Tensors.Single(other => other.Name == tensor.Name);
            Assert.Equal(tensor.Type, found.Type);
            Assert.Equal(tensor.Shape, found.Shape);
            Assert.Equal(tensor.Data.ToArray(), found.Data.ToArray());
        }

        Assert.Equal([FilePath], Directory.GetFiles(folder)); // no temporary file stays
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_64_bytes()
    {
        WriteSmall();
        ulong header = BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(FilePath));
        Assert.Equal(0ul, (8 + header) % 64);
    }

    [Fact]
    public void Every_truncation_is_one_clear_message()
    {
        byte[] whole = WriteSmall();
        for (int length = 0; length < whole.Length; length++) Assert.Contains("not a usable safetensors file", MessageFor(whole[..length]));
    }

    [Fact]
    public void A_longer_file_is_refused() => Assert.Contains("after the last tensor", MessageFor([.. WriteSmall(), 0]));

    [Fact]
    public void Flipped_bits_are_read_or_refused_but_never_crash()
    {
        byte[] whole = WriteSmall();
        var random = new Random(1);
        for (int flip = 0; flip < TestSize.Of(2_000, 10_000); flip++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            if (flip % 3 == 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(FilePath, damaged);
            try
            {
                Safetensors.Read(FilePath);
            }
            catch (UsageException problem)
            {
                Assert.DoesNotContain('\n', problem.Message);
            }
        }
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("does not exist", Assert.Throws<UsageException>(() => Safetensors.Read(Path.Join(folder, "none.safetensors"))).Message);

    [Fact]
    public void A_file_of_another_kind_is_refused() =>
        Assert.Contains("claims", MessageFor(Encoding.ASCII.GetBytes("PK\u0003\u0004 this is a zip archive, or so it says")));

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1ul << 63)]
    [InlineData(100_000_001ul)]
    [InlineData(1_000ul)]
    public void A_hostile_header_length_is_refused(ulong length)
    {
        byte[] file = WriteSmall();
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains("claims", MessageFor(file));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' occurs twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "more than 2^63")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "shape (2)")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}""", 4, "cut short")]
    [InlineData("""{"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}}""", 4, "type 'Q7'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "twice")]
    [InlineData("""{"a":7}""", 4, "not an object")]
    [InlineData("""{"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not text")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} []""", 4, "JSON")]
    [InlineData("""{"a":{"dtype":""", 0, "JSON")]
    [InlineData("""["a"]""", 0, "brace")]
    public void A_bad_header_is_refused_with_its_reason(string header, int dataBytes, string expected) =>
        Assert.Contains(expected, MessageFor(FileOf(Encoding.UTF8.GetBytes(header), dataBytes)));

    [Fact]
    public void A_header_nested_a_thousand_deep_or_not_utf_8_is_refused()
    {
        Assert.Contains("not a usable", MessageFor(FileOf(Encoding.UTF8.GetBytes("{\"a\":{\"shape\":" + new string('[', 1_000)), 0)));
        Assert.Contains("not a usable", MessageFor(FileOf([(byte)'{', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)':', (byte)'{', (byte)'}', (byte)'}'], 0)));
        Assert.Contains("valid text", MessageFor(FileOf(Encoding.ASCII.GetBytes("""{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"""), 4)));
    }

    [Fact]
    public void What_would_make_a_bad_file_is_not_written()
    {
        SafetensorsTensor tensor = new("a", "F32", [1], new byte[4]);
        var none = new Dictionary<string, string>();
        Assert.Throws<UsageException>(() => Safetensors.Write(FilePath, [tensor, tensor], none));
        Assert.Throws<UsageException>(() => Safetensors.Write(FilePath, [tensor with { Shape = [2] }], none));
        Assert.False(File.Exists(FilePath));
    }

    private static byte[] FileOf(byte[] header, int dataBytes)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. new byte[dataBytes]];
    }

    private byte[] WriteSmall()
    {
        SafetensorsTensor[] tensors = [new("first.weight", "F32", [1, 2], new byte[8]), new("first.bias", "F32", [2], new byte[8])];
        Safetensors.Write(FilePath, tensors, new Dictionary<string, string> { ["game"] = "soccer" });
        return File.ReadAllBytes(FilePath);
    }

    private string MessageFor(byte[] file)
    {
        File.WriteAllBytes(FilePath, file);
        return Assert.Throws<UsageException>(() => Safetensors.Read(FilePath)).Message;
    }
}
