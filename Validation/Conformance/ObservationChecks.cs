using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>Observation rows against their specification.</summary>
internal static class ObservationChecks
{
    internal static void Fields(ConformanceCase c)
    {
        EnvironmentSpec spec = c.Spec;
        int next = 0;
        foreach (ObservationField field in spec.Observation.Fields)
        {
            Require.True(field.Offset == next, $"{c.Name}: '{field.Name}' is at {field.Offset}, expected {next}");
            Require.True(field.Length > 0 && field.Min < field.Max && float.IsFinite(field.Min) && float.IsFinite(field.Max), $"{c.Name}: '{field.Name}' has no range");
            next += field.Length;
        }

        Require.True(spec.Observation.Length == next, $"{c.Name}: the fields end at {next}, the row at {spec.Observation.Length}");
        Require.True(spec.AgentsPerMatch % spec.Sides == 0, $"{c.Name}: {spec.AgentsPerMatch} agents on {spec.Sides} sides");
        Require.True(spec.Action.Continuous.Count + spec.Action.Discrete.Count > 0, $"{c.Name}: no action");
    }

    internal static void Ranges(ConformanceCase c)
    {
        using var batch = c.Batch(7, seed: 31);
        for (int tick = 0; tick <= batch.TicksPastAnEpisode; tick++)
        {
            for (int row = 0; row < batch.Rows; row++) InRange(batch, row, batch.Row(row));
            batch.Play();
        }
    }

    internal static void Entities(ConformanceCase c)
    {
        using var batch = c.Batch(2, seed: 32);
        int next = 0;
        foreach (EntityGroup group in batch.Spec.Observation.Entities)
        {
            Require.True(group.Offset >= next && group.Count > 0 && group.RecordLength > 1, $"{c.Name}: group '{group.Name}' overlaps or is empty");
            next = group.Offset + group.Count * group.RecordLength;
            Require.True(next <= batch.Spec.Observation.Length, $"{c.Name}: group '{group.Name}' ends at {next}");
            for (int row = 0; row < batch.Rows; row++)
            {
                double[] values = batch.Row(row);
                double[] present = [.. Enumerable.Range(0, group.Count).Select(record => values[group.Offset + (record + 1) * group.RecordLength - 1])];
                foreach (double flag in present) Require.True(flag is 0 or 1, $"{batch.Here(0)}, row {row}: '{group.Name}' has a present flag of {flag}");
                Require.True(present.Contains(1.0), $"{batch.Here(0)}, row {row}: nobody of '{group.Name}' is present"); // at the start of an episode somebody is there
            }
        }
    }

    internal static void Written(ConformanceCase c)
    {
        using var zeros = c.Batch(3, seed: 33);
        using var ones = c.Batch(3, seed: 33);
        for (int tick = 0; tick < 60; tick++)
        {
            Fill(zeros, 0x00);
            Fill(ones, 0xFF); // NaN
            if (tick == 0)
            {
                zeros.Environment.Reset(33, zeros.Views);
                ones.Environment.Reset(33, ones.Views);
            }
            else
            {
                zeros.Step();
                ones.Step();
            }

            for (int env = 0; env < 3; env++) Require.SameColumns(zeros.Results(env), ones.Results(env), $"{zeros.Here(env)} (buffers filled with 00 and ff)");
            RecordedActions.Write(zeros);
            RecordedActions.Write(ones);
        }
    }

    internal static void ObservedAgain(ConformanceCase c)
    {
        using var batch = c.Batch(3, seed: 34);
        for (int tick = 0; tick < 30; tick++)
        {
            batch.Play();
            var before = Enumerable.Range(0, 3).Select(env => batch.Everything(env).ToArray()).ToArray();
            batch.Buffers.Observations?.View.AsSpan().Fill(float.NaN);
            batch.Buffers.ByteObservations?.View.AsSpan().Fill(0xAB);
            batch.Buffers.ActionMasks?.View.AsSpan().Fill(0);
            batch.Environment.Observe(batch.Views);
            for (int env = 0; env < 3; env++) Require.SameColumns(before[env], batch.Everything(env), batch.Here(env));
        }
    }

    /// <summary>One row of observations against the ranges of its fields; a NaN is in none.</summary>
    internal static void InRange(GameBatch batch, int row, double[] values)
    {
        foreach (ObservationField field in batch.Spec.Observation.Fields)
            for (int i = field.Offset; i < field.Offset + field.Length; i++)
                if (!(values[i] >= field.Min && values[i] <= field.Max))
                    Require.Fail($"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: '{field.Name}' (element {i}) is {values[i]}, range {field.Min}..{field.Max}");
    }

    private static void Fill(GameBatch batch, byte value)
    {
        void All<T>(DeviceBuffer<T>? buffer)
            where T : unmanaged
        {
            if (buffer is not null) MemoryMarshal.AsBytes(buffer.View.AsSpan()).Fill(value);
        }

        All(batch.Buffers.Observations);
        All(batch.Buffers.ByteObservations);
        All(batch.Buffers.ActionMasks);
        All(batch.Buffers.Rewards);
        All(batch.Buffers.RewardParts);
        All(batch.Buffers.Terminated);
        All(batch.Buffers.Truncated);
        All(batch.Buffers.EpisodeStart);
        All(batch.Buffers.RowActive);
    }
}
