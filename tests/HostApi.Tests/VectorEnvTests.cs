using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests;

public class VectorEnvTests
{
    private const int Matches = 5;
    private static readonly CorridorOptions Discrete = new() { NumEnvs = Matches };
    private static readonly CorridorOptions Continuous = new() { NumEnvs = Matches, Actions = CorridorActions.Continuous };

    [Fact]
    public void Walking_right_pays_after_four_steps_and_the_next_episode_has_begun()
    {
        using var env = VectorEnv.Create("corridor", Discrete);
        env.Reset(3);
        Assert.All(env.EpisodeStart.ToArray(), start => Assert.Equal(1, start));
        int[] right = [1, 1, 1, 1, 1];
        for (int t = 0; t < 3; t++) env.Step(right);
        Assert.All(env.Rewards.ToArray(), reward => Assert.Equal(-0.01f, reward));
        env.Step(right);
        Assert.All(env.Rewards.ToArray(), reward => Assert.Equal(1f, reward));
        Assert.All(env.Terminated.ToArray(), ended => Assert.Equal(1, ended));
        Assert.All(env.Truncated.ToArray(), ended => Assert.Equal(0, ended));
        Assert.Equal(1f, env.Observations[CorridorConstants.StartCell]); // (N, O), row 0, one-hot cell
        Assert.Equal([1, 1, 1, 1, 1], env.EpisodesFinished.ToArray());
        Assert.Equal([1f, 0f], env.RewardParts[..2].ToArray());
        Assert.Equal(0.97, env.Game.Score(env.EpisodeStatistics[..env.Spec.RawStatistics]), 5);
    }

    [Fact]
    public void A_truncated_match_keeps_its_last_observation()
    {
        using var env = VectorEnv.Create("corridor", Discrete with { MaxTicks = 3 });
        env.Reset();
        foreach (int choice in new[] { 0, 0, 0 }) env.Step([choice, choice, choice, choice, choice]);
        Assert.All(env.Truncated.ToArray(), ended => Assert.Equal(1, ended));
        Assert.Equal(1f, env.FinalObservations[CorridorConstants.StartCell - 3]);
        Assert.Equal(1f, env.Observations[CorridorConstants.StartCell]);
    }

    [Fact]
    public void A_wrong_number_of_actions_names_both_lengths()
    {
        using var env = VectorEnv.Create("corridor", Continuous);
        env.Reset();
        var wrong = Assert.Throws<ArgumentException>(() => env.Step([0f, 0f]));
        Assert.Contains("2 actions", wrong.Message);
        Assert.Contains("are 5", wrong.Message);
    }

    [Fact]
    public void The_wrong_kind_of_actions_is_named()
    {
        using var discrete = VectorEnv.Create("corridor", Discrete);
        using var continuous = VectorEnv.Create("corridor", Continuous);
        discrete.Reset();
        continuous.Reset();
        Assert.Contains("discrete", Assert.Throws<InvalidOperationException>(() => discrete.Step([0f, 0f, 0f, 0f, 0f])).Message);
        Assert.Contains("continuous", Assert.Throws<InvalidOperationException>(() => continuous.Step([0, 0, 0, 0, 0])).Message);
    }

    [Fact]
    public void Step_before_Reset_says_what_to_call()
    {
        using var env = VectorEnv.Create("corridor", Discrete);
        Assert.Contains("Reset", Assert.Throws<InvalidOperationException>(() => env.Step([0, 0, 0, 0, 0])).Message);
    }

    [Fact]
    public void Use_after_Dispose_is_refused_everywhere_and_Dispose_may_be_called_twice()
    {
        var env = VectorEnv.Create("corridor", Discrete);
        env.Reset();
        env.Dispose();
        env.Dispose();
        Assert.Throws<ObjectDisposedException>(() => env.Reset());
        Assert.Throws<ObjectDisposedException>(() => env.Step([0, 0, 0, 0, 0]));
        Assert.Throws<ObjectDisposedException>(() => env.Observations.Length);
        Assert.Throws<ObjectDisposedException>(() => env.SetController(0, "random"));
    }

