using Arena.Kernels.Environments;

namespace Arena.Policy.Networks;

/// <summary>Gives a stem its place in the engine's allocation; like <see cref="NetworkLayout"/>, once to measure and once for real.</summary>
internal sealed unsafe class StemLayout
{
    private readonly NetworkLayout memory;
    private readonly NetworkSpec spec;
    private readonly ParameterLayout parameters;
    private readonly int maxRows;
    private readonly Activation activation;
    private float* zeros;
    private float* one;

    internal StemLayout(NetworkLayout memory, NetworkSpec spec, ParameterLayout parameters, int maxRows)
    {
        this.memory = memory;
        this.spec = spec;
        this.parameters = parameters;
        this.maxRows = maxRows;
        activation = NetworkStem.ActivationIn(spec);
    }

    /// <summary>Zeros that the products of <paramref name="stem"/> start from.</summary>
    internal static int ZerosNeeded(NetworkStem stem) => stem switch
    {
        GridStem grid => grid.Grid is null ? 0 : MapWidths(grid).Max(),
        EntityStem entities => Math.Max(Gemm.Padded(entities.Records), EntityWidth(entities)),
        _ => 0,
    };

    /// <summary>The plan of <paramref name="stem"/>, null while measuring.</summary>
    internal StemPlan* Build(NetworkStem stem, float* zeros, float* one)
    {
        this.zeros = zeros;
        this.one = one;
        StemPlan plan = default;
        plan.ReadsBytes = stem.ReadsBytes;
        plan.Width = Gemm.Padded(spec.Features);
        if (stem is GridStem grid) plan.Grid = Grid(grid);
        else plan.Entities = Entities((EntityStem)stem);
        plan.Kept = memory.Take((long)maxRows * plan.Width);
        plan.ScratchLength = (long)NetworkPlan.RowBlock * plan.Width + Whole(stem is GridStem ? plan.Grid.ScratchLength : plan.Entities.ScratchLength);
        plan.Scratch = memory.Take(memory.Chunks * plan.ScratchLength);
        plan.Illegal = memory.Table(new IllegalCodeSlot[memory.Chunks]);
        return memory.Table<StemPlan>([plan]);
    }

    private GridPlan Grid(GridStem stem)
    {
        int[] widths = stem.Grid is null ? [] : MapWidths(stem);
        var plan = new GridPlan
        {
            RowLength = spec.Observations,
            PaddedRow = ByteRows.Padded(spec.Observations),
            Activation = activation,
            Zeros = zeros,
            One = one,
            MapFeatures = stem.MapFeatures,
            MaxWidth = widths.DefaultIfEmpty(0).Max(),
        };
        plan.Limits = memory.Table(Limits(stem, plan.PaddedRow));
        if (stem.Join == FieldJoin.Concatenate)
        {
            plan.AppendedCount = stem.Fields.Count;
            plan.Appended = memory.Table<TableEntry>([.. stem.Fields.Select(field => new TableEntry { Offset = field.Offset, Codes = field.Codes })]);
        }

        if (stem.Grid is not { } grid) return plan;
        plan.Table = FirstConvolution(stem, grid);
        List<ConvolutionLayer> others = OtherConvolutions(stem, grid);
        plan.Convolutions = memory.Table(others);
        plan.ConvolutionCount = others.Count;
        plan.Kept = (float**)memory.Table<nint>([.. widths.Select(width => (nint)memory.Take((long)maxRows * width))]);
        int channels = stem.Convolutions[^1].Channels, cells = stem.MapFeatures / channels;
        plan.MapInOrder = cells == 1;
        plan.MapSource = memory.Table<int>([.. Enumerable.Range(0, stem.MapFeatures).Select(feature => feature % cells * Gemm.Padded(channels) + feature / cells)]);
        if (stem.Join == FieldJoin.Sum && stem.Fields.Count > 0) plan.Fields = SummedFields(stem, cells, channels);
        return plan;
    }

    /// <summary>(length) largest value of each byte of a row: bytes that hold codes are clipped to one past the last; all others pass.</summary>
    internal static byte[] Limits(GridStem stem, int length)
    {
        byte[] limits = [.. Enumerable.Repeat(byte.MaxValue, length)];
        foreach (ByteField field in stem.Fields)
            if (field.Codes > 0) limits[field.Offset] = (byte)field.Codes;
        if (stem.Grid is not { } grid) return limits;
        for (int at = 0; at < grid.Rows * grid.Columns * grid.Channels.Count; at++)
        {
            int codes = grid.Channels[at % grid.Channels.Count].Codes;
            if (codes > 0) limits[grid.Offset + at] = (byte)codes;
        }

        return limits;
    }

