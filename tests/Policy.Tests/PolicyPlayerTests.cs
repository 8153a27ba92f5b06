using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests;

/// <summary>Policies that act: for their own side alone, from draws that are functions of seed, step, side and row.</summary>
public class PolicyPlayerTests
{
    private const int NumEnvs = 6;
    private static readonly IGame Soccer = Registry.Find("soccer");
    private static readonly SoccerOptions Options = new() { NumEnvs = NumEnvs, TeamSize = 2 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void It_acts_for_its_own_side_and_leaves_the_other_alone(int side)
    {
        using var device = new CpuDevice();
        float[] actions = Act(device, Options, side, deterministic: false, steps: 1);
        for (int row = 0; row < actions.Length / 4; row++)
        {
            bool own = row % 4 / 2 == side;
            for (int component = 0; component < 4; component++)
            {
                float action = actions[row * 4 + component];
                if (own) Assert.InRange(action, -1f, 1f);
                else Assert.Equal(99f, action);
            }
        }
    }

    [Fact]
    public void The_means_of_a_side_are_the_networks_outputs_for_what_its_rows_see()
    {
        using var device = new CpuDevice();
        float[] actions = Act(device, Options, side: 1, deterministic: true, steps: 1);
        using IEnvironment environment = Soccer.Create(device, Options);
        using var buffers = new StepBuffers(device, environment.Spec, NumEnvs);
        environment.Reset(3, buffers.Views);
        int rows = NumEnvs * 4;
        using var engine = new BuiltinEngine(device, Network(environment.Spec), rows);
        engine.Initialise(5);
        using DeviceBuffer<float> outputs = device.Allocate<float>(rows * 5, "outputs");
        engine.Forward(buffers.Observations!.View, rows, outputs.View, keepActivations: false);
        for (int row = 0; row < rows; row++)
            for (int component = 0; component < 4 && row % 4 >= 2; component++)
                Assert.Equal(Math.Clamp(outputs.View[row * 5 + component], -1f, 1f), actions[row * 4 + component]);
    }

    [Fact]
    public void Samples_repeat_from_their_seed_and_depend_on_nothing_else()
    {
        using CpuDevice one = new(new CpuDeviceOptions { Threads = 1 }), three = new(new CpuDeviceOptions { Threads = 3, ChunkSize = 1 });
        float[] first = Act(one, Options, 0, deterministic: false, steps: 3);
        Assert.Equal(first, Act(three, Options, 0, deterministic: false, steps: 3));
        Assert.NotEqual(first, Act(one, Options, 0, deterministic: false, steps: 3, seed: 4));
        Assert.NotEqual(first, Act(one, Options, 0, deterministic: false, steps: 2));
        // Match 4 of the batch, alone.
        float[] alone = Act(one, Options with { NumEnvs = 1, MatchOffset = 4 }, 0, deterministic: false, steps: 3);
        Assert.Equal(first[(4 * 16)..(4 * 16 + 8)], alone[..8]);
    }

    [Fact]
    public void Draws_of_evaluation_are_those_of_its_own_purpose()
    {
        using var device = new CpuDevice();
        using DeviceBuffer<float> outputs = device.Allocate<float>(2, "outputs"), actions = device.Allocate<float>(1, "actions"), clipped = device.Allocate<float>(1, "clipped");
        using DeviceBuffer<float> logProbs = device.Allocate<float>(1, "log-probs"), values = device.Allocate<float>(1, "values");
        using DeviceBuffer<GaussianScale> scales = device.Allocate<GaussianScale>(1, "scales");
        scales.Write([new GaussianScale { Std = 1f, InverseStd = 1f }]);
        foreach (uint purpose in new[] { LearnerPurpose.ActionSampling, LearnerPurpose.Evaluation, LearnerPurpose.OpponentSampling })
        {
            device.Launch(
                new SampleGaussian
                {
                    Outputs = outputs.View,
                    Scales = scales.View,
                    Actions = actions.View,
                    EnvironmentActions = clipped.View,
                    LogProbs = logProbs.View,
                    Values = values.View,
                    Seed = 11,
                    Step = 13,
                    FirstRow = 17,
                    Components = 1,
                    OutputLength = 2,
                    Purpose = purpose,
                },
                1);
            UInt4 words = LearnerRandom.Draw(11, 17, 13, purpose, 0);
            Assert.Equal(Gaussian.Pair(words.X, words.Y).First, actions.View[0]);
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        foreach ((IGame game, GameOptions options) in new (IGame, GameOptions)[]
                 { (Soccer, Options), (Registry.Find("corridor"), new CorridorOptions { NumEnvs = 8, Masks = true }) })
        {
            using IEnvironment environment = game.Create(device, options);
            using var buffers = new StepBuffers(device, environment.Spec, environment.NumEnvs);
            using PolicyPlayer player = Create(device, environment);
            StepViews views = buffers.Views;
            environment.Reset(1, views);
            player.Reset(1, 0);
            for (int i = 0; i < 3; i++) player.Step(views);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) player.Step(views);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_all_memory_comes_back()
    {
        using var device = new CpuDevice();
        long before = device.AllocatedBytes;
        EnvironmentSpec spec = Soccer.Describe(Options);
        Assert.Contains("observations of 7 numbers", Assert.Throws<UsageException>(() => new PolicyPlayer(device, spec, 2, 0, Network(spec) with { Observations = 7 })).Message);
        Assert.Contains("takes 4 continuous actions", Assert.Throws<UsageException>(() => new PolicyPlayer(device, spec, 2, 0, Network(spec) with { ContinuousActions = 3 })).Message);
        using (var player = new PolicyPlayer(device, spec, 2, 0, Network(spec)))
        {
            Assert.Throws<ArgumentException>(() => player.Load(new float[3]));
            Assert.Throws<ArgumentOutOfRangeException>(() => player.Reset(1, 2));
        }

        Assert.Equal(before, device.AllocatedBytes);
    }

    private static NetworkSpec Network(EnvironmentSpec spec) =>
        new(spec.Observation.Length, [8], Activation.Tanh, spec.Action.Continuous.Count, [.. spec.Action.Discrete.Select(head => head.Size)]);

    private static PolicyPlayer Create(IDevice device, IEnvironment environment)
    {
        NetworkSpec network = Network(environment.Spec);
        var player = new PolicyPlayer(device, environment.Spec, environment.NumEnvs, environment.Options.MatchOffset, network);
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, 5, weights);
        player.Load(weights);
        return player;
    }

    // The actions of the last step; 99 stands where nothing was written. The state does not move.
    private static float[] Act(IDevice device, SoccerOptions options, int side, bool deterministic, int steps, ulong seed = 3)
    {
        using IEnvironment environment = Soccer.Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
        using PolicyPlayer player = Create(device, environment);
        player.Deterministic = deterministic;
        environment.Reset(3, buffers.Views);
        player.Reset(seed, side);
        buffers.ContinuousActions!.View.AsSpan().Fill(99f);
        for (int step = 0; step < steps; step++) player.Step(buffers.Views);
        return buffers.ContinuousActions.ToArray();
    }
}
