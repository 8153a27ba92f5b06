using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;

namespace Arena.Kernels.Environments;

/// <summary>Describes one option of a game: what help, range checks and error messages need.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>One line of help.</summary>
    public string Help { get; } = help;

    /// <summary>Unit, or empty for a pure number.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Smallest allowed value.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Largest allowed value.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>What the value 0 means where 0 chooses automatically, or empty.</summary>
    public string Zero { get; init; } = "";

    /// <summary>Name as a command-line option without the hyphens, or empty for the one made from the path.</summary>
    public string Option { get; init; } = "";
}

/// <summary>One option of an options record: its path ("rewards.goal"), type, default, help and range.</summary>
public sealed record SettingInfo(string Path, Type Type, object? Default, SettingAttribute Attribute)
{
    /// <summary>The same path as a command-line option: "--rewards.ball-progress" (or <see cref="SettingAttribute.Option"/>).</summary>
    public string OptionName => Attribute.Option.Length > 0
        ? "--" + Attribute.Option
        : "--" + string.Concat(Path.Select(c => char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : c.ToString()));

    /// <summary>What may be given: "1..11", "true | false", "nearest | average | sum", "text".</summary>
    public string Allowed =>
        Type == typeof(bool) ? "true | false"
        : Type == typeof(string) ? "text"
        : Type.IsEnum ? string.Join(" | ", Enum.GetNames(Type).Select(name => name.ToLowerInvariant()))
        : $"{Bound(Attribute.Min, "any")}..{Bound(Attribute.Max, "any")}";

    private static string Bound(double value, string open) =>
        double.IsInfinity(value) ? open : value.ToString("0.######", CultureInfo.InvariantCulture);
}

