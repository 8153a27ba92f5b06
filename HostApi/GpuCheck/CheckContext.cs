using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.HostApi.GpuCheck;

/// <summary>How much a check tries.</summary>
public sealed record CheckPlan
{
    /// <summary>Matches of each game that are compared.</summary>
    public int Matches { get; init; } = 64;

    /// <summary>Ticks of each game that are compared.</summary>
    public int Ticks { get; init; } = 4096;

    /// <summary>Seconds after which the comparison of one game, in all its forms, is cut short; then the check is incomplete.</summary>
    public double GameSeconds { get; init; } = 90;

    /// <summary>Ticks of each further form of a game (<see cref="GameCheck.Forms"/>).</summary>
    public int FormTicks => Math.Max(Math.Min(Ticks, 16), Ticks / 16);

    /// <summary>Rows of operands of the arithmetic.</summary>
    public int Operands { get; init; } = 1 << 18;

    /// <summary>Seconds that a throughput is measured.</summary>
    public double Seconds { get; init; } = 1;

    /// <summary>Largest number of matches in the sweep of batch sizes.</summary>
    public int LargestBatch { get; init; } = 65_536;

    /// <summary>Seconds after which a game is given no larger batch in the sweep.</summary>
    public double SweepSeconds { get; init; } = 15;

    /// <summary>Seconds of training that are timed.</summary>
    public double TrainingSeconds { get; init; } = 20;

    /// <summary>Sizes for trying the check itself: it ends in about a minute on two cores.</summary>
    public static CheckPlan Rehearsal { get; } = new() { Matches = 8, Ticks = 256, Operands = 1 << 12, Seconds = 0.1, LargestBatch = 4, SweepSeconds = 2, TrainingSeconds = 2 };
}

/// <summary>The two devices of a check: the CPU, which is right, and the one that is compared with it.</summary>
/// <param name="Judge">The CPU.</param>
/// <param name="Tested">A GPU, or another CPU device in a rehearsal.</param>
/// <param name="Plan">How much is tried.</param>
/// <param name="Cancellation">Ends it early.</param>
public sealed record CheckContext(CpuDevice Judge, IDevice Tested, CheckPlan Plan, CancellationToken Cancellation)
{
    /// <summary>The GPU, or null in a rehearsal.</summary>
    public CudaDevice? Gpu => Tested as CudaDevice;
}

/// <summary>What a step found.</summary>
/// <param name="State">Passed, failed or left out.</param>
/// <param name="Summary">One line.</param>
/// <param name="Details">More lines, for the file; Markdown.</param>
public sealed record CheckOutcome(CheckState State, string Summary, IReadOnlyList<string> Details)
{
    /// <summary>All is well.</summary>
    public static CheckOutcome Passed(string summary, params IEnumerable<string> details) => new(CheckState.Passed, summary, [.. details]);

    /// <summary>Something is wrong.</summary>
    public static CheckOutcome Failed(string summary, params IEnumerable<string> details) => new(CheckState.Failed, summary, [.. details]);

    /// <summary>Begun and cut short; says what is missing.</summary>
    public static CheckOutcome Incomplete(string summary, params IEnumerable<string> details) => new(CheckState.Incomplete, summary, [.. details]);

    /// <summary>Could not be tried; says why.</summary>
    public static CheckOutcome LeftOut(string summary) => new(CheckState.LeftOut, summary, []);
}

/// <summary>How a step ended.</summary>
public enum CheckState
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Wrong.</summary>
    Failed,

    /// <summary>Not tried, since this build or this machine lacks what it takes.</summary>
    LeftOut,

    /// <summary>Cut short: what was compared is right, but not all was compared.</summary>
    Incomplete,
}
