using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Exit codes of the program; 0 only on success.</summary>
public static class ExitCode
{
    /// <summary>It worked.</summary>
    public const int Success = 0;

    /// <summary>It ran and failed: a difference, a broken check, a fault.</summary>
    public const int Failure = 1;

    /// <summary>It was asked for something that cannot be.</summary>
    public const int Usage = 2;

    /// <summary>A number that must be finite is not.</summary>
    public const int NonFinite = 3;

    /// <summary>A file could not be read or written.</summary>
    public const int Disk = 4;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Cancelled = 130;

    /// <summary>The code for a command that ended with <paramref name="exception"/>.</summary>
    public static int Of(Exception exception) => exception switch
    {
        UsageException => Usage,
        NonFiniteException => NonFinite,
        BadActionException bad => (bad.Errors & ErrorCode.ActionNotFinite) != 0 ? NonFinite : Failure,
        IOException or UnauthorizedAccessException => Disk,
        OperationCanceledException => Cancelled,
        _ => Failure,
    };
}
