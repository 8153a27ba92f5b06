using Arena.HostApi.Sweeps;
using Arena.Kernels.Environments;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Sweeps;

public sealed class SchedulerTests
{
    [Fact]
    public void One_of_three_goes_on_and_the_best_one_first()
    {
        SweepPlan plan = Plan(trials: 6, rungs: 2);
        TrialState[] states = [State(0, 0.2), State(1, 0.9), State(2, 0.5)];
        Assert.Equal(new SweepJob(1, 1, null), Scheduler.Next(plan, states, out _));
        Assert.Equal(new SweepJob(3, 0, null), Scheduler.Next(plan, [State(0, 0.2), State(1, true, 0.9), State(2, 0.5)], out _)); // it is under way: the next trial begins
        Assert.Equal(new SweepJob(2, 0, null), Scheduler.Next(plan, states[..2], out _)); // of two, none
    }

    [Fact]
    public void What_a_process_left_behind_comes_first() =>
        Assert.Equal(new SweepJob(2, 0, null), Scheduler.Next(Plan(trials: 6, rungs: 2), [State(0, 0.2), State(1, 0.9), State(2), State(3, 0.5)], out _));

    [Fact]
    public void A_failed_trial_never_goes_on_and_counts_as_the_worst()
    {
        var failed = new TrialState(1, null, [new RungResult(double.NegativeInfinity, double.NegativeInfinity, 1, 0, "NaN")], false);
        SweepPlan plan = Plan(trials: 3, rungs: 2);
        Assert.Equal(new SweepJob(2, 1, null), Scheduler.Next(plan, [State(0, 0.2), failed, State(2, 0.5)], out _));
        Assert.Null(Scheduler.Winner([failed]));
    }

    [Fact]
    public void The_end_is_confirmed_on_other_seeds_with_winner_and_defaults()
    {
        SweepPlan plan = Plan(trials: 2, rungs: 1) with { Confirm = 2, Seed = 10 };
        List<TrialState> states = [State(0, 0.2), State(1, 0.9)];
        foreach ((int trial, ulong seed) in new[] { (1, 11ul), (1, 12ul), (0, 11ul), (0, 12ul) })
        {
            Assert.Equal(new SweepJob(trial, 0, seed), Scheduler.Next(plan, states, out bool done));
            Assert.False(done);
            states.Add(new TrialState(trial, seed, [Result(0.5)], false));
        }

        Assert.Null(Scheduler.Next(plan, states, out bool ended));
        Assert.True(ended);
    }

    /// <summary>Any number of workers that end in any order, with any scores.</summary>
    [Fact]
    public void Every_sweep_ends_with_each_trial_once_per_rung_and_a_winner_trained_to_the_end() =>
        Prop.ForAll(Gen.Choose(2, 40).ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), Gen.Choose(0, 1 << 20).ToArbitrary(), (trials, rungs, seed) =>
        {
            SweepPlan plan = Plan(trials, rungs) with { Confirm = seed % 3 };
            var random = new Random(seed);
            var done = new Dictionary<(int Trial, ulong? Seed), List<RungResult>>();
            var running = new List<SweepJob>();
            while (true)
            {
                TrialState[] states = [.. done.Select(pair => new TrialState(pair.Key.Trial, pair.Key.Seed, pair.Value.ToArray(), running.Any(job => job.Trial == pair.Key.Trial && job.ConfirmSeed == pair.Key.Seed)))];
                SweepJob? job = running.Count < 1 + seed % 4 ? Scheduler.Next(plan, states, out bool ended) : Nothing(out ended);
                if (ended) break;
                if (job is not null)
                {
                    Assert.DoesNotContain(job, running);
                    var results = done.TryGetValue((job.Trial, job.ConfirmSeed), out List<RungResult>? known) ? known : done[(job.Trial, job.ConfirmSeed)] = [];
                    if (job.ConfirmSeed is null) Assert.Equal(job.Rung, results.Count); // never again, never two at once
                    if (job.Rung > 0 && job.ConfirmSeed is null && running.Count > 0)
                    {
                        TrialState[] finished = [.. states.Where(state => state.Results.Count >= job.Rung)];
                        Assert.True(finished.Count(state => state.Results[job.Rung - 1].Lower > results[^1].Lower) < finished.Length / plan.Factor);
                    }

                    running.Add(job);
                    continue;
                }

                Assert.NotEmpty(running); // nothing to do and nobody works: it would hang
                SweepJob ends = running[random.Next(running.Count)];
                running.Remove(ends);
                done[(ends.Trial, ends.ConfirmSeed)].Add(random.Next(8) == 0 ? new RungResult(double.NegativeInfinity, 0, 1, 0, "failed") : Result(random.NextDouble()));
            }

            TrialState[] all = [.. done.Where(pair => pair.Key.Seed is null).Select(pair => new TrialState(pair.Key.Trial, null, pair.Value, false))];
            Assert.Equal(trials, all.Length);
            return Scheduler.Winner(all) is { } winner ? winner.Results.Count == rungs : all.All(trial => trial.Failed);
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void The_front_has_what_nothing_beats_in_as_little_time()
    {
        TrialState[] trials =
        [
            new(0, null, [new(0.3, 0, 2, 0, null), new(0.5, 0, 6, 0, null)], false),
            new(1, null, [new(0.4, 0, 1, 0, null), new(0.45, 0, 7, 0, null)], false),
            new(2, null, [new(0.5, 0, 8, 0, null)], false),
            new(3, null, [new(double.NegativeInfinity, 0, 0.1, 0, "failed")], false),
        ];
        Assert.Equal([(0, 1), (1, 0)], SweepReport.Front(trials).Order());
    }

    internal static SweepPlan Plan(int trials, int rungs) => new()
    {
        Game = Registry.Find("corridor"),
        Space = SearchSpace.Parse(Registry.Find("corridor"), "test", """{ "learner": { "epochs": [1, 2] } }"""),
        Trials = trials,
        Rungs = rungs,
        Factor = 3,
        Games = 8,
    };

    private static SweepJob? Nothing(out bool ended)
    {
        ended = false;
        return null;
    }

    private static RungResult Result(double score) => new(score, score, 1, 1000, null);

    private static TrialState State(int number, params double[] scores) => State(number, false, scores);

    private static TrialState State(int number, bool running, params double[] scores) => new(number, null, [.. scores.Select(Result)], running);
}
