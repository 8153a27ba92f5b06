using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using Arena.Policy.Tests.Networks;
using Arena.Policy.Tests.Networks.Stems;
using Arena.Policy.Torch;
using Arena.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Torch.Tests;

/// <summary>One memory under two names, tensors that do not linger, states over segments, and what is refused.</summary>
public sealed class MemoryTests : IDisposable
{
    private static readonly NetworkSpec Lstm = new(9, [20], Activation.Tanh, 2, []) { Core = NetworkCore.Lstm, CoreWidth = 18 };
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });

    public void Dispose() => device.Dispose();

    public static TheoryData<NetworkCore> Cores => [NetworkCore.Lstm, NetworkCore.MinGru];

    [Fact]
    public void What_a_view_writes_a_tensor_reads_and_the_other_way_round()
    {
        using DisposeScope scope = NewDisposeScope();
        using DeviceBuffer<float> buffer = device.Allocate<float>(12, "shared");
        Tensor tensor = TorchMemory.Over(buffer.View.Slice(2, 6), 2, 3, CPU);
        buffer.View[2 + 4] = 7f;
        Assert.Equal(7f, tensor[1, 1].item<float>());
        tensor[0, 2] = torch.tensor(-3f);
        Assert.Equal(-3f, buffer.View[2 + 2]);
        Assert.Equal(0L, device.TransferredBytes);
    }

    [Fact]
    public void Kernels_and_torch_read_what_the_other_wrote() => Assert.Null(NetworkEngines.SharedMemoryFault(device));

    // Two engines that would not be zero-copy: one works on a copy, one a float beside the view.
    [Theory]
    [InlineData("copy", true, "the tensor begins at another address than the view")]
    [InlineData("copy", false, "the tensor holds 0 in all where a kernel wrote 56595")]
    [InlineData("beside", true, "the tensor begins at another address than the view")]
    [InlineData("beside", false, "the tensor holds 56925 in all where a kernel wrote 56595")]
    public unsafe void A_tensor_that_is_not_the_view_is_noticed(string planted, bool looksAtAddress, string fault) =>
        Assert.Equal(fault, TorchFactory.SharedMemoryFault(
            device,
            (view, rows, columns, where) => planted == "copy"
                ? TorchMemory.Over(view, rows, columns, where).clone()
                : TorchMemory.Over(new View<float>(view.Pointer + 1, view.Length), rows, columns, where),
            looksAtAddress));

    [Fact]
    public unsafe void Memory_that_torch_owns_is_found_from_any_view_into_it()
    {
        using DisposeScope scope = NewDisposeScope();
        nint first = TorchMemory.Allocate(64 * sizeof(float), CPU), second = TorchMemory.Allocate(32 * sizeof(float), CPU);
        var view = new View<float>((float*)second + 5, 8);
        Tensor tensor = TorchMemory.Over(view, 2, 4, CPU);
        Assert.Equal(second + 5 * sizeof(float), TorchNative.Address(tensor.Handle)); // the storage offset is in it
        view[3] = 2f;
        Assert.Equal(2f, tensor[0, 3].item<float>());
        Assert.Equal(view.Length, TorchMemory.ViewOf(tensor).Length);
        Assert.True(TorchMemory.ViewOf(tensor).Pointer == view.Pointer);
        TorchMemory.Free(first);
        TorchMemory.Free(second);
        Assert.Throws<ArgumentException>(() => TorchMemory.Free(second));
        Assert.Throws<ArgumentException>(() => TorchMemory.ViewOf(zeros(3, 4).t()));
    }

    [Fact]
    public void A_device_takes_its_memory_from_torch_and_is_told_when_there_is_none()
    {
        var memory = new TorchDeviceMemory(CPU);
        nint address = memory.Allocate(100, "buffer");
        Assert.Equal(0, address % 64);
        memory.Free(address);
        Assert.Equal(0, memory.Allocate(1L << 60, "too much"));
    }

    [Fact]
    public void A_variable_is_set_for_native_code_too()
    {
        if (OperatingSystem.IsWindows()) return;
        TorchNative.SetEnvironment("ARENA_TORCH_TEST", ":1:2");
        Assert.Equal(":1:2", Marshal.PtrToStringUTF8(NativeVariable("ARENA_TORCH_TEST")));
        Assert.Equal(":1:2", Environment.GetEnvironmentVariable("ARENA_TORCH_TEST"));
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint NativeVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [Fact]
    public void A_gradient_that_autograd_puts_elsewhere_is_named()
    {
        var layout = new ParameterLayout(Lstm);
        using DeviceBuffer<float> weights = device.Allocate<float>(layout.Length, "weights"), gradients = device.Allocate<float>(layout.Length, "gradients");
        using var parameters = new TorchParameters(layout, weights.View, gradients.View, CPU);
        Assert.Null(parameters.GradientsMoved());
        using Tensor elsewhere = zeros_like(parameters["core.lstm.bias"]);
        parameters["core.lstm.bias"].grad = elsewhere;
        Assert.Equal("core.lstm.bias", parameters.GradientsMoved());
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void The_number_of_live_tensors_stays_the_same(NetworkCore core)
    {
        using var engineCase = new EngineCase(Lstm with { Core = core }, 5, seed: 1, slots: 4, create: EngineTests.Torch);
        using var stemCase = new StemCase(StemShapes.Snake, 5, seed: 1, create: EngineTests.Torch);
        long live = 0;
        for (int update = 0; update < TestSize.Of(100, 10_000); update++)
        {
            engineCase.Run();
            stemCase.Run();
            engineCase.Engine.Forward(engineCase.Input, engineCase.Outputs.View, keepActivations: false);
            if (update < 3) live = TorchEngine.LiveTensors;
            else Assert.Equal(live, TorchEngine.LiveTensors);
        }
    }

    // A number that an operation was given, and that nobody holds, would be freed under the native code that reads it.
    [Fact]
    public void Collections_in_the_middle_of_passes_change_nothing()
    {
        using var recurrent = new EngineCase(Lstm with { NormalizeObservations = true }, 5, seed: 1, slots: 4, create: EngineTests.Torch);
        using var entities = new StemCase(StemShapes.Soccer(heads: 4), 5, seed: 1, create: EngineTests.Torch);
        recurrent.Run();
        float[] outputs = recurrent.Outputs.ToArray();
        byte[] bits = entities.Bits();
        bool done = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (int pass = 0; pass < TestSize.Of(100, 5_000); pass++)
            {
                recurrent.Run();
                Assert.Equal(outputs, recurrent.Outputs.ToArray());
                Assert.Equal(bits, entities.Bits());
            }
        }
        finally
        {
            Volatile.Write(ref done, true);
            collector.Join();
        }
    }

    [Theory]
    [MemberData(nameof(Cores))]
    public void Slots_in_one_call_equal_single_calls_and_a_pass_that_keeps_nothing_disturbs_nothing(NetworkCore core)
    {
        const int Sequences = 7, Slots = 12;
        using var all = new EngineCase(Lstm with { Core = core }, Sequences, seed: 2, slots: Slots, create: EngineTests.Torch);
        using var single = new EngineCase(all.Spec, Sequences, seed: 2, create: EngineTests.Torch);
        all.Engine.Weights.AsSpan().CopyTo(single.Engine.Weights.AsSpan());
        single.State.Write(all.State.ToArray());
        NetworkInput inPlace = all.Input;
        inPlace.NextState = inPlace.State; // the state that the backward pass needs is overwritten by the forward pass
        all.Engine.Forward(inPlace, all.Outputs.View, keepActivations: true);
        int width = all.Spec.Outputs, observations = all.Spec.Observations;
        for (int slot = 0; slot < Slots; slot++)
        {
            for (int sequence = 0; sequence < Sequences; sequence++)
            {
                all.Observations.View.AsSpan().Slice((sequence * Slots + slot) * observations, observations).CopyTo(single.Observations.View.AsSpan()[(sequence * observations)..]);
                single.EpisodeStart.View[sequence] = all.EpisodeStart.View[sequence * Slots + slot];
            }

            single.Engine.Forward(single.Input with { NextState = single.State.View }, single.Outputs.View, keepActivations: false);
            for (int i = 0; i < Sequences * width; i++)
                Assert.Equal(all.Outputs.View[(i / width * Slots + slot) * width + i % width], single.Outputs.View[i], 1e-6f);
        }

        float[] expectedState = single.State.ToArray(), state = all.State.ToArray();
        for (int i = 0; i < state.Length; i++) Assert.Equal(expectedState[i], state[i], 1e-6f);
        using var apart = new EngineCase(all.Spec, Sequences, seed: 2, slots: Slots, create: EngineTests.Torch);
        apart.Run();
        all.Engine.Forward(single.Input with { State = apart.State.View }, single.Outputs.View, keepActivations: false);
        all.Engine.Backward(all.OutputGradients.View, all.Rows);
        Assert.Equal(apart.Engine.Gradients.AsSpan().ToArray(), all.Engine.Gradients.AsSpan().ToArray());
        all.Engine.Backward(all.OutputGradients.View, all.Rows); // adds, over the same forward
        for (int i = 0; i < all.Engine.Parameters.Length; i++) Assert.Equal(2 * apart.Engine.Gradients[i], all.Engine.Gradients[i], 1e-6f);
    }

    [Fact]
    public void Illegal_codes_are_reported_as_by_the_built_in_engine()
    {
        foreach (bool torch in new[] { false, true })
        {
            using var stemCase = new StemCase(StemShapes.Snake, 30, seed: 1, create: torch ? EngineTests.Torch : null);
            stemCase.Run();
            Assert.Equal(0, stemCase.Engine.TakeIllegalCodes().Count);
            stemCase.Bytes.View[25 * 128 + 17] = 8;
            stemCase.Bytes.View[14 * 128 + 121] = 255; // the heading, a field
            stemCase.Bytes.View[14 * 128 + 125] = 77;  // nobody reads it
            stemCase.Run();
            Assert.Equal(new IllegalCodes(2, 14, 121, 255), stemCase.Engine.TakeIllegalCodes());
            Assert.Equal(0, stemCase.Engine.TakeIllegalCodes().Count);
            Assert.Null(stemCase.FirstDifference());
        }
    }

    [Fact]
    public void Misuse_is_refused()
    {
        using var engineCase = new EngineCase(Lstm, 4, seed: 8, slots: 3, create: EngineTests.Torch);
        INetworkEngine engine = engineCase.Engine;
        Assert.Throws<InvalidOperationException>(() => engine.Backward(engineCase.OutputGradients.View, 12));
        NetworkInput input = engineCase.Input;
        Assert.Contains("1..12", Assert.Throws<ArgumentOutOfRangeException>(() => engine.Forward(input with { Slots = 4 }, engineCase.Outputs.View, true)).Message);
        Assert.Contains("144", Assert.Throws<ArgumentException>(() => engine.Forward(input with { State = input.State.Slice(0, 143) }, engineCase.Outputs.View, true)).Message);
        engine.Forward(input, engineCase.Outputs.View, keepActivations: true);
        Assert.Contains("had 12", Assert.Throws<InvalidOperationException>(() => engine.Backward(engineCase.OutputGradients.View, 11)).Message);
        Assert.Throws<UsageException>(() => new TorchEngine(device, Lstm with { CoreWidth = 0 }, 1));
        Assert.Contains("only CUDA has", Assert.Throws<UsageException>(() => new TorchEngine(device, Lstm, 1, NetworkPrecision.TensorFloat32)).Message);
        Exception? elsewhere = null;
        var thread = new Thread(() => elsewhere = Record.Exception(() => engine.Forward(engineCase.Input, engineCase.Outputs.View, keepActivations: false)));
        thread.Start();
        thread.Join();
        Assert.Contains("from one thread", Assert.IsType<InvalidOperationException>(elsewhere).Message);
    }
}
