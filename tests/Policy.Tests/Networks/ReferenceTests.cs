using Arena.Tests;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>The reference's gradients against central differences of its own forward pass: (f(x + h) − f(x − h)) / 2h.</summary>
public class ReferenceTests
{
    private const double Step = 1e-5; // truncation h² and rounding 1e-16 / h both stay below 1e-9
    private const double Tolerance = 1e-7;

    [Theory]
    [InlineData(Nonlinearity.Tanh)]
    [InlineData(Nonlinearity.Relu)]
    [InlineData(Nonlinearity.None)]
    public void Every_gradient_is_the_slope_of_the_loss(Nonlinearity nonlinearity)
    {
        for (int seed = 0; seed < TestSize.Of(8, 60); seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(1, 5);
            ActorCriticReference network = RandomNetwork(random, nonlinearity);
            double[] observations = RandomValues(random, rows * network.Hidden[0].Inputs);
            double[] weighting = RandomValues(random, rows * (network.Actor.Outputs + 1));
            ActorCriticGradients gradients = network.Backward(observations, weighting, rows);
            double Loss() => network.Forward(observations, rows).Zip(weighting, (output, weight) => output * weight).Sum();

            for (int layer = 0; layer < network.Hidden.Count; layer++) AssertSlopes(network.Hidden[layer], gradients.Hidden[layer], Loss);
            AssertSlopes(network.Actor, gradients.Actor, Loss);
            AssertSlopes(network.Critic, gradients.Critic, Loss);
            AssertSlope(observations, gradients.Hidden[0].Input, Loss);
        }
    }

    [Fact]
    public void A_layer_worked_by_hand()
    {
        // x = (1, 2), W = ((3, 4), (5, −6)), b = (0.5, 1): sums 11.5 and −6, after ReLU 11.5 and 0.
        var layer = new DenseLayer(2, 2, [3, 4, 5, -6], [0.5, 1], Nonlinearity.Relu);
        double[] y = layer.Forward([1, 2], 1);
        Assert.Equal([11.5, 0], y);

        // dy = (10, 100): the second output is flat, so dW = (10·1, 10·2, 0, 0), db = (10, 0), dx = (10·3, 10·4).
        DenseGradients gradients = layer.Backward([1, 2], y, [10, 100], 1);
        Assert.Equal([10, 20, 0, 0], gradients.Weights);
        Assert.Equal([10, 0], gradients.Bias);
        Assert.Equal([30, 40], gradients.Input);
    }

    [Fact]
    public void A_planted_wrong_slope_is_seen()
    {
        var random = new Random(1);
        var layer = new DenseLayer(3, 2, RandomValues(random, 6), RandomValues(random, 2), Nonlinearity.Tanh);
        double[] x = RandomValues(random, 3);
        double[] weighting = [1, 1];
        DenseGradients wrong = (layer with { Nonlinearity = Nonlinearity.None }).Backward(x, layer.Forward(x, 1), weighting, 1);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertSlopes(layer, wrong, () => layer.Forward(x, 1).Sum()));
    }

    private static ActorCriticReference RandomNetwork(Random random, Nonlinearity nonlinearity)
    {
        int width = random.Next(1, 8);
        var hidden = new List<DenseLayer>();
        for (int layer = 0; layer < random.Next(1, 4); layer++)
        {
            int outputs = random.Next(1, 8);
            hidden.Add(RandomLayer(random, width, outputs, nonlinearity));
            width = outputs;
        }

        return new ActorCriticReference(hidden, RandomLayer(random, width, random.Next(1, 5), Nonlinearity.None), RandomLayer(random, width, 1, Nonlinearity.None));
    }

    private static DenseLayer RandomLayer(Random random, int inputs, int outputs, Nonlinearity nonlinearity) =>
        new(inputs, outputs, RandomValues(random, inputs * outputs), RandomValues(random, outputs), nonlinearity);

    private static double[] RandomValues(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];

    private static void AssertSlopes(DenseLayer layer, DenseGradients gradients, Func<double> loss)
    {
        AssertSlope(layer.Weights, gradients.Weights, loss);
        AssertSlope(layer.Bias, gradients.Bias, loss);
    }

    private static void AssertSlope(double[] parameters, double[] gradient, Func<double> loss)
    {
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
