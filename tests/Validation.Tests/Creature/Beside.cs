using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>One match of the kernels and its reference, whose state a test may change before a tick.</summary>
internal sealed class Beside : IDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
    private readonly StepBuffers buffers;
    private readonly IMatchReference reference;

    /// <param name="options">Of the match.</param>
    /// <param name="change">Plants a bug in the kernels' tables; the reference reads the text.</param>
    public Beside(CreatureOptions options, Action<CreatureTables>? change = null)
    {
        options = options with { NumEnvs = 1 };
        EnvironmentSpec spec = Registry.Find("creature").Describe(options);
        CreatureTables tables = SkeletonCompiler.Compile(Skeletons.Find(options.Skeleton));
        change?.Invoke(tables);
        Environment = new CreatureEnvironment(device, options, spec, tables, null);
        buffers = new StepBuffers(device, spec, 1);
        reference = new CreatureReference().Create(new MatchSetup(options, spec, 1, 0));
        Environment.Reset(1, buffers.Views);
    }

    public CreatureEnvironment Environment { get; }

    /// <summary>Ticks in which rounding decides, not compared.</summary>
    public int SetApart { get; private set; }

    /// <summary>What the reference said of the last tick.</summary>
    public ExpectedTick? Expected { get; private set; }

    /// <summary>Plays one tick on both sides; the first difference, or null.</summary>
    public FoundDifference? Step(float[] actions)
    {
        buffers.ContinuousActions!.Write(actions);
        buffers.Errors?.Write(new uint[1]);
        HostCopy before = HostCopy.Of(Environment, buffers);
        Environment.Step(buffers.Views);
        HostCopy after = HostCopy.Of(Environment, buffers);
        Expected = reference.Step(before.State(0), before.Actions(0), 0);
        FoundDifference? Difference(ExpectedTick outcome)
        {
            var comparer = new Comparer(Environment, new Tolerances());
            comparer.CompareTick(0, after, before, outcome, isReset: false);
            return comparer.Found;
        }

        Expected = Outcomes.Choose(Expected, outcome => Difference(outcome) is null);
        if (Expected.NearBoundary is null) return Difference(Expected);
        SetApart++;
        return null;
    }

    /// <summary>Overwrites float <paramref name="slot"/> of a column.</summary>
    public void Set(string column, int slot, float value)
    {
        StateColumn target = Environment.State[column];
        var bytes = new byte[target.BytesPerMatch];
        target.ReadMatch(0, bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(slot * sizeof(float)), value);
        target.WriteMatch(0, bytes);
    }

    public double Get(string column, int slot) => Environment.State[column].ReadMatch(0)[slot];

    public void Dispose()
    {
        buffers.Dispose();
        Environment.Dispose();
        device.Dispose();
    }
}
