using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Tests.Learners;
using Arena.Policy.Weights;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>Policies of other runs as opponents: they have matches of their own, play as they were given, and travel in checkpoints.</summary>
public class ListedPolicyTests
{
    private const int Matches = 32, Half = AssignOpponents.WholeShare / 2, Agents = 4;
    private const string List = "random:1,runs/a:2,runs/b:1";

    private static readonly SoccerOptions Options = new() { NumEnvs = Matches, TeamSize = 2, MaxTicks = 12, Desync = true };
    private static readonly EnvironmentSpec Soccer = Registry.Find("soccer").Describe(Options);
    private static readonly PpoConfig Learner = new() { Horizon = 8, Minibatches = 2, OpponentShare = 0.5 };
    private static readonly OpponentPoolConfig Pool = new() { Fraction = 0.25, Slots = 2, MaxEntries = 6, AdmitEveryUpdates = 2, RenewEveryUpdates = 3 };
    private static readonly OpponentPoolConfig NoPool = Pool with { Fraction = 0 };

    [Fact]
    public void Matches_of_the_share_are_dealt_as_worked_by_hand()
    {
        // Multiples of 0x9E3779B9 from 0x80000000 on: 0x80…, 0x1E3…, 0xBC6…, 0x5AA…; the policy has the lower half.
        OpponentList list = OpponentList.Parse("random,./a", Soccer);
        Assert.Equal([-1, 0, -1, 0], Enumerable.Range(0, 4).Select(ordinal => list.PolicyOf(ordinal)));
        Assert.All(Enumerable.Range(0, 100), ordinal => Assert.Equal(0, OpponentList.Parse("./a:7", Soccer).PolicyOf(ordinal)));
        Assert.All(Enumerable.Range(0, 100), ordinal => Assert.Equal(-1, OpponentList.Parse("strong", Soccer).PolicyOf(ordinal)));
    }

