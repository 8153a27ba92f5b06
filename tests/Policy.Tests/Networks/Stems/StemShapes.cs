using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Networks.Stems;

/// <summary>Networks with stems: those of the documentation, and random ones around the sizes where code paths change.</summary>
internal static class StemShapes
{
    internal static readonly ByteGrid MobaGrid = new(
        0, 11, 11, [new ByteChannel("tile", 16), new ByteChannel("health", 0), new ByteChannel("mana", 0), new ByteChannel("level", 0)]);

    internal static readonly ByteGrid SnakeGrid = new(0, 11, 11, [new ByteChannel("cell", 8)]);

    internal static NetworkSpec Moba { get; } = new(510, [32], Activation.Relu, 0, [7, 2])
    {
        Stem = new GridStem(MobaGrid, [.. Enumerable.Range(484, 26).Select(at => new ByteField($"self {at}", at, 0))], [new(32, 5, 3), new(64, 3, 1)], FieldJoin.Concatenate),
    };

    internal static NetworkSpec Snake { get; } = new(128, [128], Activation.Relu, 0, [4])
    {
        Stem = new GridStem(
            SnakeGrid, [new("heading", 121, 4), new("length", 122, 0), new("growth", 123, 0), new("hunger", 124, 0)], [new(128, 11, 1)], FieldJoin.Sum),
    };

    internal static NetworkSpec Soccer(int heads) => new(64, [32], Activation.Relu, 4, [])
    {
        Stem = new EntityStem(
            [new("self", 0, 1, 8), new("ball", 8, 1, 8), new("goals", 16, 1, 8), new("teammate", 24, 2, 8), new("opponent", 40, 3, 8)], [64, 64], heads),
    };

    internal static (NetworkSpec Spec, int Rows) RandomGrid(int seed)
    {
        var random = new Random(seed);
        int rows = random.Next(1, 9), columns = random.Next(1, 9);
        ByteChannel[] channels = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => new ByteChannel($"c{i}", random.Next(2) == 0 ? 0 : random.Next(1, 20)))];
        var grid = new ByteGrid(random.Next(3), rows, columns, channels);
        int end = grid.Offset + rows * columns * channels.Length;
        ByteField[] fields = [.. Enumerable.Range(0, random.Next(4)).Select(i => new ByteField($"f{i}", end + i, random.Next(2) == 0 ? 0 : random.Next(1, 7)))];
        var convolutions = new List<Convolution>();
        do
        {
            int side = Math.Min(rows, columns), kernel = random.Next(1, side + 1);
            var next = new Convolution(Size(random), kernel, random.Next(1, 4));
            (rows, columns) = (next.Outputs(rows), next.Outputs(columns));
            convolutions.Add(next);
        }
        while (random.Next(2) == 0);
        var stem = new GridStem(grid, fields, convolutions, random.Next(2) == 0 ? FieldJoin.Sum : FieldJoin.Concatenate);
        return (Network(random, end + fields.Length + random.Next(3), stem, seed), random.Next(4) == 0 ? 1 : random.Next(2, 130));
    }

    internal static (NetworkSpec Spec, int Rows) RandomEntities(int seed)
    {
        var random = new Random(seed);
        var groups = new List<EntityGroup>();
        int offset = random.Next(3);
        for (int i = 0; i < random.Next(1, 4); i++)
        {
            var group = new EntityGroup($"kind{i}", offset, random.Next(1, 7), random.Next(2, 10));
            groups.Add(group);
            offset += group.Count * group.RecordLength + random.Next(2);
        }

        int heads = random.Next(3);
        int[] widths = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Size(random))];
        if (heads > 0) widths[^1] = heads * 16 * random.Next(1, 3);
        return (Network(random, offset + random.Next(3), new EntityStem(groups, widths, heads), seed), random.Next(4) == 0 ? 1 : random.Next(2, 130));
    }

    private static NetworkSpec Network(Random random, int observations, NetworkStem stem, int seed) =>
        new(observations, [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Size(random))], (Activation)(seed % 3), 0, [3, Size(random)]) { Stem = stem };

    private static int Size(Random random)
    {
        int[] sizes = [1, 2, 5, 15, 16, 17, 33, 64, 70];
        return sizes[random.Next(sizes.Length)];
    }
}