/// <summary>Reads, changes and checks options records by path: one place for files, command lines and documentation.</summary>
/// <remarks>
/// Options are immutable records whose properties carry <see cref="SettingAttribute"/>; a property that is itself such
/// a record is a section. Paths ignore case and hyphens: <c>teamSize</c>, <c>team-size</c> and <c>TeamSize</c> are one.
/// </remarks>
public static class Settings
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    /// <summary>Every setting of <paramref name="options"/>, with this instance's values as defaults.</summary>
    public static IReadOnlyList<SettingInfo> Of(object options)
    {
        var found = new List<SettingInfo>();
        Collect(options, "", found);
        return found;
    }

    /// <summary>The settings of <paramref name="options"/> whose values differ from <paramref name="baseline"/>'s, a record of the same type.</summary>
    public static IEnumerable<SettingInfo> Changed(object options, object baseline) =>
        Of(options).Zip(Of(baseline)).Where(pair => !Equals(pair.First.Default, pair.Second.Default)).Select(pair => pair.First);

    /// <summary>A copy of <paramref name="options"/> in which <paramref name="path"/> has the value <paramref name="text"/>.</summary>
    /// <exception cref="UsageException">no such setting (names the nearest), or not a value of its type and range.</exception>
    public static T With<T>(T options, string path, string text)
        where T : notnull
    {
        SettingInfo setting = Find(options, path);
        return (T)Replace(options, setting.Path.Split('.'), Parse(setting, text));
    }

    /// <summary>The value at <paramref name="path"/> as text that <see cref="With{T}"/> reads back.</summary>
    public static string Get(object options, string path)
    {
        object value = options;
        foreach (string name in Find(options, path).Path.Split('.'))
            value = PropertyOf(value, name).GetValue(value)!;
        return Format(value);
    }

    /// <summary>The setting at <paramref name="path"/>.</summary>
    /// <exception cref="UsageException">no such setting; names the nearest.</exception>
    public static SettingInfo Find(object options, string path)
    {
        IReadOnlyList<SettingInfo> all = Of(options);
        string wanted = Canonical(path);
        return all.FirstOrDefault(setting => Canonical(setting.Path) == wanted)
            ?? throw new UsageException(
                $"Unknown setting '{path}' for {options.GetType().Name}.{Nearest.Hint(path, all.Select(setting => setting.Path))} " +
                $"The settings are: {string.Join(", ", all.Select(setting => setting.Path))}.");
    }

    /// <summary>Checks every value against its range.</summary>
    /// <exception cref="UsageException">the first value out of range.</exception>
    public static void Check(object options)
    {
        foreach (SettingInfo setting in Of(options))
        {
            if (setting.Default is IConvertible number and not bool and not Enum and not string)
                CheckRange(setting, Convert.ToDouble(number, CultureInfo.InvariantCulture), Format(setting.Default));
            if (setting.Default is Enum choice && !Enum.IsDefined(setting.Type, choice))
                throw new UsageException($"{setting.Path} is {choice}; allowed are {setting.Allowed}.");
        }
    }

    /// <summary>A value as text, the same in every culture.</summary>
    public static string Format(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        Enum choice => choice.ToString().ToLowerInvariant(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "",
    };

    private static string Canonical(string path) => path.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static void Collect(object options, string prefix, List<SettingInfo> found)
    {
        foreach (PropertyInfo property in PropertiesOf(options.GetType()))
        {
            string path = prefix + char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            object? value = property.GetValue(options);
            if (property.GetCustomAttribute<SettingAttribute>() is { } setting)
                found.Add(new SettingInfo(path, property.PropertyType, value, setting));
            else if (value is not null && IsSection(property.PropertyType))
                Collect(value, path + ".", found);
        }
    }

    private static bool IsSection(Type type) =>
        type.IsClass && PropertiesOf(type).Any(property => property.GetCustomAttribute<SettingAttribute>() is not null);

    // Inherited properties first, in the order they are written.
    private static PropertyInfo[] PropertiesOf(Type type) => Properties.GetOrAdd(type, static t =>
        [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .OrderBy(property => Depth(property.DeclaringType!)).ThenBy(property => property.MetadataToken)]);

    private static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;

    private static PropertyInfo PropertyOf(object options, string name) =>
        PropertiesOf(options.GetType()).First(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static object Replace(object options, ReadOnlySpan<string> path, object value)
    {
        PropertyInfo property = PropertyOf(options, path[0]);
        // A record's compiler-made copy method; init-only setters are ordinary setters to reflection.
        object copy = options.GetType().GetMethod("<Clone>$")?.Invoke(options, null)
            ?? throw new InvalidOperationException($"{options.GetType().Name} must be a record.");
        property.SetValue(copy, path.Length == 1 ? value : Replace(property.GetValue(options)!, path[1..], value));
        return copy;
    }

    private static object Parse(SettingInfo setting, string text)
    {
        object value = ParseType(setting, text.Trim())
            ?? throw new UsageException($"{setting.OptionName} is '{text}', which is not {Noun(setting.Type)}; allowed: {setting.Allowed}{Unit(setting)}.");
        if (value is IConvertible number and not bool and not Enum and not string)
            CheckRange(setting, Convert.ToDouble(number, CultureInfo.InvariantCulture), text);
        return value;
    }

    private static object? ParseType(SettingInfo setting, string text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (setting.Type == typeof(int) || setting.Type == typeof(long))
        {
            if (!WholeNumber.TryParse(text, out decimal whole)) return null;
            CheckRange(setting, (double)whole, text);
            if (setting.Type == typeof(int)) return whole is >= int.MinValue and <= int.MaxValue ? (int)whole : null;
            return whole is >= long.MinValue and <= long.MaxValue ? (long)whole : null;
        }

        if (setting.Type == typeof(float)) return float.TryParse(text, NumberStyles.Float, culture, out float f) ? f : null;
        if (setting.Type == typeof(double)) return double.TryParse(text, NumberStyles.Float, culture, out double d) ? d : null;
        if (setting.Type == typeof(string)) return text;
        if (setting.Type == typeof(bool)) return text.ToLowerInvariant() switch { "true" or "on" or "yes" or "1" => true, "false" or "off" or "no" or "0" => false, _ => null };
        if (setting.Type.IsEnum)
            return Enum.GetNames(setting.Type).Any(name => name.Equals(text, StringComparison.OrdinalIgnoreCase))
                ? Enum.Parse(setting.Type, text, ignoreCase: true) : null;
        throw new InvalidOperationException($"Setting '{setting.Path}' has the type {setting.Type.Name}, which settings cannot have.");
    }

    private static void CheckRange(SettingInfo setting, double value, string text)
    {
        // In the setting's own type: the float nearest to 0.01 is below the double nearest to 0.01.
        bool single = setting.Type == typeof(float);
        double min = single ? (float)setting.Attribute.Min : setting.Attribute.Min;
        double max = single ? (float)setting.Attribute.Max : setting.Attribute.Max;
        if (value >= min && value <= max && double.IsFinite(value)) return;
        throw new UsageException(
            $"{setting.OptionName} is {text}{Unit(setting)}; allowed are {setting.Allowed}{Unit(setting)}. {setting.Attribute.Help}");
    }

    private static string Unit(SettingInfo setting) => setting.Attribute.Unit.Length == 0 ? "" : " " + setting.Attribute.Unit;

    private static string Noun(Type type) =>
        type == typeof(bool) ? "true or false" : type.IsEnum ? "one of the choices" : type == typeof(int) || type == typeof(long) ? "a whole number (as in 2000000, 2e6, 2M or 500k)" : "a number";
}
