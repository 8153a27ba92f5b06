using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.Device;

/// <summary>A fact about checked builds; reported as skipped in plain ones.</summary>
public sealed class CheckedFactAttribute : FactAttribute
{
    public CheckedFactAttribute()
    {
        if (!BoundsCheck.Enabled) Skip = "needs a checked build: dotnet test -c Release -p:Checked=true";
    }
}

public sealed class CheckedBuildTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 2, ChunkSize = 1 });

    public void Dispose() => device.Dispose();

    [CheckedFact]
    public void An_index_outside_a_view_throws_and_names_index_and_length()
    {
        using DeviceBuffer<int> buffer = device.Allocate<int>(8, "numbers");
        var outside = new ReadOutside { Values = buffer.View, Offset = 5 };
        var thrown = Assert.Throws<IndexOutOfRangeException>(() => device.Launch(outside, 8));
        Assert.Contains("8 elements", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<IndexOutOfRangeException>(() => buffer.View[-1]);
        Assert.Throws<IndexOutOfRangeException>(() => buffer.View[8L]);
        Assert.Throws<IndexOutOfRangeException>(() => buffer.View.Slice(4, 5));
        Assert.Throws<IndexOutOfRangeException>(() => buffer.View.Slice(-1, 2));
    }

    [CheckedFact]
    public void A_slot_outside_a_column_throws()
    {
        using DeviceBuffer<int> memory = device.Allocate<int>(12, "column");
        var column = new Column<int>(memory.View, 3, 0);
        Assert.Throws<IndexOutOfRangeException>(() => column[0, 3]); // inside the memory, outside the match
        Assert.Throws<IndexOutOfRangeException>(() => column[0, -1]);
        Assert.Throws<IndexOutOfRangeException>(() => column[4, 0]);
        Assert.Throws<IndexOutOfRangeException>(() => column[-1, 0]);
        Assert.Throws<IndexOutOfRangeException>(() => column.Of(1)[3]);
        Assert.Throws<IndexOutOfRangeException>(() => column.Of(4));
    }

    [CheckedFact]
    public void Scratch_of_a_group_that_does_not_exist_throws()
    {
        using DeviceBuffer<int> memory = device.Allocate<int>(12, "scratch");
        var scratch = new GroupScratch<int>(memory.View, 4);
        Assert.Throws<IndexOutOfRangeException>(() => scratch.Of(3));
        Assert.Throws<IndexOutOfRangeException>(() => scratch.Of(2)[4]);
    }
}
