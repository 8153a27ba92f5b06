namespace Arena.Policy.Distributed;

/// <summary>A point that a fixed number of threads pass together; nothing is allocated.</summary>
/// <remarks>Whoever waits watches for a while before it sleeps: threads that do the same work arrive within microseconds.</remarks>
internal sealed class Meeting(int members)
{
    // As for the threads of a device: longer than the work between two meetings differs, short enough to leave an idle machine idle.
    private static readonly int SpinsBeforeSleep = Environment.ProcessorCount > 1 ? 2_000 : 0;

    private readonly object wakeUp = new();
    private int arrived;
    private int generation;
    private volatile bool broken;

    /// <summary>Returns when all have called it.</summary>
    /// <exception cref="MeetingBrokenException">one of them will not come.</exception>
    internal void Wait()
    {
        if (broken) throw new MeetingBrokenException();
        if (members == 1) return;
        int mine = Volatile.Read(ref generation);
        if (Interlocked.Increment(ref arrived) == members)
        {
            lock (wakeUp)
            {
                arrived = 0;
                Volatile.Write(ref generation, mine + 1); // publishes what everybody wrote before
                Monitor.PulseAll(wakeUp);
            }

            return;
        }

        for (int spin = 0; spin < SpinsBeforeSleep && Volatile.Read(ref generation) == mine && !broken; spin++)
        {
            if ((spin & 31) == 31) Thread.Yield(); // more threads than cores: let those that still have work run
            else Thread.SpinWait(8);
        }

        lock (wakeUp)
        {
            while (generation == mine && !broken) Monitor.Wait(wakeUp);
            if (generation == mine) throw new MeetingBrokenException();
        }
    }

    /// <summary>Ends the waiting of all who wait, or ever will.</summary>
    internal void Break()
    {
        lock (wakeUp)
        {
            broken = true;
            Monitor.PulseAll(wakeUp);
        }
    }
}

/// <summary>Another member failed; its own exception says why.</summary>
internal sealed class MeetingBrokenException() : Exception("Another part of the run failed.");