    [Fact]
    public void A_NaN_action_throws_after_the_step_and_names_match_agent_and_cause()
    {
        using var env = VectorEnv.Create("corridor", Continuous);
        env.Reset();
        var bad = Assert.Throws<BadActionException>(() => env.Step([1f, 1f, float.NaN, 1f, float.PositiveInfinity]));
        Assert.Equal((2, 0, ErrorCode.ActionNotFinite, 2L), (bad.Match, bad.Agent, bad.Errors, bad.Rows));
        Assert.Contains("Match 2, agent 0", bad.Message);
        Assert.DoesNotContain('\n', bad.Message);
        Assert.Equal(1f, env.Observations[CorridorConstants.StartCell + 1]); // the step was made
        env.Step([1f, 1f, 1f, 1f, 1f]); // and the error does not stick
        Assert.All(env.Errors.ToArray(), bits => Assert.Equal(0u, bits));
    }

    [Fact]
    public void Bad_actions_can_be_counted_instead()
    {
        using var env = VectorEnv.Create("corridor", Discrete, badActions: BadActions.Count);
        env.Reset();
        env.Step([1, 7, -1, 0, 1]);
        env.Step([1, 1, 2, 0, 1]);
        Assert.Equal(3, env.BadActionCount);
        Assert.Equal([0u, 0u, ErrorCode.ActionOutOfRange, 0u, 0u], env.Errors.ToArray());
        env.Reset();
        Assert.Equal(0, env.BadActionCount);
        Assert.All(env.Errors.ToArray(), bits => Assert.Equal(0u, bits));
    }

    [Fact]
    public void A_controller_plays_its_side_and_the_actions_given_for_it_do_not_matter()
    {
        using var env = VectorEnv.Create("corridor", Continuous);
        env.SetController(0, "scripted:optimal");
        env.Reset();
        for (int t = 0; t < 4; t++) env.Step([float.NaN, -1f, -1f, -1f, -1f]);
        Assert.Equal([1, 1, 1, 1, 1], env.EpisodesFinished.ToArray());
        env.SetController(0, Opponents.Outside, match: 2);
        for (int t = 0; t < 4; t++) env.Step([-1f, -1f, -1f, -1f, -1f]);
        Assert.Equal([2, 2, 1, 2, 2], env.EpisodesFinished.ToArray());
    }

