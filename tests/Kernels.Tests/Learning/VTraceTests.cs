using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Validation.Learning;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Learning;

public class VTraceTests
{
    // γ .9, λ .5, ratios ½, 2, ¼. Slot 2: ¼·(3 + .9·2 − 1) = .95. Slot 1: (2 + .9·1 − .5) + .45·.95 = 2.8275, ratio clipped to 1.
    // Slot 0: ½·(1 + .9·.5 − .5) + .45·½·2.8275 = 1.1111875.
    private static readonly double[] Expected = [1.1111875, 2.8275, 0.95];

    [Fact]
    public void Three_slots_worked_by_hand()
    {
        SlotOutcome[] slots = [new(1, .5, false, false, 0), new(2, .5, false, false, 0), new(3, 1, false, false, 0)];
        double[] reference = AdvantageReference.VTrace(slots, 2, [.5, 2, .25], .9, .5);
        using var memory = new LearningMemory();
        var estimate = new ComputeAdvantages
        {
            Rewards = memory.Of(1f, 2f, 3f),
            Terminated = memory.Zeros<byte>(3),
            Truncated = memory.Zeros<byte>(3),
            Values = memory.Of(.5f, .5f, 1f, 2f),
            FinalValues = memory.Zeros<float>(1),
            FinalSteps = memory.Of(-1),
            Advantages = memory.Zeros<float>(3),
            Returns = memory.Zeros<float>(3),
            Horizon = 3,
            Rows = 1,
            Finals = 1,
            Discount = .9f,
            Decay = .45f,
        };
        View<float> present = memory.Of(MathF.Log(.5f), MathF.Log(2f), MathF.Log(.25f));
        memory.Device.Launch(new ComputeVTrace { Estimate = estimate, ActedLogProbs = memory.Zeros<float>(3), LogProbs = present, Weights = memory.Of<byte>(1, 1, 1) }, 1);
        for (int t = 0; t < 3; t++)
        {
            Assert.Equal(Expected[t], reference[t], 1e-9);
            Assert.Equal(Expected[t], estimate.Advantages[t], 1e-5);
            Assert.Equal(estimate.Advantages[t] + estimate.Values[t], estimate.Returns[t]);
        }
    }

