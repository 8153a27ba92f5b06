using System.Runtime.ExceptionServices;
using Arena.Policy.Distributed;

namespace Arena.Policy.Tests.Distributed;

/// <summary>The ranks of a run as threads of this process.</summary>
internal static class RankThreads
{
    /// <summary>Runs the same work on every rank; results in the order of ranks.</summary>
    /// <exception cref="Exception">of the first rank that failed by itself.</exception>
    internal static T[] Run<T>(int ranks, Func<Ranks, T> work)
    {
        ThreadCommunicator[] communicators = ThreadCommunicator.Create(ranks);
        var results = new T[ranks];
        var failures = new List<Exception>();
        Thread[] threads = [.. communicators.Select((communicator, rank) => new Thread(() =>
        {
            try
            {
                results[rank] = work(new Ranks(communicator));
            }
            catch (Exception failure)
            {
                lock (failures) failures.Add(failure);
                communicator.Leave();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (failures.Count > 0) ExceptionDispatchInfo.Throw(failures.Find(failure => failure.GetType().Name != "MeetingBrokenException") ?? failures[0]);
        return results;
    }
}
