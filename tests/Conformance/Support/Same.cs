using Arena.Validation.Conformance;

namespace Arena.Conformance.Support;

/// <summary>Comparisons of matches that say where the first difference is.</summary>
public static class Same
{
    /// <summary>Two lists of columns.</summary>
    public static void Columns(IEnumerable<(string Name, byte[] Bytes)> expected, IEnumerable<(string Name, byte[] Bytes)> actual, string here)
    {
        string? difference = GameBatch.Difference(expected, actual);
        Assert.True(difference is null, $"{here}: {difference}");
    }
}
