using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Arena.HostApi.Training.Trainers;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;

namespace Arena.HostApi.Training;

/// <summary>One part of a run's matches with all that collects from and learns from them; most runs have one.</summary>
/// <remarks>
/// Shards compute the same weights, pool and curriculum from the same sums, so nothing is sent but sums. That the weights are the
/// same is checked every <see cref="CheckInterval"/> updates.
/// </remarks>
internal sealed class TrainingShard : IDisposable
{
    /// <summary>Updates between two comparisons of the weights.</summary>
    internal const long CheckInterval = 50;

    private readonly Shard shard;
    private readonly IDevice? owned;
    private readonly float[] weights;
    private readonly ulong[] hashes;

    /// <summary>Allocates everything and starts the first episodes; all shards at the same time.</summary>
    /// <param name="shard">Which part.</param>
    /// <param name="device">Where; disposed of with the shard if <paramref name="owns"/>.</param>
    /// <param name="owns">See <paramref name="device"/>.</param>
    /// <param name="game">Which game.</param>
    /// <param name="options">Of the whole run.</param>
    /// <param name="train">Makes what collects and learns.</param>
    internal TrainingShard(Shard shard, IDevice device, bool owns, IGame game, GameOptions options, Func<IEnvironment, Shard, ITrainer> train)
    {
        this.shard = shard;
        if (owns) owned = device;
        int envs = options.NumEnvs / shard.Count;
        Environment = game.Create(device, shard.Count == 1 ? options : options with { NumEnvs = envs, MatchOffset = options.MatchOffset + shard.Index * envs });
        Trainer = train(Environment, shard);
        weights = new float[shard.Count == 1 ? 0 : Trainer.Engine.Parameters.Length];
        hashes = new ulong[shard.Count];
    }

    internal IEnvironment Environment { get; }

    internal ITrainer Trainer { get; }

    /// <summary>Set once it is made; null without one.</summary>
    internal Curriculum? Curriculum { get; set; }

    /// <summary>Its number in the run.</summary>
    internal int Index => shard.Index;

    internal Shard Shard => shard;

    /// <summary>What the last update did.</summary>
    internal PpoStatistics Statistics { get; private set; }

    /// <summary>Time that collecting took in the last update.</summary>
    internal TimeSpan Collected { get; private set; }

    /// <summary>Is every shard's share the same?</summary>
    /// <exception cref="UsageException">matches that cannot be divided so.</exception>
    internal static void CheckDivision(GameOptions options, int shards)
    {
        if (options.NumEnvs % shards == 0) return;
        int below = options.NumEnvs / shards * shards;
        throw new UsageException(
            $"--envs is {options.NumEnvs}, which {shards} shards cannot share equally; allowed are multiples of {shards}. Use --envs {(below > 0 ? $"{below} or " : "")}{below + shards}.");
    }

    /// <summary>Collects one rollout and learns from it.</summary>
    /// <param name="update">Updates made before.</param>
    /// <param name="progress">Share of the planned updates already made, 0..1.</param>
    internal void Update(long update, double progress)
    {
        Environment.Progress = (float)(Curriculum?.ProgressAt(progress) ?? progress);
        Statistics = Trainer.Update(update, progress, out TimeSpan collected);
        Collected = collected;
        if (shard.Count > 1 && (update + 1) % CheckInterval == 0) CheckWeights(update + 1);
        Curriculum?.AfterUpdate(Trainer.AgentStepsPerUpdate, Trainer.EpisodesFinished);
    }

    /// <summary>Overwrites the weights.</summary>
    internal void LoadWeights(ReadOnlySpan<float> values)
    {
        Environment.Device.CopyToDevice(values, Trainer.Engine.Weights);
        Trainer.Engine.RefreshDerived();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Curriculum?.Dispose();
        Trainer.Dispose();
        Environment.Dispose();
        owned?.Dispose();
    }

    private void CheckWeights(long update)
    {
        Environment.Device.CopyToHost(Trainer.Engine.Weights, weights);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes<float>(weights), hash);
        shard.Gather(BinaryPrimitives.ReadUInt64LittleEndian(hash), hashes);
        int other = hashes.AsSpan().IndexOfAnyExcept(hashes[0]);
        if (other < 0) return;
        throw new InvalidOperationException(
            $"update {update}: the weights of shard {other} are not those of shard 0, though both add up the same gradients. Machines of another kind of processor, with another C library, or a fault of memory " +
            "can do that. Training stopped; the last checkpoint may already carry the difference: resume from one before it, on machines of one kind.");
    }
}
