namespace Arena.Kernels.Environments;

/// <summary>An environment that can say where the time of a tick goes.</summary>
public interface IPhaseProfile
{
    /// <summary>Parts of a tick, in order.</summary>
    IReadOnlyList<string> PhaseNames { get; }

    /// <summary>As <see cref="IEnvironment.Step"/>, on the calling thread alone, adding to <paramref name="elapsed"/> what each part took.</summary>
    /// <param name="views">As for a step.</param>
    /// <param name="elapsed">One sum per phase, in units of <see cref="System.Diagnostics.Stopwatch.Frequency"/>.</param>
    void StepProfiled(in StepViews views, Span<long> elapsed);
}

/// <summary>Told when a part of a tick is done. Generic code takes one of two: nothing is left of <see cref="NoPhaseClock"/>.</summary>
public interface IPhaseClock
{
    /// <summary>The phase that ended now.</summary>
    void Mark(int phase);
}

/// <summary>Does not look.</summary>
public readonly struct NoPhaseClock : IPhaseClock
{
    /// <inheritdoc/>
    public void Mark(int phase)
    {
    }
}

/// <summary>Adds up the time since the mark before.</summary>
public unsafe struct PhaseClock : IPhaseClock
{
    private readonly long* elapsed;
    private long last;

    /// <summary>Adds to <paramref name="elapsed"/>, which the caller keeps in place.</summary>
    public PhaseClock(long* elapsed)
    {
        this.elapsed = elapsed;
        last = System.Diagnostics.Stopwatch.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Mark(int phase)
    {
        long now = System.Diagnostics.Stopwatch.GetTimestamp();
        elapsed[phase] += now - last;
        last = now;
    }
}
