using Arena.Kernels.Environments;
using Arena.Tests;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks.Stems;

/// <summary>The references of stems: worked by hand, and their gradients against central differences of their own forward pass.</summary>
public class StemReferenceTests
{
    private const double Step = 1e-5;
    private const double Tolerance = 1e-7;

    [Fact]
    public void A_convolution_worked_by_hand()
    {
        // One plane 2 × 3, kernel 2: windows (1 2 / 4 5) and (2 3 / 5 6) with W = (1 10 / 100 1000) and b = 0.5.
        var layer = new ConvolutionReference(1, 1, 2, 1, 2, 3, [1, 10, 100, 1000], [0.5]);
        double[] x = [1, 2, 3, 4, 5, 6];
        Assert.Equal([1 + 20 + 400 + 5000 + 0.5, 2 + 30 + 500 + 6000 + 0.5], layer.Sums(x, 1));

        // Gradients (2, 3) by the sums: dW = 2·window 0 + 3·window 1; the middle column is seen by both.
        ReferenceGradients gradients = layer.Backward(x, [2, 3], 1);
        Assert.Equal([2 + 6, 4 + 9, 8 + 15, 10 + 18], gradients.Parameters[0]);
        Assert.Equal([5.0], gradients.Parameters[1]);
        Assert.Equal([2, 20 + 3, 30, 200, 2000 + 300, 3000], gradients.Input);
    }

    [Fact]
    public void Attention_worked_by_hand()
    {
        // D = 1: q = x, k = 0, so all present tokens count alike: 1, 3 and the absent 100 give 1 + 2, 3 + 2, 100 + 2 with v = x.
        LinearLayer same = new("same", 1, 1, [1], [0]), nothing = new("nothing", 1, 1, [0], [0]);
        var attention = new AttentionReference(same, nothing, same, Heads: 1);
        Assert.Equal([3, 5, 102], attention.Forward([1, 3, 100], [true, true, false]));
        Assert.Equal([1, 3], attention.Forward([1, 3], [false, false])); // no key: nothing is added
        (double[] tokens, _, _, ReferenceGradients value) = attention.Backward([1, 3], [false, false], [1, 1]);
        Assert.Equal([1, 1], tokens);
        Assert.Equal([0.0], value.Parameters[0]);
    }

    [Fact]
    public void Pooling_worked_by_hand()
    {
        // Two records (value, flag) of one kind, width 1, y = x: maximum 5 and mean 4; the context element 9 follows.
        var same = new LinearLayer("some", 1, 1, [1], [0]);
        ReferenceRows row = ReferenceRows.Of(1);
        var stem = new EntityReference(7, [new EntityGroup("some", 0, 3, 2)], [[same]], Nonlinearity.None, null);
        Assert.Equal([5, 4, 9], stem.Forward([5, 1, 3, 1, 77, 0, 9], row));
        Assert.Equal([0, 0, 9], stem.Forward([5, 0, 3, 0, 77, 0, 9], row));

        // Gradient (10, 1): the maximum's 10·5, the mean's ½·(5 + 3); of equal records the first is the maximum.
        Assert.Equal([50 + 4.0], stem.Backward([5, 1, 3, 1, 77, 0, 9], [10, 1, 0], row).Parameters[0]);
    }

    [Fact]
    public void Every_gradient_is_the_slope_of_the_loss()
    {
        for (int seed = 0; seed < TestSize.Of(12, 100); seed++)
        {
            CheckSlopes(RandomGrid(new Random(seed)), seed);
            CheckSlopes(RandomEntities(new Random(seed)), seed);
        }
    }

