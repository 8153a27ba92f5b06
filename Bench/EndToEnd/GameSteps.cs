using Arena.Kernels.Device;
using Arena.Validation;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.EndToEnd;

/// <summary>One match-step of every registered game, observations, rewards, ends and resets included: the scalar reference, the kernels on one core and on all.</summary>
/// <remarks>
/// Times are per match-step, so the ratio says what the kernels' form is worth. The reference is written to be read (double precision, immutable, allocates); it is
/// called as the lockstep comparison calls it, from the kernels' state, in 16 ticks from the middle of a match. The kernels' time includes the random player (one
/// Philox block per agent). Some dozens of matches fit into the second-level cache of one core, 16,384 into none: the distance is the price of memory. A game
/// is left out with a number of matches that takes more than a gibibyte.
/// </remarks>
public class GameSteps
{
    private const int MatchSteps = 16_384;
    private const int ReferenceTicks = 16;
    private const int Lead = 100; // ticks played before anything is timed

    private readonly List<(IReadOnlyDictionary<string, double[]> State, MatchActions Actions)> ticks = [];
    private IMatchReference reference = null!;
    private Matches? matches;

    /// <summary>Every game of the registry, with each number of matches that fits.</summary>
    public static IEnumerable<GameCase> Cases => GameCase.All([64, 1_024, 16_384], (spec, _) => spec.AgentsPerMatch);

    /// <summary>Game and matches side by side.</summary>
    [ParamsSource(nameof(Cases))]
    public GameCase Case { get; set; } = null!;

    /// <summary>Compares kernels and reference, and records what the reference plays.</summary>
    [GlobalSetup(Target = nameof(Reference))]
    public void SetupReference()
    {
        Verify();
        GameCase one = Case with { Options = Case.Options with { NumEnvs = 1 } };
        using var played = new Matches(one, threads: 1, "random");
        reference = References.Find(Case.Game.Name).Create(new MatchSetup(one.Options, played.Spec, Matches.Seed, one.Options.MatchOffset));
        played.Play(Lead);
        for (int tick = 0; tick < ReferenceTicks; tick++) ticks.Add(played.PlayRecorded());
    }

    /// <summary>Compares, then plays to a typical position.</summary>
    [GlobalSetup(Target = nameof(OneCore))]
    public void SetupOneCore() => Setup(threads: 1);

    /// <summary>The same on all cores.</summary>
    [GlobalSetup(Target = nameof(AllCores))]
    public void SetupAllCores() => Setup(threads: 0);

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup() => matches?.Dispose();

    /// <summary>The judge: one match, one tick after the other.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = ReferenceTicks)]
    public double Reference()
    {
        double sum = 0;
        foreach ((IReadOnlyDictionary<string, double[]> state, MatchActions actions) in ticks) sum += reference.Step(state, actions, progress: 0).Rewards.Values[0];
        return sum;
    }

    /// <summary>The kernels on one core.</summary>
    [Benchmark(OperationsPerInvoke = MatchSteps)]
    public void OneCore() => matches!.Play(MatchSteps / Case.Options.NumEnvs);

    /// <summary>The kernels on all cores.</summary>
    [Benchmark(OperationsPerInvoke = MatchSteps)]
    public void AllCores() => matches!.Play(MatchSteps / Case.Options.NumEnvs);

    private void Setup(int threads)
    {
        Verify();
        matches = new Matches(Case, threads, "random");
        matches.Play(Lead);
    }

    private void Verify()
    {
        if (Case.HasReference)
        {
            using var device = new CpuDevice();
            LockstepReport report = Lockstep.Run(device, Case.Game, Case.Options with { NumEnvs = 2 }, new LockstepPlan { Ticks = 40 });
            if (!report.Passed) throw new InvalidOperationException($"Kernels and reference disagree; nothing is worth timing. {report.First}");
        }

        Matches.Verify(Case with { Options = Case.Options with { NumEnvs = 8 } }, "random", Lead);
    }
}
