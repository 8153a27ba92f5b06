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
}
