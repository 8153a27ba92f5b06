using System.Text.Json;
using Arena.HostApi.Training;

namespace Arena.HostApi.Report;

/// <summary>One metric over a run.</summary>
/// <param name="Name">As logged.</param>
/// <param name="Points">Agent-steps and value, in order; lines without the metric, or with a value that is no number, are left out.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double AgentSteps, double Value)> Points)
{
    /// <summary>At most <paramref name="points"/> points: means over equal shares, so that a curve stays readable whatever the run's length.</summary>
    internal Curve Thinned(int points)
    {
        int group = (Points.Count + points - 1) / points;
        if (group <= 1) return this;
        return this with { Points = [.. Points.Chunk(group).Select(share => (share.Average(point => point.AgentSteps), share.Average(point => point.Value)))] };
    }

    /// <summary>One point per evaluation: the mean over the wall time since the one before.</summary>
    /// <param name="seconds">Wall time at every point of this curve.</param>
    /// <param name="evaluating">Share of time in evaluations at every point of this curve; above 0 where one took place.</param>
    internal Curve PerEvaluation(Curve seconds, Curve evaluating)
    {
        var means = new List<(double, double)>();
        double sum = 0, duration = 0;
        for (int i = 0; i < Points.Count; i++)
        {
            double passed = Math.Max(0, seconds.Points[i].Value - (i > 0 ? seconds.Points[i - 1].Value : 0));
            sum += passed * Points[i].Value;
            duration += passed;
            if (duration == 0 || (evaluating.Points[i].Value <= 0 && i < Points.Count - 1)) continue;
            means.Add((Points[i].AgentSteps, sum / duration));
            (sum, duration) = (0, 0);
        }

        return this with { Points = means };
    }
}

/// <summary>Reads metrics.jsonl back.</summary>
internal static class CurveReader
{
    /// <summary>Name of the curve of wall time, in seconds.</summary>
    internal const string Time = "time";

    /// <summary>All metrics of a run, and its time, in the order in which they appear; empty where there is no file.</summary>
    internal static IReadOnlyList<Curve> Read(string run)
    {
        string path = Path.Join(run, RunDirectory.MetricsName);
        if (!File.Exists(path)) return [];
        var found = new Dictionary<string, List<(double, double)>>();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[^1] != '}') continue; // the end of a file that is being written
            using JsonDocument record = JsonDocument.Parse(line);
            double steps = record.RootElement.GetProperty("agent_steps").GetDouble();
            foreach (JsonProperty metric in record.RootElement.EnumerateObject())
            {
                if (metric.Value.ValueKind != JsonValueKind.Number || !(metric.Name.Contains('/') || metric.Name == Time)) continue;
                if (!found.TryGetValue(metric.Name, out List<(double, double)>? points)) found[metric.Name] = points = [];
                points.Add((steps, metric.Value.GetDouble()));
            }
        }

        return [.. found.Select(curve => new Curve(curve.Key, curve.Value))];
    }
}
