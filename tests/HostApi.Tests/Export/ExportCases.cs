using Arena.HostApi.Training;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.HostApi.Tests.Export;

/// <summary>Every network by name over the observations it is made for, and one of every other kind of layer and head.</summary>
internal static class ExportCases
{
    private static readonly IGame Soccer = Registry.Find("soccer");

    internal static IReadOnlyList<string> Presets { get; } = [.. NetworkPreset.All.Select(preset => preset.Name)];

    internal static IReadOnlyList<string> Others { get; } = ["norm-gelu", "normalised", "tanh-squash", "mixed", "mixed-lstm", "attention", "fields", "stack"];

    internal static TheoryData<string> All => [.. Presets, .. Others];

    internal static NetworkSpec Network(string name) => name switch
    {
        "norm-gelu" => new NetworkSpec(13, [24, 17], Activation.Gelu, 0, [3, 2]) { LayerNorm = true },
        "normalised" => new NetworkSpec(9, [16], Activation.Tanh, 2, []) { NormalizeObservations = true, Core = NetworkCore.MinGru, CoreWidth = 10 },
        "tanh-squash" => new NetworkSpec(6, [12], Activation.Gelu, 3, []) { Squash = ActionSquash.Tanh, StateDependentStd = true },
        "mixed" => new NetworkSpec(7, [16], Activation.Relu, 2, [4, 3]) { SeparateCritic = true },
        "mixed-lstm" => new NetworkSpec(7, [], Activation.Relu, 2, [4, 3]) { Core = NetworkCore.Lstm, CoreWidth = 9, StateDependentStd = true },
        "attention" => Preset("soccer-entity", Entities()) with { Stem = DefaultStems.Create(StemChoice.Attention, Entities(), 32) },
        "fields" => new NetworkSpec(6, [8], Activation.Relu, 0, [2]) { Stem = new GridStem(null, [new("kind", 1, 5), new("amount", 4, 0)], [], FieldJoin.Concatenate) },
        "stack" => new NetworkSpec(80, [8], Activation.Tanh, 0, [3])
        {
            Stem = new GridStem(new ByteGrid(2, 5, 7, [new("tile", 4), new("height", 0)]), [new("turn", 0, 3), new("left", 1, 0)], [new(6, 3, 2), new(5, 2, 1)], FieldJoin.Sum),
        },
        "soccer-entity" => Preset(name, Entities()),
        "moba-small" => Preset(name, Of("moba", "")),
        "moba-entities" => Preset(name, Of("moba", "entities")),
        _ when name.StartsWith("snake", StringComparison.Ordinal) => Preset(name, Of("snake", "")),
        _ when name.StartsWith("creature", StringComparison.Ordinal) => Preset(name, Of("creature", "six-legs")),
        _ => Preset(name, Soccer.Describe(Soccer.DefaultOptions)),
    };

    /// <summary>Weights that no layer is indifferent to: untrained heads alone would give nearly 0 everywhere.</summary>
    internal static float[] Weights(NetworkSpec network)
    {
        float[] weights = TrainedPolicies.Initial(network, 11);
        var random = new Random(5);
        foreach (ParameterTensor tensor in new ParameterLayout(network).Tensors)
        {
            float size = tensor.Name == "actor.weight" ? 0.3f : tensor.Shape.Count == 1 ? 0.2f : 0f;
            foreach (ref float weight in weights.AsSpan(tensor.Offset, tensor.Length)) weight += size * (2f * random.NextSingle() - 1f);
        }

        return weights;
    }

    private static NetworkSpec Preset(string name, EnvironmentSpec spec) => NetworkPreset.Find(name).Apply(new TrainingPlan()).Network(spec);

    private static EnvironmentSpec Entities() => Soccer.Describe(Settings.With(Soccer.DefaultOptions, "observation", "entities"));

    private static EnvironmentSpec Of(string game, string preset) => Registry.Find(game) is var found && found.Presets.FirstOrDefault(one => one.Name == preset) is { } named ? found.Describe(named.Options) : found.Describe(found.DefaultOptions);
}
