using Arena.Kernels.Environments;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Tells where two batches differ.</summary>
internal static class Difference
{
    /// <summary>The first element of the state in which the batches differ, in words; null when none does.</summary>
    internal static string? First(Pitch expected, Pitch actual)
    {
        for (int env = 0; env < expected.Matches; env++)
            if (First(expected, env, actual, env) is { } difference) return difference;
        return null;
    }

    /// <summary>The first element in which two matches differ, in words; null when none does.</summary>
    internal static string? First(Pitch expected, int expectedEnv, Pitch actual, int actualEnv)
    {
        foreach (StateColumn column in expected.Columns.All)
        {
            double[] want = column.ReadMatch(expectedEnv), got = actual.Columns[column.Name].ReadMatch(actualEnv);
            for (int slot = 0; slot < want.Length; slot++)
                if (!want[slot].Equals(got[slot])) return $"match {actualEnv}, {column.ElementName(slot)}: expected {want[slot]:R}, got {got[slot]:R}";
        }

        return null;
    }

    /// <summary>The first element of two buffers that differs in its bits, in words; null when none does.</summary>
    internal static string? First(string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length) return $"{name}: {expected.Length} and {actual.Length} elements";
        for (int i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                return $"{name}[{i}]: expected {expected[i]:R}, got {actual[i]:R}";
        return null;
    }
}
