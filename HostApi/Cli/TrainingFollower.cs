using Arena.HostApi.Training;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Cli;

/// <summary>What ranks other than 0 do of <see cref="TrainingRun"/>: the same updates and evaluations, and their parts of checkpoints.</summary>
/// <remarks>Every call that rank 0 makes with the others has its twin here, in the same order.</remarks>
internal sealed class TrainingFollower(TrainingSession session, CheckpointStore store, Ranks ranks, CancellationToken cancellation)
{
    private static readonly HashSet<long> Nothing = [];

    /// <summary>Trains until the plan is done, <paramref name="until"/>, or any rank is told to stop.</summary>
    /// <returns>Whether the plan is done.</returns>
    internal bool Run(long until)
    {
        while (!session.Finished && session.Updates < until)
        {
            session.Update();
            if (session.Updates % session.UpdatesPerEvaluation == 0 || session.Finished) session.Evaluate(CancellationToken.None);
            WriteIfTold();
            if (!ranks.Any(cancellation.IsCancellationRequested)) continue;
            WriteIfTold();
            throw new OperationCanceledException(cancellation);
        }

        WriteIfTold();
        return session.Finished;
    }

    private void WriteIfTold()
    {
        if (ranks.FromFirst(false)) store.Write(session.Updates, session.Save(), Nothing);
    }
}
