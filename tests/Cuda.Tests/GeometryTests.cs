using Arena.Kernels.Device.Cuda;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Cuda.Tests;

/// <summary>Every index, and every lane of every group, is run exactly once.</summary>
public class GeometryTests
{
    [Theory]
    [InlineData(1, 1, 32, 1)]
    [InlineData(32, 1, 32, 1)]
    [InlineData(33, 2, 32, 1)]
    [InlineData(100_000, 782, 128, 1)] // enough for 20 blocks of 128 on each of the 10 multiprocessors
    [InlineData(1280, 20, 64, 1)] // 2 x 10 blocks at least
    public void Indices_are_cut_into_blocks(int count, int blocks, int x, int y) =>
        Assert.Equal(new LaunchGeometry(blocks, x, y), LaunchGeometry.Indexed(count, 10, 1024));

    [Theory]
    [InlineData(1000, 8, 125, 8, 8)] // eight groups of eight lanes share a block
    [InlineData(40, 8, 10, 8, 4)] // but every multiprocessor gets one
    [InlineData(1000, 64, 1000, 64, 1)]
    [InlineData(1000, 3000, 1000, 1024, 1)] // a thread takes several lanes
    [InlineData(7, 1, 7, 1, 1)]
    public void Groups_are_cut_into_blocks(int groups, int lanes, int blocks, int x, int y) =>
        Assert.Equal(new LaunchGeometry(blocks, x, y), LaunchGeometry.Groups(groups, lanes, 10, 1024));

    [Fact]
    public void All_is_covered_within_what_a_kernel_may_use() => Prop.ForAll(
        Gen.Choose(1, 100_000).ToArbitrary(), Gen.Choose(1, 3000).ToArbitrary(), Gen.Choose(1, 1024).ToArbitrary(),
        (count, lanes, most) =>
        {
            LaunchGeometry indexed = LaunchGeometry.Indexed(count, 132, most), grouped = LaunchGeometry.Groups(count, lanes, 132, most);
            return (long)indexed.Blocks * indexed.ThreadsX >= count && (long)(indexed.Blocks - 1) * indexed.ThreadsX < count && indexed.ThreadsX <= most
                && (long)grouped.Blocks * grouped.ThreadsY >= count && (long)(grouped.Blocks - 1) * grouped.ThreadsY < count
                && grouped.ThreadsX * grouped.ThreadsY <= most && grouped.ThreadsX <= lanes && grouped.ThreadsY >= 1;
        }).Check(TestSize.Cases(200, 5000));
}
