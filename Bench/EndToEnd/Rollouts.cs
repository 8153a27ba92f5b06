using BenchmarkDotNet.Attributes;

namespace Arena.Bench.EndToEnd;

/// <summary>Whole ticks of every registered game: random actions, step, rewards, ends, resets, observations.</summary>
/// <remarks>
/// What a learner waits for between two forward passes. The random player's own cost is included (one Philox block per
/// agent). Times are per tick of all matches. 1,024 matches fit into the second-level cache of most processors, 16,384
/// do not: the distance between the two is the price of memory.
/// </remarks>
public class Rollouts
{
    private const int Ticks = 16;

    private Matches oneCore = null!;
    private Matches allCores = null!;

    /// <summary>Every game of the registry.</summary>
    public static IEnumerable<string> Games => BenchCases.Games;

    /// <summary>Name in the registry.</summary>
    [ParamsSource(nameof(Games))]
    public string Game { get; set; } = "soccer";

    /// <summary>Matches side by side.</summary>
    [Params(1_024, 16_384)]
    public int Matches { get; set; }

    /// <summary>Verifies, then starts two batches.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Bench.Matches.Verify(Game, 64, "random", 200);
        oneCore = new Matches(Game, Matches, threads: 1, "random");
        allCores = new Matches(Game, Matches, threads: 0, "random");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        oneCore.Dispose();
        allCores.Dispose();
    }

    /// <summary>On one thread.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Ticks)]
    public void OneCore() => oneCore.Play(Ticks);

    /// <summary>On all cores.</summary>
    [Benchmark(OperationsPerInvoke = Ticks)]
    public void AllCores() => allCores.Play(Ticks);
}
