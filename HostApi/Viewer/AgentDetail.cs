using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels.Environments;
using Arena.Policy;

namespace Arena.HostApi.Viewer;

/// <summary>What the agents of a show saw, did and got in the last tick; one of them as JSON.</summary>
/// <remarks>Observations are taken before a tick, so that an action is shown beside what it was chosen from.</remarks>
internal sealed class AgentDetail
{
    private const int ListedChoices = 64;

    private readonly IWatchedMatch match;
    private readonly EnvironmentSpec spec;
    private readonly float[]? observations;
    private readonly byte[]? byteObservations;
    private readonly float[] parts;
    private readonly float[] sums;
    private readonly byte[] starts;
    private bool played;

    internal AgentDetail(IWatchedMatch match)
    {
        this.match = match;
        spec = match.Environment.Spec;
        observations = match.Buffers.Observations?.ToArray();
        byteObservations = match.Buffers.ByteObservations?.ToArray();
        int rows = match.Environment.NumEnvs * spec.AgentsPerMatch;
        parts = new float[rows * spec.RewardComponents.Count];
        sums = new float[parts.Length];
        starts = new byte[rows];
    }

    /// <summary>Call before every tick.</summary>
    internal void BeforeTick()
    {
        if (observations is not null) match.Buffers.Observations!.Read(observations);
        if (byteObservations is not null) match.Buffers.ByteObservations!.Read(byteObservations);
        match.Buffers.EpisodeStart!.Read(starts);
    }

    /// <summary>Call after every tick.</summary>
    internal void AfterTick()
    {
        played = true;
        if (parts.Length == 0) return;
        match.Buffers.RewardParts!.Read(parts);
        int components = spec.RewardComponents.Count;
        for (int i = 0; i < parts.Length; i++) sums[i] = (starts[i / components] != 0 ? 0f : sums[i]) + parts[i];
    }

    /// <summary>The message "detail" for agent <paramref name="agent"/> of match <paramref name="env"/>.</summary>
    internal byte[] Json(int env, int agent, string player, bool person) => Messages.Json("detail", writer =>
    {
        int row = env * spec.AgentsPerMatch + agent;
        writer.WriteNumber("match", env);
        writer.WriteNumber("agent", agent);
        writer.WriteNumber("side", agent / spec.AgentsPerSide);
        writer.WriteString("player", person ? "you" : player);
        PolicyView? view = played && !person ? match.Explain(env, agent) : null;
        if (view is not null) writer.WriteNumber("value", Finite(view.Value));
        WriteActions(writer, row, view);
        WriteRewards(writer, row);
        WriteObservation(writer, row);
    });

    private void WriteActions(Utf8JsonWriter writer, int row, PolicyView? view)
    {
        writer.WriteStartArray("actions");
        IReadOnlyList<string> names = spec.Action.Continuous;
        for (int i = 0; played && i < names.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", names[i]);
            writer.WriteNumber("value", Finite(match.Buffers.ContinuousActions!.View[row * names.Count + i]));
            if (view is not null) writer.WriteNumber("mean", Finite(view.Means[i]));
            if (view is not null) writer.WriteNumber("std", Finite(view.Stds[i]));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("heads");
        for (int head = 0; played && head < spec.Action.Discrete.Count; head++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", spec.Action.Discrete[head].Name);
            writer.WriteNumber("choice", match.Buffers.DiscreteActions!.View[row * spec.Action.Discrete.Count + head]);
            writer.WriteNumber("size", spec.Action.Discrete[head].Size);
            writer.WriteStartArray("choices");
            if (head < spec.Action.Choices.Count)
                foreach (string choice in spec.Action.Choices[head]) writer.WriteStringValue(choice);
            writer.WriteEndArray();
            writer.WriteStartArray("probabilities");
            foreach (float share in view is null ? [] : view.Probabilities[head].Take(ListedChoices)) writer.WriteNumberValue(Finite(share));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteRewards(Utf8JsonWriter writer, int row)
    {
        writer.WriteStartArray("rewards");
        for (int i = 0; i < spec.RewardComponents.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", spec.RewardComponents[i].Name);
            writer.WriteNumber("now", Finite(parts[row * spec.RewardComponents.Count + i]));
            writer.WriteNumber("episode", Finite(sums[row * spec.RewardComponents.Count + i]));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteObservation(Utf8JsonWriter writer, int row)
    {
        writer.WriteStartArray("observation");
        foreach (ObservationField field in spec.Observation.Fields)
        {
            if (spec.Observation.Grid is { Columns: > 1 } grid && grid.Offset == field.Offset && field.Length == grid.Rows * grid.Columns * grid.Channels.Count) WritePictures(writer, row, field, grid);
            else if (!IsPadding(field)) WriteField(writer, row, field);
        }

        writer.WriteEndArray();
    }

    // A window of cells: one picture per channel.
    private void WritePictures(Utf8JsonWriter writer, int row, ObservationField field, ByteGrid grid)
    {
        for (int channel = 0; channel < grid.Channels.Count; channel++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", grid.Channels[channel].Name);
            writer.WriteNumber("columns", grid.Columns);
            writer.WriteNumber("codes", grid.Channels[channel].Codes);
            writer.WriteStartArray("values");
            for (int cell = 0; cell < grid.Rows * grid.Columns; cell++) writer.WriteNumberValue(Value(row, field.Offset + cell * grid.Channels.Count + channel));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private void WriteField(Utf8JsonWriter writer, int row, ObservationField field)
    {
        writer.WriteStartObject();
        writer.WriteString("name", field.Name);
        writer.WriteString("unit", field.Unit);
        writer.WriteNumber("min", Finite(field.Min));
        writer.WriteNumber("max", Finite(field.Max));
        writer.WriteStartArray("parts");
        if (spec.Observation.Grid is { Columns: 1 } records && field.Length == records.Channels.Count && IsIn(field, records))
            foreach (ByteChannel channel in records.Channels) writer.WriteStringValue(channel.Name);
        writer.WriteEndArray();
        writer.WriteStartArray("values");
        for (int i = 0; i < field.Length; i++) writer.WriteNumberValue(Value(row, field.Offset + i));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private float Value(int row, int element)
    {
        long at = (long)row * spec.Observation.Length + element;
        return observations is null ? byteObservations![at] : Finite(observations[at]);
    }

    private static bool IsIn(ObservationField field, ByteGrid grid) => field.Offset >= grid.Offset && field.Offset < grid.Offset + grid.Rows * grid.Columns * grid.Channels.Count;

    // Bytes that a game names as neither grid nor field fill the row up.
    private bool IsPadding(ObservationField field) =>
        spec.Observation.ByteFields.Count > 0 && !(spec.Observation.Grid is { } grid && IsIn(field, grid))
        && !spec.Observation.ByteFields.Any(known => known.Offset >= field.Offset && known.Offset < field.Offset + field.Length);

    // JSON has no NaN, and a fault of the simulation is reported by its own message.
    private static float Finite(float value) => float.IsFinite(value) ? value : 0f;
}
