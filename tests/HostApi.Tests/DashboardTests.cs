using System.Text.RegularExpressions;
using Arena.HostApi.Cli;
using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Tests;

/// <summary>The training screen: never larger than the terminal, never more often than a person can read.</summary>
public class DashboardTests
{
    private static readonly TrainingProgress Progress = new()
    {
        Game = "soccer",
        Seed = 7,
        Run = "runs/soccer-20250304-050607-s7",
        Update = 300,
        AgentSteps = 15_000_000,
        PlannedAgentSteps = 60_000_000,
        Elapsed = TimeSpan.FromSeconds(10),
        StepsPerSecondNow = 1.43e6,
        StepsPerSecondMean = 1.5e6,
        StepsPerSecondWarm = 1.5e6,
        EnvironmentShare = 0.3,
        InferenceShare = 0.25,
        LearningShare = 0.42,
        EvaluationShare = 0.03,
        Rewards = [new("goal", 0.31), new("approachBall", -1.2)],
        Entropy = 3.21,
        Kl = 0.0081,
        ClipShare = 0.12,
        ExplainedVariance = 0.81,
        ValueLoss = 0.0123,
        Evaluations = [new("random", Wilson.Of(126, 128), IsShare: true, 0.93), new("scripted:normal", Wilson.Of(96, 128), IsShare: true, 0.8)],
        MemoryBytes = 212_000_000,
    };