    [Fact]
    public void Random_flags_and_ratios_agree_with_the_reference() =>
        Prop.ForAll<int>(seed =>
        {
            using var random = new Case(seed);
            random.Launch();
            return random.Distance() < 1e-4;
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void A_trace_that_is_not_clipped_and_a_correction_that_is_ignored_are_caught()
    {
        using var random = new Case(3);
        random.Launch();
        Assert.True(random.Distance(traceCap: double.PositiveInfinity) > 0.1);
        Assert.True(random.Distance(temporalCap: double.PositiveInfinity) > 0.1);
        ComputeVTrace ignored = random.Kernel;
        ignored.LogProbs = ignored.ActedLogProbs;
        random.Memory.Device.Launch(ignored, Case.Rows);
        Assert.True(random.Distance() > 0.1);
    }

    [Fact]
    public void Without_a_move_it_is_the_plain_estimate_bit_for_bit() =>
        Prop.ForAll<int>(seed =>
        {
            using var random = new Case(seed);
            ComputeVTrace unmoved = random.Kernel;
            // Every ratio at least 1: equal log-probs, or larger ones, which are clipped.
            for (int i = 0; i < unmoved.LogProbs.Length; i++) unmoved.LogProbs[i] = unmoved.ActedLogProbs[i] + (i % 2);
            random.Memory.Device.Launch(unmoved, Case.Rows);
            float[] advantages = unmoved.Estimate.Advantages.AsSpan().ToArray(), returns = unmoved.Estimate.Returns.AsSpan().ToArray();
            random.Memory.Device.Launch(unmoved.Estimate, Case.Rows);
            return advantages.SequenceEqual(unmoved.Estimate.Advantages.AsSpan().ToArray()) && returns.SequenceEqual(unmoved.Estimate.Returns.AsSpan().ToArray());
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Slot_by_slot_and_row_by_row_give_the_same_bits()
    {
        using var random = new Case(5, threads: 3);
        random.Launch();
        float[] wide = random.Kernel.Estimate.Advantages.AsSpan().ToArray();
        random.Kernel.Estimate.Advantages.AsSpan().Clear();
        LearningMemory.RunEach(random.Kernel, Case.Rows);
        Assert.Equal(wide, random.Kernel.Estimate.Advantages.AsSpan().ToArray());
    }

    // Random everything: both kinds of ends, also together, ratios from 0.14 to 7.4, and rows that do not count.
    private sealed class Case : IDisposable
    {
        internal const int Rows = 9;
        private const int Horizon = 21;

        internal Case(int seed, int threads = 1)
        {
            var random = new System.Random(seed);
            Memory = new LearningMemory(threads);
            var terminated = new byte[Horizon * Rows];
            var truncated = new byte[Horizon * Rows];
            var steps = new int[Rows];
            for (int i = 0; i < terminated.Length; i++) terminated[i] = (byte)(random.Next(8) == 0 ? 1 : 0);
            for (int row = 0; row < Rows; row++)
            {
                steps[row] = row % 4 == 0 ? -1 : row % 4 == 1 ? Horizon - 1 : random.Next(Horizon);
                if (steps[row] >= 0) truncated[steps[row] * Rows + row] = 1;
            }

            Kernel = new ComputeVTrace
            {
                Estimate = new ComputeAdvantages
                {
                    Rewards = Memory.Of(random.Array(Horizon * Rows, -1, 1)),
                    Terminated = Memory.Of(terminated),
                    Truncated = Memory.Of(truncated),
                    Values = Memory.Of(random.Array((Horizon + 1) * Rows, -1, 1)),
                    FinalValues = Memory.Of(random.Array(Rows, -1, 1)),
                    FinalSteps = Memory.Of(steps),
                    Advantages = Memory.Zeros<float>(Horizon * Rows),
                    Returns = Memory.Zeros<float>(Horizon * Rows),
                    Horizon = Horizon,
                    Rows = Rows,
                    Finals = 1,
                    Discount = .99f,
                    Decay = (float)(.99 * .95),
                },
                ActedLogProbs = Memory.Of(random.Array(Horizon * Rows, -2, 0)),
                LogProbs = Memory.Of(random.Array(Horizon * Rows, -2, 0)),
                Weights = Memory.Of([.. Enumerable.Range(0, Horizon * Rows).Select(_ => (byte)(random.Next(6) == 0 ? 0 : 1))]),
            };
        }

        internal LearningMemory Memory { get; }

        internal ComputeVTrace Kernel { get; }

        internal void Launch() => Memory.Device.Launch(Kernel, Rows);

        /// <summary>Largest distance of an advantage from the reference with these caps.</summary>
        internal double Distance(double temporalCap = 1, double traceCap = 1)
        {
            ComputeAdvantages estimate = Kernel.Estimate;
            double distance = 0;
            for (int row = 0; row < Rows; row++)
            {
                int[] at = [.. Enumerable.Range(0, Horizon).Select(t => t * Rows + row)];
                SlotOutcome[] slots = [.. at.Select(i => new SlotOutcome(
                    estimate.Rewards[i], estimate.Values[i], estimate.Terminated[i] != 0, estimate.Truncated[i] != 0, estimate.FinalValues[row]))];
                double[] ratios = [.. at.Select(i => Kernel.Weights[i] == 0 ? 1 : Math.Exp((double)Kernel.LogProbs[i] - Kernel.ActedLogProbs[i]))];
                double[] expected = AdvantageReference.VTrace(slots, estimate.Values[Horizon * Rows + row], ratios, .99, .95, temporalCap, traceCap);
                for (int t = 0; t < Horizon; t++) distance = Math.Max(distance, Math.Abs(expected[t] - estimate.Advantages[at[t]]));
            }

            return distance;
        }

        public void Dispose() => Memory.Dispose();
    }
}
