using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.Networks.Stems;

/// <summary>Tables of byte codes: a case worked by hand, what an illegal code does, and what cannot be built.</summary>
public class ByteStemTests
{
    [Fact]
    public void A_table_worked_by_hand()
    {
        // One cell of 3 codes and one amount, one output: y = b + W[code] + amount/255·W[3] = 0.5 + 20 + 0.2·1000 → relu → 220.5.
        var stem = new GridStem(new ByteGrid(0, 1, 1, [new("code", 3), new("amount", 0)]), [], [new(1, 1, 1)], FieldJoin.Concatenate);
        using var device = new CpuDevice();
        using var engine = new BuiltinEngine(device, new NetworkSpec(2, [], Activation.Relu, 0, [1]) { Stem = stem }, 1);
        new float[] { 10, 20, 30, 1000, 0.5f, 1, 0, 2, 0 }.CopyTo(engine.Weights.AsSpan()); // table, bias, actor ·1, critic ·2
        engine.RefreshDerived();
        using DeviceBuffer<byte> bytes = device.Allocate<byte>(2, "bytes");
        using DeviceBuffer<float> outputs = device.Allocate<float>(2, "outputs");
        bytes.Write([1, 51]);
        var input = new NetworkInput { ByteObservations = bytes.View, Sequences = 1, Slots = 1 };
        engine.Forward(input, outputs.View, keepActivations: true);
        Assert.Equal(220.5f, outputs.View[0], 1e-4f); // 51/255 is no float
        Assert.Equal(441f, outputs.View[1], 1e-4f);

        // Gradient 1 at the actor: 1 to row 1 and the bias, 0.2 to the amount's row, nothing to the other codes.
        outputs.Write([1f, 0f]);
        engine.Backward(outputs.View, 1);
        Assert.Equal([0f, 1f, 0f], engine.Gradients.AsSpan()[..3].ToArray());
        Assert.Equal(0.2f, engine.Gradients[3], 1e-6f);
        Assert.Equal(1f, engine.Gradients[4]);

        // Zeros: 0.5 + 10, and the gradient to row 0 and the bias.
        bytes.Write([0, 0]);
        engine.Gradients.AsSpan().Clear();
        engine.Forward(input, outputs.View, keepActivations: true);
        Assert.Equal([10.5f, 21f], outputs.ToArray());
        outputs.Write([1f, 0f]);
        engine.Backward(outputs.View, 1);
        Assert.Equal([1f, 0f, 0f, 0f, 1f], engine.Gradients.AsSpan()[..5].ToArray());
    }

    [Fact]
    public void Codes_that_no_window_shows_have_a_gradient_of_exactly_zero()
    {
        const int Centre = 60, Never = 5, Taps = 121, Codes = 8;
        using var stemCase = new StemCase(StemShapes.Snake, 700, seed: 6); // several chunks
        var random = new Random(6);
        for (int row = 0; row < 700; row++)
            for (int cell = 0; cell < Taps; cell++)
                stemCase.Bytes.View[row * 128 + cell] = (byte)(cell == Centre ? random.Next(6, 8) : random.Next(5) > 0 ? 0 : random.Next(1, 5));
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
        float[] gradient = stemCase.Gradient("encoder.grid.conv1.weight");
        float Of(int output, int code, int cell) => gradient[(output * Codes + code) * Taps + cell];
        for (int output = 0; output < gradient.Length / Codes / Taps; output++)
        {
            for (int cell = 0; cell < Taps; cell++) Assert.Equal(0f, Of(output, Never, cell));
            Assert.Equal(0f, Of(output, 0, Centre)); // the sum over all windows less those of codes 6 and 7, but for rounding
        }

        Assert.Contains(Enumerable.Range(0, gradient.Length / Codes / Taps), output => Of(output, 0, Centre + 1) != 0f && Of(output, 7, Centre) != 0f);
    }

    [Fact]
    public void An_illegal_code_is_reported_with_row_and_byte_and_counts_as_no_plane()
    {
        using var stemCase = new StemCase(StemShapes.Snake, 300, seed: 1, options: new CpuDeviceOptions { Threads = 2 });
        stemCase.Run();
        Assert.Equal(0, stemCase.Engine.TakeIllegalCodes().Count);
        stemCase.Bytes.View[250 * 128 + 17] = 8;
        stemCase.Bytes.View[140 * 128 + 121] = 255; // the heading, a field
        stemCase.Bytes.View[140 * 128 + 125] = 77;  // nobody reads it
        stemCase.Bytes.View[140 * 128 + 122] = 255; // an amount
        stemCase.Run();
        Assert.Equal(new IllegalCodes(2, 140, 121, 255), stemCase.Engine.TakeIllegalCodes());
        Assert.Equal(0, stemCase.Engine.TakeIllegalCodes().Count);
        Assert.Null(stemCase.FirstDifference()); // the reference has no plane for it either: nothing is clipped to another code
    }

    [Fact]
    public void The_row_of_an_illegal_code_is_the_callers_in_sequences_too()
    {
        NetworkSpec spec = StemShapes.Snake with { Core = NetworkCore.MinGru, CoreWidth = 16 };
        using var stemCase = new StemCase(spec, 60, seed: 1);
        using DeviceBuffer<float> state = stemCase.Device.Allocate<float>(12 * 16, "state");
        stemCase.Bytes.View[38 * 128 + 5] = 200;
        stemCase.Engine.Forward(stemCase.Input with { Sequences = 12, Slots = 5, State = state.View }, stemCase.Outputs.View, keepActivations: false);
        Assert.Equal(new IllegalCodes(1, 38, 5, 200), stemCase.Engine.TakeIllegalCodes());
    }

