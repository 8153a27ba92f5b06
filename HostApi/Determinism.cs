using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>A way of running the same matches, and the hash of what came out.</summary>
/// <param name="Name">What is different from the first run: "3 threads".</param>
/// <param name="Hash">SHA-256 over results of every tick and the last state and observations of the compared matches.</param>
/// <param name="Same">Equal to the first run?</param>
public sealed record DeterminismRun(string Name, string Hash, bool Same);

/// <summary>Plays the same matches in several ways that must not matter, and compares the bytes.</summary>
public static class Determinism
{
    /// <summary>Same seed twice; then other numbers of threads, chunk sizes and matches. Built-in opponents play all sides.</summary>
    /// <param name="game">The game.</param>
    /// <param name="options">Its options; the first half of their matches is compared.</param>
    /// <param name="seed">Seed of all runs.</param>
    /// <param name="ticks">Ticks of each run.</param>
    /// <param name="progress">Called with the share done.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    public static IReadOnlyList<DeterminismRun> Check(
        IGame game, GameOptions options, ulong seed, int ticks, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        int compared = (options.NumEnvs + 1) / 2;
        int threads = Environment.ProcessorCount;
        (string Name, int Threads, int Chunk, int Matches)[] ways =
        [
            ("1 thread", 1, 0, options.NumEnvs),
            ("1 thread again", 1, 0, options.NumEnvs),
            ($"{threads + 1} threads", threads + 1, 0, options.NumEnvs),
            ("3 threads, chunks of 1", 3, 1, options.NumEnvs),
            ("2 threads, chunks of 7", 2, 7, options.NumEnvs),
            ($"{compared} matches", 1, 0, compared),
        ];
        var runs = new List<DeterminismRun>();
        foreach ((string name, int count, int chunk, int matches) in ways)
        {
            using var device = new CpuDevice(new CpuDeviceOptions { Threads = count, ChunkSize = chunk });
            string hash = Trace(device, game, options with { NumEnvs = matches }, seed, ticks, compared, cancellation);
            runs.Add(new DeterminismRun(name, hash, runs.Count == 0 || hash == runs[0].Hash));
            progress?.Invoke((double)runs.Count / ways.Length);
        }

        return runs;
    }

    private static string Trace(IDevice device, IGame game, GameOptions options, ulong seed, int ticks, int compared, CancellationToken cancellation)
    {
        using IEnvironment environment = game.Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
        using var controllers = new Controllers(device, environment.Spec, options.NumEnvs);
        Mix(controllers, environment.Spec, options.NumEnvs);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int rows = compared * environment.Spec.AgentsPerMatch;
        StepViews views = buffers.Views;
        environment.Reset(seed, views);
        for (int tick = 0; tick < ticks; tick++)
        {
            cancellation.ThrowIfCancellationRequested();
            environment.Act(controllers.View, views);
            environment.Step(views);
            Append(hash, buffers.Rewards, rows);
            Append(hash, buffers.Terminated, rows);
            Append(hash, buffers.Truncated, rows);
        }

        Append(hash, buffers.Observations, (long)rows * environment.Spec.Observation.Length);
        Append(hash, buffers.ByteObservations, (long)rows * environment.Spec.Observation.Length);
        hash.AppendData(Convert.FromHexString(environment.State.Hash(compared)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // By match number, so that every way of running assigns the same players.
    private static void Mix(Controllers controllers, EnvironmentSpec spec, int matches)
    {
        for (int match = 0; match < matches; match++)
            for (int side = 0; side < spec.Sides; side++)
                controllers.Set(side, spec.Opponents[(match + 2 * side) % spec.Opponents.Count].Name, match);
    }

    private static void Append<T>(IncrementalHash hash, DeviceBuffer<T>? buffer, long count)
        where T : unmanaged
    {
        if (buffer is null) return;
        var values = new T[count];
        buffer.Read(values);
        hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
