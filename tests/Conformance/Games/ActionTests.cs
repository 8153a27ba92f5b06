using Arena.Conformance.Support;
using Arena.Kernels.Environments;

namespace Arena.Conformance.Games;

/// <summary>Built-in players, and what happens to actions that are none.</summary>
public class ActionTests
{
    private const int Untouched = -77;

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Built_in_players_give_legal_actions(string game, string preset)
    {
        EnvironmentSpec spec = Cases.Game(game).Describe(Cases.Options(game, preset));
        for (int opponent = 0; opponent < spec.Opponents.Count; opponent++)
        {
            using var batch = new Batch(game, preset, 5, seed: 41, desync: true);
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

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Rows_played_from_outside_are_left_alone(string game, string preset)
    {
        using var batch = new Batch(game, preset, 4, seed: 42);
        for (int outside = 0; outside < batch.Spec.Sides; outside++)
        {
            Clear(batch);
            for (int at = 0; at < batch.Controllers.Length; at++) batch.Controllers.View[at] = (byte)(at % batch.Spec.Sides == outside ? 0 : 1);
            batch.Environment.Act(batch.Controllers.View, batch.Views);
            for (int row = 0; row < batch.Rows; row++)
            {
                int side = row % batch.Spec.AgentsPerMatch / batch.Spec.AgentsPerSide;
                bool kept = Components(batch, row).All(value => value == Untouched);
                Assert.True(kept == (side == outside), $"{batch.Here(0)}, row {row} of side {side}: {(kept ? "not played" : "overwritten")} while side {outside} is played from outside");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_bad_action_sets_the_bit_of_its_row_alone_and_the_game_goes_on(string game, string preset)
    {
        EnvironmentSpec spec = Cases.Game(game).Describe(Cases.Options(game, preset));
        float[] notFinite = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        for (int component = 0; component < spec.Action.Continuous.Count; component++)
            foreach (float value in notFinite)
                PlayBad(game, preset, ErrorCode.ActionNotFinite, (batch, row) => batch.Views.ContinuousActions[row * spec.Action.Continuous.Count + component] = value);
        for (int head = 0; head < spec.Action.Discrete.Count; head++)
            foreach (int value in new[] { -1, spec.Action.Discrete[head].Size, int.MaxValue, int.MinValue })
                PlayBad(game, preset, ErrorCode.ActionOutOfRange, (batch, row) => batch.Views.DiscreteActions[row * spec.Action.Discrete.Count + head] = value);
    }

    [Theory]
    [MemberData(nameof(Cases.Masked), MemberType = typeof(Cases))]
    public void A_masked_action_sets_the_bit_of_its_row_alone(string game, string preset)
    {
        using var batch = new Batch(game, preset, 6, seed: 43);
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

        Assert.True(tried > 0, $"{batch.Here(0)}: no mask forbade anything");
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Continuous_actions_far_out_of_range_keep_the_game_finite(string game, string preset)
    {
        using var batch = new Batch(game, preset, 4, seed: 44);
        float[] large = [1e30f, -1e30f, float.MaxValue, float.MinValue, 1.0001f, float.Epsilon, -0f];
        for (int tick = 0; tick < 60; tick++)
        {
            RecordedActions.Write(batch);
            for (int at = 0; at < batch.Views.ContinuousActions.Length; at++) batch.Views.ContinuousActions[at] = large[(at * 31 + tick) % large.Length];
            batch.Step();
            CheckErrors(batch, expectedRow: -1, expected: 0);
            for (int row = 0; row < batch.Rows; row++) ObservationTests.CheckRow(batch, row, ObservationTests.Row(batch, row));
        }
    }

    private static void PlayBad(string game, string preset, uint expected, Action<Batch, int> spoil)
    {
        using var batch = new Batch(game, preset, 3, seed: 45);
        for (int tick = 0; tick < 4; tick++) batch.PlayRecorded();
        int row = batch.Rows / 2;
        RecordedActions.Write(batch);
        spoil(batch, row);
        batch.Step();
        CheckErrors(batch, row, expected);
        Assert.NotEqual("no error", ErrorCode.Describe(expected));
        for (int tick = 0; tick < 10; tick++)
        {
            batch.PlayRecorded();
            Assert.True(batch.Views.Errors[row] == expected, $"{batch.Here(0)}, row {row}: error bits are {batch.Views.Errors[row]}, expected to stay {expected} until the host clears them");
            Assert.All(batch.Buffers.Rewards!.ToArray(), reward => Assert.True(float.IsFinite(reward)));
            for (int other = 0; other < batch.Rows; other++) ObservationTests.CheckRow(batch, other, ObservationTests.Row(batch, other));
        }
    }

    private static void CheckErrors(Batch batch, int expectedRow, uint expected)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            uint wanted = row == expectedRow ? expected : 0;
            if (batch.Views.Errors[row] != wanted)
                Assert.Fail($"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: {ErrorCode.Describe(batch.Views.Errors[row])}; expected {ErrorCode.Describe(wanted)}");
        }
    }

    private static void CheckLegal(Batch batch, int row, string opponent)
    {
        ActionSpec action = batch.Spec.Action;
        string here = $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}, {opponent}";
        for (int at = 0; at < action.Continuous.Count; at++)
        {
            float value = batch.Views.ContinuousActions[row * action.Continuous.Count + at];
            if (!(value >= -1f && value <= 1f)) Assert.Fail($"{here}: {action.Continuous[at]} is {value}");
        }

        for (int head = 0; head < action.Discrete.Count; head++)
        {
            int choice = batch.Views.DiscreteActions[row * action.Discrete.Count + head];
            if (!RecordedActions.IsLegal(batch, row, head, choice)) Assert.Fail($"{here}: {action.Discrete[head].Name} is {choice}");
        }
    }

    private static IEnumerable<double> Components(Batch batch, int row)
    {
        int floats = batch.Spec.Action.Continuous.Count, heads = batch.Spec.Action.Discrete.Count;
        for (int at = 0; at < floats; at++) yield return batch.Views.ContinuousActions[row * floats + at];
        for (int head = 0; head < heads; head++) yield return batch.Views.DiscreteActions[row * heads + head];
    }

    private static void Clear(Batch batch)
    {
        batch.Buffers.ContinuousActions?.View.AsSpan().Fill(Untouched);
        batch.Buffers.DiscreteActions?.View.AsSpan().Fill(Untouched);
    }

    private static int Illegal(Batch batch, int row, int head) =>
        Enumerable.Range(0, batch.Spec.Action.Discrete[head].Size).FirstOrDefault(choice => !RecordedActions.IsLegal(batch, row, head, choice), -1);
}
