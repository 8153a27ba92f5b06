using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.Device;

public sealed class BufferTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });

    public void Dispose() => device.Dispose();

    [Fact]
    public unsafe void Memory_is_zeroed_aligned_counted_and_returned()
    {
        DeviceBuffer<float> first = device.Allocate<float>(1000, "first");
        DeviceBuffer<byte> second = device.Allocate<byte>(7, "second");
        Assert.Equal(4007, device.AllocatedBytes);
        Assert.Equal(4000, first.Bytes);
        Assert.Equal(0, (nint)first.View.Pointer % 64);
        Assert.Equal(0, (nint)second.View.Pointer % 64);
        Assert.All(first.ToArray(), value => Assert.Equal(0f, value));
        first.Dispose();
        first.Dispose(); // twice is once
        Assert.Equal(7, device.AllocatedBytes);
        second.Dispose();
        Assert.Equal(0, device.AllocatedBytes);
    }

    [Fact]
    public void A_buffer_cannot_be_used_after_it_was_disposed_of()
    {
        DeviceBuffer<int> buffer = device.Allocate<int>(4, "gone");
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.View);
        Assert.Throws<ObjectDisposedException>(() => buffer.ToArray());
        Assert.Throws<ObjectDisposedException>(() => buffer.Write([1]));
    }

    [Theory]
    [InlineData(1L << 50)]
    [InlineData(long.MaxValue / 8)]
    [InlineData(long.MaxValue)]
    public void What_does_not_fit_is_refused_with_names_and_sizes(long length)
    {
        using DeviceBuffer<double> held = device.Allocate<double>(16, "held");
        var refused = Assert.Throws<DeviceMemoryException>(() => device.Allocate<double>(length, "rollout observations"));
        Assert.Contains("'rollout observations'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("elements of 8 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--envs", refused.Message, StringComparison.Ordinal);
        Assert.Equal(128, device.AllocatedBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_empty_allocation_is_refused(long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate<int>(length, "nothing"));

    [Fact]
    public void Copies_are_counted_and_stay_inside_the_buffer()
    {
        using DeviceBuffer<int> buffer = device.Allocate<int>(4, "numbers");
        buffer.Write([1, 2, 3]);
        var back = new int[2];
        buffer.Read(back);
        Assert.Equal([1, 2], back);
        Assert.Equal([1, 2, 3, 0], buffer.ToArray());
        Assert.Equal((3 + 2 + 4) * 4, device.TransferredBytes);
        Assert.Throws<ArgumentException>(() => buffer.Write(new int[5]));
        Assert.Throws<ArgumentException>(() => buffer.Read(new int[5]));
        Assert.Equal((3 + 2 + 4) * 4, device.TransferredBytes);
    }
}
