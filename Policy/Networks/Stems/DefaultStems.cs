using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.Networks;

/// <summary>Stems for the observations of a game, of sensible sizes.</summary>
public static class DefaultStems
{
    private const int MapSide = 5;       // the first convolution's window where the map is larger
    private const int MapStride = 3;
    private const int MapChannels = 32;
    private const int NextKernel = 3;
    private const int NextChannels = 64;
    private const int TableWidth = 128;

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
    internal static GridStem Table(ObservationSpec observation, int width) =>
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
}
