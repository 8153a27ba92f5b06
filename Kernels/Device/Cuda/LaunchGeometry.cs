namespace Arena.Kernels.Device.Cuda;

/// <summary>How a launch is cut into blocks of threads. No choice changes a result.</summary>
/// <param name="Blocks">Blocks of the grid.</param>
/// <param name="ThreadsX">Threads per block in x: indices, or lanes of a group.</param>
/// <param name="ThreadsY">Threads per block in y: groups that share a block.</param>
public readonly record struct LaunchGeometry(int Blocks, int ThreadsX, int ThreadsY)
{
    private const int Warp = 32;
    private const int IndexThreads = 128; // enough to hide latency, few enough that registers rarely limit them
    private const int GroupThreads = 64; // small groups share a block up to this many threads

    /// <summary>One thread per index 0..count−1.</summary>
    /// <param name="count">Indices, at least 1.</param>
    /// <param name="multiprocessors">Of the GPU: a small launch is cut finer, so that all of them get work.</param>
    /// <param name="maxThreads">Threads per block that the kernel's registers allow.</param>
    public static LaunchGeometry Indexed(int count, int multiprocessors, int maxThreads)
    {
        int threads = IndexThreads;
        while (threads > Warp && (long)count < 2L * multiprocessors * threads) threads /= 2;
        threads = Math.Min(threads, maxThreads);
        return new LaunchGeometry((int)(((long)count + threads - 1) / threads), threads, 1);
    }

    /// <summary>One row of threads per group; a thread takes every ThreadsX-th lane.</summary>
    /// <param name="groups">At least 1.</param>
    /// <param name="lanes">Lanes of a group, at least 1; may be more than a block has threads.</param>
    /// <param name="multiprocessors">Of the GPU: groups share a block only while every multiprocessor has one.</param>
    /// <param name="maxThreads">Threads per block that the kernel's registers allow.</param>
    public static LaunchGeometry Groups(int groups, int lanes, int multiprocessors, int maxThreads)
    {
        int x = Math.Min(lanes, maxThreads);
        int y = Math.Max(1, Math.Min(GroupThreads, maxThreads) / x);
        while (y > 1 && groups / y < multiprocessors) y /= 2;
        return new LaunchGeometry((int)(((long)groups + y - 1) / y), x, y);
    }
}
