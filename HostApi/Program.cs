using System.Runtime.InteropServices;
using Arena.HostApi.Cli;
using Arena.HostApi.Distributed;

namespace Arena.HostApi;

/// <summary>The program <c>arena</c>: the command line on this process's console.</summary>
internal static class Program
{
    // .NET names no signal for users to choose a meaning for; it takes the system's number.
    private static readonly PosixSignal User1 = (PosixSignal)(OperatingSystem.IsMacOS() ? 30 : 10);

    private static int Main(string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        // The first Ctrl-C ends the command cleanly; a second one, while it winds up, ends the process.
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = !cancellation.IsCancellationRequested;
            cancellation.Cancel();
        };
        // A machine that shuts down, or a scheduler, asks in this way; it kills the process if it takes too long.
        using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        // mpirun hands this one on to every rank without killing any of them a second later.
        using PosixSignalRegistration? user = !OperatingSystem.IsWindows() && MpiLauncher.Several(Environment.GetEnvironmentVariable) ? PosixSignalRegistration.Create(User1, End) : null;
        return CommandLine.Run(args, Terminal.OfConsole(), cancellation.Token);

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancellation.Cancel();
        }
    }
}
