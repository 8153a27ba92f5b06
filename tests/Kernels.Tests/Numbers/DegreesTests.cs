using Arena.Kernels.Common;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Numbers;

/// <summary>Sines that are the same on every machine, because no library computes them.</summary>
public sealed class DegreesTests
{
    // Half of the square roots of 3 and 2; (√6 − √2)/4.
    private const double R3 = 0.86602540378443864676, R2 = 0.70710678118654752440, S15 = 0.25881904510252076235;

    [Theory]
    [InlineData(15, 0.96592582628906828675, S15)]
    [InlineData(30, R3, 0.5)]
    [InlineData(45, R2, R2)]
    [InlineData(60, 0.5, R3)]
    [InlineData(72, 0.30901699437494742410, 0.95105651629515357212)]
    [InlineData(120, -0.5, R3)]
    [InlineData(225, -R2, -R2)]
    [InlineData(300, 0.5, -R3)]
    [InlineData(-15, 0.96592582628906828675, -S15)]
    [InlineData(375, 0.96592582628906828675, S15)]
    public void Hand_values(double degrees, double cosine, double sine)
    {
        (double cos, double sin) = Degrees.CosSin(degrees);
        Assert.InRange(Math.Max(Math.Abs(cos - cosine), Math.Abs(sin - sine)), 0, 2.3e-16);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(90, 0, 1)]
    [InlineData(180, -1, 0)]
    [InlineData(270, 0, -1)]
    [InlineData(360, 1, 0)]
    [InlineData(-90, 0, -1)]
    [InlineData(-180, -1, 0)]
    [InlineData(810, 0, 1)]
    public void Quarter_turns_are_exact(double degrees, double cosine, double sine) => Assert.Equal((cosine, sine), Degrees.CosSin(degrees));

    [Fact]
    public void Over_four_turns_and_between_them_the_error_is_at_most_5e_16()
    {
        double worst = 0, circle = 0;
        int steps = TestSize.Of(1 << 18, 1 << 23);
        for (int i = -steps; i <= steps; i++)
        {
            double degrees = 720.0 * i / steps;
            // The library's own argument is rounded; within half a turn that costs it nothing that matters.
            double near = degrees - 360 * Math.Round(degrees / 360);
            (double cos, double sin) = Degrees.CosSin(degrees);
            worst = Math.Max(worst, Math.Max(Math.Abs(cos - Math.Cos(near * (Math.PI / 180))), Math.Abs(sin - Math.Sin(near * (Math.PI / 180)))));
            circle = Math.Max(circle, Math.Abs(cos * cos + sin * sin - 1));
        }

        Assert.InRange(worst, 1e-17, 8e-16); // the library's argument is off by 3e-16 at half a turn
        Assert.InRange(circle, 0, 5e-16);
    }

    [Fact]
    public void A_turn_the_other_way_differs_by_the_sign_of_the_sine_alone() => Prop.ForAll<int, byte>((thousandths, turns) =>
    {
        double degrees = thousandths / 1000.0 + 90.0 * turns;
        (double cos, double sin) = Degrees.CosSin(degrees);
        return Degrees.CosSin(-degrees) == (cos, -sin);
    }).Check(TestSize.Cases(1000, 100_000));

    [Fact]
    public void A_small_limit_keeps_its_sign_even_at_zero() => Assert.True(double.IsNegative(Degrees.CosSin(-0.0).Sin) && !double.IsNegative(Degrees.CosSin(0).Sin));
}
