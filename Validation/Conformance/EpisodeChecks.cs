using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>How episodes begin and end.</summary>
internal static class EpisodeChecks
{
    internal static void FreshReset(ConformanceCase c)
    {
        using var fresh = c.Batch(4, seed: 21);
        using var used = c.Batch(4, seed: 22);
        for (int tick = 0; tick < 40; tick++) used.Play();
        used.Environment.Reset(21, used.Views);
        Require.True(used.Environment.Seed == 21, $"{used.Here(0)}: the seed is {used.Environment.Seed} after a reset with 21");
        for (int env = 0; env < 4; env++) Require.SameColumns([.. fresh.State(env), .. fresh.Results(env)], [.. used.State(env), .. used.Results(env)], fresh.Here(env));
        Require.Filled<byte>(used, used.Buffers.EpisodeStart, 1, "episode start");
        Require.Filled<byte>(used, used.Buffers.RowActive, 1, "row active");
        Require.Filled(used, used.Buffers.Rewards, 0f, "reward");
        Require.Filled<byte>(used, used.Buffers.Terminated, 0, "terminated");
        Require.Filled<byte>(used, used.Buffers.Truncated, 0, "truncated");
        Require.Filled(used, used.Buffers.Errors, 0u, "error bits");
        Require.Filled(used, used.Buffers.EpisodesFinished, 0, "episodes finished");
        foreach (StateColumn column in used.Environment.State.All.Where(column => column.Name is "tick" or "episode"))
            Require.True(column.ReadMatch(3)[0] == 0, $"{used.Here(3)}: '{column.Name}' is {column.ReadMatch(3)[0]} after a reset");
    }

    internal static void Ends(ConformanceCase c)
    {
        using var batch = c.Batch(6, seed: 23);
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
                if (length[episode] > limit) Require.Fail($"{here}: an episode of {length[episode]} ticks, limit {limit}");
                if (batch.Views.EpisodesFinished[episode] == finished[episode]) continue;
                Require.True(batch.Views.EpisodesFinished[episode] == ++finished[episode], $"{here}: {batch.Views.EpisodesFinished[episode]} episodes are counted after the end of number {finished[episode]}");
                Require.True(batch.Views.EpisodeStart[row] != 0 || batch.Views.RowActive[row] == 0, $"{here}: an episode was counted, but none begins");
                length[episode] = 0;
            }

            activeBefore = batch.Buffers.RowActive!.ToArray();
        }

        for (int episode = 0; limit <= batch.TicksPastAnEpisode && episode < episodes; episode++)
            Require.True(finished[episode] > 0, $"{batch.Here(episode / batch.Spec.EpisodesPerMatch)}: no episode ended, limit {limit}");
    }

    internal static void Desync(ConformanceCase c)
    {
        const int Matches = 17, Offset = 3;
        using var batch = c.Batch(Matches, seed: 24, offset: Offset, desync: true);
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
                Require.True(batch.Views.Truncated[row] != 0 ? length[env] == expected : length[env] <= expected,
                    $"{batch.Here(env)}: {(isFirst ? "first" : "later")} episode of {length[env]} ticks, expected {expected}");
                if (batch.Views.Truncated[row] != 0) _ = isFirst ? cuts++ : full++;
                length[env] = 0;
            }
        }

        Require.Seen(cuts > 0, $"{batch.Here(0)}: no first episode was truncated, so nothing was checked");
        if (2 * limit < batch.TicksPastAnEpisode) Require.Seen(full > 0, $"{batch.Here(0)}: no later episode was truncated");
    }

    internal static void FinalObservation(ConformanceCase c)
    {
        using var batch = c.Batch(12, seed: 25, desync: true);
        int agents = batch.Spec.AgentsPerMatch, kept = 0;
        bool bytes = batch.Spec.Observation.Kind == ObservationKind.Byte;
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++)
        {
            batch.Buffers.FinalObservations?.View.AsSpan().Fill(float.NaN);
            batch.Buffers.FinalByteObservations?.View.AsSpan().Fill(0xAB);
            batch.Play();
            for (int row = 0; row < batch.Rows; row++)
            {
                double[] last = batch.Row(row, final: true);
                bool untouched = last.All(value => bytes ? value == 0xAB : double.IsNaN(value));
                bool truncated = batch.Views.Truncated[row] != 0;
                Require.True(untouched == !truncated, $"{batch.Here(row / agents)}, row {row}: truncated {truncated}, final observation {(untouched ? "not " : "")}written");
                if (!truncated) continue;
                ObservationChecks.InRange(batch, row, last);
                Require.True(!last.SequenceEqual(batch.Row(row)), $"{batch.Here(row / agents)}, row {row}: the final observation is the new episode's first");
                kept++;
            }
        }

        Require.Seen(kept > 0, $"{batch.Here(0)}: no episode was truncated");
    }

    private static void CheckEnds(GameBatch batch, int row, byte activeBefore)
    {
        string here = $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}";
        byte terminated = batch.Views.Terminated[row], truncated = batch.Views.Truncated[row], start = batch.Views.EpisodeStart[row];
        Require.True(terminated <= 1 && truncated <= 1 && start <= 1 && batch.Views.RowActive[row] <= 1, $"{here}: a flag is neither 0 nor 1");
        Require.True(terminated + truncated <= 1, $"{here}: terminated and truncated at once");
        bool ended = terminated + truncated == 1;
        // A row may wait between its end and its next life; then it does not take part.
        Require.True(!ended || start == 1 || batch.Views.RowActive[row] == 0, $"{here}: ended, but neither starts anew nor waits");
        Require.True(start == 0 || ended || activeBefore == 0, $"{here}: an episode starts where none ended");
    }
}
