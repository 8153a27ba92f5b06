using System.Text.Json;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Policy.Distributed;
using Arena.Policy.Weights;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>Which finished episodes of a stage count, and in what order.</summary>
public class StageEpisodesTests
{
    private const string Success = "stage/success";

    [Fact]
    public void Episodes_count_in_the_order_in_which_they_began()
    {
        StageEpisodes stage = Stage(matches: 3);
        stage.Ended(0, 1, [0]); // of the three that began with the reset, one has failed
        stage.Close();
        Assert.Equal((0, double.NaN), (stage.Count, stage.Mean(Success, 1)));
        stage.Ended(0, 2, [0]); // began in the first update, too
        stage.Ended(1, 1, [1]);
        stage.Close();
        Assert.Equal((0, double.NaN), (stage.Count, stage.Mean(Success, 1)));
        stage.Ended(2, 1, [1]); // the last of them: now all four count
        stage.Close();
        Assert.Equal((4, 0.5), (stage.Count, stage.Mean(Success, 4)));
        Assert.Equal(0.5, stage.Mean(Success, 1)); // a block counts as a whole
        Assert.True(double.IsNaN(stage.Mean(Success, 5)));
        stage.Ended(0, 3, [1]);
        stage.Ended(1, 2, [double.NaN]); // undefined: an episode that says nothing
        stage.Close();
        Assert.Equal((6, 1.0, 0.6), (stage.Count, stage.Mean(Success, 1), stage.Mean(Success, 5)));
    }

    [Fact]
    public void What_began_before_the_stage_or_rehearses_or_was_cut_short_does_not_count()
    {
        StageEpisodes stage = Stage(matches: 2, desync: true);
        Both(1, 1); // cut by desync
        Assert.Equal(0, stage.Count);
        stage.Begin(); // an evaluation has ended the stage
        Both(2, 1);    // of the stage before
        stage.Assigned(stage: true, rehearse: 0, running: true);
        Both(3, 1);    // assigned before
        Assert.Equal(0, stage.Count);
        Both(4, 0);
        Assert.Equal((2, 0.0), (stage.Count, stage.Mean(Success, 2)));
        stage.Assigned(stage: true, rehearse: uint.MaxValue, running: true);
        Both(5, 0); // the next ones rehearse
        Both(6, 1);
        stage.Assigned(stage: false, rehearse: 0, running: true); // no slot is free
        Both(7, 1);
        Both(8, 1);
        Assert.Equal((4, 0.0), (stage.Count, stage.Mean(Success, 4)));

        void Both(int number, double success)
        {
            stage.Ended(0, number, [success]);
            stage.Ended(1, number, [success]);
            stage.Close();
        }
    }

