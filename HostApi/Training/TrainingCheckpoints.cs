using System.Diagnostics;
using Arena.Policy.Distributed;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>When a run writes its checkpoints: after so many minutes, and at its end.</summary>
/// <remarks>A disk that fails does not stop training: the last whole checkpoint stays, and the next is tried when it is due. The third failure in a row does.</remarks>
internal sealed class TrainingCheckpoints
{
    private const string MetricsKey = "metrics/bytes";
    private const int MaxFailures = 3;

    private readonly TrainingSession session;
    private readonly RunDirectory run;
    private readonly CheckpointStore store;
    private readonly Ranks ranks;
    private readonly TimeSpan interval;
    private readonly TimeProvider clock;
    private long last; // when one was written or tried, on the clock
    private long saved;
    private int failuresInARow;

    /// <summary>Begins to count the minutes.</summary>
    /// <param name="session">What is saved.</param>
    /// <param name="run">Where; its metrics are flushed with every checkpoint.</param>
    /// <param name="store">The run's checkpoints.</param>
    /// <param name="minutes">Between two checkpoints; 0 = after every update.</param>
    /// <param name="clock">The system's when null.</param>
    /// <param name="ranks">The processes of the run, of which this is rank 0: the others write their parts when told to. Null: this one alone.</param>
    internal TrainingCheckpoints(TrainingSession session, RunDirectory run, CheckpointStore store, double minutes, TimeProvider? clock = null, Ranks? ranks = null)
    {
        this.ranks = ranks ?? new Ranks();
        (this.session, this.run, this.store) = (session, run, store);
        this.clock = clock ?? TimeProvider.System;
        interval = TimeSpan.FromMinutes(minutes);
        last = this.clock.GetTimestamp();
        saved = session.Updates; // nothing to save of a run that has just begun, or was just read
    }

    /// <summary>Called before anything is saved: brings the metrics of every update so far into their file.</summary>
    internal Action SettleMetrics { get; set; } = () => { };

    /// <summary>Checkpoints that could not be written.</summary>
    internal long Failed { get; private set; }

    /// <summary>Time spent on them.</summary>
    internal TimeSpan Time { get; private set; }

    /// <summary>Folder of the newest checkpoint; null before the first.</summary>
    internal string? LastPath => saved == 0 ? null : store.PathOf(saved);

    /// <summary>What the user should know; empty when all is well.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>How long metrics.jsonl was when <paramref name="checkpoint"/> was written.</summary>
    internal static long MetricsBytes(LoadedCheckpoint checkpoint) => checkpoint.State.Values.ReadLong(MetricsKey);

    /// <summary>After an update and its metrics: writes a checkpoint if one is due.</summary>
    /// <exception cref="IOException">the third failure in a row.</exception>
    internal void AfterUpdate()
    {
        if (!ranks.FromFirst(clock.GetElapsedTime(last) >= interval)) return;
        try
        {
            Write();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Failed++;
            failuresInARow++;
            last = clock.GetTimestamp();
            Warnings = [$"the checkpoint after update {session.Updates} could not be written: {problem.Message}"];
            if (failuresInARow >= MaxFailures)
                throw new IOException($"{MaxFailures} checkpoints in a row could not be written: {problem.Message} Training stopped; the last whole checkpoint is in '{run.Path}'.", problem);
        }
    }

    /// <summary>At the end of the run, however it came: what was learned must be on the disk.</summary>
    /// <exception cref="IOException">it could not be written.</exception>
    internal void AtEnd()
    {
        if (ranks.FromFirst(saved != session.Updates)) Write();
    }

    private void Write()
    {
        long start = Stopwatch.GetTimestamp();
        SettleMetrics();
        SavedState state = session.Save();
        run.Metrics.Finish();
        state.Values.Write(MetricsKey, run.Metrics.Length);
        store.Write(session.Updates, state, new HashSet<long> { session.BestAgentSteps / session.AgentStepsPerUpdate });
        saved = session.Updates;
        failuresInARow = 0;
        Warnings = [];
        last = clock.GetTimestamp();
        Time += Stopwatch.GetElapsedTime(start);
    }
}
