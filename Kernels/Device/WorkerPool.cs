using System.Runtime.ExceptionServices;

namespace Arena.Kernels.Device;

/// <summary>Work over an index range that threads take chunk by chunk.</summary>
internal abstract class Job
{
    /// <summary>Type of the kernel it runs.</summary>
    internal string Kernel { get; set; } = "";

    /// <summary>Launches that were timed.</summary>
    internal long Launches { get; set; }

    /// <summary>Their time in ticks of the clock.</summary>
    internal long Elapsed { get; set; }

    /// <summary>Runs the indices begin..end-1.</summary>
    internal abstract void Run(int begin, int end);
}

/// <summary>A fixed set of threads that run one <see cref="Job"/> at a time; nothing is allocated per run.</summary>
/// <remarks>
/// A rollout launches a kernel every few tens of microseconds, less than it takes to wake a sleeping thread. So a
/// worker that runs out of work watches for the next job for a while before it sleeps. A run waits for the workers that have joined it, not for
/// those that come too late: where another program holds a worker's core, the others do its share.
/// Every thread begins with its own part of the range, the same in every run, and then helps the others: what a launch leaves in a core's cache, the
/// next launch over the same matches or rows finds there.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    // About 0.4 ms of watching (0.2 µs a spin): longer than the host code between two launches, short enough to leave
    // an idle machine idle. On a single core watching would only keep the caller from running.
    private static readonly int SpinsBeforeSleep = Environment.ProcessorCount > 1 ? 2_000 : 0;

    private const int Open = 1 << 30; // of the state: the job may be joined; the lower bits count who has joined and not yet left

    private const int Apart = 16; // longs between two numbers that different cores write: two cache lines

    private readonly Thread[] threads;
    private readonly Lock runLock = new();
    private readonly object wakeUp = new();
    private Job? job;
    private int count;
    private int chunk;
    private readonly long[] next; // (threads, Apart) of every thread's part, the next index that nobody has taken; long: who finds no work left still adds a chunk
    private int generation;
    private int state;
    private int sleeping;
    private Exception? failure;
    private volatile bool stopping;

    internal WorkerPool(int threadCount)
    {
        next = new long[threadCount * Apart];
        threads = new Thread[threadCount - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int part = i + 1;
            threads[i] = new Thread(() => WorkerLoop(part)) { IsBackground = true, Name = $"arena kernel {i + 1}" };
            threads[i].Start();
        }
    }

    /// <summary>Claims the pool for one launch; before the launch touches a job, which the running launch may share.</summary>
    /// <exception cref="InvalidOperationException">another launch is under way.</exception>
    internal void Enter()
    {
        // The lock is reentrant: a launch from inside a kernel would otherwise get in.
        if (runLock.IsHeldByCurrentThread || !runLock.TryEnter())
            throw new InvalidOperationException("Two threads launched kernels on one device at the same time; use one device per thread.");
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    internal void Exit() => runLock.Exit();

    /// <summary>Runs all indices of <paramref name="newJob"/> and returns when they are done; between Enter and Exit.</summary>
    /// <exception cref="Exception">the first exception of a kernel (checked builds), rethrown here.</exception>
    internal void Run(Job newJob, int newCount, int newChunk)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (threads.Length > 0 && newCount > newChunk) RunOnAllThreads(newJob, newCount, newChunk);
        else if (newCount > 0) newJob.Run(0, newCount);
    }

    private void RunOnAllThreads(Job newJob, int newCount, int newChunk)
    {
        job = newJob;
        count = newCount;
        chunk = newChunk;
        for (int part = 0; part <= threads.Length; part++) next[part * Apart] = BeginOf(part);
        failure = null;
        Interlocked.Exchange(ref state, Open); // publishes all of the above
        Interlocked.Increment(ref generation);
        if (Volatile.Read(ref sleeping) > 0)
        {
            lock (wakeUp) Monitor.PulseAll(wakeUp);
        }

        TakeChunks(own: 0);
        Interlocked.And(ref state, ~Open); // all chunks are taken: whoever has not joined has nothing to do
        var wait = new SpinWait();
        while (Volatile.Read(ref state) != 0) wait.SpinOnce(sleep1Threshold: -1);
        if (failure is { } caught) ExceptionDispatchInfo.Throw(caught);
    }

    // Of the own part first, then of the following ones.
    private void TakeChunks(int own)
    {
        try
        {
            for (int i = 0, part = own; i <= threads.Length; i++, part = part == threads.Length ? 0 : part + 1)
            {
                long end = BeginOf(part + 1);
                while (Interlocked.Add(ref next[part * Apart], chunk) - chunk is var begin && begin < end)
                    job!.Run((int)begin, (int)Math.Min(begin + chunk, end));
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, exception, null);
        }
    }

    private long BeginOf(int part) => (long)count * part / (threads.Length + 1);

    private void WorkerLoop(int part)
    {
        int seen = 0;
        while (WaitForNext(ref seen))
        {
            if (!Join()) continue;
            TakeChunks(part);
            Interlocked.Decrement(ref state);
        }
    }

    // The job may be a later one than the one that woke this worker: it is set up whenever the state is open, and stays until all have left.
    private bool Join()
    {
        while (true)
        {
            int present = Volatile.Read(ref state);
            if ((present & Open) == 0) return false;
            if (Interlocked.CompareExchange(ref state, present + 1, present) == present) return true;
        }
    }

    private bool WaitForNext(ref int seen)
    {
        for (int spin = 0; spin < SpinsBeforeSleep; spin++)
        {
            if (stopping) return false;
            if (Volatile.Read(ref generation) is var newest && newest != seen)
            {
                seen = newest;
                return true;
            }

            // More threads than free cores: let those that still have work run (measured: a launch 10 to 30 times faster).
            if ((spin & 31) == 31) Thread.Yield();
            else Thread.SpinWait(8);
        }

        lock (wakeUp)
        {
            Interlocked.Increment(ref sleeping); // a full fence: the launcher sees it, or we see its generation
            while (!stopping && Volatile.Read(ref generation) == seen) Monitor.Wait(wakeUp);
            Interlocked.Decrement(ref sleeping);
        }

        if (stopping) return false;
        seen = Volatile.Read(ref generation);
        return true;
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        // A launch that is under way on another thread waits for its workers: let it finish before they end.
        lock (runLock) stopping = true;
        lock (wakeUp) Monitor.PulseAll(wakeUp);
        foreach (Thread thread in threads) thread.Join();
    }
}
