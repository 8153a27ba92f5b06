using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Weights;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.Weights;

/// <summary>What components save themselves into: everything comes back as it was, and nothing wrong is taken.</summary>
public sealed class SavedStateTests
{
    [Fact]
    public void Numbers_and_words_come_back_bit_for_bit() =>
        Prop.ForAll<double, long, string>((number, whole, word) =>
        {
            word = string.Concat((word ?? "").Where(c => !char.IsSurrogate(c)));
            var written = new SavedValues("state");
            written.Write("number", number);
            written.Write("whole", whole);
            written.Write("unsigned", unchecked((ulong)whole));
            written.Write("word", word);
            written.Write("flag", whole > 0);
            SavedValues read = SavedValues.Parse("state", written.ToJson());
            return BitConverter.DoubleToInt64Bits(read.ReadDouble("number")) == BitConverter.DoubleToInt64Bits(number)
                && read.ReadLong("whole", long.MinValue) == whole && read.ReadULong("unsigned") == unchecked((ulong)whole)
                && read.ReadText("word") == word && read.ReadFlag("flag") == whole > 0;
        }).Check(TestSize.Cases(200, 5_000));

    [Theory]
    [InlineData("""{ "a": 1, "a": 2 }""")]
    [InlineData("""{ "a": [1] }""")]
    [InlineData("""{ "a": { "b": 1 } }""")]
    [InlineData("""{ "a": true }""")]
    [InlineData("""{ "a": null }""")]
    [InlineData("""{ "a": "\ud800" }""")]
    [InlineData("""[1]""")]
    [InlineData("""{ "a": 1""")]
    [InlineData("")]
    public void Other_JSON_is_refused(string json) =>
        Assert.Throws<FormatException>(() => SavedValues.Parse("state", System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_value_that_is_missing_or_of_another_kind_is_named()
    {
        SavedValues values = SavedValues.Parse("state", """{ "a": 1.5, "b": "word", "c": -1, "d": 99999999999999999999, "e": 1e999 }"""u8.ToArray());
        Assert.Contains("its state lacks 'x'", Refused(() => values.ReadLong("x")));
        Assert.Contains("'a' of its state is '1.5'", Refused(() => values.ReadLong("a")));
        Assert.Contains("'b' of its state is 'word'", Refused(() => values.ReadDouble("b")));
        Assert.Contains("'c' of its state is '-1'", Refused(() => values.ReadLong("c")));
        Assert.Contains("'c' of its state is '-1'", Refused(() => values.ReadULong("c")));
        Assert.Contains("'d' of its state", Refused(() => values.ReadLong("d")));
        Assert.Contains("'a' of its state", Refused(() => values.ReadText("a")));
        Assert.Contains("'a' of its state", Refused(() => values.ReadFlag("a")));
    }

    [Fact]
    public void A_tensor_that_is_missing_or_of_another_type_or_length_is_named()
    {
        var state = new SavedState();
        state.World.Write<float>("some/floats", [1f, 2f, 3f, 4f], 2, 2);
        Assert.Contains("its world lacks 'other'", Refused(() => state.World.Read("other", new float[4].AsSpan())));
        Assert.Contains("'some/floats' of its world is F32, and I32 here", Refused(() => state.World.Read("some/floats", new int[4].AsSpan())));
        Assert.Contains("shape (2, 2), and 3 elements here", Refused(() => state.World.Read("some/floats", new float[3].AsSpan())));
        Assert.Equal([1f, 2f, 3f, 4f], state.World.ReadArray<float>("some/floats"));
        Assert.Throws<ArgumentException>(() => state.World.Write<float>("some/floats", [1f]));
        Assert.Throws<ArgumentException>(() => state.World.Write<float>("wrong shape", [1f], 2));
        Assert.Throws<ArgumentException>(() => state.World.Write<char>("characters", ['a']));
    }

    [Fact]
    public void What_nobody_loads_is_named()
    {
        var state = new SavedState();
        state.World.Write<double>("a tensor", [1.0]);
        state.Values.Write("a value", 1L);
        Assert.Contains("nothing here takes 'a tensor', 'a value'", Refused(state.CheckAllRead));
        state.World.ReadArray<double>("a tensor");
        Assert.Contains("nothing here takes 'a value'", Refused(state.CheckAllRead));
        state.Values.ReadLong("a value");
        state.CheckAllRead();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Columns_are_copied_as_a_whole_in_the_order_of_the_matches_whatever_the_layout(int tileShift)
    {
        const int Matches = 7, Slots = 3;
        using var cpu = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var columns = new StateColumns(new TiledDevice(cpu, tileShift), Matches);
        Column<float> column = columns.Add<float>("position", Slots);
        for (int env = 0; env < Matches; env++)
            for (int slot = 0; slot < Slots; slot++) column[env, slot] = 10 * env + slot;
        StateColumn saved = columns["position"];
        var bytes = new byte[saved.Bytes];
        saved.ReadAll(bytes);
        float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        Assert.Equal(Enumerable.Range(0, Matches * Slots).Select(i => 10f * (i / Slots) + i % Slots), values);
        string hash = columns.Hash();
        for (int env = 0; env < Matches; env++) column[env, 1] = -1f;
        Assert.NotEqual(hash, columns.Hash());
        saved.WriteAll(bytes);
        Assert.Equal(hash, columns.Hash());
        Assert.Throws<ArgumentException>(() => saved.ReadAll(new byte[saved.Bytes + 4]));
        Assert.Throws<ArgumentException>(() => saved.WriteAll(new byte[saved.Bytes - 4]));
    }

    private static string Refused(Action read)
    {
        string message = Assert.Throws<UsageException>(read).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    /// <summary>A CPU whose columns are laid out as a GPU's are.</summary>
    private sealed class TiledDevice(IDevice inner, int tileShift) : IDevice
    {
        public string Name => inner.Name;

        public string Description => inner.Description;

        public int TileShift => tileShift;

        public long AllocatedBytes => inner.AllocatedBytes;

        public long TransferredBytes => inner.TransferredBytes;

        public DeviceBuffer<T> Allocate<T>(long length, string name)
            where T : unmanaged => inner.Allocate<T>(length, name);

        public void Launch<TKernel>(in TKernel kernel, int count)
            where TKernel : unmanaged, IKernel => inner.Launch(kernel, count);

        public void LaunchGroups<TKernel>(in TKernel kernel, int groups, int lanes)
            where TKernel : unmanaged, IPhasedKernel => inner.LaunchGroups(kernel, groups, lanes);

        public void Synchronize() => inner.Synchronize();

        public void CopyToHost<T>(View<T> source, Span<T> destination)
            where T : unmanaged => inner.CopyToHost(source, destination);

        public void CopyToDevice<T>(ReadOnlySpan<T> source, View<T> destination)
            where T : unmanaged => inner.CopyToDevice(source, destination);

        public void Free(nint address, long bytes) => inner.Free(address, bytes);

        public void Dispose()
        {
            // The inner device is not this one's.
        }
    }
}
