using Arena.Conformance.Support;
using Arena.Kernels.Environments;

namespace Arena.Conformance.Games;

/// <summary>How episodes begin and end.</summary>
public class EpisodeTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_reset_is_a_fresh_episode(string game, string preset)
    {
        using var fresh = new Batch(game, preset, 4, seed: 21);
        using var used = new Batch(game, preset, 4, seed: 22);
        for (int tick = 0; tick < 40; tick++) used.Play();
        used.Environment.Reset(21, used.Views);
        Assert.Equal(21ul, used.Environment.Seed);
        for (int env = 0; env < 4; env++) Same.Columns([.. fresh.State(env), .. fresh.Results(env)], [.. used.State(env), .. used.Results(env)], fresh.Here(env));
        Assert.All(used.Buffers.EpisodeStart!.ToArray(), start => Assert.Equal(1, start));
        Assert.All(used.Buffers.RowActive!.ToArray(), active => Assert.Equal(1, active));
        Assert.All(used.Buffers.Rewards!.ToArray(), reward => Assert.Equal(0f, reward));
        Assert.All(used.Buffers.Terminated!.ToArray(), flag => Assert.Equal(0, flag));
        Assert.All(used.Buffers.Truncated!.ToArray(), flag => Assert.Equal(0, flag));
        Assert.All(used.Buffers.Errors!.ToArray(), bits => Assert.Equal(0u, bits));
        Assert.All(used.Buffers.EpisodesFinished!.ToArray(), count => Assert.Equal(0, count));
        foreach (StateColumn column in used.Environment.State.All.Where(column => column.Name is "tick" or "episode"))
            Assert.Equal(0, column.ReadMatch(3)[0]);
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void An_episode_ends_once_within_its_limit_and_the_next_begins(string game, string preset)
    {
        using var batch = new Batch(game, preset, 6, seed: 23);
        int limit = batch.Spec.EpisodeLimit == 0 ? int.MaxValue : batch.Spec.EpisodeLimit;
        int episodes = batch.Matches * batch.Spec.EpisodesPerMatch;
        var length = new int[episodes];
        var finished = new int[episodes];
        byte[] activeBefore = batch.Buffers.RowActive!.ToArray();
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++)
        {
            batch.Play();
            for (int row = 0; row < batch.Rows; row++) CheckEnds(batch, row, activeBefore[row]);
            for (int episode = 0; episode < episodes; episode++)
            {
                int row = batch.Spec.RowOfEpisode(episode);
                if (activeBefore[row] == 0) continue; // waits for its next life
                string here = $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, episode {episode}";
                length[episode]++;
                if (length[episode] > limit) Assert.Fail($"{here}: an episode of {length[episode]} ticks, limit {limit}");
                if (batch.Views.EpisodesFinished[episode] == finished[episode]) continue;
                Assert.Equal(++finished[episode], batch.Views.EpisodesFinished[episode]);
                Assert.True(batch.Views.EpisodeStart[row] != 0 || batch.Views.RowActive[row] == 0, $"{here}: an episode was counted, but none begins");
                length[episode] = 0;
            }

            activeBefore = batch.Buffers.RowActive!.ToArray();
        }

        if (limit <= batch.TicksPastAnEpisode) Assert.All(finished, count => Assert.True(count > 0));
    }

    [Theory]
    [MemberData(nameof(Cases.Clocked), MemberType = typeof(Cases))]
    public void Desync_cuts_first_episodes_by_the_formula_and_no_others(string game, string preset)
    {
        const int Matches = 17, Offset = 3;
        using var batch = new Batch(game, preset, Matches, seed: 24, offset: Offset, desync: true);
        // One episode of each match will do, also where every agent has its own.
        int perMatch = batch.Spec.EpisodesPerMatch, agents = batch.Spec.AgentsPerMatch, limit = batch.Spec.EpisodeLimit;
        var length = new int[Matches];
        int cuts = 0, full = 0;
        for (int tick = 0; tick < 2 * batch.TicksPastAnEpisode; tick++)
        {
            batch.Play();
            for (int env = 0; env < Matches; env++)
            {
                length[env]++;
                int row = env * agents;
                if (batch.Views.EpisodeStart[row] == 0) continue;
                bool isFirst = batch.Views.EpisodesFinished[env * perMatch] == 1;
                int expected = isFirst ? Math.Max(1, (int)((long)limit * (1 + (Offset + env) % 16) / 16)) : limit;
                Assert.True(batch.Views.Truncated[row] != 0 ? length[env] == expected : length[env] <= expected,
                    $"{batch.Here(env)}: {(isFirst ? "first" : "later")} episode of {length[env]} ticks, expected {expected}");
                if (batch.Views.Truncated[row] != 0) _ = isFirst ? cuts++ : full++;
                length[env] = 0;
            }
        }

        Assert.True(cuts > 0, $"{batch.Here(0)}: no first episode was truncated, so nothing was checked");
        if (2 * limit < batch.TicksPastAnEpisode) Assert.True(full > 0, $"{batch.Here(0)}: no later episode was truncated");
    }

    [Theory]
    [MemberData(nameof(Cases.Clocked), MemberType = typeof(Cases))]
    public void The_last_observation_of_a_truncated_episode_is_kept(string game, string preset)
    {
        using var batch = new Batch(game, preset, 12, seed: 25, desync: true);
        int agents = batch.Spec.AgentsPerMatch, kept = 0;
        bool bytes = batch.Spec.Observation.Kind == ObservationKind.Byte;
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++)
        {
            batch.Buffers.FinalObservations?.View.AsSpan().Fill(float.NaN);
            batch.Buffers.FinalByteObservations?.View.AsSpan().Fill(0xAB);
            batch.Play();
            for (int row = 0; row < batch.Rows; row++)
            {
                double[] last = ObservationTests.Row(batch, row, final: true);
                bool untouched = last.All(value => bytes ? value == 0xAB : double.IsNaN(value));
                bool truncated = batch.Views.Truncated[row] != 0;
                Assert.True(untouched == !truncated, $"{batch.Here(row / agents)}, row {row}: truncated {truncated}, final observation {(untouched ? "not " : "")}written");
                if (!truncated) continue;
                ObservationTests.CheckRow(batch, row, last);
                Assert.False(last.SequenceEqual(ObservationTests.Row(batch, row)), $"{batch.Here(row / agents)}, row {row}: the final observation is the new episode's first");
                kept++;
            }
        }

        Assert.True(kept > 0, $"{batch.Here(0)}: no episode was truncated");
    }

    private static void CheckEnds(Batch batch, int row, byte activeBefore)
    {
        string here = $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}";
        byte terminated = batch.Views.Terminated[row], truncated = batch.Views.Truncated[row], start = batch.Views.EpisodeStart[row];
        Assert.True(terminated <= 1 && truncated <= 1 && start <= 1 && batch.Views.RowActive[row] <= 1, $"{here}: a flag is neither 0 nor 1");
        Assert.True(terminated + truncated <= 1, $"{here}: terminated and truncated at once");
        bool ended = terminated + truncated == 1;
        // A row may wait between its end and its next life; then it does not take part.
        Assert.True(!ended || start == 1 || batch.Views.RowActive[row] == 0, $"{here}: ended, but neither starts anew nor waits");
        Assert.True(start == 0 || ended || activeBefore == 0, $"{here}: an episode starts where none ended");
    }
}
