using Arena.Policy.Networks;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>The comparison with the reference sees the mistakes it is there for, and names the tensor.</summary>
public class PlantedNetworkBugTests
{
    private static readonly NetworkSpec Square = new(20, [16, 16], Activation.Tanh, 3, []);

    [Fact]
    public void A_transposed_weight_matrix()
    {
        using var engineCase = new EngineCase(Square, 30, seed: 1);
        NetworkReference right = engineCase.Reference();
        Span<float> weights = engineCase.Engine.Weights.AsSpan().Slice(engineCase.Engine.Parameters["encoder.1.weight"].Offset, 16 * 16);
        float[] copy = weights.ToArray();
        for (int i = 0; i < 16; i++)
            for (int j = 0; j < 16; j++) weights[i * 16 + j] = copy[j * 16 + i];
        engineCase.Engine.RefreshDerived();
        engineCase.Run();
        Assert.StartsWith("outputs[", EngineCheck.FirstDifference(engineCase, right));
    }

    [Fact]
    public void Weights_changed_without_refreshing_the_panels()
    {
        using var engineCase = new EngineCase(Square, 30, seed: 2);
        engineCase.Engine.Weights[0] += 0.5f;
        engineCase.Run();
        Assert.StartsWith("outputs[", EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
    }

    [Theory]
    [InlineData("encoder.0.bias")]
    [InlineData("encoder.1.weight")]
    [InlineData("actor.bias")]
    [InlineData("critic.weight")]
    public void A_missing_gradient(string name)
    {
        using var engineCase = new EngineCase(Square, 30, seed: 3);
        engineCase.Run();
        Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
        ParameterTensor tensor = engineCase.Engine.Parameters[name];
        engineCase.Engine.Gradients.AsSpan().Slice(tensor.Offset, tensor.Length).Clear();
        Assert.StartsWith(name + "[", EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
    }

    [Fact]
    public void One_row_of_many_left_out_of_the_gradient()
    {
        using var engineCase = new EngineCase(Square, 300, seed: 4);
        NetworkReference reference = engineCase.Reference();
        Span<float> lastRow = engineCase.OutputGradients.View.AsSpan()[(299 * 4)..];
        float[] kept = lastRow.ToArray();
        lastRow.Clear();
        engineCase.Run();
        kept.CopyTo(lastRow);
        Assert.StartsWith("encoder.0.weight[", EngineCheck.FirstDifference(engineCase, reference));
    }

    [Fact]
    public void The_slope_of_another_activation()
    {
        using var engineCase = new EngineCase(Square, 30, seed: 5);
        engineCase.Run();
        NetworkReference reference = engineCase.Reference();
        IReferenceLayer[] wrong = [.. reference.Shared];
        wrong[3] = new ActivationLayer(Nonlinearity.Relu);
        Assert.NotNull(EngineCheck.FirstDifference(engineCase, reference with { Shared = wrong }));
    }

    [Fact]
    public void A_layer_norm_whose_gradient_ignores_the_mean()
    {
        using var engineCase = new EngineCase(Square with { LayerNorm = true }, 30, seed: 6);
        engineCase.Run();
        NetworkReference reference = engineCase.Reference();
        Assert.Null(EngineCheck.FirstDifference(engineCase, reference));
        IReferenceLayer[] wrong = [.. reference.Shared];
        wrong[1] = new MeanlessNorm((LayerNormLayer)wrong[1]);
        Assert.StartsWith("encoder.0.weight[", EngineCheck.FirstDifference(engineCase, reference with { Shared = wrong }));
    }

    [Fact]
    public void A_wrong_gradient_in_the_hidden_layers_of_a_separate_critic()
    {
        using var engineCase = new EngineCase(Square with { SeparateCritic = true }, 30, seed: 7);
        engineCase.Run();
        NetworkReference reference = engineCase.Reference();
        Assert.Null(EngineCheck.FirstDifference(engineCase, reference));
        engineCase.Engine.Gradients[engineCase.Engine.Parameters["critic.encoder.0.bias"].Offset] += 1e-3f;
        Assert.StartsWith("critic.encoder.0.bias[", EngineCheck.FirstDifference(engineCase, reference));
    }

    // The gradient of γ·x/deviation: what a layer norm would have if mean and deviation were constants.
    private sealed class MeanlessNorm(LayerNormLayer norm) : IReferenceLayer
    {
        public IReadOnlyList<(string Name, double[] Values)> Parameters => norm.Parameters;

        public double[] Forward(double[] x, ReferenceRows rows) => norm.Forward(x, rows);

        public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows)
        {
            ReferenceGradients right = norm.Backward(x, outputGradient, rows);
            return right with { Input = [.. outputGradient.Select((gradient, i) => gradient * norm.Gain[i % norm.Gain.Length])] };
        }
    }
}
