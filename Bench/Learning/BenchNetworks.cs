using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Bench.Learning;

/// <summary>The networks with stems that are timed, over observations of the shape of their games.</summary>
internal static class BenchNetworks
{
    private static readonly ByteGrid Window = new(0, 11, 11, [new ByteChannel("cell", 8)]);

    private static readonly ByteGrid Surroundings =
        new(0, 11, 11, [new ByteChannel("tile", 16), new ByteChannel("health", 0), new ByteChannel("mana", 0), new ByteChannel("level", 0)]);

    private static readonly EntityGroup[] Pitch =
        [new("self", 0, 1, 8), new("ball", 8, 1, 8), new("goals", 16, 1, 8), new("teammate", 24, 2, 8), new("opponent", 40, 3, 8)];

    internal static NetworkSpec Of(string name) => name switch
    {
        "snake-small" => Bytes(128, new GridStem(
            Window, [new("heading", 121, 4), new("length", 122, 0), new("growth", 123, 0), new("hunger", 124, 0)], [new(128, 11, 1)], FieldJoin.Sum)),
        "moba-small" => Bytes(510, new GridStem(
            Surroundings, [.. Enumerable.Range(484, 26).Select(at => new ByteField($"self {at}", at, 0))], [new(32, 5, 3), new(64, 3, 1)], FieldJoin.Concatenate)),
        "soccer-entity" => Entities(heads: 0),
        "soccer-attention" => Entities(heads: 4),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such network"),
    };

    /// <summary>The first layer of the snake (or moba) alone, as a table or over dense planes of floats.</summary>
    internal static NetworkSpec FirstLayer(string game, bool dense)
    {
        ByteGrid grid = game == "snake" ? Window : Surroundings;
        Convolution convolution = game == "snake" ? new(128, 11, 1) : new(32, 5, 3);
        var stem = new GridStem(grid, [], [convolution], FieldJoin.Sum);
        int length = grid.Rows * grid.Columns * grid.Channels.Count;
        if (!dense) return new NetworkSpec(length, [], Activation.Relu, 0, [1]) { Stem = stem };
        return new NetworkSpec(stem.Planes * convolution.Kernel * convolution.Kernel, [convolution.Channels], Activation.Relu, 0, [1]);
    }

    /// <summary>
    /// Bytes of which as many are 0 as in play (a snake's window shows something in a fifth of its cells, a moba's a wall or a unit in half of them and a unit's
    /// amounts in one of sixteen), random otherwise; entities of which a fifth is absent.
    /// </summary>
    internal static void Fill(NetworkSpec spec, Span<float> floats, Span<byte> bytes)
    {
        var random = new Random(1);
        foreach (ref float value in floats) value = 2f * random.NextSingle() - 1f;
        for (int i = 7; i < floats.Length; i += 8) floats[i] = random.Next(5) == 0 ? 0f : 1f;
        int channels = spec.Stem is GridStem { Grid: { } grid } ? grid.Channels.Count : 1;
        for (int i = 0; i < bytes.Length; i++)
        {
            int at = i % spec.Observations;
            if (channels == 1) bytes[i] = (byte)(at == 121 ? random.Next(4) : random.Next(5) == 0 ? random.Next(1, 8) : 0);
            else bytes[i] = (byte)(at >= 484 ? random.Next(256) : at % 4 == 0 ? (random.Next(2) == 0 ? random.Next(1, 16) : 0) : random.Next(16) == 0 ? random.Next(256) : 0);
        }
    }

    private static NetworkSpec Bytes(int observations, GridStem stem) => new(observations, [128], Activation.Relu, 0, [4]) { Stem = stem };

    private static NetworkSpec Entities(int heads) => new(64, [128, 128], Activation.Relu, 4, []) { Stem = new EntityStem(Pitch, [64, 64], heads) };
}