    [Fact]
    public void The_window_equals_a_recount_of_all_episodes() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Judge(seed, rehearsedCount: false, byEnd: false)).Check(TestSize.Cases(60, 1000));

    [Fact]
    public void Counting_those_who_rehearse_is_caught() => Assert.ThrowsAny<Exception>(() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Judge(seed, rehearsedCount: true, byEnd: false)).Check(TestSize.Cases(60, 1000)));

    [Fact]
    public void Counting_in_the_order_of_ends_is_caught() => Assert.ThrowsAny<Exception>(() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Judge(seed, rehearsedCount: false, byEnd: true)).Check(TestSize.Cases(60, 1000)));

    [Fact]
    public void A_policy_that_fails_fast_is_judged_by_its_true_share()
    {
        // Every fourth episode fails within an update, the others take ten and succeed. The first 64 to end are mostly failures; the first to begin are not.
        const int Matches = 64;
        StageEpisodes stage = Stage(Matches, longest: 64);
        int[] numbers = new int[Matches], began = new int[Matches];
        int ended = 0, good = 0;
        double first = double.NaN, firstByEnd = double.NaN;
        for (int update = 0; double.IsNaN(first); update++)
        {
            for (int match = 0; match < Matches; match++)
            {
                bool fails = (numbers[match] + match) % 4 == 0;
                if (!fails && update - began[match] < 10) continue;
                stage.Ended(match, ++numbers[match], [fails ? 0 : 1]);
                began[match] = update;
                (ended, good) = (ended + 1, good + (fails ? 0 : 1));
            }

            stage.Close();
            if (ended >= 16 && double.IsNaN(firstByEnd)) firstByEnd = (double)good / ended;
            first = stage.Mean(Success, 64);
        }

        Assert.Equal(0.0, firstByEnd);
        Assert.InRange(first, 0.7, 0.8);
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused()
    {
        StageEpisodes stage = Stage(matches: 2);
        StageEpisodesState state = stage.Save();
        Assert.True(stage.Fits(state));
        foreach (StageBlocksState damaged in new[] { state.Blocks with { Pending = [] }, state.Blocks with { First = -1 }, state.Blocks with { Window = [[0, 1]] }, state.Blocks with { Window = [[0, -1, 1, 1]] } })
            Assert.False(stage.Fits(state with { Blocks = damaged }));
        var world = new SavedTensors("world");
        stage.Save(world);
        stage.Load(state with { Blocks = state.Blocks with { First = 7 } });
        Assert.Contains("names block", Assert.Throws<UsageException>(() => stage.Load(world)).Message);
    }

    private static StageEpisodes Stage(int matches, bool desync = false, int longest = 8)
    {
        var stage = new StageEpisodes([Success], [longest], matches, 0, desync, Shard.Whole);
        stage.Begin();
        stage.Assigned(stage: true, rehearse: 0, running: false);
        return stage;
    }

    // Random matches under random assignments, saved and continued now and then, against a list of all episodes of the stage.
    private static void Judge(int seed, bool rehearsedCount, bool byEnd)
    {
        var world = new RandomStage(seed, rehearsedCount);
        for (int update = 0; update < 60; update++)
        {
            world.Play(update);
            if (world.Chance.Next(8) == 0) world.Resume();
            foreach ((string metric, int longest) in new[] { ("stage/a", world.Longest), ("stage/b", 2 * world.Longest) })
            {
                int asked = world.Chance.Next(1, longest + 1);
                Assert.Equal(world.Recount(update, metric == "stage/b", asked, byEnd), world.Stage.Mean(metric, asked));
            }

            world.Assign();
        }
    }

    private sealed class RandomStage
    {
        private readonly int matches, offset;
        private readonly bool desync;
        private readonly List<Episode> played = []; // of the present stage
        private readonly Episode?[] running;
        private readonly int[] numbers;
        private readonly bool rehearsedCount;
        private bool own;
        private uint share;

        internal RandomStage(int seed, bool rehearsedCount)
        {
            this.rehearsedCount = rehearsedCount;
            Chance = new Random(seed);
            (matches, offset, desync, Longest) = (Chance.Next(1, 12), Chance.Next(100), Chance.Next(2) == 0, Chance.Next(1, 30));
            (running, numbers) = (new Episode?[matches], new int[matches]);
            Stage = Make();
            Stage.Begin();
            Tell(true, 0, start: true);
        }

        internal Random Chance { get; }

        internal int Longest { get; }

        internal StageEpisodes Stage { get; private set; }

        internal void Play(int update)
        {
            for (int match = 0; match < matches; match++)
            {
                int ends = Chance.Next(5) == 0 ? Chance.Next(1, 4) : 0, drawn = numbers[match] + 1;
                double a = Chance.Next(5) == 0 ? double.NaN : Chance.Next(3), b = Chance.Next(8) * 0.25;
                for (int end = 1; end <= ends; end++)
                {
                    if (running[match] is { } episode) (episode.Ended, episode.A, episode.B) = (update, end == ends ? a : double.NaN, end == ends ? b : double.NaN);
                    running[match] = Begin(match, drawn, update);
                }

                numbers[match] += ends;
                if (ends > 0) Stage.Ended(match, numbers[match], [a, b]);
            }

            Stage.Close();
        }

        internal void Assign()
        {
            if (Chance.Next(12) == 0)
            {
                Stage.Begin();
                played.Clear();
                Array.Clear(running);
                own = false;
                if (Chance.Next(2) == 0) return; // after an evaluation: takes effect an update later
            }

            Tell(Chance.Next(6) > 0, Chance.Next(2) == 0 ? 0 : (uint)Chance.NextInt64(uint.MaxValue), start: false);
        }

        // Between Close and Assigned, as a checkpoint is.
        internal void Resume()
        {
            var saved = new SavedTensors("world");
            Stage.Save(saved);
            string common = JsonSerializer.Serialize(Stage.Save());
            Stage = Make();
            Stage.Load(JsonSerializer.Deserialize<StageEpisodesState>(common)!);
            Stage.Load(saved);
        }

        internal double Recount(int update, bool b, int asked, bool byEnd)
        {
            int complete = played.Where(episode => episode.Ended < 0).Select(episode => episode.Began).DefaultIfEmpty(update + 1).Min();
            IEnumerable<Episode> ended = byEnd ? played.Where(episode => episode.Ended >= 0) : played.Where(episode => episode.Began < complete);
            double count = 0, sum = 0;
            foreach (IGrouping<int, double> block in ended.GroupBy(episode => byEnd ? episode.Ended : episode.Began, episode => b ? episode.B : episode.A).OrderByDescending(group => group.Key))
            {
                if (count >= asked) break;
                foreach (double value in block.Where(value => !double.IsNaN(value))) (count, sum) = (count + 1, sum + value);
            }

            return count >= asked ? sum / count : double.NaN;
        }

        private StageEpisodes Make() => new(["stage/a", "stage/b"], [Longest, 2 * Longest], matches, offset, desync, Shard.Whole) { Seed = 3 };

        private void Tell(bool stage, uint rehearse, bool start)
        {
            (own, share) = (stage, rehearse);
            Stage.Assigned(stage, rehearsedCount ? 0 : rehearse, running: !start);
            for (int match = 0; start && !desync && match < matches; match++) running[match] = Begin(match, 0, 0);
        }

        // Who rehearses is drawn as the kernel that assigns draws.
        private Episode? Begin(int match, int number, int update)
        {
            if (!own || (share > 0 && Kernels.Learning.AssignVariants.Rehearses(3, offset + match, (ulong)number, share, out _))) return null;
            var begun = new Episode { Began = update };
            played.Add(begun);
            return begun;
        }

        private sealed class Episode
        {
            internal int Began { get; init; }

            internal int Ended { get; set; } = -1;

            internal double A { get; set; }

            internal double B { get; set; }
        }
    }
}
