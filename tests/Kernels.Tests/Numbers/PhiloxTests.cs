using System.Runtime.Intrinsics;
using Arena.Kernels.Random;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Numbers;

public class PhiloxTests
{
    // Known answers of Philox4x32-10: Salmon et al., Random123, kat_vectors.
    [Theory]
    [InlineData(0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void A_block_is_the_published_one(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), Words(Philox.Block(new UInt4(c0, c1, c2, c3), k0, k1)));

    [Fact]
    public void A_draw_counts_match_episode_tick_and_purpose_with_slot() =>
        Prop.ForAll(Arguments.ToArbitrary(), a =>
        {
            UInt4 block = Philox.Block(new UInt4(a.Match, a.Episode, a.Tick, ((16 + a.Purpose) << 16) + a.Slot), (uint)a.Seed, (uint)(a.Seed >> 32));
            return Words(Philox.Draw(a.Seed, a.Match, a.Episode, a.Tick, a.Slot, a.Purpose)) == Words(block);
        }).Check(TestSize.Cases(300, 10_000));

    [Fact]
    public void Draws_that_differ_in_one_argument_differ()
    {
        (uint, uint, uint, uint)[] draws =
        [
            Words(Philox.Draw(7, 1, 2, 3, 4, 5)),
            Words(Philox.Draw(8, 1, 2, 3, 4, 5)),
            Words(Philox.Draw(7 | 1UL << 32, 1, 2, 3, 4, 5)),
            Words(Philox.Draw(7, 9, 2, 3, 4, 5)),
            Words(Philox.Draw(7, 1, 9, 3, 4, 5)),
            Words(Philox.Draw(7, 1, 2, 9, 4, 5)),
            Words(Philox.Draw(7, 1, 2, 3, 9, 5)),
            Words(Philox.Draw(7, 1, 2, 3, 4, 9)),
        ];
        Assert.Equal(draws.Length, draws.Distinct().Count());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(511u)]
    [InlineData(512u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0x80000000u)]
    [InlineData(0xFFFFFFFFu)]
    public void A_uniform_float_is_exact_at_the_edges(uint word) => Assert.True(UniformIsExact(word));

    [Fact]
    public void A_uniform_float_is_exact_and_never_0_or_1() =>
        Prop.ForAll(Word.ToArbitrary(), UniformIsExact).Check(TestSize.Cases(2_000, 100_000));

    [Fact]
    public void Symmetric_floats_are_odd_about_zero() =>
        Prop.ForAll(Word.ToArbitrary(), word =>
        {
            float value = Philox.Symmetric(word);
            return value > -1f && value < 1f && value != 0f && Philox.Symmetric(~word) == -value;
        }).Check(TestSize.Cases(2_000, 100_000));

    [Fact]
    public void Below_is_in_range_and_is_the_exact_share() =>
        Prop.ForAll((from word in Word from n in Gen.Choose(1, int.MaxValue) select (word, n)).ToArbitrary(), c =>
        {
            int drawn = Philox.Below(c.word, c.n);
            return drawn >= 0 && drawn < c.n && drawn == (int)((UInt128)c.word * (uint)c.n / ((UInt128)1 << 32));
        }).Check(TestSize.Cases(2_000, 100_000));

    [Fact]
    public void Eight_draws_at_a_time_are_eight_draws() =>
        Prop.ForAll((from a in Arguments from n in Gen.Choose(1, int.MaxValue) select (a, n)).ToArbitrary(), c =>
        {
            if (!PhiloxWide.IsSupported) return true;
            (ulong seed, uint match, uint episode, uint tick, uint slot, uint purpose) = c.a;
            Vector512<ulong> slots = Vector512.Create<ulong>([.. Enumerable.Range(0, PhiloxWide.Lanes).Select(lane => (ulong)((slot + (uint)lane * 16) & 0xFFFF))]);
            Vector512<ulong> drawn = PhiloxWide.Below(seed, match, episode, tick, slots, purpose, c.n);
            return Enumerable.Range(0, PhiloxWide.Lanes).All(lane => (int)drawn[lane] == Philox.Below(Philox.Draw(seed, match, episode, tick, (uint)slots[lane], purpose).X, c.n));
        }).Check(TestSize.Cases(300, 10_000));

    [Fact]
    public void Draws_are_evenly_spread()
    {
        // Chi-square with 99 degrees of freedom: mean 99, standard deviation 14; 180 has a chance below 1e-6.
        double[] statistics = [ChiSquare(SomeWords), ChiSquare(LowBits), ChiSquare(Neighbours)];
        Assert.All(statistics, statistic => Assert.InRange(statistic, 50, 180));

        // The planted bug: a generator that leaves one of a hundred values out.
        Assert.NotInRange(ChiSquare(word => Math.Max(1, SomeWords(word))), 50, 180);
    }

    private static readonly Gen<uint> Word = from high in Gen.Choose(0, 0xFFFF) from low in Gen.Choose(0, 0xFFFF) select ((uint)high << 16) | (uint)low;

    private static readonly Gen<(ulong Seed, uint Match, uint Episode, uint Tick, uint Slot, uint Purpose)> Arguments =
        from seedHigh in Word
        from seedLow in Word
        from match in Word
        from episode in Word
        from tick in Word
        from slot in Gen.Choose(0, 0xFFFF)
        from purpose in Gen.Choose(0, 65519)
        select (((ulong)seedHigh << 32) | seedLow, match, episode, tick, (uint)slot, (uint)purpose);

    private static bool UniformIsExact(uint word)
    {
        float value = Philox.Uniform(word);
        return value > 0f && value < 1f && value == ((word >> 9) + 0.5) / 8388608.0;
    }

    private static int SomeWords(int draw) => Philox.Below(Philox.Draw(1, (uint)draw, 0, 0, 0, 0).X, 100);

    private static int LowBits(int draw) => (int)(Philox.Draw(2, 0, (uint)draw, 0, 0, 1).W % 100);

    private static int Neighbours(int draw) => (int)(Philox.Uniform(Philox.Draw(3, 5, 0, (uint)draw, 0, 2).Y - Philox.Draw(3, 6, 0, (uint)draw, 0, 2).Y) * 100f);

    private static double ChiSquare(Func<int, int> draw)
    {
        const int Draws = 100_000;
        var counts = new int[100];
        for (int i = 0; i < Draws; i++) counts[draw(i)]++;
        const double Expected = Draws / 100.0;
        return counts.Sum(count => (count - Expected) * (count - Expected) / Expected);
    }

    private static (uint, uint, uint, uint) Words(UInt4 block) => (block.X, block.Y, block.Z, block.W);
}
