namespace Arena.Conformance.Support;

/// <summary>What code allocates that is run again and again.</summary>
internal static class Allocations
{
    private const int Windows = 3;

    /// <summary>Managed bytes that this thread allocates in one call, in the best of three.</summary>
    /// <remarks>
    /// Work that allocates does so every time. What the runtime allocates once (a method that is compiled anew while its loop runs, a type that is
    /// met first) falls into one window, whichever it may be.
    /// </remarks>
    internal static long Fewest(Action work)
    {
        long fewest = long.MaxValue;
        for (int window = 0; window < Windows && fewest > 0; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return fewest;
    }
}
