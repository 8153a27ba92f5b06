using Arena.Tests;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>The reference's gradients against central differences of its own forward pass: (f(x + h) − f(x − h)) / 2h.</summary>
public class ReferenceTests
{
    private const double Step = 1e-5; // truncation h² and rounding 1e-16 / h both stay below 1e-9
    private const double Tolerance = 1e-7;

    public static TheoryData<string> Layers => [.. Makers.Keys];

    private static readonly Dictionary<string, Func<Random, (IReferenceLayer Layer, int Inputs, int Outputs, int State)>> Makers = new()
    {
        ["linear"] = random => Sized(random, (inputs, outputs) => Linear(random, "linear", inputs, outputs)),
        ["tanh"] = random => Elementwise(random, _ => new ActivationLayer(Nonlinearity.Tanh)),
        ["relu"] = random => Elementwise(random, _ => new ActivationLayer(Nonlinearity.Relu)),
        ["gelu"] = random => Elementwise(random, _ => new ActivationLayer(Nonlinearity.Gelu)),
        ["normaliser"] = random => Elementwise(random, width => new NormalizerLayer(Values(random, width), [.. Values(random, width).Select(value => 20 * value)])),
        ["layer norm"] = random => Elementwise(random, width => new LayerNormLayer("norm", Values(random, width), Values(random, width))),
        ["lstm"] = random => Sized(random, (inputs, width) => Lstm(random, inputs, width), state: 2),
        ["mingru"] = random => Sized(random, (inputs, width) => MinGru(random, inputs, width), state: 1),
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Every_gradient_of_a_layer_is_the_slope_of_the_loss(string name)
    {
        for (int seed = 0; seed < TestSize.Of(12, 100); seed++)
        {
            var random = new Random(seed);
            (IReferenceLayer layer, int inputs, int outputs, int state) = Makers[name](random);
            ReferenceRows rows = Rows(random, state);
            double[] x = Values(random, rows.Count * inputs), weighting = Values(random, rows.Count * outputs);
            ReferenceGradients gradients = layer.Backward(x, weighting, rows);
            double Loss() => Dot(layer.Forward(x, rows), weighting);
            AssertSlope(x, gradients.Input, Loss);
            for (int tensor = 0; tensor < gradients.Parameters.Count; tensor++) AssertSlope(layer.Parameters[tensor].Values, gradients.Parameters[tensor], Loss);
        }
    }

    [Fact]
    public void Every_gradient_of_a_network_is_the_slope_of_the_loss()
    {
        for (int seed = 0; seed < TestSize.Of(12, 100); seed++)
        {
            var random = new Random(seed);
            int inputs = random.Next(1, 6), width = random.Next(1, 6), memory = random.Next(1, 6), actions = random.Next(1, 4);
            IReferenceLayer core = seed % 2 == 0 ? Lstm(random, width, memory) : MinGru(random, width, memory);
            var network = new NetworkReference(
                [Linear(random, "encoder.0", inputs, width), new LayerNormLayer("encoder.0.norm", Values(random, width), Values(random, width)), new ActivationLayer(Nonlinearity.Tanh), core],
                [Linear(random, "actor", memory, actions)],
                [Linear(random, "critic.encoder.0", memory, width), new ActivationLayer(Nonlinearity.Gelu), Linear(random, "critic", width, 1)]);
            ReferenceRows rows = Rows(random, (seed % 2 == 0 ? 2 : 1) * memory);
            double[] observations = Values(random, rows.Count * inputs), weighting = Values(random, rows.Count * (actions + 1));
            (IReadOnlyDictionary<string, double[]> gradients, double[] byObservations) = network.Backward(observations, weighting, rows);
            double Loss() => Dot(network.Forward(observations, rows), weighting);
            foreach ((string name, double[] values) in network.Parameters) AssertSlope(values, gradients[name], Loss);
            AssertSlope(observations, byObservations, Loss);
        }
    }

    [Fact]
    public void A_layer_worked_by_hand()
    {
        // x = (1, 2), W = ((3, 4), (5, −6)), b = (0.5, 1): sums 11.5 and −6, after ReLU 11.5 and 0.
        var layer = new LinearLayer("layer", 2, 2, [3, 4, 5, -6], [0.5, 1]);
        var relu = new ActivationLayer(Nonlinearity.Relu);
        var one = ReferenceRows.Of(1);
        double[] sums = layer.Forward([1, 2], one);
        Assert.Equal([11.5, -6], sums);
        Assert.Equal([11.5, 0], relu.Forward(sums, one));

        // dy = (10, 100): the second output is flat, so dW = (10·1, 10·2, 0, 0), db = (10, 0), dx = (10·3, 10·4).
        ReferenceGradients gradients = layer.Backward([1, 2], relu.Backward(sums, [10, 100], one).Input, one);
        Assert.Equal([10, 20, 0, 0], gradients.Parameters[0]);
        Assert.Equal([10, 0], gradients.Parameters[1]);
        Assert.Equal([30, 40], gradients.Input);
    }

    [Fact]
    public void A_normalised_row_worked_by_hand()
    {
        // (1, 2, 3): mean 2, variance 2/3; γ = (2, 2, 2), β = (0, 0, 1).
        double[] y = new LayerNormLayer("norm", [2, 2, 2], [0, 0, 1]).Forward([1, 2, 3], ReferenceRows.Of(1));
        double deviation = Math.Sqrt(2.0 / 3 + 1e-5);
        Assert.Equal([-2 / deviation, 0, 2 / deviation + 1], y);
        Assert.Equal([-10, 6, 10], new NormalizerLayer([1, 1, 1], [2, 3, 4]).Forward([-9, 3, 9], ReferenceRows.Of(1)));
    }

    [Fact]
    public void A_planted_wrong_slope_is_seen()
    {
        var random = new Random(1);
        double[] x = Values(random, 3);
        var layer = new ActivationLayer(Nonlinearity.Tanh);
        double[] wrong = (layer with { Function = Nonlinearity.None }).Backward(x, [1, 1, 1], ReferenceRows.Of(1)).Input;
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertSlope(x, wrong, () => layer.Forward(x, ReferenceRows.Of(1)).Sum()));
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("mingru")]
    public void A_gradient_that_crosses_an_episode_start_is_seen(string name)
    {
        var random = new Random(2);
        (IReferenceLayer layer, int inputs, int outputs, _) = Makers[name](random);
        ReferenceRows starts = new(1, 3) { EpisodeStart = [false, true, false] };
        double[] x = Values(random, 3 * inputs), weighting = Values(random, 3 * outputs);
        double[] wrong = layer.Backward(x, weighting, starts with { EpisodeStart = null }).Input;
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertSlope(x, wrong, () => Dot(layer.Forward(x, starts), weighting)));
    }

    private static ReferenceRows Rows(Random random, int state)
    {
        var rows = new ReferenceRows(random.Next(1, 4), random.Next(1, 5));
        return rows with
        {
            EpisodeStart = [.. Enumerable.Range(0, rows.Count).Select(_ => random.Next(4) == 0)],
            State = Values(random, rows.Sequences * state),
        };
    }

    private static (IReferenceLayer Layer, int Inputs, int Outputs, int State) Sized(Random random, Func<int, int, IReferenceLayer> make, int state = 0)
    {
        int inputs = random.Next(1, 8), outputs = random.Next(1, 8);
        return (make(inputs, outputs), inputs, outputs, state * outputs);
    }

    private static (IReferenceLayer Layer, int Inputs, int Outputs, int State) Elementwise(Random random, Func<int, IReferenceLayer> make)
    {
        int width = random.Next(1, 8);
        return (make(width), width, width, 0);
    }

    private static LinearLayer Linear(Random random, string name, int inputs, int outputs) =>
        new(name, inputs, outputs, Values(random, inputs * outputs), Values(random, outputs));

    private static LstmLayer Lstm(Random random, int inputs, int width) =>
        new(inputs, width, Values(random, 4 * width * inputs), Values(random, 4 * width * width), Values(random, 4 * width));

    private static MinGruLayer MinGru(Random random, int inputs, int width) =>
        new(inputs, width, Values(random, 2 * width * inputs), Values(random, 2 * width));

    private static double[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static void AssertSlope(double[] parameters, double[] gradient, Func<double> loss)
    {
        Assert.Equal(parameters.Length, gradient.Length);
        for (int i = 0; i < parameters.Length; i++)
        {
            double value = parameters[i];
            parameters[i] = value + Step;
            double above = loss();
            parameters[i] = value - Step;
            double below = loss();
            parameters[i] = value;
            Assert.InRange(gradient[i] - (above - below) / (2 * Step), -Tolerance, Tolerance);
        }
    }
}
