using Arena.HostApi.Metrics;

namespace Arena.HostApi.Viewer;

/// <summary>A chart of training curves.</summary>
/// <param name="Title">Above it.</param>
/// <param name="Unit">Of its axis.</param>
/// <param name="Metrics">Names in <see cref="MetricRegistry"/>, families too.</param>
internal sealed record CurveGroup(string Title, string Unit, params string[] Metrics)
{
    private const string Ellipsis = "<";

    /// <summary>Is this metric one of its curves?</summary>
    internal bool Has(string metric) => Metrics.Any(name => Matches(name, metric));

    /// <summary>What tells it from the other curves: the variable part of a family, else what follows the slash.</summary>
    internal string LabelOf(string metric)
    {
        string name = Metrics.First(known => Matches(known, metric));
        int open = name.IndexOf(Ellipsis, StringComparison.Ordinal);
        if (open < 0) return metric[(metric.IndexOf('/') + 1)..].Replace('_', ' ');
        int after = name.Length - name.IndexOf('>') - 1;
        return metric[open..^after];
    }

    private static bool Matches(string name, string metric) => MetricRegistry.All.FirstOrDefault(info => info.Name == name) is { } info ? info.Matches(metric) : name == metric;
}

/// <summary>The charts of a run, on the page and in its report, in this order.</summary>
internal static class CurveGroups
{
    internal static IReadOnlyList<CurveGroup> All { get; } =
    [
        new("Score against built-in opponents", "0…1", "eval/<opponent>/score"),
        new("Rating", "Elo", "ladder/elo"),
        new("Return", "reward per episode", "episode/return"),
        new("Reward by component", "reward per episode", "reward/<component>"),
        new("Episode length", "ticks", "episode/length"),
        new("Score against past selves", "0…1", "selfplay/pool_score"),
        new("Entropy", "nat", "policy/entropy"),
        new("Standard deviation of actions", "–", "policy/std"),
        new("KL per update", "nat", "ppo/kl"),
        new("Clipped rows", "0…1", "ppo/clip_share"),
        new("Explained variance", "≤ 1", "value/explained_variance"),
        new("Value loss", "–", "loss/value"),
        new("Gradient norm", "–", "gradient/norm"),
        new("Speed", "agent-steps/s", "speed/agent_steps_per_second"),
        new("Where time goes", "0…1", "speed/share_environment", "speed/share_inference", "speed/share_learn", "speed/share_evaluate"),
        new("Learning rate", "–", "optimizer/learning_rate"),
    ];

    /// <summary>The same for the page: {"charts":[{"title","unit","metrics"}]}.</summary>
    internal static byte[] Json { get; } = Messages.Json("charts", writer =>
    {
        writer.WriteStartArray("charts");
        foreach (CurveGroup group in All)
        {
            writer.WriteStartObject();
            writer.WriteString("title", group.Title);
            writer.WriteString("unit", group.Unit);
            writer.WriteStartArray("metrics");
            foreach (string metric in group.Metrics) writer.WriteStringValue(metric);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
