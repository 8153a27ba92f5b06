using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Tests;

namespace Arena.Conformance.Support;

/// <summary>A batch of matches of one case with its buffers, driven by recorded actions and built-in players.</summary>
public sealed class Batch : IDisposable
{
    private readonly string story;

    public Batch(string game, string preset, int matches, ulong seed = 1, int offset = 0, int threads = 1, int chunk = 0, bool desync = false)
        : this(Cases.Game(game), Cases.Options(game, preset) with { NumEnvs = matches, MatchOffset = offset, Desync = desync }, seed, threads, chunk, preset)
    {
    }

    public Batch(IGame game, GameOptions options, ulong seed = 1, int threads = 1, int chunk = 0, string preset = "own options")
    {
        Seed = seed;
        Device = new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = chunk });
        Game = game;
        Environment = Game.Create(Device, options);
        Buffers = new StepBuffers(Device, Spec, options.NumEnvs);
        Controllers = Device.Allocate<byte>((long)options.NumEnvs * Spec.Sides, "controllers");
        Views = Buffers.Views;
        story = $"{game.Name}/{preset}, seed {seed}";
        Environment.Reset(seed, Views);
    }

    public CpuDevice Device { get; }

    public IGame Game { get; }

    public IEnvironment Environment { get; }

    public EnvironmentSpec Spec => Environment.Spec;

    public StepBuffers Buffers { get; }

    public StepViews Views { get; set; }

    public DeviceBuffer<byte> Controllers { get; }

    public ulong Seed { get; }

    /// <summary>Ticks since the reset; numbers the recorded actions.</summary>
    public int Tick { get; set; }

    public int Matches => Environment.NumEnvs;

    public int Rows => Matches * Spec.AgentsPerMatch;

    public int Offset => Environment.Options.MatchOffset;

    /// <summary>Enough ticks to see an episode end and the next one begin, as far as that is affordable.</summary>
    public int TicksPastAnEpisode => Spec.EpisodeLimit == 0 ? Affordable : Math.Min(Spec.EpisodeLimit + 20, Affordable);

    // Whole states are copied and compared in every tick, so that matches of a megabyte get fewer of them.
    private int Affordable => Math.Clamp(TestSize.Of(32, 640) * (1 << 20) / Environment.State.BytesPerMatch, 40, TestSize.Of(500, 10_000));

    /// <summary>Where we are, for messages.</summary>
    public string Here(int env) => $"{story}, match {Offset + env}, tick {Tick}";

    /// <summary>
    /// One tick of mixed play: match m is played by opponent m mod (opponents + 1), where 0 means recorded actions, a function of
    /// seed, match and tick alone. <paramref name="matchOf"/> renames matches.
    /// </summary>
    public void Play(Func<int, int>? matchOf = null)
    {
        RecordedActions.Write(this, matchOf);
        Span<byte> who = Controllers.View.AsSpan();
        for (int at = 0; at < who.Length; at++)
            who[at] = (byte)((matchOf?.Invoke(at / Spec.Sides) ?? (Offset + (at / Spec.Sides))) % (Spec.Opponents.Count + 1));
        Environment.Act(Controllers.View, Views);
        Step();
    }

    /// <summary>One tick of recorded actions alone.</summary>
    public void PlayRecorded(Func<int, int>? matchOf = null)
    {
        RecordedActions.Write(this, matchOf);
        Step();
    }

    /// <summary>One tick in which opponent <paramref name="opponent"/> plays every side.</summary>
    public void PlayOpponent(int opponent)
    {
        Controllers.View.AsSpan().Fill((byte)(opponent + 1));
        Environment.Act(Controllers.View, Views);
        Step();
    }

    /// <summary>One tick with the actions that are in the buffers.</summary>
    public void Step()
    {
        Environment.Step(Views);
        Tick++;
    }

    /// <summary>State of one match, column by column, as bytes.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> State(int env) => Environment.State.All.Select(column =>
    {
        var bytes = new byte[column.BytesPerMatch];
        column.ReadMatch(env, bytes);
        return ($"state column {column.Name}", bytes);
    });

    /// <summary>What a step must write in every row, of one match.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Results(int env)
    {
        yield return ("observations", Part(Buffers.Observations, env));
        yield return ("byte observations", Part(Buffers.ByteObservations, env));
        yield return ("action masks", Part(Buffers.ActionMasks, env));
        yield return ("rewards", Part(Buffers.Rewards, env));
        yield return ("reward parts", Part(Buffers.RewardParts, env));
        yield return ("terminated", Part(Buffers.Terminated, env));
        yield return ("truncated", Part(Buffers.Truncated, env));
        yield return ("episode start", Part(Buffers.EpisodeStart, env));
        yield return ("row active", Part(Buffers.RowActive, env));
    }

    /// <summary>What is kept from earlier steps, of one match.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Kept(int env)
    {
        yield return ("final observations", Part(Buffers.FinalObservations, env));
        yield return ("final byte observations", Part(Buffers.FinalByteObservations, env));
        yield return ("errors", Part(Buffers.Errors, env));
        yield return ("episode statistics", Part(Buffers.EpisodeStatistics, env));
        yield return ("episodes finished", Part(Buffers.EpisodesFinished, env));
        yield return ("continuous actions", Part(Buffers.ContinuousActions, env));
        yield return ("discrete actions", Part(Buffers.DiscreteActions, env));
    }

    /// <summary>State and all buffers of one match.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Everything(int env) => [.. State(env), .. Results(env), .. Kept(env)];

    public void Dispose()
    {
        Environment.Dispose();
        Buffers.Dispose();
        Controllers.Dispose();
        Device.Dispose();
    }

    private byte[] Part<T>(DeviceBuffer<T>? buffer, int env)
        where T : unmanaged
    {
        if (buffer is null) return [];
        int perMatch = (int)(buffer.Length / Matches);
        return MemoryMarshal.AsBytes(buffer.View.AsSpan().Slice(env * perMatch, perMatch)).ToArray();
    }
}
