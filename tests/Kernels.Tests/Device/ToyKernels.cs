using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.Device;

/// <summary>Counts the visits of every index.</summary>
public struct CountVisits : IKernel
{
    public View<int> Visits;

    public void Run(int index) => Visits[index] += 1;
}

/// <summary>The same with a loop of its own for the CPU.</summary>
public struct CountVisitsByRange : IRangeKernel
{
    public View<int> Visits;
    public View<int> Ranges;

    public void Run(int index) => Visits[index] += 1;

    public void RunRange(int begin, int end)
    {
        for (int index = begin; index < end; index++) Visits[index] += 1;
        DeviceAtomics.Add(ref Ranges[0], 1);
    }
}

/// <summary>Adds up how many indices the ranges cover, and finds their limits, without touching each.</summary>
public struct MeasureRanges : IRangeKernel
{
    public View<long> Covered;
    public View<int> SmallestBegin;
    public View<int> LargestEnd;
    public View<int> Calls;

    public void Run(int index) => RunRange(index, index + 1);

    public void RunRange(int begin, int end)
    {
        Interlocked.Add(ref Covered[0], (long)end - begin);
        DeviceAtomics.Min(ref SmallestBegin[0], begin);
        DeviceAtomics.Max(ref LargestEnd[0], end);
        DeviceAtomics.Add(ref Calls[0], 1);
    }
}

/// <summary>A sum over the row before, rounded as floats are: Run and RunRange must give the same bits.</summary>
public struct Smooth : IRangeKernel
{
    public View<float> Input;
    public View<float> Output;

    public void Run(int index) => Output[index] = (Input[index] * 0.3f + Input[index + 1] * 0.7f) / 1.1f;

    public void RunRange(int begin, int end)
    {
        for (int index = begin; index < end; index++) Output[index] = (Input[index] * 0.3f + Input[index + 1] * 0.7f) / 1.1f;
    }
}

/// <summary>The same kernel without the loop of its own.</summary>
public struct SmoothPlain : IKernel
{
    public Smooth Kernel;

    public void Run(int index) => Kernel.Run(index);
}

/// <summary>Each lane publishes a number, takes its neighbour's, then all add up what they took.</summary>
public struct ExchangeAndSum : IPhasedKernel
{
    public GroupScratch<int> Scratch; // (lanes + 1): published numbers, the sum
    public View<int> Result;
    public View<int> Taken;
    public int Lanes;

    public readonly int PhaseCount => 4;

    public void Run(int phase, int group, int lane)
    {
        View<int> scratch = Scratch.Of(group);
        switch (phase)
        {
            case 0:
                scratch[lane] = 100 * group + lane;
                if (lane == 0) scratch[Lanes] = 0;
                break;
            case 1:
                Taken[group * Lanes + lane] = scratch[lane + 1 < Lanes ? lane + 1 : 0];
                break;
            case 2:
                DeviceAtomics.Add(ref scratch[Lanes], Taken[group * Lanes + lane]);
                break;
            default:
                if (lane == 0) Result[group] = scratch[Lanes];
                break;
        }
    }
}

/// <summary>The same with a whole-group loop over the same per-lane method.</summary>
public struct ExchangeAndSumByGroup : IGroupKernel
{
    public ExchangeAndSum Kernel;
    public View<int> GroupCalls;

    public readonly int PhaseCount => Kernel.PhaseCount;

    public void Run(int phase, int group, int lane) => Kernel.Run(phase, group, lane);

    public void RunGroup(int group, int lanes)
    {
        for (int phase = 0; phase < PhaseCount; phase++)
            for (int lane = 0; lane < lanes; lane++) Kernel.Run(phase, group, lane);
        DeviceAtomics.Add(ref GroupCalls[0], 1);
    }
}

/// <summary>Every index meets all others in five numbers: sum, smallest, largest, all bits, any bit.</summary>
public struct Meet<TAtomics> : IKernel
    where TAtomics : struct, IAtomics
{
    public View<int> Values;
    public View<int> Cells;

    public void Run(int index)
    {
        int value = Values[index];
        TAtomics.Add(ref Cells[0], value);
        TAtomics.Min(ref Cells[1], value);
        TAtomics.Max(ref Cells[2], value);
        TAtomics.And(ref Cells[3], value | 0x55);
        TAtomics.Or(ref Cells[4], value & 0x7FFF0000);
    }
}

/// <summary>Fails at one index, as a bounds check in a checked build does.</summary>
public struct FailAt : IKernel
{
    public View<int> Visits;
    public int Index;

    public void Run(int index)
    {
        if (index == Index) throw new IndexOutOfRangeException($"planted at {index}");
        Visits[index] += 1;
    }
}

/// <summary>Holds every thread until all have come, and remembers them.</summary>
public struct Gather : IKernel
{
    internal static readonly List<Thread> Seen = [];
    internal static Barrier? AllHere;

    public View<int> Unused;

    public readonly void Run(int index)
    {
        lock (Seen) Seen.Add(Thread.CurrentThread);
        AllHere!.SignalAndWait();
    }
}

/// <summary>Waits in the middle of a launch until the test lets it go on, then writes its argument.</summary>
public struct WaitInside : IKernel
{
    internal static readonly ManualResetEventSlim Entered = new();
    internal static readonly ManualResetEventSlim GoOn = new();

    public View<int> Values;
    public int Number;

    public void Run(int index)
    {
        Entered.Set();
        GoOn.Wait();
        Values[index] = Number;
    }
}

/// <summary>Reads far outside its view; only a checked build may run it.</summary>
public struct ReadOutside : IKernel
{
    public View<int> Values;
    public int Offset;

    public void Run(int index) => Values[index] = Values[index + Offset];
}
