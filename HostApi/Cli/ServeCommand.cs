using System.CommandLine;
using Arena.HostApi.Serving;
using Arena.HostApi.Training;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary><c>arena serve RUN|FILE</c>: a policy for games outside of this program, until Ctrl-C.</summary>
internal static class ServeCommand
{
    private const int DefaultPort = 7777;

    internal static Command Create(CliContext context)
    {
        var policy = new Argument<string>("RUN|FILE") { Description = "Run directory (its best policy) or policy file." };
        var port = CliOption.Whole("--port", "Port on 127.0.0.1; 0 = any that is free.", DefaultPort, 0, 65_535);
        var agents = CliOption.Whole("--agents", "Most agents of all games together.", 1024, 1, 4096);
        var threads = CliOption.Whole("--threads", "Threads that compute.", 1, 1, 1024);
        var deterministic = CliOption.Flag("--deterministic", "Take the most likely action instead of sampling.");
        Option<ulong> seed = CliOption.Seed(1);
        var command = new Command("serve", "Play a policy for outside games over WebSockets on this machine, until Ctrl-C.") { policy, port, agents, threads, deterministic, seed };
        command.SetAction(parsed =>
        {
            string named = parsed.GetValue(policy)!, resolved = RunDirectory.Resolve(named);
            PolicyFile file = PolicyFile.Load(resolved);
            context.Terminal.Warn(RunDirectory.Warning(named, resolved));
            var options = new ServeOptions
            {
                Port = parsed.GetValue(port),
                Agents = parsed.GetValue(agents),
                Threads = parsed.GetValue(threads),
                Deterministic = parsed.GetValue(deterministic),
                Seed = parsed.GetValue(seed),
            };
            Serve(context, file, options).GetAwaiter().GetResult();
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task Serve(CliContext context, PolicyFile file, ServeOptions options)
    {
        await using PolicyServer server = await PolicyServer.Start(file.Description, file.Weights.ToArray(), options);
        context.Terminal.Output.WriteLine($"Serving {file.Path} ({NetworkText.Describe(file.Description.Network)}) at {server.Address}; Ctrl-C ends it.");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (context.Cancellation.Register(ended.SetResult)) await ended.Task;
        context.Terminal.Output.WriteLine("Stopped.");
    }
}