    [Fact]
    public void Unknown_opponents_sides_and_matches_are_refused()
    {
        using var env = VectorEnv.Create("corridor", Discrete);
        Assert.Contains("'scripted:optimal'", Assert.Throws<UsageException>(() => env.SetController(0, "scripted:optmal")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => env.SetController(1, "random"));
        Assert.Throws<ArgumentOutOfRangeException>(() => env.SetController(0, "random", match: Matches));
    }

    [Fact]
    public void Create_refuses_unknown_games_foreign_options_and_values_out_of_range()
    {
        Assert.Contains("'soccer'", Assert.Throws<UsageException>(() => VectorEnv.Create("socer")).Message);
        Assert.Throws<UsageException>(() => VectorEnv.Create("corridor", new SoccerOptions()));
        Assert.Contains("--envs", Assert.Throws<UsageException>(() => VectorEnv.Create("corridor", new CorridorOptions { NumEnvs = 0 })).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_step_allocates_nothing(int threads)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using var env = VectorEnv.Create("corridor", new CorridorOptions { NumEnvs = 100, Masks = true }, device, BadActions.Count);
        env.SetController(0, "random", match: 7);
        env.Reset();
        var actions = new int[env.NumRows];
        actions[3] = 9; // an error path, too
        env.Step(actions);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int t = 0; t < 1000; t++) env.Step(actions);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_step_with_continuous_actions_allocates_nothing()
    {
        using var env = VectorEnv.Create("corridor", Continuous);
        env.Reset();
        var actions = new float[env.NumRows];
        env.Step(actions);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int t = 0; t < 1000; t++) env.Step(actions);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_device_that_was_given_is_not_disposed_of_and_all_memory_is_returned()
    {
        using var device = new CpuDevice();
        using (var env = VectorEnv.Create("corridor", Discrete, device)) env.Reset();
        Assert.Equal(0, device.AllocatedBytes);
        using var again = VectorEnv.Create("corridor", Discrete, device);
        again.Reset();
    }

    [Fact]
    public void Byte_observations_and_masks_have_spans_of_their_own()
    {
        using var env = VectorEnv.Create("corridor", new CorridorOptions { NumEnvs = Matches, Observation = ObservationKind.Byte, Masks = true });
        env.Reset();
        Assert.True(env.Observations.IsEmpty);
        Assert.Equal(255, env.ByteObservations[CorridorConstants.StartCell]);
        Assert.Equal(3u, env.ActionMasks[0]);
    }

    [Fact]
    public void BeforeStep_sees_the_actions_of_built_in_opponents()
    {
        using var env = VectorEnv.Create("corridor", Discrete);
        env.SetController(0, "scripted:optimal");
        env.Reset();
        int[] seen = [];
        env.BeforeStep = before => seen = before.Buffers.DiscreteActions!.ToArray();
        env.Step();
        Assert.Equal([1, 1, 1, 1, 1], seen);
    }

    [Fact]
    public void A_device_whose_memory_the_host_cannot_reach_gives_the_same_results()
    {
        using var cpu = new CpuDevice();
        using var far = new FarDevice(cpu);
        using var near = VectorEnv.Create("corridor", Discrete, cpu, BadActions.Count);
        using var copied = VectorEnv.Create("corridor", Discrete, far, BadActions.Count);
        near.Reset(5);
        copied.Reset(5);
        for (int t = 0; t < 50; t++)
        {
            int[] actions = [t % 2, 1, 0, t % 3, 1];
            near.Step(actions);
            copied.Step(actions);
            Assert.Equal(near.Observations.ToArray(), copied.Observations.ToArray());
            Assert.Equal(near.Rewards.ToArray(), copied.Rewards.ToArray());
            Assert.Equal(near.Errors.ToArray(), copied.Errors.ToArray());
            Assert.Equal(near.EpisodesFinished.ToArray(), copied.EpisodesFinished.ToArray());
        }

        Assert.Equal(near.BadActionCount, copied.BadActionCount);
    }

    /// <summary>A CPU device that is not recognised as one, so that its memory is only reached by copies.</summary>
    private sealed class FarDevice(CpuDevice inner) : IDevice
    {
        public string Name => "far";

        public string Description => "far";

        public int TileShift => inner.TileShift;

        public long AllocatedBytes => inner.AllocatedBytes;

        public long TransferredBytes => inner.TransferredBytes;

        public DeviceBuffer<T> Allocate<T>(long length, string name)
            where T : unmanaged => inner.Allocate<T>(length, name);

        public void Launch<TKernel>(in TKernel kernel, int count)
            where TKernel : unmanaged, IKernel => inner.Launch(kernel, count);

        public void LaunchGroups<TKernel>(in TKernel kernel, int groups, int lanes)
            where TKernel : unmanaged, IPhasedKernel => inner.LaunchGroups(kernel, groups, lanes);

        public void Synchronize() => inner.Synchronize();

        public void CopyToHost<T>(View<T> source, Span<T> destination)
            where T : unmanaged => inner.CopyToHost(source, destination);

        public void CopyToDevice<T>(ReadOnlySpan<T> source, View<T> destination)
            where T : unmanaged => inner.CopyToDevice(source, destination);

        public void Free(nint address, long bytes) => inner.Free(address, bytes);

        public void Dispose()
        {
        }
    }
}
