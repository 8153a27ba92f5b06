using System.Globalization;
using System.Net;
using System.Text;
using Arena.HostApi.Cli;
using Arena.HostApi.Viewer;

namespace Arena.HostApi.Report;

/// <summary>A chart of curves over agent-steps as inline SVG; colours come from the classes of the page around it.</summary>
internal static class SvgChart
{
    private const double Width = 300, Height = 130, Left = 42, Right = 6, Top = 8, Bottom = 16;
    private const int Points = 240;
    private const int Tones = 10;

    /// <summary>The chart with title and legend, or an empty text where the run has none of its curves.</summary>
    internal static string Draw(CurveGroup group, IReadOnlyList<Curve> all)
    {
        Curve[] curves = [.. CurvesOf(group, all)];
        if (curves.Length == 0) return "";
        (double min, double max) = Range(group, curves);
        double last = Math.Max(1, curves.Max(curve => curve.Points[^1].AgentSteps));
        string Last(Curve curve) => Short(curve.Points[^1].Value);
        string words = string.Join(", ", curves.Select(curve => $"{group.LabelOf(curve.Name)} {Last(curve)}"));
        var html = new StringBuilder();
        string right = curves.Length == 1 ? $"{Last(curves[0])} {(group.Unit is "–" or "0…1" or "≤ 1" ? "" : group.Unit)}" : group.Unit;
        html.Append(Text($"<figure class=\"chart\"><figcaption><b>{Escape(group.Title)}</b><span class=\"muted readout\">{Escape(right)}</span></figcaption>"));
        // What the script that shows values under the pointer needs to turn places into values.
        string scale = Text($"{Left} {Width - Right} {Top} {Height - Bottom} {min:R} {max:R} {last:R}");
        html.Append(Text($"<svg class=\"plot\" data-scale=\"{scale}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape($"{group.Title} ({group.Unit}) over agent-steps; last: {words}")}\">"));
        double Y(double value) => Height - Bottom - (value - min) / (max - min) * (Height - Top - Bottom);
        foreach (double share in new[] { 0, 0.5, 1 })
        {
            double value = min + share * (max - min);
            html.Append(Text($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):0.#}\" y2=\"{Y(value):0.#}\"/><text x=\"{Left - 5}\" y=\"{Y(value) + 3:0.#}\" text-anchor=\"end\">{Short(value)}</text>"));
        }

        html.Append(Text($"<text x=\"{Left}\" y=\"{Height - 3}\">0</text><text x=\"{Width - Right}\" y=\"{Height - 3}\" text-anchor=\"end\">{Short(last)} agent-steps</text>"));
        for (int i = 0; i < curves.Length; i++)
        {
            IEnumerable<string> points = curves[i].Points.Select(point => Text($"{Left + point.AgentSteps / last * (Width - Left - Right):0.##} {Y(point.Value):0.##}"));
            html.Append(Text($"<path class=\"curve {Tone(i)}\" d=\"M{string.Join('L', points)}\"/>"));
        }

        html.Append("</svg><div class=\"legend\">");
        for (int i = 0; i < curves.Length && curves.Length > 1; i++)
            html.Append(Text($"<span><i class=\"{Tone(i)}\"></i>{Escape(group.LabelOf(curves[i].Name))} <span class=\"readout\">{Last(curves[i])}</span></span>"));
        return html.Append("</div></figure>").ToString();
    }

    private static IEnumerable<Curve> CurvesOf(CurveGroup group, IReadOnlyList<Curve> all)
    {
        if (!group.IsOf(all.Select(curve => curve.Name))) return [];
        IEnumerable<Curve> curves = all.Where(curve => group.Has(curve.Name) && curve.Points.Count > 0 && !(group.LeavesOutZeros && curve.Points.All(point => point.Value == 0)));
        if (group.PerEvaluation && all.FirstOrDefault(curve => curve.Name == CurveReader.Time) is { } seconds && all.FirstOrDefault(curve => curve.Name == "speed/share_evaluate") is { } evaluating)
            curves = curves.Select(curve => curve.Points.Count == seconds.Points.Count && curve.Points.Count == evaluating.Points.Count ? curve.PerEvaluation(seconds, evaluating) : curve);
        return curves.Select(curve => curve.Thinned(Points)).Where(curve => curve.Points.Count > 0);
    }

    // Ten colours, then the same dashed.
    private static string Tone(int i) => $"tone-{i % Tones}{(i / Tones % 2 == 1 ? " dashed" : "")}";

    /// <summary>About three digits, with k, M, G.</summary>
    internal static string Short(double value)
    {
        (double scaled, string letter) = Math.Abs(value) switch
        {
            >= 1e9 => (value / 1e9, "G"),
            >= 1e6 => (value / 1e6, "M"),
            >= 1e3 => (value / 1e3, "k"),
            _ => (value, ""),
        };
        if (scaled != 0 && Math.Abs(scaled) < 1e-3) return scaled.ToString("0.0e+0", CultureInfo.InvariantCulture);
        return scaled.ToString(Math.Abs(scaled) >= 100 ? "0" : Math.Abs(scaled) >= 10 ? "0.#" : Math.Abs(scaled) >= 1 ? "0.##" : "0.###", CultureInfo.InvariantCulture) + letter;
    }

    private static (double Min, double Max) Range(CurveGroup group, Curve[] curves)
    {
        double min = curves.Min(curve => curve.Points.Min(point => point.Value)), max = curves.Max(curve => curve.Points.Max(point => point.Value));
        if (group.Unit == "0…1") (min, max) = (0, Math.Max(1, max));
        if (min > 0 && min < 0.5 * max) min = 0;
        return max - min < 1e-9 * Math.Max(1, Math.Abs(max)) ? (min - 0.5, max + 0.5) : (min, max);
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => Numbers.Text(text);
}
