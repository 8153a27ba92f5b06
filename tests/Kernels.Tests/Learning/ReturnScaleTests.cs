using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

/// <summary>Running moments of discounted returns, and the largest recurrent state.</summary>
public class ReturnScaleTests
{
    // γ ½. Row 0: rewards 2, 0, 4 with an end behind slot 1: R = 2, 1, 4. Row 1: 8, weight 0 | 0 | 2: R = 8, 4, 4. Counted: 2, 1, 4, 4, 4.
    // Mean 3, squares 1 + 4 + 1 + 1 + 1 = 8, std √(8/5).
    [Fact]
    public void Two_rows_worked_by_hand()
    {
        using var memory = new LearningMemory();
        var run = new Case(memory, rows: 2, discount: 0.5);
        run.Absorb([2, 8, 0, 0, 4, 2], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 0, 1, 1, 1, 1]);
        Assert.Equal([5, 3, 8], run.Moments.AsSpan().ToArray().Select(value => Math.Round(value, 12)));
        Assert.Equal([4, 4], run.Running.AsSpan().ToArray());
        Assert.Equal(1 / Math.Sqrt(1.6), run.Scale[0], 1e-6);
        Assert.Equal((float)(4 / Math.Sqrt(1.6)), run.Scaled[4], 1e-5);
        // The returns go on: 16 + 2 = 18 in row 0; row 1 has 2 and is ended by the clock.
        run.Absorb([16, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]);
        Assert.Equal([4.5, 0], run.Running.AsSpan().ToArray());
        Assert.Equal(7, run.Moments[ReturnMoment.Count]); // and 18, 2: mean 35/7
        Assert.Equal(5, run.Moments[ReturnMoment.Mean], 1e-12);
    }

    // More rows than lanes, so that a lane takes several.
    [Theory]
    [InlineData(5, 7)]
    [InlineData(33, 3)]
    [InlineData(3, 1_500)]
    public void Four_rollouts_agree_with_the_reference(int horizon, int rows)
    {
        const double Discount = 0.97;
        var random = new System.Random(horizon);
        using var memory = new LearningMemory(threads: 3);
        var run = new Case(memory, rows, Discount);
        List<RewardSlot>[] seen = [.. Enumerable.Range(0, rows).Select(_ => new List<RewardSlot>())];
        for (int rollout = 0; rollout < 4; rollout++)
        {
            float[] rewards = random.Array(horizon * rows, 99, 101);
            byte[] terminated = Flags(random, rewards.Length, 8), truncated = Flags(random, rewards.Length, 8), weights = Flags(random, rewards.Length, 2);
            for (int i = 0; i < rewards.Length; i++) seen[i % rows].Add(new RewardSlot(rewards[i], terminated[i] + truncated[i] > 0, weights[i] == 1));
            run.Absorb(rewards, terminated, truncated, weights);
            Assert.True(Close(ReturnScaleReference.Deviation(seen, Discount)));
        }

        // Planted: returns that go on over ends, slots of somebody else, another discount, the last rollout alone.
        Assert.False(Close(ReturnScaleReference.Deviation(seen.Select(row => row.Select(slot => slot with { Ended = false }).ToArray()), Discount)));
        Assert.False(Close(ReturnScaleReference.Deviation(seen.Select(row => row.Select(slot => slot with { Counts = true }).ToArray()), Discount)));
        Assert.False(Close(ReturnScaleReference.Deviation(seen, 0.96)));
        Assert.False(Close(ReturnScaleReference.Deviation(seen.Select(row => row.TakeLast(horizon).ToArray()), Discount)));

        bool Close(double deviation) => Math.Abs(run.Scale[0] * deviation - 1) < 1e-6;
    }

    [Fact]
    public void Returns_that_never_differ_leave_rewards_as_they_are()
    {
        using var memory = new LearningMemory();
        var run = new Case(memory, rows: 1, discount: 0.9);
        for (int i = 0; i < 3; i++) run.Absorb([0.1f, 0.1f], [1, 1], [0, 0], [1, 1]);
        Assert.Equal(1f, run.Scale[0]);
        Assert.Equal(0.1f, run.Scaled[1]);
        run.Absorb([7f, 0.3f], [1, 1], [0, 0], [0, 0]); // nothing counts
        Assert.Equal((6.0, 1f), (run.Moments[ReturnMoment.Count], run.Scale[0]));
    }

    [Fact]
    public void The_largest_state_is_that_of_the_cell_alone_and_of_every_row()
    {
        // (h, c) of three rows; the largest |c| is 3, the largest of all 9.
        float[] states = [9, 1, 0, -3, -9, 2];
        Assert.Equal(3, Largest(states, 2, first: 1));
        Assert.Equal(9, Largest(states, 2, first: 0)); // planted: h taken for c
        var many = new float[2 * 3_000];
        many[2 * 2_999 + 1] = -5;
        Assert.Equal(5, Largest(many, 2, first: 1));
    }

    private static double Largest(float[] states, int size, int first)
    {
        using var memory = new LearningMemory(threads: 3);
        View<double> partials = memory.Zeros<double>(Reduction.Lanes), largest = memory.Zeros<double>(1);
        memory.Device.Launch(new LargestState { States = memory.Of(states), StateSize = size, First = first, Partials = partials }, Reduction.Lanes);
        memory.Device.Launch(new LargestPartial { Partials = partials, Largest = largest }, 1);
        return largest[0];
    }

    private static byte[] Flags(System.Random random, int length, int oneIn) => [.. Enumerable.Range(0, length).Select(_ => (byte)(random.Next(oneIn) == 0 ? 1 : 0))];

    private sealed class Case(LearningMemory memory, int rows, double discount)
    {
        internal View<double> Moments { get; } = memory.Zeros<double>(ReturnMoment.Columns);

        internal View<double> Running { get; } = memory.Zeros<double>(rows);

        internal View<float> Scale { get; } = memory.Zeros<float>(1);

        internal View<float> Scaled { get; private set; }

        internal void Absorb(float[] rewards, byte[] terminated, byte[] truncated, byte[] weights)
        {
            View<double> partials = memory.Zeros<double>(Reduction.Lanes * ReturnMoment.Columns);
            View<float> raw = memory.Of(rewards);
            Scaled = memory.Zeros<float>(rewards.Length);
            memory.Device.Launch(
                new SumReturns
                {
                    Rewards = raw,
                    Terminated = memory.Of(terminated),
                    Truncated = memory.Of(truncated),
                    Weights = memory.Of(weights),
                    Running = Running,
                    Moments = Moments,
                    Partials = partials,
                    Horizon = rewards.Length / rows,
                    Rows = rows,
                    Discount = discount,
                },
                Reduction.Lanes);
            memory.Device.Launch(new MergeReturns { Partials = partials, Moments = Moments, Scale = Scale }, 1);
            memory.Device.Launch(new ScaleRewards { Rewards = raw, Scale = Scale, Scaled = Scaled }, rewards.Length);
        }
    }
}
