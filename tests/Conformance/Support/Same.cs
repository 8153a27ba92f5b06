namespace Arena.Conformance.Support;

/// <summary>Comparisons of matches that say where the first difference is.</summary>
public static class Same
{
    /// <summary>Everything of match <paramref name="env"/> here and <paramref name="otherEnv"/> there.</summary>
    public static void Match(Batch batch, int env, Batch other, int otherEnv) =>
        Columns(batch.Everything(env), other.Everything(otherEnv), batch.Here(env));

    /// <summary>Two lists of columns.</summary>
    public static void Columns(IEnumerable<(string Name, byte[] Bytes)> expected, IEnumerable<(string Name, byte[] Bytes)> actual, string here)
    {
        string? difference = Difference(expected, actual);
        Assert.True(difference is null, $"{here}: {difference}");
    }

    /// <summary>The first difference in words, or null.</summary>
    public static string? Difference(IEnumerable<(string Name, byte[] Bytes)> expected, IEnumerable<(string Name, byte[] Bytes)> actual)
    {
        foreach (((string name, byte[] left), (_, byte[] right)) in expected.Zip(actual))
        {
            int at = left.AsSpan().CommonPrefixLength(right);
            if (at == left.Length && at == right.Length) continue;
            return $"{name} differ from byte {at} (of {left.Length}) on: {Around(left, at)} and {Around(right, at)}";
        }

        return null;
    }

    private static string Around(byte[] bytes, int at)
    {
        int word = at / 4 * 4;
        if (word + 4 > bytes.Length) return Convert.ToHexStringLower(bytes.AsSpan(Math.Min(at, bytes.Length)));
        return $"{Convert.ToHexStringLower(bytes.AsSpan(word, 4))} (float {BitConverter.ToSingle(bytes, word)}, int {BitConverter.ToInt32(bytes, word)})";
    }
}
