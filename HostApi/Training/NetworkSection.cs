using System.Globalization;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>The section "network" of config.json: the network that a plan makes for a game, and from it the plan that makes the network.</summary>
internal static class NetworkSection
{
    // What of a plan decides a value; none where the game does.
    private static readonly (string Key, string[] Plan)[] Keys =
    [
        ("observations", []), ("hidden", ["hiddenLayers", "hiddenWidth"]), ("activation", ["activation"]), ("continuousActions", []), ("discreteHeads", []), ("stem", ["stem"]),
        ("core", ["core"]), ("coreWidth", ["coreWidth"]), ("layerNorm", ["layerNorm"]), ("separateCritic", ["separateCritic"]), ("stateDependentStd", ["stateDependentStd"]),
        ("normalizeObservations", ["normalizeObservations"]),
    ];

    /// <summary>Writes the network.</summary>
    internal static void Write(Utf8JsonWriter writer, NetworkSpec network)
    {
        writer.WriteStartObject(ConfigurationFile.ForNetwork);
        foreach ((string key, _) in Keys)
        {
            string text = Text(network, key);
            if (key == "stem" && text.Length == 0) continue;
            writer.WritePropertyName(key);
            if (key is "stem" or "activation" or "core") writer.WriteStringValue(text);
            else if (key is "hidden" or "discreteHeads") WriteList(writer, key == "hidden" ? network.Hidden : network.DiscreteHeads);
            else writer.WriteRawValue(text);
        }

        writer.WriteEndObject();
    }

    /// <summary>Checks the keys and the types of the values.</summary>
    internal static void CheckKeys(ConfigurationFile file) => file.Checked(ConfigurationFile.ForNetwork, () => file.Entries(ConfigurationFile.ForNetwork).Select(Read).ToArray());

    /// <summary>A copy of <paramref name="plan"/> that makes the network of the section.</summary>
    /// <param name="section">Keys and values, as <see cref="Write"/> has them, in any subset.</param>
    /// <param name="plan">The plan without it.</param>
    /// <param name="given">Settings of the plan that the file itself gives, which must not say otherwise.</param>
    /// <param name="spec">The game.</param>
    /// <exception cref="UsageException">an unknown key, or a network that cannot be had; says why.</exception>
    internal static TrainingPlan Apply(IReadOnlyList<KeyValuePair<string, JsonElement>> section, TrainingPlan plan, IReadOnlySet<string> given, EnvironmentSpec spec)
    {
        if (section.Count == 0) return plan;
        // In the order of the table: a core and a stem are as wide as the hidden layers where nothing else is said.
        (string Key, string Value)[] wanted = [.. section.Select(Read).OrderBy(value => Array.FindIndex(Keys, known => known.Key == value.Key))];
        TrainingPlan made = plan;
        foreach ((string key, string value) in wanted)
        {
            string planned = Planned(made, key, spec);
            if (planned == value) continue;
            string[] decides = [.. DecidedBy(key).Where(given.Contains)];
            if (decides.Length > 0)
            {
                throw new UsageException(
                    $"'{key}' is {value}, but the section 'plan' beside it makes it {planned} ({string.Join(", ", decides.Select(path => $"{path} is {Settings.Get(plan, path)}"))}). " +
                    $"Change both, or leave out '{key}' here or {string.Join(" and ", decides)} there.");
            }

            made = key == "stem" ? made with { Stem = StemOf(value, made, spec) } : Changes(key, value).Aggregate(made, (changed, change) => Settings.With(changed, change.Path, change.Value));
        }

        NetworkSpec network = made.Network(spec);
        foreach ((string key, string value) in wanted)
        {
            if (Text(network, key) == value) continue;
            throw new UsageException(
                DecidedBy(key).Length == 0
                    ? $"'{key}' is {value}, but '{spec.Game}' with these settings has {Text(network, key)}. It follows from the settings of the game: leave it out, or change those."
                    : $"'{key}' is {value}, but with what else is given the network has {Text(network, key)}. Leave it out, or change what it goes with.");
        }

        return made;
    }

    private static string[] DecidedBy(string key) => Keys.First(known => known.Key == key).Plan;

    // Of a plan that may not be a network yet: the two that exclude others are looked at by themselves.
    private static string Planned(TrainingPlan plan, string key, EnvironmentSpec spec) => key switch
    {
        "separateCritic" => Settings.Format(plan.SeparateCritic),
        "normalizeObservations" => Settings.Format(plan.NormalizeObservations),
        _ => Text((plan with { SeparateCritic = false, NormalizeObservations = false }).Network(spec), key),
    };

