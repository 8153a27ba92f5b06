using System.Text.Json.Serialization;
using Arena.Kernels.Environments;

namespace Arena.Policy.Networks;

/// <summary>What turns an observation row into the features that the first hidden layer reads. Without one, the floats are the features.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(GridStem), "grid")]
[JsonDerivedType(typeof(EntityStem), "entities")]
public abstract record NetworkStem
{
    /// <summary>Most tensors, channels, records and so on that a stem may have: what no game needs, so that a hostile file is refused.</summary>
    public const int MaxParts = 64;

    /// <summary>Most codes of a byte: one value stands for every illegal code, and 255 for no limit.</summary>
    public const int MaxCodes = 254;

    private protected const int MaxSize = 65_536;

    /// <summary>Whether it reads bytes.</summary>
    public abstract bool ReadsBytes { get; }

    /// <summary>Features per row that it makes of <paramref name="observations"/> elements.</summary>
    public abstract int Features(int observations);

    /// <summary>Why it cannot be built for rows of <paramref name="observations"/> elements, as a clause; null if it can.</summary>
    public abstract string? Problem(int observations);

    /// <summary>The function behind a stem's layers: tanh in a network of tanh, else max(0, x), whose slope needs no sums kept.</summary>
    public static Activation ActivationIn(NetworkSpec network) => network.Activation == Activation.Tanh ? Activation.Tanh : Activation.Relu;

    /// <summary>Its parameters in file order.</summary>
    internal abstract IEnumerable<StemTensor> Tensors(double hiddenGain);

    private protected static bool Sized(int size) => size is >= 1 and <= MaxSize;
}

/// <summary>A parameter of a stem before it has a place: gain 0 for biases.</summary>
internal readonly record struct StemTensor(string Name, double Gain, int[] Shape);

/// <summary>A convolution without padding over a map of cells: output (u, v) reads the cells from (u·Stride, v·Stride) on.</summary>
/// <param name="Channels">C: outputs per cell.</param>
/// <param name="Kernel">k: cells of its square window, per side.</param>
/// <param name="Stride">Cells from one window to the next.</param>
public sealed record Convolution(int Channels, int Kernel, int Stride)
{
    /// <summary>Windows along <paramref name="side"/> cells.</summary>
    internal int Outputs(int side) => (side - Kernel) / Stride + 1;
}

/// <summary>How bytes outside the grid join it.</summary>
public enum FieldJoin
{
    /// <summary>Behind the flattened map, one-hot or scaled by 1/255.</summary>
    Concatenate,

    /// <summary>Through a linear layer without bias of its own, added to the last convolution's sums before the activation.</summary>
    Sum,
}

/// <summary>Bytes: a map of cells through convolutions, and single bytes beside it.</summary>
/// <param name="Grid">Where the cells are; null without a map.</param>
/// <param name="Fields">The other bytes that are read; a byte in neither is ignored.</param>
/// <param name="Convolutions">In order, an activation after each; the first is a table lookup and never sees a one-hot plane.</param>
/// <param name="Join">How the fields join; Sum needs a map.</param>
/// <remarks>
/// Features: the last map flattened as channel, row, column (as PyTorch flattens), then the fields if concatenated. A channel of n
/// codes counts as n planes and an amount as one, so the first convolution's weights are (C, planes, k, k).
/// </remarks>
public sealed record GridStem(ByteGrid? Grid, IReadOnlyList<ByteField> Fields, IReadOnlyList<Convolution> Convolutions, FieldJoin Join) : NetworkStem
{
    /// <inheritdoc/>
    public override bool ReadsBytes => true;

    /// <summary>Planes of a cell: the inputs of the first convolution.</summary>
    public int Planes => Grid is null ? 0 : Grid.Channels.Sum(channel => Math.Max(channel.Codes, 1));

    /// <summary>Planes of all fields.</summary>
    public int FieldPlanes => Fields.Sum(one => Math.Max(one.Codes, 1));

    /// <summary>Features of the flattened last map.</summary>
    public int MapFeatures
    {
        get
        {
            if (Grid is null) return 0;
            (int rows, int columns) = (Grid.Rows, Grid.Columns);
            foreach (Convolution convolution in Convolutions) (rows, columns) = (convolution.Outputs(rows), convolution.Outputs(columns));
            return checked(rows * columns * Convolutions[^1].Channels);
        }
    }