    [Theory]
    [InlineData(100, 30, true)]
    [InlineData(84, 24, false)]
    [InlineData(60, 20, true)]
    [InlineData(30, 5, false)]
    [InlineData(20, 2, true)]
    public void A_frame_fits_into_the_terminal(int width, int height, bool color)
    {
        string[] lines = Frame(Progress with { Rewards = [.. Enumerable.Range(0, 40).Select(i => new RewardMean($"component {i} with a long name", i))] }, width, height, color);
        Assert.InRange(lines.Length, 1, height - 1);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width - 1));
    }

    [Fact]
    public void A_frame_shows_everything_that_is_known()
    {
        string frame = string.Join('\n', Frame(Progress, 100, 30, color: true));
        foreach (string expected in new[]
                 {
                     "soccer, seed 7", "25 %   15.0 M of 60.0 M agent-steps", "1.43 M/s now, 1.50 M/s mean", "left 0:30", "elapsed 0:10", "212 MB", "environment 30 %", "inference 25 %",
                     "learning 42 %", "entropy 3.21", "KL 0.0081", "clipped 12 %", "explained variance 0.81", "loss 0.0123", "+0.310", "-1.200", "98.4 %", "94.5 %", "93.0 %", "75.0 %",
                 })
            Assert.Contains(expected, frame);
        Assert.DoesNotContain("!", frame);
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(24, true)]
    public void A_narrow_terminal_shows_the_evaluations_first_and_no_heading_without_lines(int height, bool rewards)
    {
        string frame = string.Join('\n', Frame(Progress, 62, height, color: false));
        Assert.Contains("scripted:normal", frame);
        Assert.Equal(rewards, frame.Contains("reward per episode"));
        Assert.Equal(rewards, frame.Contains("approachBall"));
    }

    [Fact]
    public void What_is_not_known_yet_is_a_dash_and_no_NaN()
    {
        string frame = string.Join('\n', Frame(new TrainingProgress { Game = "corridor", Seed = 1 }, 100, 30, color: false));
        Assert.DoesNotContain("NaN", frame);
        Assert.Contains("not measured yet", frame);
        Assert.Contains("no end planned", frame);
    }

    [Fact]
    public void Unhealthy_numbers_become_words_once_a_run_has_settled()
    {
        TrainingProgress ill = Progress with { Kl = 0.3, ClipShare = 0.6, ExplainedVariance = -0.2, Warnings = ["The disk is nearly full."] };
        Assert.Equal(4, TrainingWarnings.Of(ill).Count);
        Assert.Equal(["The disk is nearly full."], TrainingWarnings.Of(ill with { Update = 3 }));
        Assert.Empty(TrainingWarnings.Of(Progress));
        Assert.Contains("! The disk is nearly full.", string.Join('\n', Frame(ill, 100, 30, color: false)));
    }

    [Fact]
    public void Ladder_pool_and_curriculum_have_a_line_when_a_run_has_them()
    {
        Assert.DoesNotContain("self-play", string.Join('\n', Frame(Progress, 100, 30, color: false)));
        TrainingProgress league = Progress with { Elo = 812.4, EloError = 21.6, PoolSize = 9, PoolScore = 0.62, OpponentAge = 140, CurriculumStage = 2 };
        Assert.Contains(Frame(league, 100, 30, color: false), line => line.StartsWith("self-play Elo 812 ± 22   pool 9   against the pool 62 %   its age 140 updates   stage 2", StringComparison.Ordinal));
        Assert.Contains(Frame(Progress with { CurriculumStage = 1 }, 100, 30, color: false), line => line == "self-play stage 1");
    }

    [Theory]
    [InlineData("Entropy is 0.1 nat, 4 % of the largest")]
    [InlineData("Actions vary by 0.03 only")]
    [InlineData("Actions vary by 2.7")]
    [InlineData("The policy does not move")]
    [InlineData("70 % of the gradients are scaled down")]
    [InlineData("The policy scores 31 % against its past: it forgets")]
    [InlineData("The policy scores 95 % against its past: the pool is too weak")]
    public void Every_unhealthy_number_has_its_words(string words)
    {
        TrainingProgress[] ill =
        [
            Progress with { Entropy = 0.1, LargestEntropy = 2.5 }, Progress with { Std = 0.03 }, Progress with { Std = 2.7 }, Progress with { ClipShare = 0, Kl = 0 },
            Progress with { GradientClippedShare = 0.7 }, Progress with { PoolScore = 0.31 }, Progress with { PoolScore = 0.95 },
        ];
        Assert.Single(ill, progress => Assert.Single(TrainingWarnings.Of(progress)).StartsWith(words, StringComparison.Ordinal));
        TrainingProgress healthy = Progress with { Entropy = 0.2, LargestEntropy = 2.5, Std = 0.5, GradientClippedShare = 0.4, PoolScore = 0.6 };
        Assert.Empty(TrainingWarnings.Of(healthy));
        Assert.Empty(TrainingWarnings.Of(Progress with { ClipShare = 0, Kl = 0, AgentSteps = 59_900_000 })); // the rate has fallen to 0
    }

    [Fact]
    public void A_frame_is_made_of_the_latest_samples()
    {
        var output = new StringWriter();
        using var dashboard = new Dashboard(Terminal.Plain(output, TextWriter.Null), new StoppedClock());
        var sink = new DashboardSink(dashboard, new TrainingProgress { Game = "soccer", Seed = 1, PlannedAgentSteps = 4_000, AgentSteps = 1_000 });
        var sample = new MetricSample(new MetricNames());
        for (int update = 1; update <= 2; update++)
        {
            sample.Clear();
            (sample.Update, sample.AgentSteps, sample.Seconds) = (update, 1_000 + 500 * update, 2 * update);
            sample.Set("policy/entropy", 4 - update);
            if (update == 1) sample.Set("ppo/kl", 0.0125); // the last value stays
            sample.Set("ladder/elo", 100 * update);
            sample.Set("speed/agent_steps_per_second", 500);
            foreach (string part in new[] { "environment", "inference", "learn", "evaluate" }) sample.Set($"speed/share_{part}", 0.25);
            sink.Write(sample);
        }

        sink.Evaluated([new EvaluationProgress("random", Wilson.Of(126, 128), IsShare: true, 0.93)], 2_000, 2_000);
        sink.Finish();
        string[] lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length); // the clock stands: the second sample was not due, the end always is
        Assert.StartsWith("38 % (1500 of 4000 agent-steps), 500/s, entropy 3.00, KL 0.0125", lines[0].Replace(".00 ", " ")); // the first updates tell nothing of the time left
        Assert.Contains("50 % (2000 of 4000 agent-steps), 500/s, 0:08 left", lines[1].Replace(".00 ", " ")); // 250/s of wall time since then
        Assert.Contains("entropy 2.00, KL 0.0125", lines[1]);
        Assert.Contains("Elo 200, random 98.4 % (≥ 94.5 %)", lines[1]);
    }

    [Fact]
    public void The_time_left_leaves_out_the_first_updates_and_counts_evaluations()
    {
        var output = new StringWriter();
        using var dashboard = new Dashboard(Terminal.Plain(output, TextWriter.Null), new StoppedClock());
        var sink = new DashboardSink(dashboard, new TrainingProgress { Game = "soccer", Seed = 1, PlannedAgentSteps = 10_000 });
        var sample = new MetricSample(new MetricNames());
        // One second of warm-up for 100 agent-steps, again; then 1,000 a second, of which half an evaluation takes.
        foreach ((int update, int steps, double seconds) in new[] { (1, 100, 1.0), (2, 200, 2.0), (3, 1_200, 3.0), (4, 2_200, 4.0) })
        {
            sample.Clear();
            (sample.Update, sample.AgentSteps, sample.Seconds) = (update, steps, seconds);
            sample.Set("speed/agent_steps_per_second", update < 3 ? 100 : 2_000);
            sink.Write(sample);
        }

        sink.Finish();
        Assert.Contains(", 0:07 left", output.ToString()); // 7,800 left; with the first updates it would be 0:14, without evaluations 0:03
    }

    [Fact]
    public void Games_with_one_side_show_the_policys_score_and_the_scripts_beside_it()
    {
        TrainingProgress alone = Progress with { Evaluations = [new("scripted:greedy", new Interval(28.766, 25.963, 31.569, 128), IsShare: false, 27.5) { Script = 27.1 }] };
        Assert.EndsWith(", policy 28.766 (≥ 25.963), scripted:greedy 27.100", DashboardFrame.Plain(alone));
        string[] lines = Frame(alone, 100, 30, color: false);
        Assert.Contains(lines, line => line.EndsWith("policy                 28.766      25.963     27.500", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("scripted:greedy        27.100", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("against", StringComparison.Ordinal));
    }

    [Fact]
    public void Rewards_stand_by_size_and_those_without_weight_are_left_out()
    {
        var output = new StringWriter();
        using var dashboard = new Dashboard(new Terminal { Output = output, Error = TextWriter.Null, IsTerminal = true, Width = 80, Height = 40 }, new StoppedClock());
        var sink = new DashboardSink(dashboard, new TrainingProgress { Game = "soccer", Seed = 1, PlannedAgentSteps = 10_000 });
        var sample = new MetricSample(new MetricNames());
        foreach ((string name, double value) in new[] { ("reward/small", 0.1), ("reward/nothing", 0.0), ("reward/large", -3.0), ("episode/return", 0.5) }) sample.Set(name, value);
        sample.AgentSteps = 100;
        sink.Write(sample);
        string[] names = [.. output.ToString().Split('\n').Select(line => line.Split(' ')[0]).Where(word => word is "small" or "nothing" or "large" or "return")];
        Assert.Equal(["return", "large", "small"], names);
    }

    [Fact]
    public void Blanks_at_the_end_of_a_line_push_nothing_out()
    {
        Assert.Equal("memory 101 MB", new DashboardLine().Pair("memory", "101 MB").Render(13, color: false));
        Assert.Equal("memory 101 …", new DashboardLine().Pair("memory", "101 MB").Render(12, color: false));
        string frame = string.Join('\n', Frame(Progress with { Update = 123_456, Episodes = 1_234_567, EpisodeLength = 4000 }, 80, 30, color: false));
        foreach (string whole in new[] { "elapsed 0:10", "memory 212 MB", "episodes 1.23 M", "length 4000 ticks" }) Assert.Contains(whole, frame);
    }

    [Fact]
    public void A_terminal_is_redrawn_at_most_four_times_per_second_and_given_back()
    {
        var clock = new StoppedClock();
        var output = new StringWriter();
        using (var dashboard = new Dashboard(new Terminal { Output = output, Error = TextWriter.Null, IsTerminal = true, Width = 100, Height = 30 }, clock))
        {
            for (int i = 0; i < 100; i++)
            {
                dashboard.Show(Progress);
                clock.Now += TimeSpan.FromMilliseconds(10);
            }
        }

        string text = output.ToString();
        Assert.Equal(4, Regex.Count(text, "seed 7"));
        Assert.StartsWith(Ansi.HideCursor, text);
        Assert.EndsWith(Ansi.ShowCursor, text);
        Assert.DoesNotContain("\e[3", text.Replace(Ansi.HideCursor, "")); // no colours unless the terminal may be coloured
    }

    [Fact]
    public void Elsewhere_there_are_plain_lines_now_and_then()
    {
        var clock = new StoppedClock();
        var output = new StringWriter();
        using var dashboard = new Dashboard(Terminal.Plain(output, TextWriter.Null), clock);
        for (int second = 0; second < 20; second++)
        {
            dashboard.Show(Progress with { Kl = 0.2 + second * 0.01 });
            clock.Now += TimeSpan.FromSeconds(1);
        }

        dashboard.Finish(Progress);
        string[] lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(5 + 1, lines.Length);
        Assert.Single(lines, line => line.StartsWith("warning: KL", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain('\e', line));
        Assert.Contains("random 98.4 % (≥ 94.5 %)", lines[0]);
    }

    // The lines of one frame as a terminal would show them.
    private static string[] Frame(TrainingProgress progress, int width, int height, bool color)
    {
        var output = new StringWriter();
        using (var dashboard = new Dashboard(new Terminal { Output = output, Error = TextWriter.Null, IsTerminal = true, Width = width, Height = height, Color = color }))
            dashboard.Show(progress);
        return Regex.Replace(output.ToString(), @"\e\[[?0-9;]*[A-Za-z]", "").TrimEnd('\n').Split('\n');
    }

    private sealed class StoppedClock : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
