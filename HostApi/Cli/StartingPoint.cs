using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary>Where training begins: nothing, weights, or a checkpoint.</summary>
internal sealed class StartingPoint : IDisposable
{
    private readonly SavedPolicy? weights;
    private readonly string? source;
    private readonly LoadedCheckpoint? checkpoint;
    private readonly string? run;
    private CheckpointStore? store;

    private StartingPoint(SavedPolicy? weights, string? source) => (this.weights, this.source) = (weights, source);

    private StartingPoint(LoadedCheckpoint checkpoint, string run, CheckpointStore store) => (this.checkpoint, this.run, this.store) = (checkpoint, run, store);

    /// <summary>A new run from nothing.</summary>
    internal static StartingPoint Nothing { get; } = new(null, null);

    /// <summary>In words, for the first lines of a run; empty for a run from nothing.</summary>
    internal string Words => checkpoint is not null ? $"resumed after update {checkpoint.Update}" : source is not null ? $"with the weights of {source}" : "";

    /// <summary>A new run with the weights of a policy file, or of a run's best policy.</summary>
    internal static StartingPoint OfPolicy(string path, TrainingRequest request, Action<string> say)
    {
        string file = RunDirectory.Resolve(path);
        if (RunDirectory.Warning(path, file) is { } warning) say($"WARNING: {warning}");
        PolicyFile policy = PolicyFile.Load(file);
        policy.CheckFits(request.Game.Game, request.Game.Options);
        return new StartingPoint(new SavedPolicy(policy.Description, policy.Weights.ToArray()), policy.Path);
    }

    /// <summary>A new run with the weights of a checkpoint.</summary>
    internal static StartingPoint OfWeights(ResumePlace place, Action<string> say, Ranks ranks)
    {
        using CheckpointStore store = CheckpointStore.Open(place.Run, null, ranks, _ => false);
        LoadedCheckpoint found = Read(store, place, say);
        return found.State.Policies.TryGetValue(SavedState.LearnerPolicy, out SavedPolicy? policy)
            ? new StartingPoint(policy, found.Path)
            : throw new UsageException($"'{found.Path}' holds no policy.");
    }

    /// <summary>The run goes on, with as many shards as it has.</summary>
    internal static StartingPoint OfCheckpoint(ResumePlace place, Action<string> say, int shards, Ranks ranks)
    {
        int perRank = Math.Max(1, shards / ranks.Size);
        CheckpointStore store = CheckpointStore.Open(place.Run, null, ranks, shard => shard / perRank == ranks.Rank);
        try
        {
            return new StartingPoint(Read(store, place, say), place.Run, store);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Puts the session where training begins.</summary>
    /// <param name="session">The session.</param>
    /// <param name="until">Where it shall pause.</param>
    /// <exception cref="UsageException">it does not fit; says what differs. It has made the updates after which it shall pause.</exception>
    internal void Load(TrainingSession session, PausePoint until)
    {
        if (weights is not null) LoadWeights(session, weights);
        if (checkpoint is null)
        {
            session.LoadOpponents();
            return;
        }

        if (until.In(session.PlannedUpdates) <= checkpoint.Update)
            throw new UsageException($"--until is {until.Text}, but the run has made {checkpoint.Update} updates; give a larger number, or name an earlier checkpoint.");
        session.Load(checkpoint.State);
        TrainingCheckpoints.MetricsBytes(checkpoint);
        checkpoint.State.CheckAllRead();
        if (session.Curriculum?.StopReason is { } reason) throw new UsageException($"The run in '{run}' is finished: {reason}. To go on from its weights: {ThisProgram.Command("train", "--resume", run!, "--weights-only")}, with another curriculum.");
        if (session.Finished)
            throw new UsageException($"The run in '{run}' is finished: all {session.PlannedUpdates} updates are made. To train longer: {ThisProgram.Command("train", "--resume", run!, "--agent-steps", Numbers.Text($"{2 * session.AgentSteps}"), "--reschedule")}.");
    }

    /// <summary>The folder the run writes to (null but on rank 0), and its checkpoints.</summary>
    /// <param name="description">What config.json and run.json say.</param>
    /// <param name="root">Where new runs are kept.</param>
    /// <param name="ranks">The processes of the run.</param>
    internal (RunDirectory? Run, CheckpointStore Checkpoints) Open(RunDescription description, string root, Ranks ranks)
    {
        if (checkpoint is null)
        {
            RunDirectory? created = ranks.IsFirst ? RunDirectory.Create(description with { StartedFrom = source }, root) : null;
            return (created, CheckpointStore.Open(ranks.FromFirst(created?.Path ?? ""), null, ranks));
        }

        // Later checkpoints first: they count on lines of the metrics that go next.
        CheckpointStore held = store!;
        if (!ranks.IsFirst)
        {
            store = null;
            return (null, held);
        }

        held.DiscardAfter(checkpoint.Update);
        RunDirectory continued = RunDirectory.Continue(
            run!, description with { ResumedFrom = checkpoint.Update }, TrainingCheckpoints.MetricsBytes(checkpoint),
            checkpoint.State.Policies[SavedState.LearnerPolicy].Description.AgentSteps);
        store = null; // the caller's from here on
        return (continued, held);
    }

    /// <summary>Gives the checkpoints back where training never began.</summary>
    public void Dispose() => store?.Dispose();

    private static LoadedCheckpoint Read(CheckpointStore store, ResumePlace place, Action<string> say) =>
        place.Checkpoint is null ? store.ReadNewest(say) : store.ReadNamed(place.Checkpoint);

    private static void LoadWeights(TrainingSession session, SavedPolicy policy)
    {
        NetworkSpec stored = policy.Description.Network;
        if (!NetworkText.Same(stored, session.Network))
            throw new UsageException(
                $"The weights to begin with are of the network {NetworkText.Describe(stored)}; this run has {NetworkText.Describe(session.Network)}. " +
                "Give the same options of the network (--network, --hidden-width, --activation, --core and the others), and settings of the game with the same observations and actions.");
        session.LoadWeights(policy.Weights);
    }
}
