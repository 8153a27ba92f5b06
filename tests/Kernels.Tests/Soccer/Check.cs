using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Runs properties: few fixed cases always, many fresh ones with ARENA_TESTS=full.</summary>
internal static class Check
{
    internal static bool Full { get; } = Environment.GetEnvironmentVariable("ARENA_TESTS") == "full";

    /// <summary>Holds <paramref name="property"/> against random cases; a failure prints the seed of the case.</summary>
    internal static void ForAll(int quick, Action<Dice> property, int full = 0)
    {
        Config config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(Full ? Math.Max(full, 20 * quick) : quick);
        if (!Full) config = config.WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20UL, 1UL), FSharpOption<int>.None)));
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => Run(property, seed)).Check(config);
    }

    /// <summary>The same property must fail on a planted bug.</summary>
    internal static void Catches(Action property)
    {
        Exception? caught = Record.Exception(property);
        Assert.True(caught is not null, "The planted bug was not caught.");
        Assert.False(caught is NullReferenceException or IndexOutOfRangeException or ArgumentException, $"The planted bug broke the test instead of failing it: {caught}");
    }

    /// <summary>Equality within <paramref name="tolerance"/> with a story.</summary>
    internal static void Close(double expected, double actual, double tolerance, string story)
    {
        if (!(Math.Abs(expected - actual) <= tolerance)) Assert.Fail($"{story}: expected {expected:R}, got {actual:R}, tolerance {tolerance:R}");
    }

    /// <summary>Equality of values, −0 = +0, with a story.</summary>
    internal static void Same(double expected, double actual, string story)
    {
        if (expected != actual) Assert.Fail($"{story}: expected {expected:R}, got {actual:R}");
    }

    private static void Run(Action<Dice> property, int seed)
    {
        try
        {
            property(new Dice(seed));
        }
        catch (Exception problem)
        {
            throw new Xunit.Sdk.XunitException($"case seed {seed}: {problem.Message}", problem);
        }
    }
}
