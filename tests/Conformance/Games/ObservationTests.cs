using Arena.Conformance.Support;
using Arena.Kernels.Environments;

namespace Arena.Conformance.Games;

/// <summary>Observation rows against their specification.</summary>
public class ObservationTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void The_fields_of_a_row_are_adjacent_and_cover_it(string game, string preset)
    {
        EnvironmentSpec spec = Cases.Game(game).Describe(Cases.Options(game, preset));
        int next = 0;
        foreach (ObservationField field in spec.Observation.Fields)
        {
            Assert.True(field.Offset == next, $"{game}/{preset}: '{field.Name}' is at {field.Offset}, expected {next}");
            Assert.True(field.Length > 0 && field.Min < field.Max && float.IsFinite(field.Min) && float.IsFinite(field.Max), $"{game}/{preset}: '{field.Name}' has no range");
            next += field.Length;
        }

        Assert.Equal(spec.Observation.Length, next);
        Assert.Equal(0, spec.AgentsPerMatch % spec.Sides);
        Assert.True(spec.Action.Continuous.Count + spec.Action.Discrete.Count > 0);
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Every_element_is_finite_and_in_its_range(string game, string preset)
    {
        using var batch = new Batch(game, preset, 7, seed: 31);
        for (int tick = 0; tick <= batch.TicksPastAnEpisode; tick++)
        {
            for (int row = 0; row < batch.Rows; row++) CheckRow(batch, row, Row(batch, row));
            batch.Play();
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Entity_records_lie_inside_the_row_and_say_who_is_present(string game, string preset)
    {
        using var batch = new Batch(game, preset, 2, seed: 32);
        int next = 0;
        foreach (EntityGroup group in batch.Spec.Observation.Entities)
        {
            Assert.True(group.Offset >= next && group.Count > 0 && group.RecordLength > 1, $"{game}/{preset}: group '{group.Name}' overlaps or is empty");
            next = group.Offset + group.Count * group.RecordLength;
            Assert.True(next <= batch.Spec.Observation.Length, $"{game}/{preset}: group '{group.Name}' ends at {next}");
            for (int row = 0; row < batch.Rows; row++)
            {
                double[] values = Row(batch, row);
                double[] present = [.. Enumerable.Range(0, group.Count).Select(record => values[group.Offset + (record + 1) * group.RecordLength - 1])];
                Assert.All(present, flag => Assert.True(flag is 0 or 1, $"{batch.Here(0)}, row {row}: '{group.Name}' has a present flag of {flag}"));
                Assert.Contains(1.0, present); // at the start of an episode somebody is there
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Every_result_is_written_in_every_step_and_reset(string game, string preset)
    {
        using var zeros = new Batch(game, preset, 3, seed: 33);
        using var ones = new Batch(game, preset, 3, seed: 33);
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

            for (int env = 0; env < 3; env++) Same.Columns(zeros.Results(env), ones.Results(env), $"{zeros.Here(env)} (buffers filled with 00 and ff)");
            RecordedActions.Write(zeros);
            RecordedActions.Write(ones);
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Observing_again_gives_the_same_row_and_mask(string game, string preset)
    {
        using var batch = new Batch(game, preset, 3, seed: 34);
        for (int tick = 0; tick < 30; tick++)
        {
            batch.Play();
            var before = Enumerable.Range(0, 3).Select(env => batch.Everything(env).ToArray()).ToArray();
            batch.Buffers.Observations?.View.AsSpan().Fill(float.NaN);
            batch.Buffers.ByteObservations?.View.AsSpan().Fill(0xAB);
            batch.Buffers.ActionMasks?.View.AsSpan().Fill(0);
            batch.Environment.Observe(batch.Views);
            for (int env = 0; env < 3; env++) Same.Columns(before[env], batch.Everything(env), batch.Here(env));
        }
    }

    /// <summary>One row's observation, whatever its element type.</summary>
    internal static double[] Row(Batch batch, int row, bool final = false)
    {
        int length = batch.Spec.Observation.Length;
        var values = new double[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = batch.Spec.Observation.Kind == ObservationKind.Byte
                ? (final ? batch.Views.FinalByteObservations : batch.Views.ByteObservations)[row * length + i]
                : (final ? batch.Views.FinalObservations : batch.Views.Observations)[row * length + i];
        }

        return values;
    }

    internal static void CheckRow(Batch batch, int row, double[] values)
    {
        foreach (ObservationField field in batch.Spec.Observation.Fields)
            for (int i = field.Offset; i < field.Offset + field.Length; i++)
                if (!(values[i] >= field.Min && values[i] <= field.Max))
                    Assert.Fail($"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: '{field.Name}' (element {i}) is {values[i]}, range {field.Min}..{field.Max}");
    }

    private static void Fill(Batch batch, byte value)
    {
        void All<T>(Kernels.Device.DeviceBuffer<T>? buffer)
            where T : unmanaged
        {
            if (buffer is not null) System.Runtime.InteropServices.MemoryMarshal.AsBytes(buffer.View.AsSpan()).Fill(value);
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
