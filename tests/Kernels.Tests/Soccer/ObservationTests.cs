using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Every element of an observation row is what and where the rule book says.</summary>
public sealed class ObservationTests
{
    private delegate void Spoil(Pitch pitch);

    [Fact]
    public void Every_element_is_what_the_rule_book_says() => Walk(ReadmeTable.Text, pitch => { });

    [Fact]
    public void A_wrong_index_in_the_rule_book_is_caught() => Check.Catches(() =>
        Walk(ReadmeTable.Text.Replace("| 6 | 2 | ball velocity", "| 7 | 2 | ball velocity", StringComparison.Ordinal), pitch => { }));

    [Fact]
    public void Two_swapped_rows_of_the_rule_book_are_caught() => Check.Catches(() =>
        Walk(ReadmeTable.Text.Replace("| 8 | 2 | opponents'", "| x |", StringComparison.Ordinal).Replace("| 10 | 2 | own goal", "| 8 | 2 | own goal", StringComparison.Ordinal)
            .Replace("| x |", "| 10 | 2 | opponents'", StringComparison.Ordinal), pitch => { }));

    [Fact]
    public void An_observation_in_the_world_frame_is_caught() => Check.Catches(() => Walk(ReadmeTable.Text, pitch =>
    {
        int row = pitch.TeamSize * pitch.Parameters.ObservationLength; // first of side B
        pitch.Observations[row] = -pitch.Observations[row];
    }));

    [Fact]
    public void A_nearest_flag_on_the_wrong_player_is_caught() => Check.Catches(() => Walk(ReadmeTable.Text, pitch =>
        pitch.Observations[SoccerFlat.Others + SoccerFlat.OtherIsNearest] = 1f - pitch.Observations[SoccerFlat.Others + SoccerFlat.OtherIsNearest]));

    [Fact]
    public void Entity_records_hold_the_facts_of_the_flat_row() => Entities(pitch => { });

    [Fact]
    public void An_entity_that_is_not_there_is_caught() => Check.Catches(() => Entities(pitch => pitch.Observations[SoccerEntities.Ball * 8 + SoccerEntities.Present] = 0f));

    [Fact]
    public void The_rule_book_the_constants_and_the_specification_name_the_same_places()
    {
        IReadOnlyList<ReadmeRow> table = ReadmeTable.Observations(ReadmeTable.Text);
        int[] expected =
        [
            SoccerFlat.Position, SoccerFlat.Velocity, SoccerFlat.BallOffset, SoccerFlat.BallVelocity, SoccerFlat.OpponentGoal, SoccerFlat.OwnGoal,
            SoccerFlat.Score, SoccerFlat.Clock, SoccerFlat.Others + SoccerFlat.OtherPosition, SoccerFlat.Others + SoccerFlat.OtherVelocity,
            SoccerFlat.Others + SoccerFlat.OtherDistance, SoccerFlat.Others + SoccerFlat.OtherIsTeammate, SoccerFlat.Others + SoccerFlat.OtherIsNearest,
        ];
        Assert.Equal(expected, table.Select(row => row.Offset));
        Assert.All(table, row => Assert.Equal(row.Offset < SoccerFlat.Others ? 0 : SoccerFlat.OtherLength, row.Stride));
        ObservationSpec spec = new SoccerGame().Describe(new SoccerOptions()).Observation;
        foreach (ReadmeRow row in table.Where(row => row.Unit.Length > 0 && row.Offset != SoccerFlat.Position))
            Assert.Equal(row.Unit, spec.Fields.Single(field => field.Offset == row.Offset).Unit);
        Assert.Contains("O = 14 + 7·(2k − 1)", ReadmeTable.Text, StringComparison.Ordinal);
        for (int k = 1; k <= SoccerConstants.MaxTeamSize; k++)
        {
            Assert.Equal(14 + 7 * (2 * k - 1), SoccerFlat.Length(k));
            Assert.Equal(8 * (2 * k + 2), SoccerEntities.Length(k));
            CheckCover(new SoccerOptions { TeamSize = k }, SoccerFlat.Length(k));
            CheckCover(new SoccerOptions { TeamSize = k, Observation = SoccerObservation.Entities }, SoccerEntities.Length(k));
        }
    }

