using Arena.HostApi.Metrics;

namespace Arena.HostApi.Viewer;

/// <summary>A chart of training curves.</summary>
/// <param name="Title">Above it.</param>
/// <param name="Unit">Of its axis.</param>
/// <param name="Metrics">Names in <see cref="MetricRegistry"/>, families too.</param>
internal sealed record CurveGroup(string Title, string Unit, params string[] Metrics)
{
    private const string Ellipsis = "<";

    /// <summary>A metric, or family, without which a run does not have this chart; null: drawn in any run.</summary>
    internal string? Needs { get; init; }

    /// <summary>A metric, or family, with which a run has another chart instead; null for none.</summary>
    internal string? Excludes { get; init; }

    /// <summary>Words for curves that their names do not say, in the order of <see cref="Metrics"/>; null: the variable part, or the name.</summary>
    internal IReadOnlyList<string?> Labels { get; init; } = [];

    /// <summary>Curves that are 0 throughout are left out: components of no weight.</summary>
    internal bool LeavesOutZeros { get; init; }

    /// <summary>One point per evaluation, the mean over the wall time since the one before: shares of time jump in every update that ends with one.</summary>
    internal bool PerEvaluation { get; init; }

    /// <summary>Does a run with these metrics have the chart?</summary>
    internal bool IsOf(IEnumerable<string> metrics) =>
        (Needs is null || metrics.Any(metric => Matches(Needs, metric))) && (Excludes is null || !metrics.Any(metric => Matches(Excludes, metric)));

    /// <summary>Is this metric one of its curves?</summary>
    internal bool Has(string metric) => Metrics.Any(name => Matches(name, metric));

    /// <summary>What tells it from the other curves: the variable part of a family, else what follows the slash.</summary>
    internal string LabelOf(string metric)
    {
        int at = Array.FindIndex(Metrics, known => Matches(known, metric));
        if (at < Labels.Count && Labels[at] is { } label) return label;
        string name = Metrics[at];
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
    private const string ScriptScore = "eval/<opponent>/script_score"; // games with one side have it

    internal static IReadOnlyList<CurveGroup> All { get; } =
    [
        new("Score against built-in opponents", "0…1", "eval/<opponent>/score") { Excludes = ScriptScore },
        new("Score", "per episode", "eval/<opponent>/score", "eval/<opponent>/score_lower", ScriptScore) { Needs = ScriptScore, Labels = ["policy", "policy ≥"] },
        new("Rating", "Elo", "ladder/elo"),
        new("Return", "reward per episode", "episode/return"),
        new("Reward by component", "reward per episode", "reward/<component>") { LeavesOutZeros = true },
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
        new("Where time goes", "0…1", "speed/share_environment", "speed/share_inference", "speed/share_learn", "speed/share_evaluate") 
        {
            PerEvaluation = true,
            Labels = ["environment", "forward passes", "learning", "evaluation"],
        },
        new("Learning rate", "–", "optimizer/learning_rate"),
    ];

    /// <summary>The same for the page: {"charts":[{"title","unit","metrics","labels","needs","excludes","leavesOutZeros","perEvaluation"}]}.</summary>
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
            writer.WriteStartArray("labels");
            foreach (string? label in group.Labels) writer.WriteStringValue(label);
            writer.WriteEndArray();
            writer.WriteString("needs", group.Needs);
            writer.WriteString("excludes", group.Excludes);
            writer.WriteBoolean("leavesOutZeros", group.LeavesOutZeros);
            writer.WriteBoolean("perEvaluation", group.PerEvaluation);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