    private TableLayer FirstConvolution(GridStem stem, ByteGrid grid)
    {
        Convolution convolution = stem.Convolutions[0];
        int taps = convolution.Kernel * convolution.Kernel, planes = stem.Planes, channels = grid.Channels.Count;
        var inputs = new TableInputs();
        for (int tap = 0; tap < taps; tap++)
        {
            int cell = tap / convolution.Kernel * grid.Columns + tap % convolution.Kernel, plane = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                int codes = grid.Channels[channel].Codes;
                inputs.Add(cell * channels + channel, codes, first: plane * taps + tap, step: taps);
                plane += Math.Max(codes, 1);
            }
        }

        int columns = convolution.Outputs(grid.Columns);
        int[] cells =
        [
            .. Enumerable.Range(0, convolution.Outputs(grid.Rows) * columns)
                .Select(cell => grid.Offset + (cell / columns * grid.Columns + cell % columns) * convolution.Stride * channels),
        ];
        return Table(inputs, cells, Sums("encoder.grid.conv1", inputs.Rows, convolution.Channels, planes * taps, hasBias: true));
    }

    private TableLayer SummedFields(GridStem stem, int cells, int channels)
    {
        var inputs = new TableInputs();
        int plane = 0;
        foreach (ByteField field in stem.Fields)
        {
            inputs.Add(field.Offset, field.Codes, first: plane, step: 1);
            plane += Math.Max(field.Codes, 1);
        }

        return Table(inputs, [0], Sums("encoder.fields", inputs.Rows, cells * channels, plane, hasBias: false, cells));
    }

    private TableLayer Table(TableInputs inputs, int[] cells, PartialTable sums)
    {
        IReadOnlyList<TableEntry> entries = inputs.Entries;
        TableRun[] runs = [.. TableRun.Of(entries)];
        bool hasBias = sums.BiasOffset >= 0;
        return new TableLayer
        {
            Entries = memory.Table(entries),
            EntryCount = entries.Count,
            Runs = memory.Table(runs),
            RunCount = runs.Length,
            Cells = memory.Table(cells),
            CellCount = cells.Length,
            Width = sums.Width,
            Rows = sums.Rows,
            Table = memory.Take((long)sums.Rows * sums.Width),
            Start = memory.Take(sums.Width),
            HasBias = hasBias,
            Sums = sums,
            Totals = hasBias ? sums.Bias : memory.TakePartial(sums.Width),
            Zeros = memory.TakePartial(2L * runs.Length),
        };
    }

    private List<ConvolutionLayer> OtherConvolutions(GridStem stem, ByteGrid grid)
    {
        var layers = new List<ConvolutionLayer>();
        (int rows, int columns, int inputs) = (grid.Rows, grid.Columns, 0);
        for (int index = 0; index < stem.Convolutions.Count; index++)
        {
            Convolution convolution = stem.Convolutions[index];
            if (index > 0) layers.Add(Layer(convolution, index, rows, columns, inputs));
            (rows, columns, inputs) = (convolution.Outputs(rows), convolution.Outputs(columns), convolution.Channels);
        }

        return layers;
    }

    private ConvolutionLayer Layer(Convolution convolution, int index, int rows, int columns, int inputs)
    {
        int taps = convolution.Kernel * convolution.Kernel, padded = Gemm.Padded(inputs);
        int[] map = [.. Enumerable.Range(0, taps * padded).Select(row => row % padded < inputs ? row % padded * taps + row / padded : -1)];
        var layer = new ConvolutionLayer
        {
            Rows = rows,
            Columns = columns,
            OutputRows = convolution.Outputs(rows),
            OutputColumns = convolution.Outputs(columns),
            Kernel = convolution.Kernel,
            Stride = convolution.Stride,
            Inputs = inputs,
            PaddedInputs = padded,
            Outputs = convolution.Channels,
            PaddedOutputs = Gemm.Padded(convolution.Channels),
            Sums = Sums($"encoder.grid.conv{index + 1}", map, convolution.Channels, inputs * taps, hasBias: true),
        };
        layer.Bias = memory.Take(layer.PaddedOutputs);
        layer.Packed = memory.Take((long)layer.WindowLength * layer.PaddedOutputs);
        layer.PackedTaps = memory.Take((long)layer.WindowLength * layer.Outputs);
        layer.Window = memory.Take(layer.WindowLength);
        return layer;
    }

    // One part per cell of a whole map; ordinary layers are one cell.
    private PartialTable Sums(string name, IReadOnlyList<int> inputs, int outputs, int rowLength, bool hasBias, int cells = 1)
    {
        int channels = outputs / cells;
        var sums = new PartialTable
        {
            Inputs = memory.Table(inputs),
            Rows = inputs.Count,
            Width = cells * Gemm.Padded(channels),
            Outputs = outputs,
            RowLength = rowLength,
            WeightOffset = parameters[$"{name}.weight"].Offset,
            BiasOffset = hasBias ? parameters[$"{name}.bias"].Offset : -1,
            Cells = cells,
        };
        sums.Weights = memory.TakePartial((long)sums.Rows * sums.Width);
        var part = new GradientPart { ColumnsAreOutputs = true, Columns = channels, Split = channels };
        for (int cell = 0; cell < cells; cell++)
            memory.AddPart(part with
            {
                Partial = sums.Weights + cell * Gemm.Padded(channels),
                Rows = sums.Rows,
                Stride = sums.Width,
                InputOfRow = sums.Inputs,
                Inputs = cells * rowLength,
                Offset = sums.WeightOffset + cell * rowLength,
            });
        if (!hasBias) return sums;
        sums.Bias = memory.TakePartial(sums.Width);
        memory.AddPart(part with { Partial = sums.Bias, Rows = 1, Inputs = 1, Offset = sums.BiasOffset });
        return sums;
    }

    private EntityPlan Entities(EntityStem stem)
    {
        var layers = new List<Linear>();
        var kinds = new List<EntityKind>();
        int record = 0, feature = 0;
        foreach (EntityGroup group in stem.Groups)
        {
            kinds.Add(new EntityKind
            {
                Offset = group.Offset,
                Count = group.Count,
                RecordLength = group.RecordLength,
                FirstRecord = record,
                FirstFeature = feature,
                FirstLayer = layers.Count,
            });
            int width = group.RecordLength - 1;
            for (int layer = 0; layer < stem.Widths.Count; layer++)
            {
                layers.Add(EntityLayer($"encoder.entities.{group.Name}.{layer}", width, stem.Widths[layer], group.Count));
                width = stem.Widths[layer];
            }

            record += group.Count;
            feature += EntityStem.PooledParts(group) * stem.Widths[^1];
        }

        if (stem.AttentionHeads > 0)
            foreach (string part in EntityStem.AttentionParts) layers.Add(EntityLayer($"encoder.attention.{part}", stem.Widths[^1], stem.Widths[^1], record));
        IReadOnlyList<int> context = stem.Context(spec.Observations);
        var plan = new EntityPlan
        {
            KindCount = kinds.Count,
            Records = record,
            LayersPerKind = stem.Widths.Count,
            Width = stem.Widths[^1],
            PaddedWidth = Gemm.Padded(stem.Widths[^1]),
            InputWidth = stem.Groups.Max(group => Gemm.Padded(group.RecordLength - 1)),
            MaxWidth = EntityWidth(stem),
            ContextCount = context.Count,
            FirstContext = feature,
            Activation = activation,
            Zeros = zeros,
            One = one,
        };
        plan.Kinds = memory.Table(kinds);
        plan.Layers = memory.Table(layers);
        plan.Context = memory.Table(context);
        if (stem.AttentionHeads > 0) AddAttention(ref plan, stem);
        return plan;
    }

    private void AddAttention(ref EntityPlan plan, EntityStem stem)
    {
        int width = stem.Widths[^1] / stem.AttentionHeads;
        plan.Attention = new Attention
        {
            Heads = stem.AttentionHeads,
            HeadWidth = width,
            Tokens = plan.Records,
            PaddedTokens = Gemm.Padded(plan.Records),
            Scale = 1f / MathF.Sqrt(width),
            Zeros = zeros,
        };
        plan.KeptBefore = memory.Take((long)maxRows * plan.Records * plan.PaddedWidth);
        plan.KeptAfter = memory.Take((long)maxRows * plan.Records * plan.PaddedWidth);
    }

    private Linear EntityLayer(string name, int inputs, int outputs, int perRow)
    {
        Linear layer = memory.Place(memory.Describe(LayerRole.Hidden, name, inputs, outputs, reads: false));
        layer.Activations = memory.Take((long)maxRows * perRow * layer.PaddedOutputs);
        return layer;
    }

    // Floats of every map: cells times padded channels.
    private static int[] MapWidths(GridStem stem)
    {
        var widths = new int[stem.Convolutions.Count];
        (int rows, int columns) = (stem.Grid!.Rows, stem.Grid.Columns);
        for (int index = 0; index < widths.Length; index++)
        {
            Convolution convolution = stem.Convolutions[index];
            (rows, columns) = (convolution.Outputs(rows), convolution.Outputs(columns));
            widths[index] = rows * columns * Gemm.Padded(convolution.Channels);
        }

        return widths;
    }

    private static int EntityWidth(EntityStem stem) =>
        Math.Max(stem.Widths.Max(Gemm.Padded), stem.Groups.Max(group => Gemm.Padded(group.RecordLength - 1)));

    private static long Whole(long floats) => (floats + Gemm.ColumnBlock - 1) / Gemm.ColumnBlock * Gemm.ColumnBlock;
}
