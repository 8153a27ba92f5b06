using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>Built-in players, and what happens to actions that are none.</summary>
internal static class ActionChecks
{
    private const int Untouched = -77;

    internal static void BuiltInPlayers(ConformanceCase c)
    {
        EnvironmentSpec spec = c.Spec;
        for (int opponent = 0; opponent < spec.Opponents.Count; opponent++)
        {
            using var batch = c.Batch(5, seed: 41, desync: true);
            for (int tick = 0; tick < Math.Min(batch.TicksPastAnEpisode, 150); tick++)
            {
                Clear(batch);
                batch.Controllers.View.AsSpan().Fill((byte)(opponent + 1));
                batch.Environment.Act(batch.Controllers.View, batch.Views);
                for (int row = 0; row < batch.Rows; row++) CheckLegal(batch, row, spec.Opponents[opponent].Name);
                batch.Step();
                CheckErrors(batch, expectedRow: -1, expected: 0);
            }
        }
    }

    internal static void LeftAlone(ConformanceCase c)
    {
        using var batch = c.Batch(4, seed: 42);
        for (int outside = 0; outside < batch.Spec.Sides; outside++)
        {
            Clear(batch);
            for (int at = 0; at < batch.Controllers.Length; at++) batch.Controllers.View[at] = (byte)(at % batch.Spec.Sides == outside ? 0 : 1);
            batch.Environment.Act(batch.Controllers.View, batch.Views);
            for (int row = 0; row < batch.Rows; row++)
            {
                int side = row % batch.Spec.AgentsPerMatch / batch.Spec.AgentsPerSide;
                bool kept = Components(batch, row).All(value => value == Untouched);
                Require.True(kept == (side == outside), $"{batch.Here(0)}, row {row} of side {side}: {(kept ? "not played" : "overwritten")} while side {outside} is played from outside");
            }
        }
    }

    internal static void BadActions(ConformanceCase c)
    {
        EnvironmentSpec spec = c.Spec;
        float[] notFinite = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        for (int component = 0; component < spec.Action.Continuous.Count; component++)
            foreach (float value in notFinite)
                PlayBad(c, ErrorCode.ActionNotFinite, (batch, row) => batch.Views.ContinuousActions[row * spec.Action.Continuous.Count + component] = value);
        for (int head = 0; head < spec.Action.Discrete.Count; head++)
            foreach (int value in new[] { -1, spec.Action.Discrete[head].Size, int.MaxValue, int.MinValue })
                PlayBad(c, ErrorCode.ActionOutOfRange, (batch, row) => batch.Views.DiscreteActions[row * spec.Action.Discrete.Count + head] = value);
    }

    internal static void MaskedActions(ConformanceCase c)
    {
        using var batch = c.Batch(6, seed: 43);
        int heads = batch.Spec.Action.Discrete.Count, tried = 0;
        for (int tick = 0; tick < 200; tick++)
        {
            RecordedActions.Write(batch);
            int bad = Enumerable.Range(0, batch.Rows * heads).Select(at => (at + tick) % (batch.Rows * heads)).FirstOrDefault(at => Illegal(batch, at / heads, at % heads) >= 0, -1);
            if (bad >= 0)
            {
                batch.Views.DiscreteActions[bad] = Illegal(batch, bad / heads, bad % heads);
                tried++;
            }

            batch.Step();
            CheckErrors(batch, bad < 0 ? -1 : bad / heads, bad < 0 ? 0 : ErrorCode.ActionMasked);
            batch.Buffers.Errors!.View.AsSpan().Clear();
        }

        Require.Seen(tried > 0, $"{batch.Here(0)}: no mask forbade anything");
    }

    internal static void LargeActions(ConformanceCase c)
    {
        using var batch = c.Batch(4, seed: 44);
        float[] large = [1e30f, -1e30f, float.MaxValue, float.MinValue, 1.0001f, float.Epsilon, -0f];
        for (int tick = 0; tick < 60; tick++)
        {
            RecordedActions.Write(batch);
            for (int at = 0; at < batch.Views.ContinuousActions.Length; at++) batch.Views.ContinuousActions[at] = large[(at * 31 + tick) % large.Length];
            batch.Step();
            CheckErrors(batch, expectedRow: -1, expected: 0);
            for (int row = 0; row < batch.Rows; row++) ObservationChecks.InRange(batch, row, batch.Row(row));
        }
    }

    private static void PlayBad(ConformanceCase c, uint expected, Action<GameBatch, int> spoil)
    {
        using var batch = c.Batch(3, seed: 45);
        for (int tick = 0; tick < 4; tick++) batch.PlayRecorded();
        int row = batch.Rows / 2;
        RecordedActions.Write(batch);
        spoil(batch, row);
        batch.Step();
        CheckErrors(batch, row, expected);
        for (int tick = 0; tick < 10; tick++)
        {
            batch.PlayRecorded();
            Require.True(batch.Views.Errors[row] == expected, $"{batch.Here(0)}, row {row}: error bits are {batch.Views.Errors[row]}, expected to stay {expected} until the host clears them");
            Require.AllFinite(batch, "behind a bad action");
            for (int other = 0; other < batch.Rows; other++) ObservationChecks.InRange(batch, other, batch.Row(other));
        }
    }

    private static void CheckErrors(GameBatch batch, int expectedRow, uint expected)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            uint wanted = row == expectedRow ? expected : 0;
            if (batch.Views.Errors[row] != wanted)
                Require.Fail($"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: {ErrorCode.Describe(batch.Views.Errors[row])}; expected {ErrorCode.Describe(wanted)}");
        }
    }

    private static void CheckLegal(GameBatch batch, int row, string opponent)
    {
        ActionSpec action = batch.Spec.Action;
        string here = $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}, {opponent}";
        for (int at = 0; at < action.Continuous.Count; at++)
        {
            float value = batch.Views.ContinuousActions[row * action.Continuous.Count + at];
            if (!(value >= -1f && value <= 1f)) Require.Fail($"{here}: {action.Continuous[at]} is {value}");
        }

        for (int head = 0; head < action.Discrete.Count; head++)
        {
            int choice = batch.Views.DiscreteActions[row * action.Discrete.Count + head];
            if (!RecordedActions.IsLegal(batch, row, head, choice)) Require.Fail($"{here}: {action.Discrete[head].Name} is {choice}");
        }
    }

    private static IEnumerable<double> Components(GameBatch batch, int row)
    {
        int floats = batch.Spec.Action.Continuous.Count, heads = batch.Spec.Action.Discrete.Count;
        for (int at = 0; at < floats; at++) yield return batch.Views.ContinuousActions[row * floats + at];
        for (int head = 0; head < heads; head++) yield return batch.Views.DiscreteActions[row * heads + head];
    }

    private static void Clear(GameBatch batch)
    {
        batch.Buffers.ContinuousActions?.View.AsSpan().Fill(Untouched);
        batch.Buffers.DiscreteActions?.View.AsSpan().Fill(Untouched);
    }

    private static int Illegal(GameBatch batch, int row, int head) =>
        Enumerable.Range(0, batch.Spec.Action.Discrete[head].Size).FirstOrDefault(choice => !RecordedActions.IsLegal(batch, row, head, choice), -1);
}
