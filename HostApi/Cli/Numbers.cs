using System.Globalization;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>Numbers as text, the same in every culture.</summary>
internal static class Numbers
{
    /// <summary>An interpolated string in the invariant culture.</summary>
    internal static string Text(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Three figures with k, M or G: "18.4 M".</summary>
    internal static string Short(double value)
    {
        double size = Math.Abs(value);
        (double scale, string suffix) = size >= 1e9 ? (1e9, " G") : size >= 1e6 ? (1e6, " M") : size >= 1e4 ? (1e3, " k") : (1.0, "");
        double scaled = value / scale;
        string format = Math.Abs(scaled) >= 100 ? "0" : Math.Abs(scaled) >= 10 ? "0.0" : "0.00";
        return scaled.ToString(format, CultureInfo.InvariantCulture) + suffix;
    }

    /// <summary>Up to three decimals; "–" where it is undefined.</summary>
    internal static string Value(double value) => double.IsNaN(value) ? "–" : Text($"{value:0.###}");

    /// <summary>A mean with the half width of its interval: "1.42 ± 0.08"; "1.42 ± –" where one sample cannot tell it, "–" without samples.</summary>
    internal static string MeanText(Interval interval) =>
        double.IsNaN(interval.Value) ? "–"
        : double.IsNaN(interval.Lower) ? Text($"{interval.Value:0.###} ± –")
        : Text($"{interval.Value:0.###} ± {interval.HalfWidth:0.###}");

    /// <summary>A share in per cent with its interval: "61.3 % (57.9 to 64.6)".</summary>
    internal static string ShareText(Interval interval) =>
        double.IsNaN(interval.Value) ? "–" : Text($"{100 * interval.Value:0.0} % ({100 * interval.Lower:0.0} to {100 * interval.Upper:0.0})");
}
