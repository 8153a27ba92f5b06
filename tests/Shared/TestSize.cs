using FsCheck;

namespace Arena.Tests;

/// <summary>How much a test tries: little by default, much more with <c>ARENA_TESTS=full</c>.</summary>
public static class TestSize
{
    /// <summary>Whether the long sizes were asked for.</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("ARENA_TESTS") == "full";

    /// <summary>One of two sizes.</summary>
    public static int Of(int quick, int full) => Full ? full : quick;

    /// <summary>A property's settings: stops at the first counterexample and prints the seed that repeats it.</summary>
    public static Config Cases(int quick, int full) => Config.QuickThrowOnFailure.WithMaxTest(Of(quick, full));
}