    private static IEnumerable<(string Path, string Value)> Changes(string key, string value)
    {
        if (key == "hidden")
        {
            string[] widths = value.Split(',');
            if (widths.Distinct().Count() != 1) throw new UsageException($"'hidden' is [{value}]; allowed are 1..8 layers of one width, as in [64, 64].");
            return [("hiddenLayers", widths.Length.ToString(CultureInfo.InvariantCulture)), ("hiddenWidth", widths[0])];
        }

        return DecidedBy(key).Select(path => (path, value));
    }

    private static StemChoice StemOf(string text, TrainingPlan plan, EnvironmentSpec spec)
    {
        foreach (StemChoice choice in Enum.GetValues<StemChoice>().OrderBy(choice => choice != plan.Stem))
            if (Fits(choice, spec.Observation) && StemText.Write(DefaultStems.Create(choice, spec, plan.HiddenWidth)) == text) return choice;
        throw new UsageException(
            $"'stem' is '{text}', which is none of those that are made for '{spec.Game}' with these settings and hidden layers of {plan.HiddenWidth}. " +
            $"Leave it out, and choose one by its name in the section 'plan': stem is {string.Join(" | ", Enum.GetNames<StemChoice>().Select(name => name.ToLowerInvariant()))}.");
    }

    private static bool Fits(StemChoice choice, ObservationSpec observation) => choice switch
    {
        StemChoice.Convolutions => observation.Grid is not null,
        StemChoice.Table => observation.Grid is { } grid && grid.Rows == grid.Columns,
        StemChoice.Entities or StemChoice.Attention => observation.Entities.Count > 0,
        _ => true,
    };

    private static (string Key, string Value) Read(KeyValuePair<string, JsonElement> entry)
    {
        (string key, JsonElement value) = entry;
        if (!Keys.Any(known => known.Key == key))
            throw new UsageException($"unknown key '{key}'.{Nearest.Hint(key, Keys.Select(known => known.Key))} The keys are: {string.Join(", ", Keys.Select(known => known.Key))}.");
        (bool fits, string expected) = key switch
        {
            "hidden" or "discreteHeads" => (value.ValueKind == JsonValueKind.Array && (key != "hidden" || value.GetArrayLength() > 0) && value.EnumerateArray().All(one => IsCount(one, 1)), "a list of whole numbers above 0"),
            "stem" => (value.ValueKind == JsonValueKind.String, "text, as a run's config.json has it"),
            "activation" => (IsWord<Activation>(value), Words<Activation>()),
            "core" => (IsWord<NetworkCore>(value), Words<NetworkCore>()),
            "observations" or "continuousActions" or "coreWidth" => (IsCount(value, 0), "a whole number from 0"),
            _ => (value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false"),
        };
        if (!fits) throw new UsageException($"'{key}' is {value.GetRawText()}; allowed: {expected}.");
        return (key, value.ValueKind == JsonValueKind.Array ? string.Join(',', value.EnumerateArray().Select(one => one.GetInt32().ToString(CultureInfo.InvariantCulture))) : Settings.Format(Plain(value)));
    }

    private static object Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetInt32(),
        _ => value.GetBoolean(),
    };

    private static bool IsCount(JsonElement value, int min) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min;

    private static bool IsWord<T>(JsonElement value)
        where T : struct, Enum => value.ValueKind == JsonValueKind.String && Enum.GetValues<T>().Any(word => Settings.Format(word) == value.GetString());

    private static string Words<T>()
        where T : struct, Enum => string.Join(" | ", Enum.GetValues<T>().Select(word => Settings.Format(word)));

    private static string Text(NetworkSpec network, string key) => key switch
    {
        "observations" => Settings.Format(network.Observations),
        "hidden" => string.Join(',', network.Hidden.Select(width => Settings.Format(width))),
        "activation" => Settings.Format(network.Activation),
        "continuousActions" => Settings.Format(network.ContinuousActions),
        "discreteHeads" => string.Join(',', network.DiscreteHeads.Select(size => Settings.Format(size))),
        "stem" => StemText.Write(network.Stem),
        "core" => Settings.Format(network.Core),
        "coreWidth" => Settings.Format(network.CoreWidth),
        "layerNorm" => Settings.Format(network.LayerNorm),
        "separateCritic" => Settings.Format(network.SeparateCritic),
        "stateDependentStd" => Settings.Format(network.StateDependentStd),
        "normalizeObservations" => Settings.Format(network.NormalizeObservations),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "not of a network"),
    };

    private static void WriteList(Utf8JsonWriter writer, IReadOnlyList<int> numbers)
    {
        writer.WriteStartArray();
        foreach (int number in numbers) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
