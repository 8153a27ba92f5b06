using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Validation.Conformance;

namespace Arena.HostApi.Cli;

/// <summary>The part of <c>arena validate</c> for a game without a reference: what every game must do, check by check.</summary>
internal static class ConformanceTable
{
    private const int MostProblems = 6; // told at length
    private const int FewestTicks = 400;
    private const int MostTicks = 4000; // of an episode that is worth waiting for unless --ticks says so

    /// <summary>Ticks that see an episode end, as far as that is affordable.</summary>
    internal static int TicksFor(GameRequest request) => Math.Clamp(request.Game.Describe(request.Options).EpisodeLimit + 20, FewestTicks, MostTicks);

    /// <summary>Runs the checks and writes what came of them.</summary>
    /// <returns>Whether none failed.</returns>
    internal static bool Write(CliContext context, GameRequest request, int ticks)
    {
        TextWriter output = context.Terminal.Output;
        WrappedText.Write(output, "", Numbers.Text(
            $"'{request.Game.Name}' has no reference, so nothing says whether its rules are what they should be. Checked is what can be asked of every game: on the CPU, in ") +
            Numbers.Text($"batches of up to 17 matches with seeds of their own, at most {ticks} ticks each."), context.Terminal.Width - 1);
        output.WriteLine();
        IReadOnlyList<ConformanceResult> results;
        using (var progress = new ProgressLine(context.Terminal, "checking"))
            results = ConformanceSuite.Run(new ConformanceCase(request.Game, request.Options) { Ticks = ticks }, (done, all) => progress.Report((double)done / all), context.Cancellation);
        var table = new ResultTable("What every game must do", "check", "result") { RightAligned = _ => false };
        foreach (ConformanceResult result in results) table.Add(result.Check.Name, result.Problem is null ? "passed" : result.Failed ? "FAILED" : "not seen");
        table.Write(context.Terminal);
        ConformanceResult[] problems = [.. results.Where(result => result.Problem is not null)];
        foreach (ConformanceResult result in problems.Take(MostProblems))
            WrappedText.Write(output, "  ", $"{(result.Failed ? "FAILED" : "Not seen")}: {result.Check.Name}. {result.Problem}", context.Terminal.Width - 1);
        if (problems.Length > MostProblems) output.WriteLine(Numbers.Text($"  ... and {problems.Length - MostProblems} more, often with the same cause."));
        if (!BuildInfo.Checked)
            WrappedText.Write(output, "", "Indices of kernels are checked in a checked build only (Debug, or -p:Checked=true): validate in one, too.", context.Terminal.Width - 1);
        output.WriteLine();
        return !results.Any(result => result.Failed);
    }
}
