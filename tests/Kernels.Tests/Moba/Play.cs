using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>A batch of matches played by built-in players, as a whole or phase by phase.</summary>
internal sealed class Play : IDisposable
{
    internal const int RandomPlayer = 1, Weak = 2, Normal = 3, Strong = 4;

    /// <summary>One loop per core, and no more: loops that never wait would otherwise be given ever more threads.</summary>
    internal static readonly ParallelOptions Cores = new() { MaxDegreeOfParallelism = System.Environment.ProcessorCount };

    private readonly CpuDevice device;
    private readonly DeviceBuffer<byte> controllers;
    private readonly StepBuffers buffers;
    private readonly MobaWorkspace workspace;
    private readonly int numEnvs;

    internal Play(MobaOptions options, ulong seed, int threads = 1, int chunk = 0)
    {
        numEnvs = options.NumEnvs;
        device = new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = chunk });
        Environment = (MobaEnvironment)Registry.Find("moba").Create(device, options);
        buffers = new StepBuffers(device, Environment.Spec, numEnvs);
        workspace = new MobaWorkspace(device, numEnvs);
        controllers = device.Allocate<byte>(2 * numEnvs, "controllers");
        Environment.Reset(seed, buffers.Views);
    }

    /// <summary>The raw statistics of the first episode of so many matches, by number; the options' count does not matter.</summary>
    internal static float[][] FirstEpisodes(MobaOptions options, ulong seed, int matches, int side0, int side1)
    {
        // So few at a time that they stay in a core's cache, and that one long game keeps few others playing on.
        const int Batch = 8;
        var finished = new float[matches][];
        Parallel.For(0, (matches + Batch - 1) / Batch, Cores, batch =>
        {
            int first = batch * Batch, count = Math.Min(Batch, matches - first);
            using var play = new Play(options with { NumEnvs = count, MatchOffset = first }, seed);
            for (int left = count; left > 0;)
            {
                play.Tick(side0, side1);
                for (int env = 0; env < count; env++)
                {
                    if (finished[first + env] is not null || play.Views.EpisodesFinished[env] == 0) continue;
                    finished[first + env] = play.Views.EpisodeStatistics.AsSpan().Slice(env * MobaStatistic.Count, MobaStatistic.Count).ToArray();
                    left--;
                }
            }
        });
        return finished;
    }

    internal MobaEnvironment Environment { get; }

    internal StepViews Views => buffers.Views;

    internal void Tick(int side0, int side1)
    {
        Act(side0, side1);
        Environment.Step(buffers.Views);
    }

    internal void Act(int side0, int side1)
    {
        var players = new byte[2 * numEnvs];
        for (int i = 0; i < players.Length; i++) players[i] = (byte)(i % 2 == 0 ? side0 : side1);
        controllers.Write(players);
        Environment.Act(controllers.View, buffers.Views);
    }

    /// <summary>The same tick phase by phase; <paramref name="order"/> gives the lanes of each phase.</summary>
    internal void TickByPhases<TAtomics>(int side0, int side1, Func<int, IEnumerable<int>> order)
        where TAtomics : struct, IAtomics
    {
        Act(side0, side1);
        var tick = new MobaTick<TAtomics> { Arguments = workspace.In(Environment.Arguments(buffers.Views)) };
        for (int phase = 0; phase < tick.PhaseCount; phase++)
            foreach (int lane in order(phase))
                for (int env = 0; env < numEnvs; env++) tick.Run(phase, env, lane);
    }

    /// <summary>The same tick phase by phase under the eyes of <paramref name="watch"/>, match by match.</summary>
    internal void Tick(int side0, int side1, PhaseWatch watch)
    {
        Act(side0, side1);
        for (int env = 0; env < numEnvs; env++) watch.Tick(workspace.In(Environment.Arguments(buffers.Views)), env);
    }

    internal T[] Read<T>(string column, int env = 0)
        where T : unmanaged
    {
        var bytes = new byte[Environment.State[column].BytesPerMatch];
        Environment.State[column].ReadMatch(env, bytes);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    /// <summary>State and outputs of one match as bytes.</summary>
    internal byte[] Everything(int env)
    {
        StepViews views = buffers.Views;
        int rows = MobaConstants.Heroes, length = Environment.Spec.Observation.Length;
        return
        [
            .. Environment.State.ReadMatch(env),
            .. views.ByteObservations.AsSpan().Slice(env * rows * length, rows * length),
            .. MemoryMarshal.AsBytes(views.Rewards.AsSpan().Slice(env * rows, rows)),
            .. views.Terminated.AsSpan().Slice(env * rows, rows),
            .. views.Truncated.AsSpan().Slice(env * rows, rows),
            .. views.EpisodeStart.AsSpan().Slice(env * rows, rows),
            .. views.RowActive.AsSpan().Slice(env * rows, rows),
        ];
    }

    public void Dispose()
    {
        Environment.Dispose();
        workspace.Dispose();
        controllers.Dispose();
        buffers.Dispose();
        device.Dispose();
    }
}
