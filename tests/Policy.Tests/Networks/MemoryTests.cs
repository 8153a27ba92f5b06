using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>Networks with memory: what a state is, where it ends, and that it does not matter how slots are put into calls.</summary>
public class MemoryTests
{
    private static readonly NetworkSpec Lstm = new(9, [20], Activation.Tanh, 2, []) { Core = NetworkCore.Lstm, CoreWidth = 18 };
    private static readonly NetworkSpec MinGru = Lstm with { Core = NetworkCore.MinGru };

    public static TheoryData<NetworkCore> Cores => [NetworkCore.Lstm, NetworkCore.MinGru];

    [Fact]
    public void Three_slots_of_an_lstm_by_the_formula()
    {
        // One input, one unit, no hidden layer, the value is h itself; the episode begins anew at slot 1.
        var spec = new NetworkSpec(1, [], Activation.Tanh, 1, []) { Core = NetworkCore.Lstm, CoreWidth = 1 };
        using var engineCase = new EngineCase(spec, 1, seed: 1, slots: 3);
        Set(engineCase, "core.lstm.weight_ih", 0.5f, -0.25f, 1f, 0.75f);
        Set(engineCase, "core.lstm.weight_hh", 0.3f, 0.2f, -0.6f, 0.1f);
        Set(engineCase, "core.lstm.bias", 0.1f, 1f, 0f, -0.2f);
        Set(engineCase, "critic.weight", 1f);
        Set(engineCase, "critic.bias", 0f);
        engineCase.Engine.RefreshDerived();
        float[] x = [0.8f, -1.2f, 0.4f];
        x.CopyTo(engineCase.Observations.View.AsSpan());
        engineCase.EpisodeStart.Write([0, 1, 0]);
        engineCase.State.Write([0.6f, -0.9f]);
        engineCase.Run();

        double h = 0.6, c = -0.9;
        for (int slot = 0; slot < 3; slot++)
        {
            double keep = slot == 1 ? 0 : 1;
            (h, c) = (keep * h, keep * c);
            double i = Sigmoid(0.5 * x[slot] + 0.3 * h + 0.1), f = Sigmoid(-0.25 * x[slot] + 0.2 * h + 1);
            double g = Math.Tanh(x[slot] - 0.6 * h), o = Sigmoid(0.75 * x[slot] + 0.1 * h - 0.2);
            c = f * c + i * g;
            h = o * Math.Tanh(c);
            Assert.Equal(h, engineCase.Outputs.View[slot * 2 + 1], 1e-6);
        }

        Assert.Equal(h, engineCase.NextState.View[0], 1e-6);
        Assert.Equal(c, engineCase.NextState.View[1], 1e-6);
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void A_reset_in_mid_segment_equals_two_segments_exactly(NetworkCore core)
    {
        const int Sequences = 5, Slots = 7, Reset = 3;
        using var whole = new EngineCase(Lstm with { Core = core }, Sequences, seed: 2, slots: Slots);
        whole.EpisodeStart.View.AsSpan().Clear();
        for (int sequence = 0; sequence < Sequences; sequence++) whole.EpisodeStart.View[sequence * Slots + Reset] = 1;
        whole.Run();

        using var before = new EngineCase(whole.Spec, Sequences, seed: 2, slots: Reset);
        using var after = new EngineCase(whole.Spec, Sequences, seed: 2, slots: Slots - Reset);
        foreach ((EngineCase part, int first) in new[] { (before, 0), (after, Reset) })
        {
            CopySlots(whole, part, first, whole.Observations, part.Observations);
            CopySlots(whole, part, first, whole.OutputGradients, part.OutputGradients);
            whole.Engine.Weights.AsSpan().CopyTo(part.Engine.Weights.AsSpan());
            part.Engine.RefreshDerived();
            part.EpisodeStart.View.AsSpan().Clear();
            part.State.Write(whole.State.ToArray());
        }

        after.State.View.AsSpan().Clear();
        before.Run();
        after.Run();
        Assert.Equal(Slice(whole, before, 0), before.Outputs.ToArray());
        Assert.Equal(Slice(whole, after, Reset), after.Outputs.ToArray());
        Assert.Equal(whole.NextState.ToArray(), after.NextState.ToArray());
        for (int i = 0; i < whole.Engine.Parameters.Length; i++)
            Assert.Equal(whole.Engine.Gradients[i], before.Engine.Gradients[i] + after.Engine.Gradients[i], 1e-6f); // the same terms in another order
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void Slots_in_one_call_equal_single_calls_bit_for_bit(NetworkCore core)
    {
        foreach ((int sequences, int slots) in new[] { (1, 9), (7, 33), (150, 4) })
        {
            using var all = new EngineCase(Lstm with { Core = core }, sequences, seed: sequences, slots: slots);
            using var single = new EngineCase(all.Spec, sequences, seed: sequences);
            all.Engine.Weights.AsSpan().CopyTo(single.Engine.Weights.AsSpan());
            single.Engine.RefreshDerived();
            single.State.Write(all.State.ToArray());
            all.Run();
            for (int slot = 0; slot < slots; slot++)
            {
                CopySlots(all, single, slot, all.Observations, single.Observations);
                for (int sequence = 0; sequence < sequences; sequence++)
                    single.EpisodeStart.View[sequence] = all.EpisodeStart.View[sequence * slots + slot];
                NetworkInput input = single.Input;
                input.NextState = input.State; // as when collecting
                single.Engine.Forward(input, single.Outputs.View, keepActivations: slot % 2 == 0);
                Assert.Equal(Slice(all, single, slot), single.Outputs.ToArray());
            }

            Assert.Equal(all.NextState.ToArray(), single.State.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void Permuted_sequences_give_permuted_outputs_exactly_and_the_same_gradient_within_rounding(NetworkCore core)
    {
        const int Sequences = 120, Slots = 5;
        using var plain = new EngineCase(Lstm with { Core = core }, Sequences, seed: 3, slots: Slots);
        using var permuted = new EngineCase(plain.Spec, Sequences, seed: 3, slots: Slots);
        int[] order = [.. Enumerable.Range(0, Sequences)];
        new Random(4).Shuffle(order);
        Permute(plain.Observations, permuted.Observations, order);
        Permute(plain.OutputGradients, permuted.OutputGradients, order);
        Permute(plain.EpisodeStart, permuted.EpisodeStart, order);
        Permute(plain.State, permuted.State, order);
        plain.Run();
        permuted.Run();
        Assert.Equal(Permuted(plain.Outputs, order), permuted.Outputs.ToArray());
        Assert.Equal(Permuted(plain.NextState, order), permuted.NextState.ToArray());
        for (int i = 0; i < plain.Engine.Parameters.Length; i++)
            Assert.Equal(plain.Engine.Gradients[i], permuted.Engine.Gradients[i], 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void Threads_and_chunk_size_change_no_bit(NetworkCore core)
    {
        foreach ((int sequences, int slots) in new[] { (1, 3), (49, 20), (800, 2) })
        {
            byte[] one = BitsOf(core, sequences, slots, new CpuDeviceOptions { Threads = 1 });
            foreach ((int threads, int chunk) in new[] { (2, 0), (3, 1), (3, 5) })
                Assert.Equal(one, BitsOf(core, sequences, slots, new CpuDeviceOptions { Threads = threads, ChunkSize = chunk }));
        }
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void Nothing_is_allocated_after_the_first_pass(NetworkCore core)
    {
        using var engineCase = new EngineCase(Lstm with { Core = core }, 20, seed: 5, slots: 6);
        for (int i = 0; i < 3; i++) engineCase.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            engineCase.Run();
            engineCase.Engine.Forward(engineCase.Input, engineCase.Outputs.View, keepActivations: false);
            engineCase.Engine.RefreshDerived();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void A_state_that_survives_an_episode_start_is_seen(NetworkCore core)
    {
        using var engineCase = new EngineCase(Lstm with { Core = core }, 8, seed: 6, slots: 5);
        NetworkInput forgetful = engineCase.Input;
        forgetful.EpisodeStart = default;
        engineCase.Engine.Forward(forgetful, engineCase.Outputs.View, keepActivations: true);
        engineCase.Engine.Backward(engineCase.OutputGradients.View, engineCase.Rows);
        Assert.StartsWith("outputs[", EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void A_gradient_that_is_not_stopped_is_seen(NetworkCore core)
    {
        // The starts are taken away between the passes, so that the backward pass runs through them.
        using var engineCase = new EngineCase(Lstm with { Core = core }, 8, seed: 7, slots: 5);
        engineCase.Run();
        Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
        byte[] starts = engineCase.EpisodeStart.ToArray();
        engineCase.EpisodeStart.View.AsSpan().Clear();
        engineCase.Engine.Gradients.AsSpan().Clear();
        engineCase.Engine.Backward(engineCase.OutputGradients.View, engineCase.Rows);
        engineCase.EpisodeStart.Write(starts);
        Assert.StartsWith("encoder.0.weight[", EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
    }

    [Fact]
    public void Misuse_is_refused_with_the_sizes_in_the_message()
    {
        using var engineCase = new EngineCase(MinGru, 4, seed: 8, slots: 3);
        NetworkInput input = engineCase.Input;
        input.State = input.State.Slice(0, 4 * 18 - 1);
        Assert.Contains("72", Assert.Throws<ArgumentException>(() => engineCase.Engine.Forward(input, engineCase.Outputs.View, true)).Message);
        input = engineCase.Input;
        input.NextState = input.NextState.Slice(0, 1);
        Assert.Contains("72", Assert.Throws<ArgumentException>(() => engineCase.Engine.Forward(input, engineCase.Outputs.View, true)).Message);
        input = engineCase.Input;
        input.EpisodeStart = input.EpisodeStart.Slice(0, 11);
        Assert.Contains("12", Assert.Throws<ArgumentException>(() => engineCase.Engine.Forward(input, engineCase.Outputs.View, true)).Message);
        input = engineCase.Input;
        input.Slots = 0;
        Assert.Throws<ArgumentOutOfRangeException>(() => engineCase.Engine.Forward(input, engineCase.Outputs.View, true));
        Assert.Throws<Kernels.UsageException>(() => new BuiltinEngine(engineCase.Device, MinGru with { CoreWidth = 0 }, 1));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static void Set(EngineCase engineCase, string name, params float[] values) =>
        values.CopyTo(engineCase.Engine.Weights.AsSpan()[engineCase.Engine.Parameters[name].Offset..]);

    // The slots of a part, which begins at slot 'first' of the whole.
    private static void CopySlots(EngineCase whole, EngineCase part, int first, DeviceBuffer<float> source, DeviceBuffer<float> destination)
    {
        int width = (int)source.Length / whole.Rows;
        for (int sequence = 0; sequence < whole.Sequences; sequence++)
            source.View.AsSpan().Slice((sequence * whole.Slots + first) * width, part.Slots * width).CopyTo(destination.View.AsSpan()[(sequence * part.Slots * width)..]);
    }

    private static float[] Slice(EngineCase whole, EngineCase part, int first)
    {
        var slice = new float[part.Outputs.Length];
        int width = whole.Spec.Outputs;
        for (int sequence = 0; sequence < whole.Sequences; sequence++)
            whole.Outputs.View.AsSpan().Slice((sequence * whole.Slots + first) * width, part.Slots * width).CopyTo(slice.AsSpan(sequence * part.Slots * width));
        return slice;
    }

    private static void Permute<T>(DeviceBuffer<T> source, DeviceBuffer<T> destination, int[] order)
        where T : unmanaged => destination.Write(Permuted(source, order));

    private static T[] Permuted<T>(DeviceBuffer<T> source, int[] order)
        where T : unmanaged
    {
        T[] from = source.ToArray();
        int width = from.Length / order.Length;
        return [.. order.SelectMany(index => from[(index * width)..((index + 1) * width)])];
    }

    private static byte[] BitsOf(NetworkCore core, int sequences, int slots, CpuDeviceOptions options)
    {
        using var engineCase = new EngineCase(Lstm with { Core = core }, sequences, seed: slots, MicroKernel.Auto, options, slots);
        engineCase.Run();
        float[] all = [.. engineCase.Outputs.ToArray(), .. engineCase.NextState.ToArray(), .. engineCase.Engine.Gradients.AsSpan()];
        return MemoryMarshal.AsBytes(all.AsSpan()).ToArray();
    }
}