    [Fact]
    public void Every_policy_has_its_share_of_the_first_matches() =>
        Prop.ForAll(Gen.Choose(1, 9).Three().ToArbitrary(), Gen.Choose(1, 400).ToArbitrary(), (w, matches) =>
        {
            OpponentList list = OpponentList.Parse($"./a:{w.Item1},random:{w.Item2},./b:{w.Item3}", Soccer);
            int[] dealt = [.. Enumerable.Range(0, matches).Select(ordinal => list.PolicyOf(ordinal))];
            double all = w.Item1 + w.Item2 + w.Item3;
            Assert.InRange(dealt.Count(policy => policy == 0), matches * w.Item1 / all - 4, matches * w.Item1 / all + 4);
            Assert.InRange(dealt.Count(policy => policy == 1), matches * w.Item3 / all - 4, matches * w.Item3 / all + 4);
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void A_part_of_the_matches_has_the_homes_it_has_as_a_part_and_the_pools_are_as_without_a_list()
    {
        OpponentList list = OpponentList.Parse(List, Soccer);
        int[] homes = HomeSlots.Of(Matches, 0, Half, Pool, list), without = HomeSlots.Of(Matches, 0, Half, Pool);
        Assert.Equal(homes[5..], HomeSlots.Of(Matches - 5, 5, Half, Pool, list));
        for (int env = 0; env < Matches; env++)
        {
            if (homes[env] >= Pool.Slots) Assert.True(AssignOpponents.HasOpponent(env, Half));
            else Assert.Equal(without[env], homes[env]);
        }

        Assert.InRange(homes.Count(home => home == Pool.Slots), 7, 9); // of 16: half, and a quarter
        Assert.InRange(homes.Count(home => home == Pool.Slots + 1), 3, 5);
    }

    [Theory]
    [InlineData(NetworkCore.None, 0.25)]
    [InlineData(NetworkCore.Lstm, 0)]
    public void A_listed_policy_plays_its_matches_for_good_and_acts_as_it_was_given(NetworkCore core, double fraction)
    {
        using TrainingRun run = Run(List, core, pool: Pool with { Fraction = fraction });
        float[] right = Weights(run, bias: 50), left = Weights(run, bias: -50);
        run.Seats.LoadPolicies(path => path == "runs/a" ? right : left);
        int[] homes = HomeSlots.Of(Matches, 0, Half, Pool with { Fraction = fraction }, OpponentList.Parse(List, Soccer));
        for (int update = 0; update < 12; update++)
        {
            run.PlayUpdate(update);
            int[] seats = run.Seats.Opponents.AsSpan().ToArray();
            float[] played = run.Rollout.EnvironmentActions!.ToArray();
            byte[] weights = run.Rollout.RowWeights.View.Slice((long)(run.Rollout.Horizon - 1) * run.Rollout.Rows, run.Rollout.Rows).AsSpan().ToArray();
            for (int env = 0; env < Matches; env++)
            {
                if (homes[env] >= Pool.Slots) Assert.Equal(OpponentSeat.FirstSlot + homes[env], seats[env]);
                else Assert.True(seats[env] < OpponentSeat.FirstSlot + Pool.Slots);
                for (int row = env * Agents; row < (env + 1) * Agents; row++)
                {
                    float[] actions = played.AsSpan(row * run.Rollout.Components, run.Rollout.Components).ToArray();
                    bool listed = homes[env] >= Pool.Slots && weights[row] == 0;
                    Assert.Equal(listed && homes[env] == Pool.Slots, actions.All(action => action == 1f));
                    Assert.Equal(listed && homes[env] == Pool.Slots + 1, actions.All(action => action == -1f));
                }
            }
        }

        Assert.Equal(right, run.Seats.Seats!.WeightsOf(Pool.Slots).AsSpan().ToArray()); // whatever the learner did to its own
        Assert.Equal(left, run.Seats.Seats.WeightsOf(Pool.Slots + 1).AsSpan().ToArray());
        Assert.Equal(fraction > 0, run.Seats.Pool is { Entries.Count: > 0 });
    }

    // The second run is never given the policies: the checkpoint has them.
    [Theory]
    [InlineData(0.25)]
    [InlineData(0)]
    public void A_restored_run_needs_no_other_file_and_ends_with_the_same_bytes(double fraction)
    {
        OpponentPoolConfig pool = Pool with { Fraction = fraction };
        using TrainingRun whole = Given(List, pool), first = Given(List, pool, threads: 2), second = Run(List, NetworkCore.Lstm, pool);
        TrainingRun.MustGoOn(whole, first, second, saved: 5, updates: 10);
    }

    // Side 0 wins every game here, so that the learner's score against anybody is the share of its games on side 0.
    [Theory]
    [InlineData(0.25)]
    [InlineData(0)]
    public void Scores_are_told_apart_by_opponent_and_side(double fraction)
    {
        using var run = new TrainingRun(
            1, device => Registry.Find("soccer").Create(device, Options), Learner with { Opponent = List }, hidden: 8, builtin: true, pool: Pool with { Fraction = fraction }, score: _ => 1);
        run.Seats.LoadPolicies(_ => Weights(run, 1));
        int[] homes = HomeSlots.Of(Matches, 0, Half, Pool with { Fraction = fraction }, OpponentList.Parse(List, Soccer));
        int[] before = new int[Matches];
        int games = 0;
        for (int update = 0; update < 10; update++)
        {
            run.PlayUpdate(update);
            double[] points = new double[3], counts = new double[3];
            int[] finished = run.Rollout.EpisodesFinished.ToArray();
            for (int env = 0; env < Matches; env++)
            {
                if (finished[env] == before[env] || !AssignOpponents.HasOpponent(env, Half)) continue;
                int item = homes[env] >= Pool.Slots ? 1 + homes[env] - Pool.Slots : 0; // random, runs/a, runs/b
                points[item] += 1 - AssignOpponents.LearnerSide(env, finished[env] - 1);
                counts[item]++;
                games++;
            }

            Assert.Equal(["random", "runs/a", "runs/b"], run.Seats.Scores!.Opponents.Select(one => one.Name));
            for (int item = 0; item < 3; item++) Assert.Equal(points[item] / counts[item], run.Seats.Scores.Mean(item));
            before = finished;
        }

        Assert.True(games > 30, $"{games} games");
        using TrainingRun plain = Run("strong:2", NetworkCore.None, Pool);
        Assert.Null(plain.Seats.Scores);
    }

    // Planted: other weights of one listed policy, and the same weights with another share.
    [Fact]
    public void Another_policy_or_another_weight_is_another_run()
    {
        float[] Trained(string list, float bias)
        {
            using TrainingRun run = Run(list, NetworkCore.None, NoPool);
            run.Seats.LoadPolicies(_ => Weights(run, bias));
            for (int update = 0; update < 3; update++) run.PlayUpdate(update);
            return run.Network.Weights.AsSpan().ToArray();
        }

        float[] weights = Trained("random,./a", 1);
        Assert.Equal(weights, Trained("random,./a", 1));
        Assert.NotEqual(weights, Trained("random,./a", 2));
        Assert.NotEqual(weights, Trained("random,./a:3", 1));
    }

    [Fact]
    public void A_share_that_changes_adds_mirrored_games_or_takes_the_policies_away()
    {
        using TrainingRun run = Run("./a", NetworkCore.None, NoPool);
        run.Seats.LoadPolicies(_ => Weights(run, 1));
        run.Seats.OpponentShare = 1;
        for (int update = 0; update < 3; update++) run.PlayUpdate(update);
        for (int env = 0; env < Matches; env++)
            Assert.Equal(AssignOpponents.HasOpponent(env, Half) ? OpponentSeat.FirstSlot + Pool.Slots : OpponentSeat.None, run.Seats.Opponents[env]);
        run.Seats.OpponentShare = 0;
        for (int update = 3; update < 6; update++) run.PlayUpdate(update);
        Assert.All(run.Seats.Opponents.AsSpan().ToArray(), seat => Assert.Equal(OpponentSeat.None, seat));
    }

    [Fact]
    public void What_cannot_be_played_is_refused()
    {
        Assert.Contains("gives it none of the 32 matches", Assert.Throws<UsageException>(() => Run("random:900,./a", NetworkCore.None, Pool)).Message);
        Assert.Contains("gives it none", Assert.Throws<UsageException>(() => new TrainingRun("soccer", Options, Learner with { OpponentShare = 0, Opponent = "./a" }, builtin: true, hidden: 8)).Message);
        using TrainingRun run = Run("./a", NetworkCore.None, Pool);
        Assert.Throws<InvalidOperationException>(() => run.Update());
        Assert.Throws<ArgumentException>(() => run.Seats.LoadPolicies(_ => new float[3]));
    }

    [Fact]
    public void Updates_against_listed_policies_allocate_nothing()
    {
        using TrainingRun run = Given(List, NoPool);
        for (int update = 0; update < 6; update++) run.PlayUpdate(update);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 6; update < 12; update++) run.PlayUpdate(update);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // The learner's first weights, with all means pushed to one side.
    private static float[] Weights(TrainingRun run, float bias)
    {
        float[] weights = run.Network.Weights.AsSpan().ToArray();
        ParameterTensor tensor = run.Network.Parameters["actor.bias"];
        weights.AsSpan(tensor.Offset, tensor.Length).Fill(bias);
        return weights;
    }

    private static TrainingRun Given(string opponents, OpponentPoolConfig pool, int threads = 1)
    {
        TrainingRun run = Run(opponents, NetworkCore.Lstm, pool, threads);
        run.Seats.LoadPolicies(path => Weights(run, path == "runs/a" ? 1 : -1));
        return run;
    }

    private static TrainingRun Run(string opponents, NetworkCore core, OpponentPoolConfig pool, int threads = 1) =>
        new("soccer", Options, Learner with { Opponent = opponents }, threads, core: core, builtin: true, hidden: 8, pool: pool);
}