    // 1v1 by hand, pitch 16×10 m. A at (4, −2) at (2, 0) m/s, B at (−4, 3) at (0, −4) m/s, ball at (7, 2) at (−6, 3) m/s, 1:3
    // after 100 of 400 ticks. A: d = (3, 4), |d| = 5, d/6.5. B's frame: he is at (4, −3), A at (−4, 2) at (−2, 0), the ball at (−7, −2).
    [Fact]
    public void The_rows_of_a_1v1_are_as_worked_by_hand()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1 });
        pitch.PutPlayer(0, 0, 4f, -2f, 2f, 0f);
        pitch.PutPlayer(0, 1, -4f, 3f, 0f, -4f);
        pitch.PutBall(0, 7f, 2f, -6f, 3f);
        pitch.State.Score[0, 0] = 1;
        pitch.State.Score[0, 1] = 3;
        pitch.State.Tick[0, 0] = 100;
        pitch.Observe();
        double b = Math.Sqrt(122) + 1.5; // B: d = (−11, 1)
        double[] expected =
        [
            0.5, -0.4, 0.5, 0, 3 / 6.5, 4 / 6.5, -0.5, 0.25, 0.25, 0.125, -0.75, 0.125, -0.4, 0.75,
            -0.5, 0.3125, -0.25, -0.5, Math.Sqrt(0.25 + 0.09765625), 0, 1,
            0.5, -0.6, 0, 1, -11 / b, 1 / b, 0.5, -0.25, 0.25, 0.1875, -0.75, 0.1875, 0.4, 0.75,
            -0.5, 0.3125, -0.25, -0.5, Math.Sqrt(0.25 + 0.09765625), 0, 1,
        ];
        for (int i = 0; i < expected.Length; i++) Check.Close(expected[i], pitch.Observations[i], 1e-6, $"element {i % 21} of agent {i / 21}");
    }

    private static void CheckCover(SoccerOptions options, int length)
    {
        ObservationSpec spec = new SoccerGame().Describe(options).Observation;
        int next = 0;
        foreach (ObservationField field in spec.Fields)
        {
            Assert.Equal(next, field.Offset);
            next += field.Length;
        }

        Assert.Equal((length, length), (next, spec.Length));
    }

    private static void Walk(string readme, Spoil spoil)
    {
        IReadOnlyList<ReadmeRow> table = ReadmeTable.Observations(readme);
        Check.ForAll(60, dice =>
        {
            using Pitch pitch = Played(dice, SoccerObservation.Flat);
            pitch.Observe();
            spoil(pitch);
            int length = pitch.Parameters.ObservationLength;
            for (int row = 0; row < pitch.Matches * pitch.Agents; row++)
            {
                double[] expected = Expected(table, new Witness(pitch, row / pitch.Agents, row % pitch.Agents), length);
                for (int i = 0; i < length; i++)
                    Check.Close(expected[i], pitch.Observations[row * length + i], 2e-6, $"{dice}, {pitch.TeamSize}v{pitch.TeamSize}, row {row}, element {i}");
            }
        });
    }

    private static double[] Expected(IReadOnlyList<ReadmeRow> table, Witness witness, int length)
    {
        var row = new double[length];
        Array.Fill(row, double.NaN); // an element that the table does not name
        foreach (ReadmeRow fact in table)
        {
            for (int j = 0; j < (fact.Stride == 0 ? 1 : witness.Others.Length); j++)
            {
                double[] values = witness.Says(fact.Meaning, j);
                Check.Same(fact.Length, values.Length, $"length of '{fact.Meaning}'");
                values.CopyTo(row, fact.Offset + fact.Stride * j);
            }
        }

        return row;
    }

    private static void Entities(Spoil spoil) => Check.ForAll(40, dice =>
    {
        using Pitch pitch = Played(dice, SoccerObservation.Entities);
        using var flat = new Pitch((SoccerOptions)pitch.Options with { Observation = SoccerObservation.Flat });
        for (int env = 0; env < pitch.Matches; env++) flat.Columns.WriteMatch(env, pitch.Columns.ReadMatch(env));
        flat.Observe();
        pitch.Observe();
        spoil(pitch);
        for (int row = 0; row < pitch.Matches * pitch.Agents; row++)
        {
            ReadOnlySpan<float> facts = flat.Observations.Slice(row * flat.Parameters.ObservationLength, flat.Parameters.ObservationLength);
            float[] expected = [.. facts[..4], .. facts[12..14], 0, 1, .. facts[4..8], 0, 0, 0, 1, .. facts[8..12], 0, 0, 0, 1];
            for (int other = 0; other < pitch.Agents - 1; other++) expected = [.. expected, .. facts.Slice(14 + 7 * other, 7), 1];
            string? difference = Difference.First("element", expected, pitch.Observations.Slice(row * pitch.Parameters.ObservationLength, pitch.Parameters.ObservationLength));
            Assert.True(difference is null, $"{dice}, row {row}: {difference}");
        }
    });

    private static Pitch Played(Dice dice, SoccerObservation observation)
    {
        var pitch = new Pitch(dice.Options(2) with { Observation = observation });
        for (int env = 0; env < pitch.Matches; env++)
        {
            dice.Scatter(pitch, env);
            pitch.State.Tick[env, 0] = dice.Int(0, 399);
            pitch.State.Score[env, dice.Int(0, 1)] = dice.Int(0, 9);
        }

        return pitch;
    }
}
