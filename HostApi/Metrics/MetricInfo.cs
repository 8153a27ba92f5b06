namespace Arena.HostApi.Metrics;

/// <summary>How several values of one update become one.</summary>
public enum MetricReduction
{
    /// <summary>The last one.</summary>
    Last,

    /// <summary>Added up.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The largest.</summary>
    Max,
}

/// <summary>What a logged number is.</summary>
/// <param name="Name">"ppo/kl", or a family with one variable part: "eval/&lt;opponent&gt;/score".</param>
/// <param name="Unit">"nat"; "–" for a plain number.</param>
/// <param name="Reduction">How several values of one update become one.</param>
/// <param name="Meaning">What it measures; of the update's rows that are learned from, unless it says otherwise.</param>
/// <param name="Healthy">Where a healthy run stays.</param>
/// <param name="Suspect">What to look at first when it does not.</param>
public sealed record MetricInfo(string Name, string Unit, MetricReduction Reduction, string Meaning, string Healthy, string Suspect)
{
    private readonly int open = Name.IndexOf('<');
    private readonly int close = Name.IndexOf('>');

    /// <summary>Does it stand for many names?</summary>
    public bool IsFamily => open >= 0;

    /// <summary>Is <paramref name="name"/> this metric, or one of this family? The variable part is never empty.</summary>
    public bool Matches(string name)
    {
        if (!IsFamily) return name == Name;
        ReadOnlySpan<char> before = Name.AsSpan(0, open), after = Name.AsSpan(close + 1);
        return name.Length > before.Length + after.Length && name.AsSpan().StartsWith(before, StringComparison.Ordinal) && name.AsSpan().EndsWith(after, StringComparison.Ordinal);
    }

    /// <summary>The family's name with <paramref name="part"/> in place of its variable part; spaces become underscores.</summary>
    public string With(string part) => $"{Name[..open]}{part.Replace(' ', '_')}{Name[(close + 1)..]}";

    /// <summary>Does the value depend on the clock or the machine? Two runs of one seed agree in all others, byte for byte.</summary>
    public static bool DependsOnClock(string name) => name.StartsWith("time", StringComparison.Ordinal) || name.StartsWith("speed/", StringComparison.Ordinal);
}
