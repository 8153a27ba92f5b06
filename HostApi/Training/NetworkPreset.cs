using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Training;

/// <summary>A named network: values for all settings of a plan that describe one.</summary>
/// <param name="Name">What <c>--network</c> takes.</param>
/// <param name="HiddenWidth">Width of the hidden layers, of the core, and of a table over a whole map.</param>
/// <param name="Activation">After every hidden layer.</param>
public sealed record NetworkPreset(string Name, int HiddenWidth, Activation Activation)
{
    /// <summary>Hidden layers.</summary>
    public int HiddenLayers { get; init; } = 2;

    /// <summary>What reads the observation.</summary>
    public StemChoice Stem { get; init; }

    /// <summary>What remembers.</summary>
    public NetworkCore Core { get; init; }

    /// <summary>Whether the critic has hidden layers of its own.</summary>
    public bool SeparateCritic { get; init; }

    /// <summary>Whether the log-std is an output of every row.</summary>
    public bool StateDependentStd { get; init; }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<NetworkPreset> All { get; } =
    [
        new("soccer-mlp", 64, Activation.Tanh),
        new("soccer-small", 128, Activation.Relu) { Core = NetworkCore.Lstm, StateDependentStd = true },
        new("soccer-large", 256, Activation.Relu) { Core = NetworkCore.Lstm, StateDependentStd = true },
        new("soccer-mingru", 128, Activation.Relu) { Core = NetworkCore.MinGru, StateDependentStd = true },
        new("soccer-entity", 128, Activation.Relu) { Core = NetworkCore.Lstm, StateDependentStd = true, Stem = StemChoice.Entities },
        new("moba-small", 128, Activation.Relu) { Core = NetworkCore.Lstm, Stem = StemChoice.Convolutions, HiddenLayers = 1 },
        new("moba-entities", 128, Activation.Relu) { Core = NetworkCore.Lstm, Stem = StemChoice.Convolutions, HiddenLayers = 1 },
        new("snake-small", 128, Activation.Relu) { Stem = StemChoice.Table, HiddenLayers = 1 },
        new("snake-large", 256, Activation.Relu) { Core = NetworkCore.MinGru, Stem = StemChoice.Table, HiddenLayers = 1 },
        new("creature-small", 128, Activation.Tanh) { SeparateCritic = true },
        new("creature-large", 256, Activation.Tanh) { SeparateCritic = true },
    ];

    /// <summary>The preset called <paramref name="name"/>.</summary>
    /// <exception cref="UsageException">there is none; names the nearest.</exception>
    public static NetworkPreset Find(string name) =>
        All.FirstOrDefault(preset => preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(
            $"There is no network called '{name}'.{Nearest.Hint(name, All.Select(preset => preset.Name))} The networks are: {string.Join(", ", All.Select(preset => preset.Name))}.");

    /// <summary>A copy of <paramref name="plan"/> with this network.</summary>
    public TrainingPlan Apply(TrainingPlan plan) => plan with
    {
        HiddenWidth = HiddenWidth,
        HiddenLayers = HiddenLayers,
        Stem = Stem,
        Activation = Activation,
        Core = Core,
        CoreWidth = 0,
        LayerNorm = false,
        SeparateCritic = SeparateCritic,
        StateDependentStd = StateDependentStd,
        NormalizeObservations = false,
    };
}
