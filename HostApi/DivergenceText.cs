using Arena.HostApi.Cli;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>What evaluation and training say about episodes that the divergence guard of a simulation ended.</summary>
internal static class DivergenceText
{
    /// <summary>How many are listed at most.</summary>
    internal const int Listed = 16;

    /// <summary>A line for a summary, and one line for each of the first.</summary>
    /// <param name="count">How many episodes.</param>
    /// <param name="firsts">The first of them.</param>
    internal static IEnumerable<string> Lines(long count, IReadOnlyList<Divergence> firsts)
    {
        if (count == 0) return ["Diverged: none."];
        return [Numbers.Text($"Diverged: {count:N0} {(count == 1 ? "episode" : "episodes")}; the guard of the simulation ended and reset {(count == 1 ? "it" : "them")}. {(count > firsts.Count || firsts.Count > Listed ? "The first:" : "That is:")}"),
            .. firsts.Take(Listed).Select(one => $"  {one}")];
    }

    /// <summary>A warning while it goes on.</summary>
    internal static string Warning(long count, IReadOnlyList<Divergence> firsts) =>
        Numbers.Text($"{count:N0} {(count == 1 ? "episode" : "episodes")} diverged; first {(firsts.Count > 0 ? firsts[0].ToString() : "in another process")}. The simulation of that creature is not sound: try more substeps, weaker motors, or lighter limbs.");
}
