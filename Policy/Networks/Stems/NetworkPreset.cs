using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.Networks;

/// <summary>Networks by name.</summary>
public enum NetworkPreset
{
    /// <summary>Hidden layers as they are given, behind the default stem where observations are bytes.</summary>
    Auto,

    /// <summary>Convolutions 5×5/3 to 32 and 3×3 to 64, fields behind them; 128, LSTM of 128.</summary>
    MobaSmall,

    /// <summary>A table over the whole window to 128, fields added; 128.</summary>
    SnakeSmall,

    /// <summary>The same with 256, and a MinGRU of 256.</summary>
    SnakeLarge,

    /// <summary>64-64 for every entity, maximum and mean of each kind; 128-128, LSTM of 128, log-std per row.</summary>
    SoccerEntity,
}

/// <summary>What the presets are.</summary>
public static class NetworkPresets
{
    /// <summary>The network called <paramref name="preset"/> for a game; not Auto.</summary>
    /// <exception cref="UsageException">the game's observations are not of the kind that the preset reads.</exception>
    public static NetworkSpec Create(NetworkPreset preset, EnvironmentSpec spec) => preset switch
    {
        NetworkPreset.MobaSmall => Network(spec, MobaStem(spec), [128], NetworkCore.Lstm, 128),
        NetworkPreset.SnakeSmall => Network(spec, SnakeStem(spec, preset, 128), [128], NetworkCore.None, 0),
        NetworkPreset.SnakeLarge => Network(spec, SnakeStem(spec, preset, 256), [256], NetworkCore.MinGru, 256),
        NetworkPreset.SoccerEntity => Network(spec, SoccerStem(spec), [128, 128], NetworkCore.Lstm, 128) with { StateDependentStd = spec.Action.Continuous.Count > 0 },
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "not a network by itself"),
    };

    private static NetworkSpec Network(EnvironmentSpec spec, NetworkStem stem, int[] hidden, NetworkCore core, int coreWidth) =>
        new(spec.Observation.Length, hidden, Activation.Relu, spec.Action.Continuous.Count, [.. spec.Action.Discrete.Select(head => head.Size)])
        {
            Stem = stem,
            Core = core,
            CoreWidth = coreWidth,
        };

    private static GridStem MobaStem(EnvironmentSpec spec)
    {
        ObservationSpec observation = spec.Observation;
        if (observation.Grid is not { Rows: >= 11, Columns: >= 11 })
            throw Unfit(NetworkPreset.MobaSmall, "bytes with a map of at least 11 × 11 cells", spec);
        return new GridStem(observation.Grid, observation.ByteFields, [new(32, 5, 3), new(64, 3, 1)], FieldJoin.Concatenate);
    }

    private static GridStem SnakeStem(EnvironmentSpec spec, NetworkPreset preset, int width) =>
        spec.Observation.Grid is { } grid && grid.Rows == grid.Columns
            ? DefaultStems.Table(spec.Observation, width)
            : throw Unfit(preset, "bytes with a square map", spec);

    private static EntityStem SoccerStem(EnvironmentSpec spec) => spec.Observation.Entities.Count > 0
        ? new EntityStem(spec.Observation.Entities, [64, 64], AttentionHeads: 0)
        : throw Unfit(NetworkPreset.SoccerEntity, "a list of entities (in soccer: --observation entities)", spec);

    private static UsageException Unfit(NetworkPreset preset, string needed, EnvironmentSpec spec)
    {
        string name = string.Concat(preset.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"-{letter}" : $"{letter}")).ToLowerInvariant();
        return new UsageException(
            $"The network {name} reads {needed}, but '{spec.Game}' with these settings gives {spec.Observation.Length} {(spec.Observation.Kind == ObservationKind.Byte ? "bytes" : "floats")} of another form. " +
            "Change the observation, or leave out --network.");
    }
}
