using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Learners;

/// <summary>The penalty for distance to past selves, through whole updates.</summary>
public class PastPolicyTests
{
    private static readonly PpoConfig Off = new() { Horizon = 16, Minibatches = 4, SegmentLength = 8, LearningRate = 0.01, TargetKl = 0 };
    private static readonly PpoConfig On = Off with { PastKlCoefficient = 0.5, PastRate = 0.1 };

    /// <summary>Game, and the core of its network.</summary>
    public static TheoryData<string, NetworkCore> Games => new() { { "soccer", NetworkCore.None }, { "corridor", NetworkCore.None }, { "corridor", NetworkCore.Lstm }, { "corridor", NetworkCore.MinGru } };

    // Before the first step the policy is its own past, also with a memory whose states are handed over: the penalty is exactly 0.
    [Theory]
    [MemberData(nameof(Games))]
    public void The_first_step_is_the_same_with_and_without(string game, NetworkCore core)
    {
        PpoConfig once = Off with { Epochs = 1, Minibatches = 1 };
        using TrainingRun off = Run(game, core, once), on = Run(game, core, once with { PastKlCoefficient = 0.5, PastRate = 0.1 });
        PpoStatistics without = off.Update(), with = on.Update();
        Assert.Equal(0, with.PastKl);
        Assert.Equal(without.TotalLoss, with.TotalLoss);
        Assert.Null(without.PastKl);
        Assert.Equal(Weights(off), Weights(on));
        off.Update();
        Assert.True(on.Update().PastKl > 1e-9);
        Assert.NotEqual(Weights(off), Weights(on));
    }

    [Theory]
    [MemberData(nameof(Games))]
    public void A_large_penalty_keeps_the_policy_near(string game, NetworkCore core)
    {
        double far = Distance(1e-6), near = Distance(20);
        Assert.True(near < far / 2, $"{near} with a large penalty, {far} with almost none");

        double Distance(double coefficient)
        {
            using TrainingRun run = Run(game, core, On with { PastKlCoefficient = coefficient });
            for (int update = 0; update < 4; update++) run.Update();
            return run.Update().PastKl!.Value;
        }
    }

    [Fact]
    public void The_reference_follows_by_its_rate_once_per_update_and_has_the_learners_normaliser()
    {
        using TrainingRun run = Run("soccer", NetworkCore.None, On, change: spec => spec with { NormalizeObservations = true });
        float[] before = Weights(run);
        run.Update();
        float[] after = Weights(run), past = run.Learner.Past!.Weights.AsSpan().ToArray();
        int normalised = 0;
        foreach (ParameterTensor tensor in run.Network.Parameters.Tensors)
        {
            bool copied = tensor.Name.StartsWith("normalizer.", StringComparison.Ordinal);
            if (copied) normalised++;
            for (int i = tensor.Offset; i < tensor.Offset + tensor.Length; i++)
                Assert.Equal(copied ? after[i] : before[i] + 0.1f * (after[i] - before[i]), past[i]);
        }

        Assert.Equal(2, normalised);
    }

    [Fact]
    public void The_coefficient_falls_linearly_to_0_and_the_loss_contains_it()
    {
        Assert.Equal([0.5, 0.375, 0, 0], new[] { 0, 0.25, 1, 1.5 }.Select(On.PastKlCoefficientAt));
        // With a rate of learning of 0 in the second update only the penalty's share of the loss differs.
        using TrainingRun run = Run("corridor", NetworkCore.None, On), other = Run("corridor", NetworkCore.None, On);
        run.Update();
        other.Update();
        run.Learner.Config = run.Learner.Config with { LearningRate = 0 };
        other.Learner.Config = other.Learner.Config with { LearningRate = 0 };
        PpoStatistics early = run.Update(0.2), late = other.Update(1);
        Assert.Equal(late.PastKl, early.PastKl);
        Assert.Equal(late.TotalLoss + 0.4 * early.PastKl!.Value, early.TotalLoss, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Games))]
    public void Bytes_do_not_depend_on_threads_and_nothing_is_allocated(string game, NetworkCore core)
    {
        bool normalise = game == "soccer";
        using TrainingRun one = Run(game, core, On, change: Change), two = Run(game, core, On, threads: 2, change: Change);
        for (int update = 0; update < 3; update++)
        {
            one.Update(update / 10.0);
            two.Update(update / 10.0);
        }

        Assert.Equal(Weights(one), Weights(two));
        Assert.Equal(one.Learner.Past!.Weights.AsSpan().ToArray(), two.Learner.Past!.Weights.AsSpan().ToArray());
        long device = one.Device.AllocatedBytes, before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) one.Update(0.5);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, one.Device.AllocatedBytes);

        NetworkSpec Change(NetworkSpec spec) => spec with { NormalizeObservations = normalise };
    }

    [Theory]
    [MemberData(nameof(Games))]
    public void A_resumed_run_goes_on_bit_for_bit(string game, NetworkCore core)
    {
        using TrainingRun whole = Run(game, core, On), resumed = Run(game, core, On, seed: 2), forgetful = Run(game, core, On, seed: 2);
        for (int update = 0; update < 3; update++) whole.Update();
        var state = new SavedState();
        whole.Save(state);
        resumed.Load(state);
        state.CheckAllRead();
        forgetful.Load(state);
        forgetful.Learner.Past!.Weights.AsSpan().Clear(); // planted: the reference is not restored
        for (int update = 0; update < 2; update++)
        {
            whole.Update();
            resumed.Update();
            forgetful.Update();
        }

        Assert.Equal(Weights(whole), Weights(resumed));
        Assert.Equal(whole.Learner.Past!.Weights.AsSpan().ToArray(), resumed.Learner.Past!.Weights.AsSpan().ToArray());
        Assert.NotEqual(Weights(whole), Weights(forgetful));
    }

    [Fact]
    public void A_state_from_before_the_first_update_lets_the_reference_begin_there()
    {
        using TrainingRun whole = Run("corridor", NetworkCore.None, On), resumed = Run("corridor", NetworkCore.None, On, seed: 2);
        var state = new SavedState();
        whole.Save(state);
        resumed.Load(state);
        whole.Update();
        resumed.Update();
        Assert.Equal(whole.Learner.Past!.Weights.AsSpan().ToArray(), resumed.Learner.Past!.Weights.AsSpan().ToArray());
    }

    [Fact]
    public void A_state_with_a_reference_needs_a_run_with_one_and_the_other_way_round()
    {
        using TrainingRun on = Run("corridor", NetworkCore.None, On), off = Run("corridor", NetworkCore.None, Off);
        SavedState with = new(), without = new();
        on.Save(with);
        off.Save(without);
        off.Load(with);
        Assert.Contains("past/", Assert.Throws<UsageException>(with.CheckAllRead).Message, StringComparison.Ordinal);
        Assert.Contains("past/", Assert.Throws<UsageException>(() => on.Load(without)).Message, StringComparison.Ordinal);
    }

    private static float[] Weights(TrainingRun run) => run.Network.Weights.AsSpan().ToArray();

    private static TrainingRun Run(string game, NetworkCore core, PpoConfig config, int threads = 1, ulong seed = 1, Func<NetworkSpec, NetworkSpec>? change = null)
    {
        GameOptions options = game == "soccer"
            ? new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }
            : new CorridorOptions { NumEnvs = 8, Desync = true, Masks = true };
        return new TrainingRun(game, options, config, threads, seed, core: core, builtin: true, change: change);
    }
}