    /// <inheritdoc/>
    public override int Features(int observations) => MapFeatures + (Join == FieldJoin.Concatenate ? FieldPlanes : 0);

    /// <inheritdoc/>
    public override string? Problem(int observations)
    {
        if (!Sized(observations)) return $"rows of {observations} bytes";
        if (Grid is null && Fields.Count == 0) return "it reads no byte at all";
        if (Fields.Count > MaxSize || Fields.Sum(field => (long)field.Codes) > MaxSize) return $"{Fields.Count} fields with too many codes";
        foreach (ByteField field in Fields)
            if (field.Offset < 0 || field.Offset >= observations || field.Codes is < 0 or > MaxCodes)
                return $"field '{field.Name}' of {field.Codes} codes at byte {field.Offset} of {observations}";
        if (Fields.Select(field => field.Offset).Distinct().Count() < Fields.Count) return "two fields in one byte";
        if (Grid is null) return Convolutions.Count > 0 || Join == FieldJoin.Sum ? "convolutions or a sum without a grid" : null;
        if ((GridProblem(Grid, observations) ?? ConvolutionProblem(Grid)) is { } problem) return problem;
        if (MapFeatures + FieldPlanes > MaxSize) return $"{MapFeatures} features of the map and {FieldPlanes} of the fields";
        int end = Grid.Offset + Grid.Rows * Grid.Columns * Grid.Channels.Count;
        return Fields.Any(field => field.Offset >= Grid.Offset && field.Offset < end) ? "a field inside the grid" : null;
    }

    internal override IEnumerable<StemTensor> Tensors(double hiddenGain)
    {
        int planes = Planes;
        for (int layer = 0; layer < Convolutions.Count; layer++)
        {
            Convolution convolution = Convolutions[layer];
            yield return new StemTensor($"encoder.grid.conv{layer + 1}.weight", hiddenGain, [convolution.Channels, planes, convolution.Kernel, convolution.Kernel]);
            yield return new StemTensor($"encoder.grid.conv{layer + 1}.bias", 0, [convolution.Channels]);
            planes = convolution.Channels;
        }

        if (Join == FieldJoin.Sum && Fields.Count > 0) yield return new StemTensor("encoder.fields.weight", hiddenGain, [MapFeatures, FieldPlanes]);
    }

    private static string? GridProblem(ByteGrid grid, int observations)
    {
        if (grid.Offset < 0 || !Sized(grid.Rows) || !Sized(grid.Columns) || grid.Channels.Count is < 1 or > MaxParts)
            return $"a grid of {grid.Rows} × {grid.Columns} cells with {grid.Channels.Count} channels";
        if (grid.Offset + (long)grid.Rows * grid.Columns * grid.Channels.Count > observations)
            return $"its grid of {grid.Rows} × {grid.Columns} cells of {grid.Channels.Count} bytes from byte {grid.Offset} on does not fit rows of {observations}";
        foreach (ByteChannel channel in grid.Channels)
            if (channel.Codes is < 0 or > MaxCodes) return $"channel '{channel.Name}' has {channel.Codes} codes";
        return null;
    }

    private string? ConvolutionProblem(ByteGrid grid)
    {
        if (Convolutions.Count is < 1 or > MaxParts) return $"{Convolutions.Count} convolutions";
        (int rows, int columns) = (grid.Rows, grid.Columns);
        long width = 0;
        foreach (Convolution convolution in Convolutions)
        {
            if (!Sized(convolution.Channels) || !Sized(convolution.Stride) || convolution.Kernel < 1 || convolution.Kernel > Math.Min(rows, columns))
                return $"a convolution with {convolution.Channels} channels, kernel {convolution.Kernel} and stride {convolution.Stride} over {rows} × {columns} cells";
            (rows, columns) = (convolution.Outputs(rows), convolution.Outputs(columns));
            width = (long)rows * columns * convolution.Channels;
            if (width > MaxSize) return $"a map of {rows} × {columns} cells with {convolution.Channels} channels";
        }

        return null;
    }
}