    [Fact]
    public void Every_illegal_code_of_any_row_is_counted() =>
        Prop.ForAll(Gen.Choose(0, 99).ListOf().ToArbitrary(), picks =>
        {
            using var stemCase = new StemCase(StemShapes.Moba, 25, seed: 2);
            foreach (int pick in picks) stemCase.Bytes.View[pick / 4 * 510 + 4 * (pick % 4) * 30] = (byte)(16 + pick); // tiles 0, 30, 60, 90
            int distinct = picks.Distinct().Count();
            stemCase.Engine.Forward(stemCase.Input, stemCase.Outputs.View, keepActivations: false);
            IllegalCodes found = stemCase.Engine.TakeIllegalCodes();
            return found.Count == distinct && (distinct == 0 || (found.Row == picks.Min() / 4 && found.Value == 16 + picks.Min()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Theory]
    [InlineData("encoder.grid.conv1.weight")]
    [InlineData("encoder.grid.conv1.bias")]
    [InlineData("encoder.grid.conv2.weight")]
    public void A_missing_gradient_is_seen(string name)
    {
        using var stemCase = new StemCase(StemShapes.Moba, 6, seed: 3);
        stemCase.Run();
        ParameterTensor tensor = stemCase.Engine.Parameters[name];
        stemCase.Engine.Gradients.AsSpan().Slice(tensor.Offset, tensor.Length).Clear();
        Assert.StartsWith(name + "[", stemCase.FirstDifference());
    }

    [Fact]
    public void A_wrong_stride_between_cells_a_stale_table_and_another_slope_are_seen()
    {
        using var stemCase = new StemCase(StemShapes.Moba, 6, seed: 4);
        stemCase.Run();
        var right = (Arena.Validation.Learning.Networks.GridReference)stemCase.StemReference();
        ByteChannel[] one = [right.Grid!.Channels[0], .. right.Grid.Channels.Skip(1)];
        Assert.NotNull(stemCase.FirstDifference(right with { Grid = right.Grid with { Channels = [one[1], one[0], one[2], one[3]] } }));
        Assert.NotNull(stemCase.FirstDifference(right with { Nonlinearity = Arena.Validation.Learning.Networks.Nonlinearity.Tanh }));
        stemCase.Engine.Weights[0] += 1f; // without RefreshDerived
        Assert.NotNull(stemCase.FirstDifference());
    }

    [Fact]
    public void Fields_alone_become_scaled_and_one_hot_features()
    {
        var spec = new NetworkSpec(3, [4], Activation.Tanh, 0, [2]) { Stem = new GridStem(null, [new("a", 0, 0), new("b", 2, 3)], [], FieldJoin.Concatenate) };
        Assert.Equal((4, true), (spec.Features, spec.ByteObservations));
        using var stemCase = new StemCase(spec, 40, seed: 5);
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
    }

    [Fact]
    public void What_cannot_be_built_is_refused_with_the_reason()
    {
        var grid = new ByteGrid(0, 4, 5, [new("cell", 3)]);
        Refused(new GridStem(null, [], [], FieldJoin.Concatenate), "no byte at all");
        Refused(new GridStem(grid, [], [], FieldJoin.Sum), "0 convolutions");
        Refused(new GridStem(grid, [], [new(8, 5, 1)], FieldJoin.Sum), "kernel 5 and stride 1 over 4 × 5 cells");
        Refused(new GridStem(grid with { Rows = 6 }, [], [new(8, 3, 1)], FieldJoin.Sum), "does not fit rows of 24");
        Refused(new GridStem(grid, [new("a", 19, 0)], [new(8, 3, 1)], FieldJoin.Sum), "a field inside the grid");
        Refused(new GridStem(grid, [new("a", 20, 0), new("b", 20, 2)], [new(8, 3, 1)], FieldJoin.Sum), "two fields in one byte");
        Refused(new GridStem(grid, [new("a", 24, 0)], [new(8, 3, 1)], FieldJoin.Sum), "field 'a'");
        Refused(new GridStem(grid with { Channels = [new("cell", 255)] }, [], [new(8, 3, 1)], FieldJoin.Sum), "channel 'cell' has 255 codes");
        Refused(new EntityStem([new("a", 0, 3, 8)], [16], 0) { }, "", fits: true);
        Refused(new EntityStem([new("a", 0, 4, 8)], [16], 0), "4 records of 8 elements 'a'");
        Refused(new EntityStem([new("a", 0, 2, 8), new("b", 15, 1, 8)], [16], 0), "overlaps");
        Refused(new EntityStem([new("a b", 0, 2, 8)], [16], 0), "name");
        Refused(new EntityStem([new("a", 0, 2, 8)], [24], 1), "no multiple of 16");
    }

    private static void Refused(NetworkStem stem, string reason, bool fits = false)
    {
        using var device = new CpuDevice();
        var spec = new NetworkSpec(24, [4], Activation.Tanh, 0, [2]) { Stem = stem };
        if (fits) new BuiltinEngine(device, spec, 1).Dispose();
        else Assert.Contains(reason, Assert.Throws<UsageException>(() => new BuiltinEngine(device, spec, 1)).Message);
    }
}
