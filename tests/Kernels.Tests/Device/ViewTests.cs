using Arena.Kernels.Device;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Device;

public sealed class ViewTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });

    public void Dispose() => device.Dispose();

    [Fact]
    public void A_view_is_the_memory_it_was_cut_from()
    {
        using DeviceBuffer<int> buffer = device.Allocate<int>(10, "numbers");
        buffer.Write([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        View<int> middle = buffer.View.Slice(3, 4);
        middle[1] = 40;
        middle[3L] = 60;
        Assert.Equal(4, middle.Length);
        Assert.Equal([0, 1, 2, 3, 40, 5, 60, 7, 8, 9], buffer.ToArray());
        Assert.Equal([3, 40, 5, 60], middle.AsSpan().ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Every_match_and_slot_of_a_column_has_an_element_of_its_own(int tileShift)
    {
        var shapes = from envs in Gen.Choose(1, 100) from slots in Gen.Choose(1, 9) select (envs, slots);
        Prop.ForAll(shapes.ToArbitrary(), shape =>
        {
            (int envs, int slots) = shape;
            long length = Column<int>.RequiredLength(envs, slots, tileShift);
            using DeviceBuffer<int> memory = device.Allocate<int>(length, "column");
            var column = new Column<int>(memory.View, slots, tileShift);
            for (int env = 0; env < envs; env++)
                for (int slot = 0; slot < slots; slot++) column[env, slot] += 1 + env * slots + slot;
            int[] written = [.. memory.ToArray().Where(value => value != 0).Order()];
            bool own = written.SequenceEqual(Enumerable.Range(1, envs * slots));
            bool sameThroughMatch = Enumerable.Range(0, envs * slots).All(at => column.Of(at / slots)[at % slots] == at + 1);
            return own && sameThroughMatch && column.Slots == slots && column.Of(0).Length == slots;
        }).Check(TestSize.Cases(200, 5_000));
    }

    [Theory]
    [InlineData(1, 3, 0, 3)]
    [InlineData(7, 3, 0, 21)]
    [InlineData(1, 3, 5, 96)] // one whole tile of 32 matches
    [InlineData(32, 3, 5, 96)]
    [InlineData(33, 3, 5, 192)]
    [InlineData(1 << 24, 400, 5, 6_710_886_400)] // past 2³¹
    public void The_required_length_is_whole_tiles(int envs, int slots, int tileShift, long expected) =>
        Assert.Equal(expected, Column<byte>.RequiredLength(envs, slots, tileShift));

    [Fact]
    public void Tiles_put_neighbouring_matches_side_by_side_and_plain_columns_neighbouring_slots()
    {
        using DeviceBuffer<int> memory = device.Allocate<int>(Column<int>.RequiredLength(64, 4, 5), "column");
        var plain = new Column<int>(memory.View, 4, 0);
        var tiled = new Column<int>(memory.View, 4, 5);
        plain[1, 2] = 7;
        Assert.Equal(7, memory.View[1 * 4 + 2]);
        tiled[33, 2] = 8; // tile 1, slot 2, second match of the tile
        Assert.Equal(8, memory.View[(32 * 4) + (2 * 32) + 1]);
    }

    [Fact]
    public void Groups_have_scratch_of_their_own()
    {
        using DeviceBuffer<int> memory = device.Allocate<int>(12, "scratch");
        var scratch = new GroupScratch<int>(memory.View, 4);
        for (int group = 0; group < 3; group++)
            for (int i = 0; i < scratch.Length; i++) scratch.Of(group)[i] = 10 * group + i;
        Assert.Equal([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23], memory.ToArray());
    }
}
