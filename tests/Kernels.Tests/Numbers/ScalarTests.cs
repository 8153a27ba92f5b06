using Arena.Kernels.Common;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Numbers;

public class ScalarTests
{
    private const float NaN = float.NaN, Inf = float.PositiveInfinity;

    // Bits, not values: −0 and 0 are told apart. "a if a < b, else b".
    [Theory]
    [InlineData(1f, 2f, 1f, 2f)]
    [InlineData(2f, 1f, 1f, 2f)]
    [InlineData(0f, -0f, -0f, -0f)] // equal: the second
    [InlineData(NaN, 1f, 1f, 1f)]
    [InlineData(1f, NaN, NaN, NaN)]
    [InlineData(-Inf, Inf, -Inf, Inf)]
    [InlineData(Inf, 3e38f, 3e38f, Inf)]
    public void Min_and_max_are_plain_comparisons(float a, float b, float min, float max)
    {
        Same(min, Scalar.Min(a, b));
        Same(max, Scalar.Max(a, b));
    }

    [Fact]
    public void Of_two_zeros_min_and_max_take_the_second()
    {
        Same(0f, Scalar.Min(-0f, 0f));
        Same(0f, Scalar.Max(-0f, 0f));
        Same(-0f, Scalar.Max(0f, -0f));
    }

    [Theory]
    [InlineData(0.5f, 0.5f)]
    [InlineData(-7f, -1f)]
    [InlineData(7f, 2f)]
    [InlineData(-0f, -0f)]
    [InlineData(Inf, 2f)]
    [InlineData(-Inf, -1f)]
    [InlineData(NaN, NaN)]
    public void Clamp_holds_a_value_and_lets_nan_through(float value, float expected) => Same(expected, Scalar.Clamp(value, -1f, 2f));

    [Theory]
    [InlineData(0f, true)]
    [InlineData(float.Epsilon, true)]
    [InlineData(float.MaxValue, true)]
    [InlineData(float.MinValue, true)]
    [InlineData(Inf, false)]
    [InlineData(-Inf, false)]
    [InlineData(NaN, false)]
    public void Finite_is_neither_nan_nor_infinite(float value, bool finite) => Assert.Equal(finite, Scalar.IsFinite(value));

    [Fact]
    public void Finite_agrees_with_the_library_on_every_pattern_of_bits() =>
        Prop.ForAll(Bits.ToArbitrary(), bits =>
        {
            float value = BitConverter.Int32BitsToSingle(bits);
            return Scalar.IsFinite(value) == float.IsFinite(value) && Scalar.Abs(value).Equals(MathF.Abs(value)) && Scalar.Sqrt(value).Equals(MathF.Sqrt(value));
        }).Check(TestSize.Cases(2_000, 100_000));

    [Fact]
    public void Integer_min_and_max_agree_with_the_library() =>
        Prop.ForAll(Bits.Two().ToArbitrary(), pair =>
            Scalar.Min(pair.Item1, pair.Item2) == Math.Min(pair.Item1, pair.Item2) && Scalar.Max(pair.Item1, pair.Item2) == Math.Max(pair.Item1, pair.Item2))
        .Check(TestSize.Cases(1_000, 20_000));

    [Fact]
    public void Division_by_a_power_of_two_rounds_toward_zero() =>
        Prop.ForAll(Divisions.ToArbitrary(), c => Scalar.DivTowardZero(c.Value, c.Shift) == c.Value / (1 << c.Shift))
        .Check(TestSize.Cases(3_000, 100_000));

    [Fact]
    public void A_bare_shift_is_not_that_division()
    {
        // The planted bug: what a GPU compiler makes of '/'.
        Assert.ThrowsAny<Exception>(() =>
            Prop.ForAll(Divisions.ToArbitrary(), c => c.Value >> c.Shift == c.Value / (1 << c.Shift)).Check(TestSize.Cases(3_000, 3_000)));
        Assert.Equal(0, Scalar.DivTowardZero(-1, 1));
        Assert.Equal(-1, -1 >> 1);
    }

    [Fact]
    public void Vectors_add_scale_and_measure()
    {
        Float2 sum = (new Float2(3f, 1f) + new Float2(1f, 2f)) - new Float2(1f, -1f); // (3, 4)
        Assert.Equal((3f, 4f, 5f, 25f), (sum.X, sum.Y, sum.Length, sum.LengthSquared));
        Assert.Equal(1f, Float2.Dot(sum * 0.5f, new Float2(2f, -1f))); // 1.5·2 − 2·1
    }

    private static readonly Gen<int> Bits = Gen.Frequency(
        (9, from high in Gen.Choose(0, 0xFFFF) from low in Gen.Choose(0, 0xFFFF) select (high << 16) | low),
        (1, Gen.Elements(0, int.MinValue, 0x7F800000, 0x7F7FFFFF, 0x7FC00000, 1))); // 0, −0, ∞, largest, NaN, smallest

    private static readonly Gen<(int Value, int Shift)> Divisions =
        from value in Gen.OneOf(Bits, Gen.Choose(-70, 70), Gen.Elements(int.MinValue, int.MinValue + 1, int.MaxValue, -1))
        from shift in Gen.Choose(0, 30)
        select (value, shift);

    private static void Same(float expected, float actual) =>
        Assert.Equal(float.IsNaN(expected) ? "NaN" : $"{BitConverter.SingleToInt32Bits(expected):x8}", float.IsNaN(actual) ? "NaN" : $"{BitConverter.SingleToInt32Bits(actual):x8}");
}
