using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Tests.Learners;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>T22: opponents change between games only, are what was frozen, and begin every game without a memory of the last.</summary>
public class OpponentSeatsTests
{
    private const int Matches = 24;

    private static readonly SoccerOptions Options = new() { NumEnvs = Matches, TeamSize = 2, MaxTicks = 40, Desync = true };
    private static readonly PpoConfig Learner = new() { Horizon = 8, Minibatches = 2, OpponentShare = 0.25 };

    private static readonly OpponentPoolConfig Pool = new()
    {
        Fraction = 0.5,
        Slots = 3,
        MaxEntries = 8,
        AdmitEveryUpdates = 2,
        RenewEveryUpdates = 3,
    };

    [Theory]
    [InlineData(128, 0.25, 0.25, 8, 32)]
    [InlineData(128, 0, 1, 8, 128)]
    [InlineData(1000, 0.1, 0.3, 7, 300)]
    [InlineData(128, 0.5, 0, 8, 0)]
    public void Homes_are_spread_evenly(int envs, double random, double fraction, int slots, int expected)
    {
        int units = (int)Math.Round(random * AssignOpponents.WholeShare);
        int[] homes = HomeSlots.Of(envs, 0, units, new OpponentPoolConfig { Fraction = fraction, Slots = slots });
        Assert.InRange(homes.Count(home => home >= 0), expected - 1, expected + 1);
        for (int env = 0; env < envs; env++) Assert.False(homes[env] >= 0 && AssignOpponents.HasOpponent(env, units));
        int[] perSlot = [.. Enumerable.Range(0, slots).Select(slot => homes.Count(home => home == slot))];
        Assert.True(perSlot.Max() - perSlot.Min() <= 1, string.Join(",", perSlot));
        // A part of the matches has the homes it has as a part.
        Assert.Equal(homes[5..], HomeSlots.Of(envs - 5, 5, units, new OpponentPoolConfig { Fraction = fraction, Slots = slots }));
    }

    [Fact]
    public void Shares_above_one_are_refused() =>
        Assert.Contains("--pool-fraction", Assert.Throws<UsageException>(() => HomeSlots.Of(8, 0, AssignOpponents.WholeShare / 2, new OpponentPoolConfig { Fraction = 0.6 })).Message);

    [Theory]
    [InlineData(NetworkCore.None)]
    [InlineData(NetworkCore.Lstm)]
    public void An_opponent_stays_to_the_end_of_its_game_and_its_weights_do_not_move(NetworkCore core)
    {
        using TrainingRun run = Run(core);
        var before = new int[Matches];
        var episodes = new int[Matches];
        int pooled = 0, mirrored = 0;
        for (int update = 0; update < 30; update++)
        {
            run.PlayUpdate(update);
            int[] now = run.Seats.Opponents.AsSpan().ToArray(), finished = run.Rollout.EpisodesFinished.ToArray();
            for (int env = 0; env < Matches; env++)
            {
                // Read between rollouts: the seat is that of the last tick, so it may only have changed if a game began since.
                if (finished[env] == episodes[env]) Assert.True(now[env] == before[env] || update == 0, $"update {update}, match {env}: {before[env]} became {now[env]} in mid-game");
                if (now[env] >= OpponentSeat.FirstSlot) pooled++;
                else if (now[env] == OpponentSeat.None) mirrored++;
            }

            // What plays is what was frozen, whatever the learner does to its own weights.
            run.Seats.Pool!.Verify();
            for (int slot = 0; slot < Pool.Slots; slot++)
                if (run.Seats.Pool.SlotEntry(slot) is not null) run.Seats.Pool.VerifySlot(slot, run.Seats.Seats!.WeightsOf(slot).AsSpan());
            (before, episodes) = (now, finished);
        }

        Assert.True(pooled > 50 && mirrored > 50, $"{pooled} games against the pool, {mirrored} mirrored");
        Assert.True(run.Seats.Pool!.Entries.Sum(entry => entry.Games) > 10);
        Assert.Equal(8, run.Seats.Pool.Entries.Count);
    }

