using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.Networks;

/// <summary>What reads an observation, by name.</summary>
public enum StemChoice
{
    /// <summary>Floats as they are; bytes by the stem that suits them.</summary>
    Auto,

    /// <summary>A map of bytes through convolutions, the first 5×5/3 to 32 channels, then 3×3 to 64; other bytes behind it.</summary>
    Convolutions,

    /// <summary>A square map of bytes through one table over all of it, as wide as the hidden layers; other bytes added.</summary>
    Table,

    /// <summary>Entities: 64-64 for every one, then maximum and mean of each kind.</summary>
    Entities,

    /// <summary>The same with four heads of attention between layers and pooling.</summary>
    Attention,
}

/// <summary>Stems for the observations of a game, of sensible sizes.</summary>
public static class DefaultStems
{
    private const int MapSide = 5;       // the first convolution's window where the map is larger
    private const int MapStride = 3;
    private const int MapChannels = 32;
    private const int NextKernel = 3;
    private const int NextChannels = 64;
    private const int TableWidth = 128;
    private static readonly int[] EntityWidths = [64, 64];

    /// <summary>The stem that is meant; null where floats are taken as they are.</summary>
    /// <param name="choice">Which.</param>
    /// <param name="spec">The game.</param>
    /// <param name="width">Of a table over a whole map.</param>
    /// <exception cref="UsageException">the game's observations are not of the kind that it reads.</exception>
    public static NetworkStem? Create(StemChoice choice, EnvironmentSpec spec, int width)
    {
        ObservationSpec observation = spec.Observation;
        return choice switch
        {
            StemChoice.Convolutions => observation.Grid is { } grid ? Convolved(observation, grid) : throw Unfit(choice, "bytes with a map of cells", spec),
            StemChoice.Table => observation.Grid is { } grid && grid.Rows == grid.Columns ? Table(observation, width) : throw Unfit(choice, "bytes with a square map of cells", spec),
            StemChoice.Entities or StemChoice.Attention when observation.Entities.Count == 0 => throw Unfit(choice, "lists of entities (in soccer: --observation entities)", spec),
            StemChoice.Entities => new EntityStem(observation.Entities, EntityWidths, AttentionHeads: 0),
            StemChoice.Attention => new EntityStem(observation.Entities, EntityWidths, AttentionHeads: 4),
            _ => For(spec),
        };
    }

    /// <summary>
    /// Null for floats. For bytes: a square map of one channel of codes is one table over the whole map, with the fields summed; any other map goes
    /// through convolutions until fewer than 3 cells are left on a side, with the fields behind it; fields alone become features as they are.
    /// </summary>
    /// <exception cref="UsageException">the game does not say what its bytes mean.</exception>
    public static NetworkStem? For(EnvironmentSpec spec)
    {
        ObservationSpec observation = spec.Observation;
        if (observation.Kind == ObservationKind.Float) return null;
        if (observation.Grid is not { } grid)
        {
            if (observation.ByteFields.Count > 0) return new GridStem(null, observation.ByteFields, [], FieldJoin.Concatenate);
            throw new UsageException(
                $"'{spec.Game}' has byte observations with these settings but does not say which bytes are codes and which are amounts; " +
                "a network needs to know: the game must fill ObservationSpec.Grid or ByteFields.");
        }

        bool table = grid.Rows == grid.Columns && grid.Channels.Count == 1 && grid.Channels[0].Codes > 0;
        return table ? Table(observation, TableWidth) : Convolved(observation, grid);
    }

    /// <summary>One table over the whole of a square map; fields through a linear layer, added.</summary>
    private static GridStem Table(ObservationSpec observation, int width) =>
        new(observation.Grid, observation.ByteFields, [new Convolution(width, observation.Grid!.Rows, 1)], FieldJoin.Sum);

    private static GridStem Convolved(ObservationSpec observation, ByteGrid grid)
    {
        int side = Math.Min(grid.Rows, grid.Columns);
        List<Convolution> convolutions = [side >= MapSide ? new(MapChannels, MapSide, MapStride) : new(MapChannels, side, 1)];
        side = convolutions[0].Outputs(side);
        while (side >= NextKernel)
        {
            convolutions.Add(new Convolution(NextChannels, NextKernel, side > NextKernel + 1 ? 2 : 1));
            side = convolutions[^1].Outputs(side);
        }

        return new GridStem(grid, observation.ByteFields, convolutions, FieldJoin.Concatenate);
    }

    private static UsageException Unfit(StemChoice choice, string needed, EnvironmentSpec spec) => new(
        $"The network reads its observations by {choice.ToString().ToLowerInvariant()}, which takes {needed}, but '{spec.Game}' with these settings gives {spec.Observation.Length} " +
        $"{(spec.Observation.Kind == ObservationKind.Byte ? "bytes" : "floats")} of another form. Change the observation, or choose another --stem or --network.");
}
