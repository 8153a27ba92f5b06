using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Options with a range in their help and one clear sentence when it is missed.</summary>
internal static class CliOption
{
    /// <summary>A whole number.</summary>
    internal static Option<int> Whole(string name, string help, int byDefault, int min, int max) => Ranged(name, help, byDefault, min, max, Whole<int>, "whole numbers");

    /// <summary>A whole number that may be large.</summary>
    internal static Option<long> Whole64(string name, string help, long byDefault, long min, long max) => Ranged(name, help, byDefault, min, max, Whole<long>, "whole numbers");

    /// <summary>A number.</summary>
    internal static Option<double> Number(string name, string help, double byDefault, double min, double max) => Ranged(name, help, byDefault, min, max, static text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null, "numbers");

    /// <summary>A seed.</summary>
    internal static Option<ulong> Seed(ulong byDefault) => new("--seed")
    {
        Description = "Seed of all randomness; the same seed gives the same result.",
        HelpName = "0..2^64-1",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            string text = Single(result);
            if (Whole<ulong>(text) is { } value) return value;
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

    /// <summary>Text that is not empty (a shell's unset variable), or null.</summary>
    internal static Option<string?> Text(string name, string help, string helpName) => new(name)
    {
        Description = help,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = Single(result);
            if (!string.IsNullOrWhiteSpace(text)) return text;
            return Refuse<string?>(result, $"{name} is '{text}', which is empty; expected is {helpName}. {help} Give one, or leave {name} out.");
        },
    };

    /// <summary>On or off.</summary>
    internal static Option<bool> Flag(string name, string help) => new(name) { Description = help };

    private static Option<T> Ranged<T>(string name, string help, T byDefault, T min, T max, Func<string, T?> parse, string kind)
        where T : struct, INumber<T> => new(name)
        {
            Description = help,
            HelpName = Numbers.Text($"{min}..{max}"),
            DefaultValueFactory = _ => byDefault,
            CustomParser = result =>
            {
                string text = Single(result);
                if (parse(text) is { } value && value >= min && value <= max) return value;
                return Refuse<T>(result, Numbers.Text($"{name} is '{text}'; allowed are {kind} {min}..{max}. {help}"));
            },
        };

    // Null where it is none that T holds.
    private static T? Whole<T>(string text)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        WholeNumber.TryParse(text, out decimal value) && value >= decimal.CreateChecked(T.MinValue) && value <= decimal.CreateChecked(T.MaxValue) ? T.CreateChecked(value) : null;

    private static string Single(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : "";

    private static T Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
