using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;
using Arena.Policy.SelfPlay;
using Arena.Policy.Tests.Learners;
using Arena.Policy.Weights;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>Built-in opponents from a list: how it is read, and that every game is dealt by its own random word.</summary>
public class OpponentListTests
{
    private const int Matches = 24;

    private static readonly SoccerOptions Options = new() { NumEnvs = Matches, TeamSize = 1, MaxTicks = 6, Desync = true };
    private static readonly EnvironmentSpec Soccer = Registry.Find("soccer").Describe(Options);
    private static readonly PpoConfig Learner = new() { Horizon = 8, Minibatches = 2, OpponentShare = 0.5 };

    private static readonly OpponentPoolConfig Pool = new() { Fraction = 0.25, Slots = 2, MaxEntries = 6, AdmitEveryUpdates = 2, RenewEveryUpdates = 3 };

    [Theory]
    [InlineData("random", "random*1")]
    [InlineData("Strong", "scripted:strong*1")]
    [InlineData("chase", "scripted:chase*1")]
    [InlineData("scripted:strong:0.5", "scripted:strong*0.5")]
    [InlineData("weak, normal ,strong", "scripted:weak*1 scripted:normal*1 scripted:strong*1")]
    [InlineData("strong:3,random:1", "scripted:strong*3 random*1")]
    [InlineData("runs/soccer-1", "policy runs/soccer-1*1")]
    [InlineData("random,./run:2", "random*1 policy ./run*2")]
    [InlineData("a.safetensors,b.safetensors:0.5", "policy a.safetensors*1 policy b.safetensors*0.5")]
    [InlineData("C:\\runs\\soccer-1,/runs/2026:07:28-x", "policy C:\\runs\\soccer-1*1 policy /runs/2026:07:28-x*1")]
    public void A_list_is_read_as_worked_by_hand(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', OpponentList.Parse(text, Soccer).Items.Select(item => $"{(item.IsPolicy ? $"policy {item.Name}" : Soccer.Opponents[item.Controller - 1].Name)}*{Settings.Format(item.Weight)}")));

    [Theory]
    [InlineData("chasse", "Did you mean 'chase'?")]
    [InlineData("scripted:stong", "Did you mean 'scripted:strong'?")]
    [InlineData("scripted:3", "no opponent 'scripted:3'")]
    [InlineData("./a:0", "gives './a' the weight '0'")]
    [InlineData("./a,./a:2", "'./a' twice")]
    [InlineData("", "a name is empty")]
    [InlineData("weak,,strong", "a name is empty")]
    [InlineData("weak,scripted:weak:2", "'scripted:weak' twice")]
    [InlineData("weak:", "the weight ''")]
    [InlineData("weak:much", "the weight 'much'")]
    [InlineData("weak:0", "0.001..1000")]
    [InlineData("weak:-1", "0.001..1000")]
    [InlineData("weak:NaN", "0.001..1000")]
    [InlineData("weak:1e9", "0.001..1000")]
    public void What_is_no_list_is_refused(string text, string says) =>
        Assert.Contains(says, Assert.Throws<UsageException>(() => OpponentList.Parse(text, Soccer)).Message);

    [Fact]
    public void A_name_before_a_weight_is_a_name_and_the_games_own_comes_first()
    {
        EnvironmentSpec odd = Soccer with { Opponents = [new("random", ""), new("scripted:1", ""), new("greedy", ""), new("scripted:greedy", "")] };
        Assert.Equal(["scripted:1*1", "greedy*2"], OpponentList.Parse("1,greedy:2", odd).Items.Select(item => $"{item.Name}*{item.Weight}"));
        Assert.Equal(["scripted:1*1", "scripted:greedy*2"], OpponentList.Parse("scripted:1,scripted:greedy:2", odd).Items.Select(item => $"{item.Name}*{item.Weight}"));
    }

    [Fact]
    public void Bounds_of_quarters_are_those_worked_by_hand()
    {
        Assert.Equal([0x3FFFFFFFu, uint.MaxValue], OpponentList.Parse("random:1,strong:3", Soccer).Bounds());
        Assert.Equal([uint.MaxValue], OpponentList.Parse("strong:7", Soccer).Bounds());
        Assert.Equal([0x3FFFFFFFu, 0xBFFFFFFFu, uint.MaxValue], OpponentList.Parse("random,weak:2,strong", Soccer).Bounds());
    }

    [Fact]
    public void Games_are_dealt_in_proportion_to_the_weights()
    {
        const int Games = 20_000;
        Prop.ForAll(Gen.Choose(1, 9).Four().ToArbitrary(), ArbMap.Default.ArbFor<int>(), (w, seed) =>
        {
            double[] weights = [w.Item1, w.Item2, w.Item3, w.Item4];
            uint[] bounds = OpponentList.Parse($"random:{w.Item1},weak:{w.Item2},strong:{w.Item3},chase:{w.Item4}", Soccer).Bounds();
            var dealt = new int[4];
            for (int game = 0; game < Games; game++) dealt[Expected(bounds, (ulong)(uint)seed, game % 100, game / 100)]++;
            for (int k = 0; k < 4; k++)
            {
                double share = weights[k] / weights.Sum();
                Assert.InRange((double)dealt[k] / Games, share - 6 * Math.Sqrt(share * (1 - share) / Games), share + 6 * Math.Sqrt(share * (1 - share) / Games));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_game_is_played_against_the_one_that_its_random_word_names(int threads)
    {
        using TrainingRun run = Run("random:1,strong:3,chase:2", threads);
        var met = new int[3];
        int wrong = 0;
        for (int update = 0; update < 40; update++)
        {
            run.PlayUpdate(update);
            // The seats are those of the last tick: of the game before where one ended with it.
            int[] seats = run.Seats.Opponents.AsSpan().ToArray(), drawn = run.Seats.DrawnFor.AsSpan().ToArray();
            byte[] controllers = run.Seats.Controllers.AsSpan().ToArray();
            for (int env = 0; env < Matches; env++)
            {
                int other = controllers[2 * env + 1 - AssignOpponents.LearnerSide(env, drawn[env] - 1)];
                if (!AssignOpponents.HasOpponent(env, AssignOpponents.WholeShare / 2))
                {
                    Assert.Equal(0, other);
                    continue;
                }

                int place = ReferencePlace([1, 3, 2], 1, env, drawn[env] - 1);
                Assert.Equal(OpponentSeat.OfListed(place), seats[env]);
                Assert.Equal(new[] { "random", "scripted:strong", "scripted:chase" }[place], Soccer.Opponents[other - 1].Name);
                if (place != ReferencePlace([1, 3, 2], 1, env, drawn[env])) wrong++;
                met[place]++;
            }
        }

        Assert.All(met, games => Assert.True(games > 30, string.Join(",", met)));
        Assert.True(wrong > 100); // a deal by another episode would have shown
        Assert.True(run.Seats.Pool!.Entries.Sum(entry => entry.Games) > 10); // beside the pool
    }

    [Theory]
    [InlineData("strong", "scripted:strong:7")]
    [InlineData("random", "Random:0.25")]
    public void One_opponent_is_met_in_every_game_of_the_share_whatever_its_weight(string name, string weighted)
    {
        using TrainingRun plain = Run(name), other = Run(weighted);
        for (int update = 0; update < 6; update++)
        {
            plain.PlayUpdate(update);
            other.PlayUpdate(update);
            for (int env = 0; env < Matches; env++)
                Assert.Equal(AssignOpponents.HasOpponent(env, AssignOpponents.WholeShare / 2), plain.Seats.Opponents[env] == OpponentSeat.BuiltIn);
        }

        Assert.Equal(plain.Network.Weights.AsSpan().ToArray(), other.Network.Weights.AsSpan().ToArray());
    }

    // Planted: a list in another order, and another weight, are other games.
    [Fact]
    public void Another_list_is_another_run_and_any_number_of_threads_is_the_same()
    {
        float[] weights = Trained("weak,strong"), threads = Trained("weak,strong", threads: 3);
        Assert.Equal(weights, threads);
        Assert.NotEqual(weights, Trained("strong,weak"));
        Assert.NotEqual(weights, Trained("weak:2,strong"));
        Assert.NotEqual(weights, Trained("weak"));
    }

    [Fact]
    public void A_restored_run_goes_on_against_the_same_opponents()
    {
        const string List = "random:1,strong:3,chase:2";
        using TrainingRun whole = Run(List), first = Run(List, threads: 2), second = Run(List), short_ = Run("random");
        for (int update = 0; update < 14; update++) whole.PlayUpdate(update);
        for (int update = 0; update < 7; update++) first.PlayUpdate(update);
        Assert.Contains(first.Seats.Opponents.AsSpan().ToArray(), seat => seat < 0);
        var state = new SavedState();
        first.Save(state);
        second.Load(state);
        state.CheckAllRead();
        for (int update = 7; update < 14; update++) second.PlayUpdate(update);
        Assert.Equal(whole.Network.Weights.AsSpan().ToArray(), second.Network.Weights.AsSpan().ToArray());
        Assert.Equal(whole.Seats.Opponents.AsSpan().ToArray(), second.Seats.Opponents.AsSpan().ToArray());
        Assert.Contains("Resume with the run's own --opponent", Assert.Throws<UsageException>(() => short_.Load(state)).Message);
    }

    // Without a share nobody is met, but a name that the game does not have is wrong all the same.
    [Fact]
    public void A_wrong_name_is_refused_without_a_share_too()
    {
        Assert.Contains("'hasty'", Assert.Throws<UsageException>(() => new TrainingRun("soccer", Options, Learner with { OpponentShare = 0, Opponent = "hasty" }, builtin: true, hidden: 8)).Message);
        using TrainingRun later = new("soccer", Options, Learner with { OpponentShare = 0, Opponent = "weak,strong" }, builtin: true, hidden: 8);
        later.Update();
        Assert.All(later.Seats.Opponents.AsSpan().ToArray(), seat => Assert.Equal(OpponentSeat.None, seat));
        later.Seats.OpponentShare = 1;
        for (int update = 1; update < 4; update++) later.Update();
        Assert.All(later.Seats.Opponents.AsSpan().ToArray(), seat => Assert.True(OpponentSeat.IsBuiltIn(seat)));
    }

    // In whole numbers, by the bounds.
    private static int Expected(uint[] bounds, ulong seed, int match, int episode) =>
        Array.FindIndex(bounds, bound => LearnerRandom.Draw(seed, (uint)match, (ulong)episode, LearnerPurpose.OpponentAssignment, 0).Y <= bound);

    // In double precision, by the weights: the word as a number in (0, 1) against the shares.
    private static int ReferencePlace(double[] weights, ulong seed, int match, int episode)
    {
        double uniform = (LearnerRandom.Draw(seed, (uint)match, (ulong)episode, LearnerPurpose.OpponentAssignment, 0).Y + 0.5) / 4294967296.0, total = weights.Sum();
        int place = 0;
        for (double reached = weights[0] / total; uniform > reached; reached += weights[place] / total) place++;
        return place;
    }

    private static float[] Trained(string opponents, int threads = 1)
    {
        using TrainingRun run = Run(opponents, threads);
        for (int update = 0; update < 6; update++) run.PlayUpdate(update);
        return run.Network.Weights.AsSpan().ToArray();
    }

    private static TrainingRun Run(string opponents, int threads = 1) =>
        new("soccer", Options, Learner with { Opponent = opponents }, threads, builtin: true, hidden: 8, pool: Pool);
}
