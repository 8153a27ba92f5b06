namespace Arena.Validation.Tests;

/// <summary>How much to test: quick by default, full with ARENA_TESTS=full.</summary>
internal static class TestSize
{
    public static bool Full { get; } = Environment.GetEnvironmentVariable("ARENA_TESTS") == "full";

    public static int Of(int quick, int full) => Full ? full : quick;
}
