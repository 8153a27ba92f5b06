using System.Reflection;
using System.Runtime.InteropServices;
using Arena.HostApi.Cli;
using Arena.HostApi.Distributed;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>
/// The program <c>arena</c> as one call, for a program with a game of its own: the same commands (train, resume, watch, play, eval, sweep, validate,
/// bench and the others) on this process's console, for the built-in games and yours.
/// </summary>
/// <example>
/// The whole of Program.cs:
/// <code>return Arena.HostApi.ArenaProgram.Run&lt;TagGame&gt;(args);</code>
/// </example>
/// <remarks>
/// Ctrl-C and SIGTERM end a command cleanly (a training saves itself first); a second Ctrl-C ends the process. Commands that start trials or measurements
/// in processes of their own start the running program again, so hand the arguments on as they came, or at least those that begin with a command.
/// Messages and printed commands call the program by its assembly's name.
/// </remarks>
public static class ArenaProgram
{
    // .NET names no signal for users to choose a meaning for; it takes the system's number.
    private static readonly PosixSignal User1 = (PosixSignal)(OperatingSystem.IsMacOS() ? 30 : 10);

    /// <summary>Adds the game <typeparamref name="TGame"/> to the registry and runs one command. For several games call <see cref="Registry.Add{T}"/> for each before.</summary>
    /// <param name="args">The arguments of <c>Main</c>.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>. Never throws for what a user can cause: that is one paragraph on the error stream.</returns>
    /// <exception cref="UsageException">the game's name is taken or is no name for a game.</exception>
    public static int Run<TGame>(string[] args)
        where TGame : IGame, new()
    {
        Registry.Add<TGame>();
        return Run(args);
    }

    /// <summary>Runs one command with the games that are in the registry.</summary>
    /// <param name="args">The arguments of <c>Main</c>.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args)
    {
        ThisProgram.Name = Assembly.GetEntryAssembly()?.GetName().Name ?? ThisProgram.Name;
        ChildProgram.This = ChildProgram.Running();
        using var cancellation = new CancellationTokenSource();
        // The first Ctrl-C ends the command cleanly; a second one, while it winds up, ends the process.
        ConsoleCancelEventHandler interrupt = (_, press) =>
        {
            press.Cancel = !cancellation.IsCancellationRequested;
            cancellation.Cancel();
        };
        Console.CancelKeyPress += interrupt;
        try
        {
            // A machine that shuts down, or a scheduler, asks in this way; it kills the process if it takes too long.
            using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            // mpirun hands this one on to every rank without killing any of them a second later.
            using PosixSignalRegistration? user = !OperatingSystem.IsWindows() && MpiLauncher.Several(Environment.GetEnvironmentVariable) ? PosixSignalRegistration.Create(User1, End) : null;
            return CommandLine.Run(args, Terminal.OfConsole(), cancellation.Token);
        }
        finally
        {
            Console.CancelKeyPress -= interrupt;
        }

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancellation.Cancel();
        }
    }
}
