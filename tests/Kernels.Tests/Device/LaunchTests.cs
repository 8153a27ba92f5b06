using Arena.Kernels.Device;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Device;

public class LaunchTests
{
    private static readonly Gen<(int Count, int Threads, int Chunk)> Splits =
        from count in Gen.Choose(0, 300)
        from threads in Gen.Choose(1, 5)
        from chunk in Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Choose(1, 40)), (1, Gen.Choose(250, 1000)))
        select (count, threads, chunk);

    private static readonly Gen<(int Groups, int Lanes, int Threads, int Chunk)> GroupSplits =
        from groups in Gen.Choose(0, 20)
        from lanes in Gen.Choose(1, 33)
        from threads in Gen.Choose(1, 4)
        from chunk in Gen.Choose(0, 5)
        select (groups, lanes, threads, chunk);

    [Fact]
    public void Each_index_runs_exactly_once_however_the_work_is_split() =>
        Prop.ForAll(Splits.ToArbitrary(), split =>
        {
            using var device = Make(split.Threads, split.Chunk);
            using DeviceBuffer<int> visits = device.Allocate<int>(split.Count + 8, "visits");
            using DeviceBuffer<int> ranges = device.Allocate<int>(1, "ranges");
            device.Launch(new CountVisits { Visits = visits.View }, split.Count);
            device.Launch(new CountVisitsByRange { Visits = visits.View, Ranges = ranges.View }, split.Count);
            int[] after = visits.ToArray();
            return after.Take(split.Count).All(count => count == 2) && after.Skip(split.Count).All(count => count == 0)
                && (split.Count == 0 || ranges.View[0] >= 1);
        }).Check(TestSize.Cases(150, 3_000));

    // More threads than cores, launches of a microsecond: workers come when the next launch, or the one after it, is under way.
    [Fact]
    public void Workers_that_come_late_do_no_harm()
    {
        const int Most = 24;
        using var device = Make(2 * Environment.ProcessorCount + 1, chunk: 1);
        using DeviceBuffer<int> first = device.Allocate<int>(Most, "first"), second = device.Allocate<int>(Most, "second"), ranges = device.Allocate<int>(1, "ranges");
        var expected = new int[Most];
        int launches = TestSize.Of(1_000, 100_000);
        for (int launch = 0; launch < launches; launch++)
        {
            int count = 2 + launch % (Most - 1);
            device.Launch(new CountVisits { Visits = first.View }, count);
            device.Launch(new CountVisitsByRange { Visits = second.View, Ranges = ranges.View }, count);
            for (int i = 0; i < count; i++) expected[i]++;
        }

        Assert.Equal(expected, first.ToArray());
        Assert.Equal(expected, second.ToArray());
    }

    [Fact]
    public void Launches_are_timed_when_asked()
    {
        using var device = Make(2, 0);
        using DeviceBuffer<int> visits = device.Allocate<int>(64, "visits");
        device.Launch(new CountVisits { Visits = visits.View }, 64);
        Assert.Empty(device.LaunchTimes);
        device.TimesLaunches = true;
        for (int i = 0; i < 3; i++) device.Launch(new CountVisits { Visits = visits.View }, 64);
        device.TimesLaunches = false;
        device.Launch(new CountVisits { Visits = visits.View }, 64);
        LaunchTime time = Assert.Single(device.LaunchTimes);
        Assert.Equal((nameof(CountVisits), 3L), (time.Kernel, time.Launches));
        Assert.True(time.Time > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(int.MaxValue, 0, 4)]
    [InlineData(int.MaxValue, 1_500_000_000, 4)]
    [InlineData(2_000_000_000, 1_999_999_999, 8)]
    public void The_largest_counts_are_covered_once(int count, int chunk, int threads)
    {
        using CpuDevice device = Make(threads, chunk);
        using DeviceBuffer<long> covered = device.Allocate<long>(1, "covered");
        using DeviceBuffer<int> limits = device.Allocate<int>(3, "limits");
        View<int> all = limits.View;
        all[0] = int.MaxValue;
        var kernel = new MeasureRanges { Covered = covered.View, SmallestBegin = all.Slice(0, 1), LargestEnd = all.Slice(1, 1), Calls = all.Slice(2, 1) };
        device.Launch(kernel, count);
        Assert.Equal(count, covered.View[0]);
        Assert.Equal((0, count), (all[0], all[1]));
        Assert.InRange(all[2], 1, 4 * threads);
    }

    [Fact]
    public void A_range_loop_gives_the_bits_of_the_indexed_body() =>
        Prop.ForAll(Splits.ToArbitrary(), split =>
        {
            using var device = Make(split.Threads, split.Chunk);
            using DeviceBuffer<float> input = device.Allocate<float>(split.Count + 1, "input");
            using DeviceBuffer<float> byRange = device.Allocate<float>(split.Count + 1, "by range");
            using DeviceBuffer<float> byIndex = device.Allocate<float>(split.Count + 1, "by index");
            for (int i = 0; i <= split.Count; i++) input.View[i] = (i * 7919 % 1009) * 0.37f - 100f;
            device.Launch(new Smooth { Input = input.View, Output = byRange.View }, split.Count);
            device.Launch(new SmoothPlain { Kernel = new Smooth { Input = input.View, Output = byIndex.View } }, split.Count);
            return byRange.ToArray().SequenceEqual(byIndex.ToArray());
        }).Check(TestSize.Cases(100, 2_000));

    [Fact]
    public void Lanes_exchange_values_between_phases() =>
        Prop.ForAll(GroupSplits.ToArbitrary(), split =>
        {
            (int[] result, int[] taken, _) = Exchange(split, whole: false);
            for (int group = 0; group < split.Groups; group++)
            {
                int sum = 0;
                for (int lane = 0; lane < split.Lanes; lane++)
                {
                    int expected = 100 * group + (lane + 1) % split.Lanes;
                    if (taken[group * split.Lanes + lane] != expected) return false;
                    sum += expected;
                }

                if (result[group] != sum) return false;
            }

            return true;
        }).Check(TestSize.Cases(100, 2_000));

    [Fact]
    public void A_whole_group_loop_gives_the_bits_of_the_phase_loop() =>
        Prop.ForAll(GroupSplits.ToArbitrary(), split =>
        {
            var byPhase = Exchange(split, whole: false);
            var byGroup = Exchange(split, whole: true);
            return byPhase.Result.SequenceEqual(byGroup.Result) && byPhase.Taken.SequenceEqual(byGroup.Taken)
                && byPhase.GroupCalls == 0 && byGroup.GroupCalls == split.Groups;
        }).Check(TestSize.Cases(100, 2_000));

    [Fact]
    public void Sizes_that_make_no_sense_are_refused()
    {
        using CpuDevice device = Make(2, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Launch(default(CountVisits), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.LaunchGroups(default(ExchangeAndSum), -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.LaunchGroups(default(ExchangeAndSum), 1, 0));
        Assert.Contains("1..1024", Assert.Throws<UsageException>(() => Make(1025, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("ChunkSize is -1", Assert.Throws<UsageException>(() => Make(1, -1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_device_says_what_it_is()
    {
        using CpuDevice device = Make(3, 0);
        Assert.Equal("cpu", device.Name);
        Assert.Equal(3, device.Threads);
        Assert.StartsWith("CPU, 3 threads of ", device.Description, StringComparison.Ordinal);
        Assert.Contains(CpuDevice.InstructionSet, device.Description, StringComparison.Ordinal);
    }

    private static CpuDevice Make(int threads, int chunk) => new(new CpuDeviceOptions { Threads = threads, ChunkSize = chunk });

    private static (int[] Result, int[] Taken, int GroupCalls) Exchange((int Groups, int Lanes, int Threads, int Chunk) split, bool whole)
    {
        using CpuDevice device = Make(split.Threads, split.Chunk);
        using DeviceBuffer<int> scratch = device.Allocate<int>(split.Groups * (split.Lanes + 1) + 1, "scratch");
        using DeviceBuffer<int> result = device.Allocate<int>(split.Groups + 1, "result");
        using DeviceBuffer<int> taken = device.Allocate<int>(split.Groups * split.Lanes + 1, "taken");
        using DeviceBuffer<int> calls = device.Allocate<int>(1, "calls");
        var kernel = new ExchangeAndSum
        {
            Scratch = new GroupScratch<int>(scratch.View, split.Lanes + 1),
            Result = result.View,
            Taken = taken.View,
            Lanes = split.Lanes,
        };
        if (whole) device.LaunchGroups(new ExchangeAndSumByGroup { Kernel = kernel, GroupCalls = calls.View }, split.Groups, split.Lanes);
        else device.LaunchGroups(kernel, split.Groups, split.Lanes);
        return (result.ToArray(), taken.ToArray(), calls.View[0]);
    }
}
