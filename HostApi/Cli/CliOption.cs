using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Arena.HostApi.Cli;

/// <summary>Options with a range in their help and one clear sentence when it is missed.</summary>
internal static class CliOption
{
    /// <summary>A whole number.</summary>
    internal static Option<int> Whole(string name, string help, int byDefault, int min, int max) => Ranged(name, help, byDefault, min, max, NumberStyles.AllowLeadingSign, "whole numbers");

    /// <summary>A whole number that may be large.</summary>
    internal static Option<long> Whole64(string name, string help, long byDefault, long min, long max) => Ranged(name, help, byDefault, min, max, NumberStyles.AllowLeadingSign, "whole numbers");

    /// <summary>A number.</summary>
    internal static Option<double> Number(string name, string help, double byDefault, double min, double max) => Ranged(name, help, byDefault, min, max, NumberStyles.Float, "numbers");

    /// <summary>A seed.</summary>
    internal static Option<ulong> Seed(ulong byDefault) => new("--seed")
    {
        Description = "Seed of all randomness; the same seed gives the same result.",
        HelpName = "0..2^64-1",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            string text = Single(result);
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)) return value;
            return Refuse<ulong>(result, $"--seed is '{text}'; allowed are whole numbers 0..{ulong.MaxValue}.");
        },
    };

    /// <summary>One of a few words.</summary>
    internal static Option<string> Choice(string name, string help, string byDefault, params string[] allowed) => new(name)
    {
        Description = help,
        HelpName = string.Join('|', allowed),
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            string text = Single(result);
            if (allowed.Contains(text)) return text;
            return Refuse<string>(result, $"{name} is '{text}'; allowed are {string.Join(", ", allowed)}.{Kernels.Nearest.Hint(text, allowed)}");
        },
    };

    /// <summary>Free text, or null.</summary>
    internal static Option<string?> Text(string name, string help, string helpName) => new(name) { Description = help, HelpName = helpName };

    /// <summary>On or off.</summary>
    internal static Option<bool> Flag(string name, string help) => new(name) { Description = help };

    private static Option<T> Ranged<T>(string name, string help, T byDefault, T min, T max, NumberStyles style, string kind)
        where T : INumber<T> => new(name)
        {
            Description = help,
            HelpName = Numbers.Text($"{min}..{max}"),
            DefaultValueFactory = _ => byDefault,
            CustomParser = result =>
            {
                string text = Single(result);
                if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T? value) && value >= min && value <= max) return value;
                return Refuse<T>(result, Numbers.Text($"{name} is '{text}'; allowed are {kind} {min}..{max}. {help}"));
            },
        };

    private static string Single(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : "";

    private static T Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
