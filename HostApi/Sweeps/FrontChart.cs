using System.Text;
using Arena.HostApi.Cli;
using Arena.HostApi.Report;

namespace Arena.HostApi.Sweeps;

/// <summary>Scores over training time as inline SVG: a dot per result, a thin line along each trial, a thick one along the front.</summary>
internal static class FrontChart
{
    private const double Width = 860, Height = 340, Left = 52, Right = 14, Top = 12, Bottom = 34;
    private const int Ticks = 4;

    /// <summary>The chart; words alone where nothing has a result.</summary>
    internal static string Draw(IReadOnlyList<TrialState> trials, HashSet<(int Trial, int Rung)> front)
    {
        TrialState[] shown = [.. trials.Where(trial => trial.Results[0].Failure is null)];
        RungResult[] all = [.. shown.SelectMany(trial => trial.Results).Where(result => result.Failure is null)];
        if (all.Length == 0) return "<p class=\"muted\">No trial has a result.</p>";
        (double first, double last) = Widened(Math.Log(Math.Max(1e-3, all.Min(result => result.Seconds))), Math.Log(Math.Max(1e-3, all.Max(result => result.Seconds))));
        (double low, double high) = Widened(all.Min(result => result.Lower), all.Max(result => result.Lower));
        double X(double seconds) => Left + (Math.Log(Math.Max(1e-3, seconds)) - first) / (last - first) * (Width - Left - Right);
        double Y(double score) => Height - Bottom - (score - low) / (high - low) * (Height - Top - Bottom);
        string Path(IEnumerable<RungResult> results) => "M" + string.Join('L', results.Select(result => Numbers.Text($"{X(result.Seconds):0.#} {Y(result.Lower):0.#}")));
        var svg = new StringBuilder("<figure class=\"chart\"><figcaption><b>Lower bound of the held-out score</b><span class=\"muted\">over wall time of the training, s (logarithmic)</span></figcaption>");
        svg.Append(Numbers.Text($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Held-out scores of {shown.Length} trials over training time; best {high:0.###}\">"));
        for (int tick = 0; tick <= Ticks; tick++)
        {
            double score = low + (high - low) * tick / Ticks, seconds = Math.Exp(first + (last - first) * tick / Ticks);
            svg.Append(Numbers.Text($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(score):0.#}\" y2=\"{Y(score):0.#}\"/><text x=\"{Left - 6}\" y=\"{Y(score) + 3:0.#}\" text-anchor=\"end\">{SvgChart.Short(score)}</text>"));
            svg.Append(Numbers.Text($"<text x=\"{X(seconds):0.#}\" y=\"{Height - 12}\" text-anchor=\"middle\">{SvgChart.Short(seconds)}</text>"));
        }

        foreach (TrialState trial in shown) svg.Append($"<path class=\"curve\" stroke=\"var(--line)\" d=\"{Path(trial.Results.Where(result => result.Failure is null))}\"/>");
        IEnumerable<RungResult> best = shown.SelectMany(trial => trial.Results.Where((_, rung) => front.Contains((trial.Number, rung)))).OrderBy(result => result.Seconds);
        svg.Append($"<path class=\"curve\" stroke=\"var(--accent)\" d=\"{Path(best)}\"/>");
        foreach (TrialState trial in shown)
        {
            for (int rung = 0; rung < trial.Results.Count && trial.Results[rung].Failure is null; rung++)
            {
                RungResult result = trial.Results[rung];
                string fill = trial.Number == 0 ? "var(--side-b)" : front.Contains((trial.Number, rung)) ? "var(--accent)" : "var(--neutral)";
                svg.Append(Numbers.Text($"<circle cx=\"{X(result.Seconds):0.#}\" cy=\"{Y(result.Lower):0.#}\" r=\"4.5\" fill=\"{fill}\"><title>{SweepReport.Name(trial.Number)}: {result.Value:0.000} (≥ {result.Lower:0.000}), {result.Seconds:0.#} s, {result.AgentSteps:N0} agent-steps</title></circle>"));
            }
        }

        return svg.Append("</svg><div class=\"legend\"><span><i class=\"tone-0\"></i>front: no other result is as good in as little time</span><span><i class=\"tone-1\"></i>the game's defaults</span></div></figure>").ToString();
    }

    // Never empty, with a little room so that no dot lies on the frame.
    private static (double Low, double High) Widened(double low, double high)
    {
        double room = Math.Max(0.05 * (high - low), 1e-3);
        return (low - room, high + room);
    }
}
