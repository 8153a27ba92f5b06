using Arena.Conformance.Support;
using Arena.Kernels.Environments;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Stacked rows: what an unstacked twin showed and did in the ticks before.</summary>
public class StackingTests
{
    [Theory]
    [MemberData(nameof(Cases.StackedRows), MemberType = typeof(Cases))]
    public void A_row_is_its_last_observations_and_actions_since_its_episode_began(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(6, seed: 81, desync: true);
        using var twin = Twin(batch, game, preset);
        (int frames, int actions) = (batch.Environment.Options.FrameStack, batch.Environment.Options.ActionStack);
        var past = Enumerable.Range(0, batch.Rows).Select(_ => new List<(double[] Frame, double[] Action)>()).ToArray();
        int finals = 0, begun = 0;
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++)
        {
            double[][] seen = [.. Enumerable.Range(0, twin.Rows).Select(row => twin.Row(row))];
            batch.Play();
            twin.Play();
            for (int row = 0; row < batch.Rows; row++)
            {
                string here = $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}";
                past[row].Insert(0, (seen[row], Action(twin, row)));
                if (twin.Views.Truncated[row] != 0)
                {
                    finals++;
                    Same(Expected(twin.Row(row, final: true), past[row], frames, actions), batch.Row(row, final: true), $"{here}, final");
                }

                if (twin.Views.EpisodeStart[row] != 0)
                {
                    begun++;
                    past[row].Clear();
                }

                Same(Expected(twin.Row(row), past[row], frames, actions), batch.Row(row), here);
            }
        }

        bool clocked = batch.Spec.EpisodeLimit > 0;
        Assert.True((finals > 0 || !clocked) && begun > 0, $"{finals} final observations, {begun} episodes begun");
    }

    [Theory]
    [MemberData(nameof(Cases.StackedRows), MemberType = typeof(Cases))]
    public void Stacking_changes_nothing_but_rows(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(3, seed: 82);
        using var twin = Twin(batch, game, preset);
        for (int tick = 0; tick < 100; tick++)
        {
            batch.Play();
            twin.Play();
            for (int env = 0; env < 3; env++)
            {
                Support.Same.Columns(twin.State(env), batch.State(env), batch.Here(env)); // the stacked column comes last
                Support.Same.Columns(twin.Results(env).Skip(2), batch.Results(env).Skip(2), batch.Here(env));
            }
        }

        Assert.Equal(twin.Environment.State.All.Count + 1, batch.Environment.State.All.Count);
    }

    private static GameBatch Twin(GameBatch batch, string game, string preset)
    {
        string plain = preset == "stacked" ? "default" : preset[..preset.IndexOf(',', StringComparison.Ordinal)];
        return Cases.Of(game, plain).Batch(batch.Matches, batch.Seed, desync: batch.Environment.Options.Desync);
    }

    private static double[] Expected(double[] present, List<(double[] Frame, double[] Action)> past, int frames, int actions)
    {
        var row = new List<double>(present);
        for (int age = 0; age < frames - 1; age++) row.AddRange(age < past.Count ? past[age].Frame : new double[present.Length]);
        int width = past.Count > 0 ? past[0].Action.Length : -1;
        for (int age = 0; age < actions; age++)
            if (width >= 0) row.AddRange(age < past.Count ? past[age].Action : new double[width]);
        return [.. row];
    }

    private static double[] Action(GameBatch batch, int row)
    {
        bool bytes = batch.Spec.Observation.Kind == ObservationKind.Byte;
        ActionSpec spec = batch.Spec.Action;
        var action = new List<double>();
        for (int i = 0; i < spec.Continuous.Count; i++)
        {
            float value = Math.Clamp(batch.Views.ContinuousActions[row * spec.Continuous.Count + i], -1f, 1f);
            action.Add(bytes ? Math.Floor(127f * value + 128.5f) : value);
        }

        for (int head = 0; head < spec.Discrete.Count; head++)
            for (int choice = 0; choice < spec.Discrete[head].Size; choice++)
                action.Add(batch.Views.DiscreteActions[row * spec.Discrete.Count + head] == choice ? bytes ? 255 : 1 : 0);
        return [.. action];
    }

    // Where no action is known yet, the end of the row must be zero.
    private static void Same(double[] expected, double[] actual, string here)
    {
        for (int i = 0; i < actual.Length; i++)
        {
            double wanted = i < expected.Length ? expected[i] : 0;
            Assert.True(wanted == actual[i], $"{here}: element {i} is {actual[i]}, expected {wanted}");
        }

        Assert.True(expected.Length <= actual.Length, $"{here}: {actual.Length} elements, expected {expected.Length}");
    }
}
