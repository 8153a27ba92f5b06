using Arena.Conformance.Support;
using Arena.Kernels.Environments;

namespace Arena.Conformance.Games;

/// <summary>Rewards, their parts, and the statistics of finished episodes.</summary>
public class RewardTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void The_parts_sum_to_the_reward_in_their_order(string game, string preset)
    {
        using var batch = new Batch(game, preset, 7, seed: 51);
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
                Assert.True(same && float.IsFinite(reward), $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}: reward {reward:R}, sum of parts {sum:R}");
                paid |= reward != 0f;
            }
        }

        Assert.True(paid, $"{batch.Here(0)}: no reward was ever paid");
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Leaving_the_parts_out_changes_nothing_else(string game, string preset)
    {
        using var with = new Batch(game, preset, 4, seed: 52);
        using var without = new Batch(game, preset, 4, seed: 52);
        without.Views = without.Views with { RewardParts = default };
        without.Environment.Reset(52, without.Views);
        for (int tick = 0; tick < 100; tick++)
        {
            with.Play();
            without.Play();
            for (int env = 0; env < 4; env++)
                Same.Columns(with.Everything(env).Where(column => column.Name != "reward parts"), without.Everything(env).Where(column => column.Name != "reward parts"), with.Here(env));
        }

        Assert.All(without.Buffers.RewardParts!.ToArray(), part => Assert.Equal(0f, part));
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Weights_move_with_progress_and_rewards_stay_finite(string game, string preset)
    {
        using var batch = new Batch(game, preset, 3, seed: 53);
        foreach (float progress in new[] { 0f, 0.5f, 1f })
        {
            batch.Environment.Progress = progress;
            Assert.Equal(progress, batch.Environment.Progress);
            for (int tick = 0; tick < 20; tick++) batch.Play();
            Assert.All(batch.Buffers.Rewards!.ToArray(), reward => Assert.True(float.IsFinite(reward)));
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Finished_episodes_report_every_statistic(string game, string preset)
    {
        const double Unwritten = -12345.678;
        // Of long games the first episodes are cut, so that some end here.
        bool desync = Cases.Game(game).Describe(Cases.Options(game, preset)).EpisodeLimit > 1000;
        using var batch = new Batch(game, preset, 12, seed: 54, desync: desync);
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
            foreach (float value in raw) Assert.True(float.IsFinite(value), $"{batch.Here(env)}: a raw statistic is {value}");
            var report = new double[names.Length + 1];
            Array.Fill(report, Unwritten);
            batch.Game.Report(batch.Environment.Options, raw, report.AsSpan(0, names.Length));
            for (int at = 0; at < names.Length; at++)
            {
                Assert.True(report[at] != Unwritten && !double.IsInfinity(report[at]), $"{batch.Here(env)}: statistic '{names[at]}' is {(report[at] == Unwritten ? "not written" : report[at])}");
                if (double.IsNaN(report[at])) undefined[at]++;
            }

            double score = batch.Game.Score(raw);
            Assert.True(double.IsFinite(score) && (spec.Sides == 1 || score is >= 0 and <= 1), $"{batch.Here(env)}: score {score}");
            reports++;
        }

        Assert.True(reports > 0, $"{batch.Here(0)}: no episode ended");
        for (int at = 0; at < names.Length; at++)
            Assert.True(undefined[at] < reports || names[at].Contains("length", StringComparison.Ordinal), $"{batch.Here(0)}: '{names[at]}' is NaN in all {reports} episodes");
        Assert.True(undefined.Count(count => count == 0) * 2 > names.Length, $"{batch.Here(0)}: most statistics are NaN somewhere");
    }
}
