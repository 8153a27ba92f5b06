using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>A batch of matches of one game on the CPU with its buffers, driven by recorded actions and built-in players.</summary>
public sealed class GameBatch : IDisposable
{
    private const int FewestTicks = 40;
    private const long BytesPerTick = (32 << 20) / 500; // so that 500 ticks compare 32 MB per match

    private readonly string story;
    private readonly int longest;

    /// <summary>Allocates the matches and resets them.</summary>
    /// <param name="subject">The game, its options, and how long a check may play.</param>
    /// <param name="options">Options that differ from the subject's in the number of matches, their offset or the like.</param>
    /// <param name="seed">Seed of the matches and of the recorded actions.</param>
    /// <param name="threads">Threads of the device.</param>
    /// <param name="chunk">Indices that a thread takes at a time; 0: the device's choice.</param>
    public GameBatch(ConformanceCase subject, GameOptions options, ulong seed = 1, int threads = 1, int chunk = 0)
    {
        Seed = seed;
        Device = new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = chunk });
        Game = subject.Game;
        Environment = Game.Create(Device, options);
        Buffers = new StepBuffers(Device, Spec, options.NumEnvs);
        Controllers = Device.Allocate<byte>((long)options.NumEnvs * Spec.Sides, "controllers");
        Views = Buffers.Views;
        story = $"{subject.Name}, seed {seed}";
        longest = subject.Ticks;
        Environment.Reset(seed, Views);
    }

    /// <summary>The device, which is the batch's own.</summary>
    public CpuDevice Device { get; }

    /// <summary>The game.</summary>
    public IGame Game { get; }

    /// <summary>The matches.</summary>
    public IEnvironment Environment { get; }

    /// <summary>Sizes and names.</summary>
    public EnvironmentSpec Spec => Environment.Spec;

    /// <summary>Everything that a step reads and writes.</summary>
    public StepBuffers Buffers { get; }

    /// <summary>What a step is given: all of <see cref="Buffers"/> unless changed.</summary>
    public StepViews Views { get; set; }

    /// <summary>(E, Sides) who plays, as <see cref="IEnvironment.Act"/> takes it.</summary>
    public DeviceBuffer<byte> Controllers { get; }

    /// <summary>Seed of the matches and of the recorded actions.</summary>
    public ulong Seed { get; }

    /// <summary>Ticks since the reset; numbers the recorded actions.</summary>
    public int Tick { get; set; }

    /// <summary>E.</summary>
    public int Matches => Environment.NumEnvs;

    /// <summary>N = E·A.</summary>
    public int Rows => Matches * Spec.AgentsPerMatch;

    /// <summary>Global number of match 0.</summary>
    public int Offset => Environment.Options.MatchOffset;

    /// <summary>Enough ticks to see an episode end and the next one begin, as far as that is affordable.</summary>
    public int TicksPastAnEpisode => Spec.EpisodeLimit == 0 ? Affordable : Math.Min(Spec.EpisodeLimit + 20, Affordable);

    // Whole states are copied and compared in every tick, so that matches of a megabyte get fewer of them.
    private int Affordable => (int)Math.Clamp(longest * BytesPerTick / Environment.State.BytesPerMatch, Math.Min(FewestTicks, longest), longest);

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

    /// <summary>One row's observation, whatever its element type.</summary>
    public double[] Row(int row, bool final = false)
    {
        int length = Spec.Observation.Length;
        var values = new double[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = Spec.Observation.Kind == ObservationKind.Byte
                ? (final ? Views.FinalByteObservations : Views.ByteObservations)[row * length + i]
                : (final ? Views.FinalObservations : Views.Observations)[row * length + i];
        }

        return values;
    }

    /// <summary>The first difference in words, or null.</summary>
    public static string? Difference(IEnumerable<(string Name, byte[] Bytes)> expected, IEnumerable<(string Name, byte[] Bytes)> actual)
    {
        foreach (((string name, byte[] left), (_, byte[] right)) in expected.Zip(actual))
        {
            int at = left.AsSpan().CommonPrefixLength(right);
            if (at == left.Length && at == right.Length) continue;
            return $"{name} differ from byte {at} (of {left.Length}) on: {Around(left, at)} and {Around(right, at)}";
        }

        return null;
    }

    /// <inheritdoc/>
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

    private static string Around(byte[] bytes, int at)
    {
        int word = at / 4 * 4;
        if (word + 4 > bytes.Length) return Convert.ToHexStringLower(bytes.AsSpan(Math.Min(at, bytes.Length)));
        return $"{Convert.ToHexStringLower(bytes.AsSpan(word, 4))} (float {BitConverter.ToSingle(bytes, word)}, int {BitConverter.ToInt32(bytes, word)})";
    }
}
