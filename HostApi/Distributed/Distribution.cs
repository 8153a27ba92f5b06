using Arena.HostApi.Cli;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Distributed;

/// <summary>A command that may run as one of several processes: begins and ends its part of them.</summary>
/// <remarks>
/// Only rank 0 prints. A rank that fails says why and ends all of them; since the others may fail for the same reason at the same moment, each waits for
/// the ranks before it to speak first. Ctrl-C is agreed upon by all, between two updates.
/// </remarks>
internal sealed class Distribution
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);      // for the ranks before this one to end all
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.4);         // after a signal, for the update at hand
    private static readonly TimeSpan Unanswered = TimeSpan.FromSeconds(0.3);    // in one exchange; mpirun kills a second after its signal

    private Distribution(Ranks ranks, string family) => (Ranks, Family) = (ranks, family);

    /// <summary>The processes.</summary>
    internal Ranks Ranks { get; }

    /// <summary>The MPI library in words; empty without one.</summary>
    internal string Family { get; }

    /// <summary>What carries gradients from GPU to GPU, in words; empty where they go through the host.</summary>
    internal string Carrier { get; set; } = "";

    /// <summary>What to do when the run ends because another rank does not answer; set as soon as there is something.</summary>
    internal string Advice { get; set; } = "";

    /// <summary>Runs <paramref name="work"/> as what this process was started as.</summary>
    /// <param name="context">The command's; ranks other than 0 get one that prints nothing.</param>
    /// <param name="work">The command.</param>
    internal static int Run(CliContext context, Func<CliContext, Distribution, int> work)
    {
        if (!MpiLauncher.Several(Environment.GetEnvironmentVariable)) return work(context, new Distribution(new Ranks(), ""));
        RankGpu.Take();
        MpiCommunicator communicator;
        try
        {
            communicator = MpiCommunicator.Join(Environment.GetEnvironmentVariable);
        }
        catch (Kernels.UsageException) when (MpiLauncher.Rank(Environment.GetEnvironmentVariable) > 0)
        {
            Thread.Sleep(Patience); // rank 0 says the same, and the launcher then ends this one
            throw;
        }

        var distribution = new Distribution(new Ranks(communicator), communicator.Family);
        // A launcher may give rank 0 a terminal of its own making, and collect what comes out of it in a file: nothing is redrawn.
        bool first = communicator.Rank == 0;
        CliContext own = context with { Terminal = Terminal.Plain(first ? context.Terminal.Output : TextWriter.Null, first ? context.Terminal.Error : TextWriter.Null) };
        using CancellationTokenRegistration watch = context.Cancellation.Register(() => distribution.WatchSignal(context.Terminal.Error));
        try
        {
            int code = work(own, distribution);
            communicator.Leave();
            return code;
        }
        catch (OperationCanceledException)
        {
            communicator.Leave(); // all of them have stopped
            if (communicator.Rank == 0) throw;
            return ExitCode.Success;
        }
        catch (Exception failure)
        {
            if (communicator.Rank > 0) Thread.Sleep(Patience);
            string problem = CommandLine.Paragraph(failure), who = communicator.Rank == 0 && failure is Kernels.UsageException ? "" : $" (rank {communicator.Rank})";
            context.Terminal.Error.WriteLine($"{problem}{who}{(failure is Kernels.UsageException ? "" : $" All ranks end. {distribution.Advice}")}".TrimEnd());
            if (context.Arguments.Contains("--verbose")) context.Terminal.Error.WriteLine(failure);
            context.Terminal.Error.Flush();
            communicator.Abort(ExitCode.Of(failure));
            return ExitCode.Of(failure);
        }
    }

    // A launcher that lost a rank signals the others before it kills them; whoever is then waiting for an answer will not get one.
    private void WatchSignal(TextWriter error)
    {
        if (!Ranks.IsFirst) return;
        Thread.Sleep(Grace);
        long calls = Ranks.Calls;
        Thread.Sleep(Unanswered);
        if (!Ranks.Waiting || Ranks.Calls != calls) return;
        error.WriteLine($"{CommandLine.ErrorPrefix}this run was told to end, and another rank has not answered; it may have died. {Advice}".TrimEnd());
        error.Flush();
    }
}
