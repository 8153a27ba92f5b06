using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks.Stems;

/// <summary>Entities: their order and those who are absent do not matter.</summary>
public class EntityStemTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Permuting_the_entities_of_a_kind_leaves_outputs_unchanged(int heads)
    {
        using var plain = new StemCase(StemShapes.Soccer(heads), 60, seed: 1);
        using var permuted = new StemCase(StemShapes.Soccer(heads), 60, seed: 1);
        Span<float> rows = permuted.Floats.View.AsSpan();
        for (int row = 0; row < 60; row++)
        {
            Exchange(rows, row * 64 + 40, row * 64 + 56); // the first and the third opponent
            Exchange(rows, row * 64 + 24, row * 64 + 32); // the teammates
        }

        plain.Run();
        permuted.Run();
        for (int i = 0; i < plain.Outputs.Length; i++) Assert.Equal(plain.Outputs.View[i], permuted.Outputs.View[i], 1e-6f * (1 + Math.Abs(plain.Outputs.View[i])));
        Assert.NotEqual(plain.Floats.ToArray(), permuted.Floats.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void What_stands_in_the_record_of_an_absent_entity_changes_no_bit(int heads)
    {
        using var plain = new StemCase(StemShapes.Soccer(heads), 60, seed: 2);
        using var other = new StemCase(StemShapes.Soccer(heads), 60, seed: 2);
        int absent = 0;
        for (int record = 0; record < 60 * 8; record++)
        {
            Span<float> values = other.Floats.View.AsSpan().Slice(record * 8, 8);
            if (values[7] != 0f) continue;
            values[..7].Fill(absent++ % 2 == 0 ? float.NaN : 1e30f);
        }

        Assert.True(absent > 50);
        Assert.Equal(plain.Bits(), other.Bits());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_kind_that_is_always_absent_gets_no_gradient(int heads)
    {
        using var stemCase = new StemCase(StemShapes.Soccer(heads), 60, seed: 3);
        for (int row = 0; row < 60; row++)
            for (int end = 0; end < 3; end++) stemCase.Floats.View[row * 64 + 47 + 8 * end] = 0f;
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
        foreach (string name in new[] { "0.weight", "0.bias", "1.weight", "1.bias" })
        {
            Assert.All(stemCase.Gradient($"encoder.entities.opponent.{name}"), gradient => Assert.Equal(0f, gradient));
            Assert.Contains(stemCase.Gradient($"encoder.entities.ball.{name}"), gradient => gradient != 0f);
        }
    }

    [Fact]
    public void Rows_without_any_entity_are_zeros_with_no_gradient()
    {
        using var stemCase = new StemCase(StemShapes.Soccer(4), 30, seed: 4);
        for (int record = 0; record < 30 * 8; record++) stemCase.Floats.View[record * 8 + 7] = 0f;
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
        Assert.All(stemCase.Gradient("encoder.attention.value.weight"), gradient => Assert.Equal(0f, gradient));
        Assert.Equal(stemCase.Outputs.ToArray()[..5], stemCase.Outputs.ToArray()[^5..]);
    }

    [Fact]
    public void Of_equal_entities_the_first_is_the_maximum()
    {
        // One kind of two equal records: the gradient through the maximum reaches only the first, so the weights' gradient is its record's alone.
        var spec = new NetworkSpec(6, [3], Activation.Tanh, 0, [2]) { Stem = new EntityStem([new("a", 0, 2, 3)], [16], 0) };
        using var stemCase = new StemCase(spec, 1, seed: 5);
        new float[] { 0.5f, 0.25f, 1, 0.5f, 0.25f, 1 }.CopyTo(stemCase.Floats.View.AsSpan());
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
    }

    [Fact]
    public void A_mask_that_is_ignored_is_seen()
    {
        using var stemCase = new StemCase(StemShapes.Soccer(4), 20, seed: 6);
        stemCase.Run();
        var right = (EntityReference)stemCase.StemReference();
        Assert.Null(stemCase.FirstDifference(right));
        for (int record = 0; record < 20 * 8; record++) stemCase.Floats.View[record * 8 + 7] = 1f; // the reference now sees everybody
        Assert.StartsWith("outputs[", stemCase.FirstDifference(right));
    }

    [Theory]
    [InlineData("encoder.entities.goals.0.weight")]
    [InlineData("encoder.entities.opponent.1.bias")]
    [InlineData("encoder.attention.query.weight")]
    [InlineData("encoder.attention.value.bias")]
    public void A_missing_gradient_is_seen(string name)
    {
        using var stemCase = new StemCase(StemShapes.Soccer(4), 20, seed: 7);
        stemCase.Run();
        ParameterTensor tensor = stemCase.Engine.Parameters[name];
        stemCase.Engine.Gradients.AsSpan().Slice(tensor.Offset, tensor.Length).Clear();
        Assert.StartsWith(name + "[", stemCase.FirstDifference());
    }

    private static void Exchange(Span<float> values, int a, int b)
    {
        for (int i = 0; i < 8; i++) (values[a + i], values[b + i]) = (values[b + i], values[a + i]);
    }
}