    [Fact]
    public void Another_share_of_the_random_opponent_holds_for_games_that_begin_and_running_ones_go_on()
    {
        using TrainingRun changed = Run(), plain = Run();
        for (int update = 0; update < 6; update++)
        {
            changed.PlayUpdate(update);
            plain.PlayUpdate(update);
        }

        var live = new LiveLearner(changed.Learner, changed.Seats);
        Assert.Contains("fixed for a run", Assert.Throws<UsageException>(() => live.Change("horizon", "4")).Message);
        live.Change("opponent-share", "0");
        int[] before = changed.Seats.Opponents.AsSpan().ToArray(), finished = changed.Rollout.EpisodesFinished.ToArray();
        Assert.Contains(OpponentSeat.BuiltIn, before);
        changed.Collector.Collect();
        plain.Collector.Collect();
        int running = 0;
        for (int env = 0; env < Matches; env++)
        {
            if (before[env] != OpponentSeat.BuiltIn || changed.Rollout.EpisodesFinished.View[env] != finished[env]) continue;
            Assert.Equal(plain.Environment.State.ReadMatch(env), changed.Environment.State.ReadMatch(env)); // still played against
            running++;
        }

        Assert.True(running > 0);
        for (int update = 7; update < 14; update++) changed.PlayUpdate(update);
        Assert.DoesNotContain(OpponentSeat.BuiltIn, changed.Seats.Opponents.AsSpan().ToArray());
        live.Change("opponentShare", "1");
        for (int update = 14; update < 21; update++) changed.PlayUpdate(update);
        Assert.All(changed.Seats.Opponents.AsSpan().ToArray(), seat => Assert.Equal(OpponentSeat.BuiltIn, seat));
        Assert.Equal(1.0, ((PpoConfig)live.Settings).OpponentShare);
    }

    [Theory]
    [InlineData("random", "random")]
    [InlineData("weak", "scripted:weak")]
    [InlineData("scripted:strong", "scripted:strong")]
    [InlineData("chase", "scripted:chase")]
    public void The_built_in_opponent_is_the_one_that_was_asked_for(string opponent, string name)
    {
        using var run = new TrainingRun("soccer", Options, Learner with { Horizon = 1, Minibatches = 1, OpponentShare = 1, Opponent = opponent }, builtin: true, hidden: 8, seed: 1);
        run.Collector.Collect();
        float[] played = run.Rollout.EnvironmentActions!.ToArray();

        using IEnvironment environment = Registry.Find("soccer").Create(run.Device, Options);
        using var buffers = new StepBuffers(run.Device, environment.Spec, Matches);
        using DeviceBuffer<byte> controllers = run.Device.Allocate<byte>(2 * Matches, "controllers");
        byte controller = (byte)(1 + environment.Spec.Opponents.ToList().FindIndex(one => one.Name == name));
        controllers.Write([.. Enumerable.Repeat(controller, 2 * Matches)]);
        environment.Reset(1, buffers.Views);
        environment.Act(controllers.View, buffers.Views);
        float[] expected = buffers.ContinuousActions!.ToArray();
        int row = environment.Spec.Action.Continuous.Count * Options.TeamSize; // of a side
        for (int match = 0; match < Matches; match++)
        {
            int side = 1 - AssignOpponents.LearnerSide(match, 0), at = (2 * match + side) * row;
            Assert.Equal(expected[at..(at + row)], played[at..(at + row)]);
        }
    }

    [Fact]
    public void A_frozen_policy_that_something_writes_into_is_caught()
    {
        using TrainingRun run = Run();
        for (int update = 0; update < 6; update++) run.PlayUpdate(update);
        int slot = Enumerable.Range(0, Pool.Slots).First(candidate => run.Seats.Pool!.SlotEntry(candidate) is not null);
        run.Seats.Seats!.WeightsOf(slot)[3] += 1f;
        Assert.Contains("has changed", Assert.Throws<InvalidOperationException>(() => run.Seats.Pool!.VerifySlot(slot, run.Seats.Seats.WeightsOf(slot).AsSpan())).Message);
    }