    [Fact]
    public void A_planted_wrong_slope_is_seen()
    {
        Planted planted = RandomGrid(new Random(3));
        var wrong = planted with { Stem = (GridReference)planted.Stem with { Nonlinearity = Nonlinearity.None }, Forward = planted.Stem };
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => CheckSlopes(wrong, 3));
    }

    // What is differentiated, and whose loss it must be the slope of.
    private sealed record Planted(IReferenceLayer Stem, IReferenceLayer Forward, double[] Observations, int Rows);

    private static void CheckSlopes(Planted planted, int seed)
    {
        var random = new Random(seed + 1000);
        ReferenceRows rows = ReferenceRows.Of(planted.Rows);
        double[] weighting = Values(random, planted.Forward.Forward(planted.Observations, rows).Length);
        double Loss() => planted.Forward.Forward(planted.Observations, rows).Zip(weighting, (feature, weight) => feature * weight).Sum();
        IReadOnlyList<double[]> gradients = planted.Stem.Backward(planted.Observations, weighting, rows).Parameters;
        Assert.Equal(planted.Forward.Parameters.Count, gradients.Count);
        for (int tensor = 0; tensor < gradients.Count; tensor++)
        {
            double[] values = planted.Forward.Parameters[tensor].Values;
            for (int i = 0; i < values.Length; i++)
            {
                double value = values[i];
                values[i] = value + Step;
                double above = Loss();
                values[i] = value - Step;
                double below = Loss();
                values[i] = value;
                Assert.InRange(gradients[tensor][i] - (above - below) / (2 * Step), -Tolerance, Tolerance);
            }
        }
    }

    private static Planted RandomGrid(Random random)
    {
        var grid = new ByteGrid(1, random.Next(1, 5), random.Next(1, 5), [new ByteChannel("code", 3), new ByteChannel("amount", 0)]);
        int end = 1 + grid.Rows * grid.Columns * 2;
        ByteField[] fields = [new("code", end, 3), new("amount", end + 1, 0)];
        var layers = new List<ConvolutionReference>();
        (int rows, int columns, int planes) = (grid.Rows, grid.Columns, 4);
        for (int layer = 0; layer < random.Next(1, 3); layer++)
        {
            (int kernel, int outputs) = (random.Next(1, Math.Min(rows, columns) + 1), random.Next(1, 4));
            double[] weights = Values(random, outputs * planes * kernel * kernel);
            layers.Add(new ConvolutionReference(planes, outputs, kernel, random.Next(1, 3), rows, columns, weights, Values(random, outputs)));
            (rows, columns, planes) = (layers[^1].OutputRows, layers[^1].OutputColumns, outputs);
        }

        double[]? fieldWeights = random.Next(2) == 0 ? null : Values(random, layers[^1].OutputLength * 4);
        double[] observations = [.. Enumerable.Range(0, 2 * (end + 2)).Select(_ => (double)random.Next(4))]; // code 3 is illegal: no plane
        var stem = new GridReference(end + 2, grid, fields, layers, fieldWeights, Nonlinearity.Tanh);
        return new Planted(stem, stem, observations, 2);
    }

    private static Planted RandomEntities(Random random)
    {
        EntityGroup[] groups = [new("many", 1, random.Next(2, 4), 3), new("one", 12, 1, random.Next(2, 4))];
        int width = random.Next(1, 3) * 2;
        LinearLayer Layer(string name, int inputs, int outputs) => new(name, inputs, outputs, Values(random, inputs * outputs), Values(random, outputs));
        IReadOnlyList<IReadOnlyList<LinearLayer>> layers =
        [
            .. groups.Select(group => new[] { Layer($"{group.Name}.0", group.RecordLength - 1, 3), Layer($"{group.Name}.1", 3, width) }),
        ];
        AttentionReference? attention = random.Next(3) == 0 ? null
            : new AttentionReference(Layer("query", width, width), Layer("key", width, width), Layer("value", width, width), random.Next(1, 3));
        double[] observations = Values(random, 2 * 17);
        for (int row = 0; row < 2; row++)
            foreach (EntityGroup group in groups)
                for (int end = 1; end <= group.Count; end++) observations[row * 17 + group.Offset + end * group.RecordLength - 1] = random.Next(4) == 0 ? 0 : 1;
        var stem = new EntityReference(17, groups, layers, Nonlinearity.Tanh, attention);
        return new Planted(stem, stem, observations, 2);
    }

    private static double[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];
}
