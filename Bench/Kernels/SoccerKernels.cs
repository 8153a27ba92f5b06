using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Kernels;

/// <summary>Soccer kernel by kernel: step (which ends in an observe), observe alone, built-in players alone.</summary>
/// <remarks>
/// Two workloads: random play, and everybody chasing the ball, which makes many contacts. Times are per tick of all
/// matches; agent-steps/s follow from them. Bytes of an agent-step, 5v5: 77 floats of observation written, about 25 floats
/// of state read and written, 4 of action read: some 0.5 kB, so 20 M agent-steps/s move 10 GB/s.
/// </remarks>
public class SoccerKernels
{
    private const int Ticks = 16;

    private Matches matches = null!;

    /// <summary>3v3 and 5v5, 1,024 matches each.</summary>
    public static IEnumerable<GameCase> Cases => new[] { "", "5v5" }.Select(preset => GameCase.Of("soccer", preset, 1_024, (spec, matches) => spec.AgentsPerMatch * matches));

    /// <summary>Team size.</summary>
    [ParamsSource(nameof(Cases))]
    public GameCase Case { get; set; } = null!;

    /// <summary>Who plays.</summary>
    [Params("random", "scripted:chase")]
    public string Workload { get; set; } = "random";

    /// <summary>Threads; 0 = all cores.</summary>
    [Params(1, 0)]
    public int Threads { get; set; }

    /// <summary>Verifies, then plays into the middle of an episode so that actions and contacts are typical.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Matches.Verify(Case with { Options = Case.Options with { NumEnvs = 64 } }, Workload, 100);
        matches = new Matches(Case, Threads, Workload);
        matches.Play(100);
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup() => matches.Dispose();

    /// <summary>Rules, rewards, ends, resets, observations; the actions stay those of the last tick that was played.</summary>
    [Benchmark(OperationsPerInvoke = Ticks)]
    public void Step() => matches.Step(Ticks);

    /// <summary>State to rows.</summary>
    [Benchmark(OperationsPerInvoke = Ticks)]
    public void Observe() => matches.Observe(Ticks);

    /// <summary>The built-in player on both sides.</summary>
    [Benchmark(OperationsPerInvoke = Ticks)]
    public void Act() => matches.Act(Ticks);
}
