using System.Runtime.InteropServices;
using Arena.HostApi.Cli;

namespace Arena.HostApi;

/// <summary>The program <c>arena</c>: the command line on this process's console.</summary>
internal static class Program
{
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
        using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            cancellation.Cancel();
        });
        return CommandLine.Run(args, Terminal.OfConsole(), cancellation.Token);
    }
}
