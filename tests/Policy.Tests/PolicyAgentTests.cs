using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests;

/// <summary>The player for outside programs: one network, rows that come and go, and nothing that depends on who steps with whom.</summary>
public class PolicyAgentTests
{
    private static readonly NetworkSpec Remembering = new(6, [12], Activation.Relu, 2, [3, 2]) { Core = NetworkCore.Lstm, CoreWidth = 5, StateDependentStd = true };

    private static readonly NetworkSpec Bytes = new(6, [8], Activation.Relu, 0, [4])
    {
        Stem = new GridStem(null, [new ByteField("kind", 1, 5), new ByteField("amount", 4, 0)], [], FieldJoin.Concatenate),
    };

    private static float[] Weights(NetworkSpec network)
    {
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, 9, weights);
        var random = new Random(2);
        ParameterTensor actor = layout["actor.weight"];
        foreach (ref float weight in weights.AsSpan(actor.Offset, actor.Length)) weight = random.NextSingle() - 0.5f;
        return weights;
    }

    private static float[] Observations(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * 6).Select(_ => 2f * random.NextSingle() - 1f)];
    }

    private static PolicyAgent Agent(int rows, bool deterministic = false, ulong seed = 4) =>
        new(Remembering, Weights(Remembering), new PolicyAgentOptions { Rows = rows, Deterministic = deterministic, Seed = seed });

    [Fact]
    public void Outputs_are_those_of_the_engine_with_memory_over_steps()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var engine = new BuiltinEngine(device, Remembering, 3);
        Weights(Remembering).CopyTo(engine.Weights.AsSpan());
        engine.RefreshDerived();
        using DeviceBuffer<float> seen = device.Allocate<float>(18, "o"), state = device.Allocate<float>(30, "s"), outputs = device.Allocate<float>(30, "y");
        using PolicyAgent agent = Agent(4, deterministic: true);
        var components = new float[6];
        var choices = new int[6];
        for (int step = 0; step < 5; step++)
        {
            float[] observations = Observations(3, step);
            seen.Write(observations);
            engine.Forward(new NetworkInput { Observations = seen.View, State = state.View, NextState = state.View, Sequences = 3, Slots = 1 }, outputs.View, keepActivations: false);
            agent.Step(observations, [], components, choices);
            Assert.Equal(outputs.View.AsSpan(), agent.Outputs);
            Assert.Equal(state.View.AsSpan()[10..20], agent.State(1));
            for (int row = 0; row < 3; row++)
            {
                Span<float> y = outputs.View.AsSpan().Slice(row * 10, 10);
                Assert.Equal(Math.Clamp(y[0], -1f, 1f), components[row * 2]);
                Assert.Equal(Best(y[4..7]), choices[row * 2]);
                Assert.Equal(Best(y[7..9]), choices[row * 2 + 1]);
                Assert.Equal(y[9], agent.Values[row]);
            }
        }
    }

    [Fact]
    public void A_row_does_not_depend_on_those_it_steps_with()
    {
        using PolicyAgent together = Agent(8), alone = Agent(8);
        float[] components = new float[16], one = new float[2];
        int[] choices = new int[16], chosen = new int[2];
        for (int step = 0; step < 6; step++)
        {
            float[] observations = Observations(8, step);
            together.Step(observations, [], components, choices);
            foreach (int row in step % 2 == 0 ? new[] { 5, 2 } : [2, 5])
            {
                alone.Step(observations.AsSpan(row * 6, 6), [], one, chosen, [row]);
                Assert.Equal(components[(row * 2)..(row * 2 + 2)], one);
                Assert.Equal(choices[(row * 2)..(row * 2 + 2)], chosen);
            }

            // Row 7 steps half as often; rows of unequal counts in one batch.
            if (step % 2 == 0) alone.Step(observations.AsSpan(0, 12), [], new float[4], new int[4], [7, 0]);
            else alone.Step(observations.AsSpan(0, 6), [], new float[2], new int[2], [0]);
        }
    }

    [Fact]
    public void Samples_repeat_from_their_seed_and_threads_change_nothing()
    {
        float[] Play(ulong seed, int threads)
        {
            using var agent = new PolicyAgent(Remembering, Weights(Remembering), new PolicyAgentOptions { Rows = 40, Seed = seed, Threads = threads });
            var components = new float[80];
            for (int step = 0; step < 4; step++) agent.Step(Observations(40, step), [], components, new int[80]);
            return components;
        }

        Assert.Equal(Play(1, 1), Play(1, 3));
        Assert.NotEqual(Play(1, 1), Play(2, 1));
    }

    [Fact]
    public void Reset_forgets_one_row_and_draws_go_on()
    {
        using PolicyAgent agent = Agent(2), other = Agent(2);
        float[] first = new float[4], again = new float[4];
        agent.Step(Observations(2, 0), [], first, new int[4]);
        Assert.Contains(agent.State(0).ToArray(), value => value != 0f);
        agent.Reset(0);
        Assert.All(agent.State(0).ToArray(), value => Assert.Equal(0f, value));
        Assert.Contains(agent.State(1).ToArray(), value => value != 0f);
        agent.Step(Observations(2, 0), [], again, new int[4]);
        Assert.NotEqual(first[..2], again[..2]); // the same observation and memory, another draw
        agent.Reset();
        agent.Step(Observations(2, 0), [], again, new int[4]);
        Assert.Equal(first, again);
    }

    [Fact]
    public void Masks_are_obeyed()
    {
        using PolicyAgent agent = Agent(6);
        var masks = new byte[30];
        for (int row = 0; row < 6; row++) (masks[row * 5 + 2], masks[row * 5 + 3], masks[row * 5 + 4]) = (1, 1, (byte)(row % 2));
        var choices = new int[12];
        for (int step = 0; step < 20; step++)
        {
            agent.Step(Observations(6, step), masks, new float[12], choices);
            for (int row = 0; row < 6; row++)
            {
                Assert.Equal(2, choices[row * 2]);
                if (row % 2 == 0) Assert.Equal(0, choices[row * 2 + 1]);
            }
        }
    }

    [Fact]
    public void Samples_follow_the_distribution()
    {
        using PolicyAgent agent = Agent(1000);
        float[] observations = [.. Enumerable.Repeat(Observations(1, 0), 1000).SelectMany(row => row)];
        var choices = new int[2000];
        var components = new float[2000];
        agent.Step(observations, [], components, choices);
        double[] odds = [.. agent.Outputs[4..7].ToArray().Select(logit => Math.Exp(logit))];
        for (int choice = 0; choice < 3; choice++)
            Assert.Equal(odds[choice] / odds.Sum(), Enumerable.Range(0, 1000).Count(row => choices[row * 2] == choice) / 1000.0, 0.06);
        Assert.True(components.Distinct().Count() > 100);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_changes_nothing()
    {
        using PolicyAgent agent = Agent(2, deterministic: true);
        agent.Step(Observations(2, 1), [], new float[4], new int[4]);
        float[] before = agent.State(0).ToArray(), bad = Observations(2, 2);
        bad[8] = float.NaN;
        Assert.Contains("Observation 2 of row 1", Assert.Throws<ArgumentException>(() => agent.Step(bad, [], new float[4], new int[4])).Message);
        Assert.Throws<ArgumentException>(() => agent.Step(new float[7], [], new float[2], new int[2]));
        Assert.Throws<ArgumentException>(() => agent.Step(new float[18], [], new float[6], new int[6]));
        Assert.Throws<ArgumentException>(() => agent.Step(new float[6], [], new float[1], new int[2]));
        Assert.Throws<ArgumentException>(() => agent.Step(new float[6], new byte[4], new float[2], new int[2]));
        Assert.Contains("head 0", Assert.Throws<ArgumentException>(() => agent.Step(new float[6], new byte[5], new float[2], new int[2])).Message);
        Assert.Throws<ArgumentException>(() => agent.Step(new float[12], [], new float[4], new int[4], [1, 1]));
        Assert.Throws<ArgumentException>(() => agent.Step(new float[12], [], new float[4], new int[4], [0, 2]));
        Assert.Throws<ArgumentException>(() => agent.Step(new byte[6], [], new float[2], new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => agent.Reset(2));
        Assert.Equal(before, agent.State(0));
        agent.Step(Observations(2, 2), [], new float[4], new int[4], [1, 0]); // no row was left marked
        using var bytes = new PolicyAgent(Bytes, Weights(Bytes));
        Assert.Contains("Byte 1 of row 0 is 5", Assert.Throws<ArgumentException>(() => bytes.Step(new byte[] { 0, 5, 0, 0, 0, 0 }, [], new int[1])).Message);
        bytes.Step(new byte[] { 255, 4, 255, 255, 255, 255 }, [], new int[1]);
        Assert.Throws<UsageException>(() => new PolicyAgent(Bytes, Weights(Bytes), new PolicyAgentOptions { Rows = 4097 }));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using PolicyAgent agent = Agent(64);
        float[] observations = Observations(64, 0), components = new float[128];
        int[] choices = new int[128], rows = [.. Enumerable.Range(0, 64).Reverse()];
        var masks = new byte[320];
        masks.AsSpan().Fill(1);
        for (int warm = 0; warm < 3; warm++) agent.Step(observations, masks, components, choices, rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 20; step++)
        {
            agent.Step(observations, masks, components, choices, rows);
            agent.Step(observations.AsSpan(0, 6), [], components.AsSpan(0, 2), choices.AsSpan(0, 2));
            agent.Reset(3);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Files_of_training_are_loaded()
    {
        string path = Path.GetTempFileName();
        try
        {
            PolicyFile.Save(path, new PolicyDescription("soccer", Remembering, [], 0, 1), Weights(Remembering));
            using PolicyAgent loaded = PolicyAgent.Load(path, new PolicyAgentOptions { Seed = 4 }), made = Agent(1);
            float[] a = new float[2], b = new float[2];
            loaded.Step(Observations(1, 0), [], a, new int[2]);
            made.Step(Observations(1, 0), [], b, new int[2]);
            Assert.Equal(a, b);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int choice = 1; choice < logits.Length; choice++)
            if (logits[choice] > logits[best]) best = choice;
        return best;
    }
}
