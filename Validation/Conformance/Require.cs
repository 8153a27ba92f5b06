using Arena.Kernels.Device;

namespace Arena.Validation.Conformance;

/// <summary>A check of <see cref="ConformanceSuite"/> did not hold; the message says where.</summary>
/// <param name="message">Game, seed, match, tick, row, and what was found.</param>
public sealed class ConformanceException(string message) : Exception(message)
{
    /// <summary>Did nothing go wrong, but what was to be checked never came up in the ticks that were played?</summary>
    public bool NotSeen { get; init; }
}

/// <summary>What checks say their findings with.</summary>
internal static class Require
{
    internal static void Fail(string message) => throw new ConformanceException(message);

    internal static void True(bool condition, string message)
    {
        if (!condition) Fail(message);
    }

    /// <summary>The check met what it is for at least once.</summary>
    internal static void Seen(bool condition, string message)
    {
        if (!condition) throw new ConformanceException(message) { NotSeen = true };
    }

    /// <summary>Everything of match <paramref name="env"/> here and <paramref name="otherEnv"/> there.</summary>
    internal static void SameMatch(GameBatch batch, int env, GameBatch other, int otherEnv) =>
        SameColumns(batch.Everything(env), other.Everything(otherEnv), batch.Here(env));

    internal static void SameColumns(IEnumerable<(string Name, byte[] Bytes)> expected, IEnumerable<(string Name, byte[] Bytes)> actual, string here)
    {
        if (GameBatch.Difference(expected, actual) is { } difference) Fail($"{here}: {difference}");
    }

    internal static void AllFinite(GameBatch batch, string when)
    {
        for (int row = 0; row < batch.Rows; row++)
            if (!float.IsFinite(batch.Views.Rewards[row])) Fail($"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: reward {batch.Views.Rewards[row]} {when}");
    }

    internal static void Filled<T>(GameBatch batch, DeviceBuffer<T>? buffer, T value, string what)
        where T : unmanaged, IEquatable<T>
    {
        int at = buffer is null ? -1 : buffer.View.AsSpan().IndexOfAnyExcept(value);
        if (at >= 0) Fail($"{batch.Here(0)}: {what} {at} is {buffer!.View[at]}, expected {value}");
    }
}
