using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests;

/// <summary>Policies with memory at play: it goes on from step to step, and ends with its row's episode.</summary>
public class RecurrentPlayerTests
{
    private const int NumEnvs = 5;

    [Theory]
    [InlineData(NetworkCore.Lstm)]
    [InlineData(NetworkCore.MinGru)]
    public void Its_values_are_those_of_the_whole_sequence_with_resets_where_episodes_begin(NetworkCore core)
    {
        const int Steps = 30;
        using var device = new CpuDevice();
        var options = new CorridorOptions { NumEnvs = NumEnvs, Memory = true, MaxTicks = 9, Desync = true };
        using IEnvironment environment = Registry.Find("corridor").Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, NumEnvs);
        using PolicyPlayer player = Create(device, environment, core);
        environment.Reset(3, buffers.Views);
        player.Reset(seed: 4, side: 0);
        int width = environment.Spec.Observation.Length, resets = 0;
        using DeviceBuffer<float> seen = device.Allocate<float>(NumEnvs * Steps * width, "seen");
        using DeviceBuffer<byte> starts = device.Allocate<byte>(NumEnvs * Steps, "starts");
        var values = new float[NumEnvs * Steps];
        for (int t = 0; t < Steps; t++)
        {
            for (int row = 0; row < NumEnvs; row++)
            {
                buffers.Observations!.View.Slice(row * width, width).AsSpan().CopyTo(seen.View.AsSpan().Slice((row * Steps + t) * width, width));
                starts.View[row * Steps + t] = buffers.EpisodeStart!.View[row];
                resets += t > 0 ? buffers.EpisodeStart.View[row] : 0;
            }

            player.Step(buffers.Views);
            for (int row = 0; row < NumEnvs; row++) values[row * Steps + t] = player.Values[row];
            environment.Step(buffers.Views);
        }

        Assert.True(resets > NumEnvs);
        float[] expected = Sequence(device, environment.Spec, core, seen.View, starts.View, Steps);
        for (int i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], 1e-5);
        // The planted bug: memory that survives the end of an episode.
        starts.View.AsSpan().Clear();
        float[] never = Sequence(device, environment.Spec, core, seen.View, starts.View, Steps);
        Assert.Contains(Enumerable.Range(0, values.Length), i => Math.Abs(never[i] - values[i]) > 1e-3);
    }

    [Fact]
    public void Sides_and_batches_do_not_share_memory_and_a_reset_forgets()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        float[] Play(SoccerOptions options, int side, bool twice)
        {
            using IEnvironment environment = Registry.Find("soccer").Create(device, options);
            using var buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
            using PolicyPlayer player = Create(device, environment, NetworkCore.Lstm);
            for (int game = 0; game < (twice ? 2 : 1); game++)
            {
                environment.Reset(3, buffers.Views);
                // Without the views' word for it: a reset alone must forget.
                if (game == 1) buffers.EpisodeStart!.View.AsSpan().Clear();
                player.Reset(4, side);
                buffers.ContinuousActions!.View.AsSpan().Clear();
                for (int t = 0; t < 12; t++)
                {
                    player.Step(buffers.Views);
                    environment.Step(buffers.Views);
                }
            }

            return buffers.ContinuousActions!.ToArray();
        }

        var batch = new SoccerOptions { NumEnvs = 3, TeamSize = 2, MaxTicks = 8 };
        for (int side = 0; side < 2; side++)
        {
            float[] all = Play(batch, side, twice: false), alone = Play(batch with { NumEnvs = 1, MatchOffset = 2 }, side, twice: false);
            Assert.Equal(all[^16..], alone);
            Assert.Equal(all, Play(batch, side, twice: true));
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new SoccerOptions { NumEnvs = 4, TeamSize = 2 };
        using IEnvironment environment = Registry.Find("soccer").Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
        using PolicyPlayer player = Create(device, environment, NetworkCore.Lstm);
        StepViews views = buffers.Views;
        environment.Reset(1, views);
        player.Reset(1, 1);
        for (int i = 0; i < 3; i++) player.Step(views);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++) player.Step(views);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static float[] Sequence(IDevice device, EnvironmentSpec spec, NetworkCore core, View<float> seen, View<byte> starts, int steps)
    {
        NetworkSpec network = Network(spec, core);
        using var engine = new BuiltinEngine(device, network, NumEnvs * steps);
        engine.Initialise(5);
        using DeviceBuffer<float> outputs = device.Allocate<float>((long)NumEnvs * steps * network.Outputs, "outputs"), state = device.Allocate<float>((long)NumEnvs * network.StateSize, "state");
        engine.Forward(new NetworkInput { Observations = seen, EpisodeStart = starts, State = state.View, Sequences = NumEnvs, Slots = steps }, outputs.View, keepActivations: false);
        return [.. Enumerable.Range(0, NumEnvs * steps).Select(row => outputs.View[(row + 1) * network.Outputs - 1])];
    }

    private static NetworkSpec Network(EnvironmentSpec spec, NetworkCore core) =>
        new(spec.Observation.Length, [8], Activation.Tanh, spec.Action.Continuous.Count, [.. spec.Action.Discrete.Select(head => head.Size)]) { Core = core, CoreWidth = 6 };

    private static PolicyPlayer Create(IDevice device, IEnvironment environment, NetworkCore core)
    {
        NetworkSpec network = Network(environment.Spec, core);
        var player = new PolicyPlayer(device, environment.Spec, environment.NumEnvs, environment.Options.MatchOffset, network);
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, 5, weights);
        player.Load(weights);
        return player;
    }
}
