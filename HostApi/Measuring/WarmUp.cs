using System.Diagnostics;
using System.Runtime;

namespace Arena.HostApi.Measuring;

/// <summary>Runs what is to be measured until it runs as fast as it will.</summary>
/// <remarks>
/// Code is compiled quickly at first and again, in the background, when it proves hot: some hundred milliseconds after it began on a quiet machine, later where the
/// compiler gets no core. So it is not enough to wait for a fixed time. Slices are run until the compiler did nothing during a whole one.
/// </remarks>
internal static class WarmUp
{
    private const double MostSliceSeconds = 0.25; // longer than the compiler waits before it begins again
    private const int FewestSlices = 2;
    private const int MostSlices = 8; // another thread may go on compiling something else

    /// <summary>Runs <paramref name="work"/> again and again.</summary>
    /// <param name="seconds">That will be measured: warming up takes as long at least, but for long ones.</param>
    /// <param name="work">One run of any length.</param>
    internal static void Run(double seconds, Action work)
    {
        double slice = Math.Min(MostSliceSeconds, seconds / FewestSlices);
        for (int i = 1; i <= MostSlices; i++)
        {
            long compiled = JitInfo.GetCompiledMethodCount(), start = Stopwatch.GetTimestamp();
            do work();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < slice);
            if (i >= FewestSlices && JitInfo.GetCompiledMethodCount() == compiled) return;
        }
    }
}
