using System.Runtime.ExceptionServices;

namespace Arena.Policy.Distributed;

/// <summary>The threads of the shards of one process: each does the same work for its own shard, the caller that of the first.</summary>
/// <remarks>Nothing is allocated per call. After a failure the team can only be disposed of.</remarks>
public sealed class ShardTeam : IDisposable
{
    private readonly ShardGroup group;
    private readonly Meeting start;
    private readonly Meeting end;
    private readonly Thread[] threads;
    private readonly Exception?[] failures;
    private Action<int>? work;
    private bool failed;

    /// <summary>Starts the threads.</summary>
    /// <param name="group">Its shards.</param>
    public ShardTeam(ShardGroup group)
    {
        this.group = group;
        (start, end) = (new Meeting(group.Local), new Meeting(group.Local));
        failures = new Exception?[group.Local];
        threads = new Thread[group.Local - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int local = i + 1;
            threads[i] = new Thread(() => Loop(local)) { IsBackground = true, Name = $"arena shard {group.First + local}" };
            threads[i].Start();
        }
    }

    /// <summary>Runs <paramref name="job"/> for every shard of this process at the same time, and returns when all are done.</summary>
    /// <param name="job">Takes the shard's number in this process.</param>
    /// <exception cref="Exception">the first shard's that failed by itself, rethrown here.</exception>
    public void Run(Action<int> job)
    {
        if (failed) throw new InvalidOperationException("A shard of this run has failed before.");
        if (threads.Length == 0)
        {
            job(0);
            return;
        }

        work = job;
        start.Wait();
        Work(0);
        end.Wait();
        foreach (Exception? failure in failures)
        {
            if (failure is null) continue;
            failed = true;
            if (failure is not MeetingBrokenException) ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (threads.Length == 0) return;
        start.Break();
        foreach (Thread thread in threads) thread.Join();
    }

    private void Loop(int local)
    {
        while (true)
        {
            try
            {
                start.Wait();
            }
            catch (MeetingBrokenException)
            {
                return; // disposed of
            }

            Work(local);
            end.Wait();
        }
    }

    private void Work(int local)
    {
        try
        {
            work!(local);
        }
        catch (Exception failure)
        {
            failures[local] = failure;
            group.Break();
        }
    }
}
