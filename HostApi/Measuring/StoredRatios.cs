using System.Text.Json;
using System.Text.Json.Nodes;
using Arena.Kernels;

namespace Arena.HostApi.Measuring;

/// <summary>A ratio of two rates of one run, and what it was when it was stored.</summary>
/// <param name="Name">"soccer, step / draws".</param>
/// <param name="Measured">Here.</param>
/// <param name="Stored">Then; null where it was not stored.</param>
/// <param name="Least">Share of the stored one below which it fails.</param>
public sealed record CheckedRatio(string Name, double Measured, double? Stored, double Least)
{
    /// <summary>Measured by stored; null where it was not stored.</summary>
    public double? Share => Measured / Stored;

    /// <summary>Not below the least share; a ratio that was not stored cannot pass.</summary>
    public bool Passed => Share >= Least;
}

/// <summary>Ratios by name, for each kind of machine, in one JSON file: what <c>Bench check</c> holds new ones against.</summary>
/// <remarks>
/// A ratio of two rates that were measured in turns hardly depends on what else a machine does, and less on which machine it is than a rate; but vector instructions
/// serve some code more than other, so machines with others have ratios of their own.
/// </remarks>
public sealed class StoredRatios
{
    private const string RatiosKey = "ratios";
    private const string MachineKey = "machine";

    private readonly JsonObject root;
    private readonly string source;

    private StoredRatios(JsonObject root, string source) => (this.root, this.source) = (root, source);

    /// <summary>Reads what a file holds.</summary>
    /// <param name="text">Its text; empty for a file that does not exist yet.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <exception cref="UsageException">it is no such file, or a ratio is not above 0.</exception>
    public static StoredRatios Parse(string text, string source)
    {
        try
        {
            var stored = new StoredRatios(text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject(), source);
            foreach (string kind in stored.Kinds) stored.Of(kind);
            return stored;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new UsageException($"'{source}' is not a file of ratios: {unreadable.Message} Restore it from the repository, or delete it and store new ratios with 'check --update'.");
        }
    }

    /// <summary>Instruction sets that have ratios.</summary>
    public IReadOnlyList<string> Kinds => [.. root.Select(kind => kind.Key)];

    /// <summary>The ratios of an instruction set by name; empty where none are stored.</summary>
    public IReadOnlyDictionary<string, double> Of(string kind)
    {
        if (root[kind] is not { } found) return new Dictionary<string, double>();
        JsonObject ratios = found[RatiosKey]?.AsObject() ?? throw new InvalidOperationException($"'{kind}' has no \"{RatiosKey}\".");
        var values = ratios.ToDictionary(ratio => ratio.Key, ratio => ratio.Value!.GetValue<double>());
        foreach ((string name, double value) in values)
            if (!(value > 0 && double.IsFinite(value))) throw new InvalidOperationException($"'{name}' of '{kind}' is {value}; a ratio is above 0.");
        return values;
    }

    /// <summary>The text of the file with these ratios of an instruction set in place of its own; ratios of other names, and other sets, stay.</summary>
    /// <param name="kind">The instruction set.</param>
    /// <param name="machine">Where they were measured, for people.</param>
    /// <param name="measured">By name.</param>
    public string With(string kind, string machine, IReadOnlyDictionary<string, double> measured)
    {
        var ratios = new JsonObject();
        foreach ((string name, double value) in Of(kind).Concat(measured).GroupBy(ratio => ratio.Key).Select(same => same.Last()).OrderBy(ratio => ratio.Key, StringComparer.Ordinal))
            ratios[name] = double.Parse(value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
        var copy = root.DeepClone().AsObject();
        copy[kind] = new JsonObject { [MachineKey] = machine, [RatiosKey] = ratios };
        return copy.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>Holds measured ratios against those of the same instruction set.</summary>
    /// <exception cref="UsageException">none are stored for it.</exception>
    public IReadOnlyList<CheckedRatio> Check(string kind, IReadOnlyDictionary<string, double> measured, double least)
    {
        IReadOnlyDictionary<string, double> stored = Of(kind);
        if (stored.Count == 0)
        {
            string known = Kinds.Count == 0 ? "none" : string.Join(", ", Kinds.Select(one => $"'{one}'"));
            throw new UsageException($"'{source}' has no ratios of '{kind}', so there is nothing to check against; it has those of: {known}. Store some with 'check --update' from a build that is known to be fast.");
        }

        return [.. measured.Select(ratio => new CheckedRatio(ratio.Key, ratio.Value, stored.TryGetValue(ratio.Key, out double value) ? value : null, least))];
    }
}
