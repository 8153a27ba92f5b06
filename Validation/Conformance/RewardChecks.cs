using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>Rewards, their parts, and the statistics of finished episodes.</summary>
internal static class RewardChecks
{
    internal static void PartsSum(ConformanceCase c)
    {
        using var batch = c.Batch(7, seed: 51);
        int parts = batch.Spec.RewardComponents.Count;
        bool paid = false;
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++)
        {
            batch.Play();
            for (int row = 0; row < batch.Rows; row++)
            {
                float sum = batch.Views.RewardParts[row * parts];
                for (int part = 1; part < parts; part++) sum += batch.Views.RewardParts[row * parts + part];
                float reward = batch.Views.Rewards[row];
                bool same = BitConverter.SingleToInt32Bits(sum + 0f) == BitConverter.SingleToInt32Bits(reward + 0f); // −0 = 0
                Require.True(same && float.IsFinite(reward), $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: reward {reward:R}, sum of parts {sum:R}");
                paid |= reward != 0f;
            }
        }

        Require.Seen(paid, $"{batch.Here(0)}: no reward was ever paid");
    }

    internal static void WithoutParts(ConformanceCase c)
    {
        using var with = c.Batch(4, seed: 52);
        using var without = c.Batch(4, seed: 52);
        without.Views = without.Views with { RewardParts = default };
        without.Environment.Reset(52, without.Views);
        for (int tick = 0; tick < 100; tick++)
        {
            with.Play();
            without.Play();
            for (int env = 0; env < 4; env++)
                Require.SameColumns(with.Everything(env).Where(column => column.Name != "reward parts"), without.Everything(env).Where(column => column.Name != "reward parts"), with.Here(env));
        }

        Require.Filled(without, without.Buffers.RewardParts, 0f, "reward part that was left out");
    }

    internal static void Progress(ConformanceCase c)
    {
        using var batch = c.Batch(3, seed: 53);
        foreach (float progress in new[] { 0f, 0.5f, 1f })
        {
            batch.Environment.Progress = progress;
            Require.True(batch.Environment.Progress == progress, $"{batch.Here(0)}: Progress is {batch.Environment.Progress}, set to {progress}");
            for (int tick = 0; tick < 20; tick++) batch.Play();
            Require.AllFinite(batch, $"at progress {progress}");
        }
    }

    internal static void Statistics(ConformanceCase c)
    {
        const double Unwritten = -12345.678;
        // Of long games the first episodes are cut, so that some end here.
        bool desync = c.Spec.EpisodeLimit > 1000;
        using var batch = c.Batch(12, seed: 54, desync: desync);
        EnvironmentSpec spec = batch.Spec;
        batch.Environment.Survey = true; // as in evaluations
        batch.Environment.Reset(batch.Seed, batch.Views);
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++) batch.Play();
        string[] names = [.. spec.Statistics.SelectMany(statistic => Enumerable.Repeat(statistic.Name, statistic.PerSide ? spec.Sides : 1))];
        var undefined = new int[names.Length];
        int reports = 0;
        for (int episode = 0; episode < batch.Matches * spec.EpisodesPerMatch; episode++)
        {
            if (batch.Views.EpisodesFinished[episode] == 0) continue;
            int env = episode / spec.EpisodesPerMatch;
            Span<float> raw = batch.Views.EpisodeStatistics.AsSpan().Slice(episode * spec.RawStatistics, spec.RawStatistics);
            foreach (float value in raw) Require.True(float.IsFinite(value), $"{batch.Here(env)}: a raw statistic is {value}");
            var report = new double[names.Length + 1];
            Array.Fill(report, Unwritten);
            batch.Game.Report(batch.Environment.Options, raw, report.AsSpan(0, names.Length));
            for (int at = 0; at < names.Length; at++)
            {
                Require.True(report[at] != Unwritten && !double.IsInfinity(report[at]), $"{batch.Here(env)}: statistic '{names[at]}' is {(report[at] == Unwritten ? "not written" : report[at])}");
                if (double.IsNaN(report[at])) undefined[at]++;
            }

            double score = batch.Game.Score(raw);
            Require.True(double.IsFinite(score) && (spec.Sides == 1 || score is >= 0 and <= 1), $"{batch.Here(env)}: score {score}");
            reports++;
        }

        Require.Seen(reports > 0, $"{batch.Here(0)}: no episode ended");
        for (int at = 0; at < names.Length; at++)
            Require.True(undefined[at] < reports || names[at].Contains("length", StringComparison.Ordinal), $"{batch.Here(0)}: '{names[at]}' is NaN in all {reports} episodes");
        Require.True(undefined.Count(count => count == 0) * 2 > names.Length, $"{batch.Here(0)}: most statistics are NaN somewhere");
    }
}