    [Fact]
    public void Rows_of_opponents_do_not_count_and_all_others_do()
    {
        using TrainingRun run = Run();
        for (int update = 0; update < 12; update++) run.PlayUpdate(update);
        int slotRows = run.Rollout.Rows, last = run.Rollout.Horizon - 1;
        byte[] weights = run.Rollout.RowWeights.View.Slice((long)last * slotRows, slotRows).AsSpan().ToArray();
        int[] seats = run.Seats.Opponents.AsSpan().ToArray();
        for (int env = 0; env < Matches; env++)
        {
            int counted = weights.AsSpan(env * 4, 4).Count((byte)1);
            Assert.Equal(seats[env] == OpponentSeat.None ? 4 : 2, counted);
        }

        Assert.Contains(seats, seat => seat >= OpponentSeat.FirstSlot);
    }

    [Fact]
    public void The_frozen_policy_acts_where_it_plays()
    {
        using TrainingRun run = Run();
        for (int update = 0; update < 8; update++) run.PlayUpdate(update);
        // A pool in which every policy pushes all its means far to one side, which no learner of 8 updates does.
        for (int slot = 0; slot < Pool.Slots; slot++)
        {
            if (run.Seats.Pool!.SlotEntry(slot) is null) continue;
            ParameterTensor bias = run.Network.Parameters["actor.bias"];
            run.Seats.Seats!.WeightsOf(slot).Slice(bias.Offset, bias.Length).AsSpan().Fill(50f);
        }

        run.Seats.Seats!.RefreshAll();
        run.Collector.Collect();
        int last = run.Rollout.Horizon - 1;
        byte[] weights = run.Rollout.RowWeights.View.Slice((long)last * run.Rollout.Rows, run.Rollout.Rows).AsSpan().ToArray();
        float[] played = run.Rollout.EnvironmentActions!.ToArray();
        int[] seats = run.Seats.Opponents.AsSpan().ToArray();
        int checkedRows = 0;
        for (int row = 0; row < run.Rollout.Rows; row++)
        {
            bool frozen = seats[row / 4] >= OpponentSeat.FirstSlot && weights[row] == 0;
            float[] actions = played.AsSpan(row * run.Rollout.Components, run.Rollout.Components).ToArray();
            if (frozen) checkedRows++;
            Assert.Equal(frozen, actions.All(action => action == 1f));
        }

        Assert.True(checkedRows >= 4);
    }

    // The same bytes as a run that never stopped, with a pool, retiring slots and a recurrent network.
    [Fact]
    public void A_restored_run_goes_on_with_the_same_opponents()
    {
        using TrainingRun whole = Run(NetworkCore.Lstm), first = Run(NetworkCore.Lstm, threads: 2), second = Run(NetworkCore.Lstm);
        TrainingRun.MustGoOn(whole, first, second, saved: 13, updates: 24);
        Assert.Equal(whole.Seats.Pool!.Entries.Select(entry => (entry.Id, entry.Hash, entry.Score, entry.Games)), second.Seats.Pool!.Entries.Select(entry => (entry.Id, entry.Hash, entry.Score, entry.Games)));
    }

    [Fact]
    public void Updates_without_an_admission_allocate_nothing()
    {
        using TrainingRun run = Run(pool: Pool with { AdmitEveryUpdates = 20 });
        for (int update = 0; update < 30; update++) run.PlayUpdate(update); // two admissions, slots taken
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 30; update < 38; update++) run.PlayUpdate(update);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static TrainingRun Run(NetworkCore core = NetworkCore.None, int threads = 1, OpponentPoolConfig? pool = null) =>
        new("soccer", Options, Learner, threads, core: core, builtin: true, hidden: 8, pool: pool ?? Pool);
}