/// <summary>Float rows that are lists of equal records: each kind of record through layers of its own, then pooled over the records that are present.</summary>
/// <param name="Groups">The kinds; names are letters, digits, '-' and '_'. A record's last element is 1 where the entity is present, else 0.</param>
/// <param name="Widths">Layers that every record of a kind passes, an activation after each; the same widths for all kinds.</param>
/// <param name="AttentionHeads">
/// Heads of attention among all present entities of a row between layers and pooling, added to what the layers gave; 0 = none. The
/// last width must be a multiple of 16 · heads.
/// </param>
/// <remarks>
/// Features: per kind the maximum over its present entities, then their mean (Zaheer et al., Deep Sets, 1703.06114; a kind of one record has no mean: it
/// is the maximum), 0 without any; then the elements of the row that lie in no record. Attention: Vaswani et al., 1706.03762.
/// </remarks>
public sealed record EntityStem(IReadOnlyList<EntityGroup> Groups, IReadOnlyList<int> Widths, int AttentionHeads) : NetworkStem
{
    /// <inheritdoc/>
    public override bool ReadsBytes => false;

    /// <summary>Records of all kinds.</summary>
    public int Records => Groups.Sum(group => group.Count);

    /// <inheritdoc/>
    public override int Features(int observations) => Groups.Sum(PooledParts) * Widths[^1] + Context(observations).Count;

    /// <inheritdoc/>
    public override string? Problem(int observations)
    {
        if (!Sized(observations)) return $"rows of {observations} floats";
        if (Groups.Count is < 1 or > MaxParts) return $"{Groups.Count} kinds of entities";
        if (Widths.Count is < 1 or > MaxParts || !Widths.All(Sized)) return $"entity layers of widths {string.Join(", ", Widths)}";
        if (Groups.Select(group => group.Name).Distinct().Count() < Groups.Count) return "two kinds of entities with one name";
        if (Groups.Select(GroupProblem(observations)).FirstOrDefault(problem => problem is not null) is { } first) return first;
        if (AttentionHeads is < 0 or > MaxParts || (AttentionHeads > 0 && Widths[^1] % (Gemm.ColumnBlock * AttentionHeads) != 0))
            return $"{AttentionHeads} attention heads over a width of {Widths[^1]}, which is no multiple of {Gemm.ColumnBlock} per head";
        return Groups.Sum(group => (long)PooledParts(group)) * Widths[^1] + observations > MaxSize ? "too many features" : null;
    }

    internal override IEnumerable<StemTensor> Tensors(double hiddenGain)
    {
        foreach (EntityGroup group in Groups)
        {
            int width = group.RecordLength - 1;
            for (int layer = 0; layer < Widths.Count; layer++)
            {
                yield return new StemTensor($"encoder.entities.{group.Name}.{layer}.weight", hiddenGain, [Widths[layer], width]);
                yield return new StemTensor($"encoder.entities.{group.Name}.{layer}.bias", 0, [Widths[layer]]);
                width = Widths[layer];
            }
        }

        if (AttentionHeads == 0) yield break;
        foreach (string part in AttentionParts)
        {
            yield return new StemTensor($"encoder.attention.{part}.weight", 1, [Widths[^1], Widths[^1]]);
            yield return new StemTensor($"encoder.attention.{part}.bias", 0, [Widths[^1]]);
        }
    }

    internal static readonly string[] AttentionParts = ["query", "key", "value"];

    /// <summary>How often the features repeat the width for this kind.</summary>
    public static int PooledParts(EntityGroup group) => group.Count == 1 ? 1 : 2;

    /// <summary>The elements of a row that lie in no record, ascending.</summary>
    public IReadOnlyList<int> Context(int observations) =>
        [.. Enumerable.Range(0, observations).Where(element => !Groups.Any(group => element >= group.Offset && element < group.Offset + group.Count * group.RecordLength))];

    private Func<EntityGroup, string?> GroupProblem(int observations) => group =>
    {
        if (group.Name.Length is < 1 or > MaxParts || !group.Name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
            return "a kind of entities whose name is not made of letters, digits, '-' and '_'";
        bool sized = group.Offset >= 0 && Sized(group.Count) && group.RecordLength is >= 2 and <= MaxSize;
        long end = sized ? group.Offset + (long)group.Count * group.RecordLength : 0;
        if (!sized || end > observations)
            return $"{group.Count} records of {group.RecordLength} elements '{group.Name}' from element {group.Offset} of {observations} on";
        bool overlaps = Groups.Any(other => other != group && other.Offset < end && group.Offset < other.Offset + (long)other.Count * other.RecordLength);
        return overlaps ? $"'{group.Name}' overlaps another kind of entities" : null;
    };
}
