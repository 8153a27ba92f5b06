using Arena.Kernels.Device;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Environments;
using Arena.Validation;
using Arena.Validation.Soccer;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Kernels;

/// <summary>One match-step of soccer with all observations: the scalar reference as baseline, the kernels on one core and on all.</summary>
/// <remarks>
/// The reference is written to be read (double precision, immutable, allocates); the ratio says what the kernels' form is worth.
/// The setup runs the lockstep comparison and refuses to time kernels that disagree with the reference.
/// </remarks>
public class SoccerAgainstReference
{
    private const int Ticks = 16;
    private const int Batch = 256;

    private readonly SoccerMatch reference = new(new SoccerOptions(), seed: 1, match: 0);
    private readonly PlayerAction[] actions = new PlayerAction[6];
    private Matches one = null!;
    private Matches all = null!;
    private GameState start = null!;

    /// <summary>Compares, then plays to a typical position.</summary>
    [GlobalSetup]
    public void Setup()
    {
        using (var device = new CpuDevice())
        {
            LockstepReport report = Lockstep.Run(device, Registry.Find("soccer"), new SoccerOptions { NumEnvs = 8 }, new LockstepPlan { Ticks = 100 });
            if (!report.Passed) throw new InvalidOperationException(report.First!.ToString());
        }

        for (int agent = 0; agent < actions.Length; agent++)
            actions[agent] = new PlayerAction(new Vector(0.6 - 0.2 * agent, 0.3), new Vector(0.5, -0.1 * agent));
        start = reference.Begin(episode: 0);
        for (int tick = 0; tick < 20; tick++) start = reference.Next(start, actions);
        one = new Matches("soccer", Batch, threads: 1, "random");
        all = new Matches("soccer", Batch, threads: 0, "random");
        one.Play(100);
        all.Play(100);
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        one.Dispose();
        all.Dispose();
    }

    /// <summary>The judge: one match, one tick, six observation rows.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Ticks)]
    public double Reference()
    {
        GameState state = start;
        double sum = 0;
        for (int tick = 0; tick < Ticks; tick++)
        {
            state = reference.Next(state, actions);
            for (int agent = 0; agent < actions.Length; agent++) sum += reference.Observe(state, agent)[0];
        }

        return sum;
    }

    /// <summary>The kernels on one core, per match.</summary>
    [Benchmark(OperationsPerInvoke = Ticks * Batch)]
    public void KernelsOneCore() => one.Step(Ticks);

    /// <summary>The kernels on all cores, per match.</summary>
    [Benchmark(OperationsPerInvoke = Ticks * Batch)]
    public void KernelsAllCores() => all.Step(Ticks);
}
