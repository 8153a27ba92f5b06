using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Tests;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

public class AdvantageTests
{
    // γ .99, λ .95. Slot 4: δ = 1 + .99·.6 − .1 = 1.494. Slot 3 is truncated: 0 + .99·.9 − .2 = .691, chain cut.
    // Slot 2 is terminated: 2 − .3 = 1.7. Slot 1: 0 + .99·.3 − .4 + .9405·1.7 = 1.49585. Slot 0: 1 + .99·.4 − .5 + .9405·1.49585 = 2.302847.
    private static readonly double[] Expected = [2.302847, 1.495850, 1.7, 0.691, 1.494];

    [Fact]
    public void Five_slots_worked_by_hand()
    {
        float[] advantages = Run([1, 0, 2, 0, 1], [.5f, .4f, .3f, .2f, .1f, .6f], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [.9f], rows: 1).Advantages;
        for (int t = 0; t < 5; t++) Assert.Equal(Expected[t], advantages[t], 1e-5);
    }

    [Fact]
    public void The_reference_gives_the_same_five()
    {
        SlotOutcome[] slots = [new(1, .5, false, false, 0), new(0, .4, false, false, 0), new(2, .3, true, false, 0), new(0, .2, false, true, .9), new(1, .1, false, false, 0)];
        double[] advantages = AdvantageReference.Advantages(slots, .6, .99, .95);
        for (int t = 0; t < 5; t++) Assert.Equal(Expected[t], advantages[t], 1e-5);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7)]
    [InlineData(33, 5)]
    [InlineData(64, 12)]
    public void Random_flags_agree_with_the_reference(int horizon, int rows)
    {
        for (int seed = 0; seed < TestSize.Of(20, 500); seed++) Assert.Null(FirstDifference(seed, horizon, rows, swap: false));
    }

    // F = 2 and more: a horizon longer than the episode limit.
    [Theory]
    [InlineData(33, 5, 20)]
    [InlineData(64, 12, 9)]
    public void Several_truncations_of_a_row_keep_a_value_each(int horizon, int rows, int limit)
    {
        for (int seed = 0; seed < TestSize.Of(20, 500); seed++) Assert.Null(FirstDifference(seed, horizon, rows, swap: false, limit));
        Assert.NotNull(FirstDifference(3, horizon, rows, swap: true, limit));
    }

    [Fact]
    public void Bootstrapping_from_the_next_episodes_first_observation_is_caught() =>
        Assert.NotNull(FirstDifference(seed: 3, horizon: 64, rows: 12, swap: true));

    [Fact]
    public void A_termination_wins_over_a_truncation_in_the_same_slot()
    {
        float[] both = Run([1], [2, 100], [1], [1], [50], rows: 1).Advantages;
        Assert.Equal(1f - 2f, both[0]);
    }

    [Fact]
    public void Slot_by_slot_and_row_by_row_give_the_same_bits()
    {
        var random = new System.Random(5);
        const int Horizon = 17, Rows = 37;
        float[] rewards = random.Array(Horizon * Rows, -1, 1), values = random.Array((Horizon + 1) * Rows, -1, 1);
        byte[] none = new byte[Horizon * Rows];
        using var memory = new LearningMemory(threads: 3);
        ComputeAdvantages wide = Kernel(memory, rewards, values, none, none, new float[Rows], Rows);
        ComputeAdvantages each = Kernel(memory, rewards, values, none, none, new float[Rows], Rows);
        memory.Device.Launch(wide, Rows);
        LearningMemory.RunEach(each, Rows);
        Assert.Equal(each.Advantages.AsSpan().ToArray(), wide.Advantages.AsSpan().ToArray());
    }

    [Fact]
    public void Normalised_advantages_have_mean_0_and_deviation_1_over_the_rows_that_count()
    {
        var random = new System.Random(6);
        const int Count = 5_000;
        float[] advantages = random.Array(Count, 3, 9);
        byte[] weights = [.. Enumerable.Range(0, Count).Select(i => (byte)(i % 5 == 0 ? 0 : 1))];
        float[] normalised = Normalise(advantages, weights, 1);
        double[] counted = [.. Enumerable.Range(0, Count).Where(i => weights[i] == 1).Select(i => (double)normalised[i])];
        Assert.Equal(0, counted.Average(), 1e-5);
        Assert.Equal(1, Math.Sqrt(counted.Average(a => a * a)), 1e-4);
        double mean = Enumerable.Range(0, Count).Where(i => weights[i] == 1).Average(i => (double)advantages[i]);
        double deviation = Math.Sqrt(Enumerable.Range(0, Count).Where(i => weights[i] == 1).Average(i => Math.Pow(advantages[i] - mean, 2)));
        for (int i = 0; i < Count; i++) Assert.True(CaseRandom.Close(normalised[i], (advantages[i] - mean) / (deviation + 1e-8), 1e-4, 1e-5));
    }

    [Fact]
    public void Rows_of_weight_0_leave_no_trace_in_the_normalisation()
    {
        float[] advantages = new System.Random(7).Array(3_000, -2, 2);
        byte[] weights = [.. Enumerable.Range(0, 3_000).Select(i => (byte)(i % 3 == 0 ? 0 : 1))];
        float[] changed = [.. advantages.Select((a, i) => weights[i] == 0 ? float.NaN : a)];
        float[] before = Normalise(advantages, weights, 1), after = Normalise(changed, weights, 2);
        for (int i = 0; i < 3_000; i++)
            if (weights[i] == 1) Assert.Equal(before[i], after[i]);
    }

    // T16 and T18 in small: the same sums on any number of threads, and index by index.
    [Fact]
    public void Sums_do_not_depend_on_threads()
    {
        float[] advantages = new System.Random(8).Array(10_000, -2, 2);
        byte[] weights = [.. Enumerable.Repeat((byte)1, 10_000)];
        float[] one = Normalise(advantages, weights, 1);
        Assert.Equal(one, Normalise(advantages, weights, 2));
        Assert.Equal(one, Normalise(advantages, weights, 3));
    }

    [Fact]
    public void No_rows_that_count_leave_advantages_as_they_are() =>
        Assert.Equal([1f, -2f], Normalise([1f, -2f], [0, 0], 1));

    private static float[] Normalise(float[] advantages, byte[] weights, int threads)
    {
        using var memory = new LearningMemory(threads);
        View<float> view = memory.Of(advantages);
        View<double> partials = memory.Zeros<double>(Reduction.Lanes * AdvantageSum.Count), again = memory.Zeros<double>(Reduction.Lanes * AdvantageSum.Count);
        var sum = new SumAdvantages { Advantages = view, Returns = memory.Of(advantages), Weights = memory.Of(weights), Partials = partials };
        memory.Device.Launch(sum, Reduction.Lanes);
        sum.Partials = again;
        LearningMemory.RunEach(sum, Reduction.Lanes);
        Assert.Equal(again.AsSpan().ToArray(), partials.AsSpan().ToArray());
        View<double> sums = memory.Of(memory.Sum(partials, AdvantageSum.Count));
        memory.Device.Launch(new NormalizeAdvantages { Advantages = view, Sums = sums }, advantages.Length);
        return view.AsSpan().ToArray();
    }

    private static string? FirstDifference(int seed, int horizon, int rows, bool swap, int limit = int.MaxValue)
    {
        var random = new System.Random(seed);
        int places = 1 + (horizon - 1) / limit;
        float[] rewards = random.Array(horizon * rows, -1, 1), values = random.Array((horizon + 1) * rows, -1, 1), finals = random.Array(rows * places, -1, 1);
        byte[] terminated = new byte[horizon * rows], truncated = new byte[horizon * rows];
        for (int row = 0; row < rows; row++)
        {
            for (int t = 0; t < horizon; t++) terminated[t * rows + row] = (byte)(random.Next(10) == 0 ? 1 : 0);
            // Often in the last slot, sometimes with both flags; with a limit, as often as it allows.
            for (int t = row % 2 == 0 ? (horizon - 1) % limit : random.Next(Math.Min(horizon, limit)); t < horizon; t += Math.Min(limit, horizon))
                truncated[t * rows + row] = 1;
        }

        int[] steps = Steps(truncated, rows, places);
        float[] used = swap ? FirstOfNext(values, steps, rows, places) : finals;
        float[] actual = Run(rewards, values, terminated, truncated, used, rows, steps).Advantages;
        for (int row = 0; row < rows; row++)
        {
            SlotOutcome[] slots = [.. Enumerable.Range(0, horizon).Select(t => (T: t, At: t * rows + row)).Select(slot => new SlotOutcome(
                rewards[slot.At], values[slot.At], terminated[slot.At] != 0, truncated[slot.At] != 0,
                truncated[slot.At] == 0 ? double.NaN : finals[row * places + Array.IndexOf(steps, slot.T, row * places, places) - row * places]))];
            double[] expected = AdvantageReference.Advantages(slots, values[horizon * rows + row], .99, .95);
            for (int t = 0; t < horizon; t++)
                if (!CaseRandom.Close(actual[t * rows + row], expected[t], 1e-5, 1e-5))
                    return $"seed {seed}, row {row}, slot {t}: {actual[t * rows + row]}, expected {expected[t]}";
        }

        return null;
    }

    // (rows, places) slot of the row's k-th truncation, or −1.
    private static int[] Steps(byte[] truncated, int rows, int places)
    {
        var steps = new int[rows * places];
        Array.Fill(steps, -1);
        for (int i = 0; i < truncated.Length; i++)
            if (truncated[i] != 0) steps[Array.IndexOf(steps, -1, i % rows * places, places)] = i / rows;
        return steps;
    }

    // The planted bug: the value of the observation after the automatic reset, instead of the preserved last one.
    private static float[] FirstOfNext(float[] values, int[] steps, int rows, int places) =>
        [.. steps.Select((t, at) => t < 0 ? 0f : values[(t + 1) * rows + at / places])];

    private static (float[] Advantages, float[] Returns) Run(
        float[] rewards, float[] values, byte[] terminated, byte[] truncated, float[] finals, int rows, int[]? steps = null)
    {
        using var memory = new LearningMemory();
        ComputeAdvantages kernel = Kernel(memory, rewards, values, terminated, truncated, finals, rows, steps);
        memory.Device.Launch(kernel, rows);
        float[] advantages = kernel.Advantages.AsSpan().ToArray(), returns = kernel.Returns.AsSpan().ToArray();
        for (int i = 0; i < advantages.Length; i++) Assert.Equal(advantages[i] + values[i], returns[i]);
        return (advantages, returns);
    }

    private static ComputeAdvantages Kernel(
        LearningMemory memory, float[] rewards, float[] values, byte[] terminated, byte[] truncated, float[] finals, int rows, int[]? steps = null) => new()
        {
            Rewards = memory.Of(rewards),
            Terminated = memory.Of(terminated),
            Truncated = memory.Of(truncated),
            Values = memory.Of(values),
            FinalValues = memory.Of(finals),
            FinalSteps = memory.Of(steps ?? Steps(truncated, rows, finals.Length / rows)),
            Advantages = memory.Zeros<float>(rewards.Length),
            Returns = memory.Zeros<float>(rewards.Length),
            Horizon = rewards.Length / rows,
            Rows = rows,
            Finals = finals.Length / rows,
            Discount = .99f,
            Decay = (float)(.99 * .95),
        };
}
