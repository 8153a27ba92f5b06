using System.CommandLine;
using Arena.HostApi.Training;
using Arena.HostApi.Viewer;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary>Where a page is served, and whether it is opened.</summary>
internal sealed record PagePlace(int Port, bool OpenBrowser);

/// <summary>The options of commands that serve a page.</summary>
internal sealed record PageOptions(Option<int> Port, Option<bool> NoBrowser)
{
    internal const int UsualPort = 5173;

    internal static PageOptions Create() => new(
        CliOption.Whole("--port", "Port of the page on 127.0.0.1; 0 = any free one.", UsualPort, 0, 65535),
        CliOption.Flag("--no-browser", "Print the page's address and do not open it."));

    internal PagePlace Of(ParseResult parsed) => new(parsed.GetValue(Port), !parsed.GetValue(NoBrowser));

    /// <summary>The run whose curves are shown: the one named, or the one the policy is of.</summary>
    /// <exception cref="UsageException">the one named is no run directory.</exception>
    internal RunFiles? Run(string? run, string? policy)
    {
        if (run is not null) return new RunFiles(run);
        return policy is not null && File.Exists(Path.Join(policy, RunConfig.FileName)) ? new RunFiles(policy) : null;
    }
}

/// <summary>Serves the page of a show until Ctrl-C.</summary>
/// <remarks>The only place of the command line that leads to the web server, so that no other command loads it.</remarks>
internal static class PageHost
{
    internal const int MaxMatches = 64;
    internal const int DefaultMatches = 4;

    /// <summary>Serves; returns on Ctrl-C, throws what the simulation throws.</summary>
    internal static int Run(CliContext context, Func<IWatchedMatch> begin, string[] players, PersonSeat? person, RunFiles? run, PagePlace place, double speed)
    {
        Serve(context, begin, players, person, run, place, speed).GetAwaiter().GetResult();
        return ExitCode.Success;
    }

    private static async Task Serve(CliContext context, Func<IWatchedMatch> begin, string[] players, PersonSeat? person, RunFiles? run, PagePlace place, double speed)
    {
        TextWriter output = context.Terminal.Output;
        using var show = new LiveShow(begin, players, person, run is null ? null : run.IsTraining) { Speed = speed };
        string game = show.Spec.Game;
        await using ViewerServer server = await ViewerServer.Start(show, run, game, place.Port).ConfigureAwait(false);
        show.Start();
        string what = person is not null ? Numbers.Text($"Playing {game} as agent {person.Agent} of side A") : Numbers.Text($"Watching {game}, {show.Matches} {(show.Matches == 1 ? "match" : "matches")}");
        output.WriteLine(run is null ? what : $"{what}, curves of {run.Path}");
        output.WriteLine($"  {server.Url}");
        output.WriteLine("Ctrl-C ends it.");
        output.Flush();
        if (place.OpenBrowser && Browser.IsLikely(context.Terminal) && !Browser.Open(server.Url)) output.WriteLine("No browser could be started; open the address in yours.");
        Task stopped = Task.Delay(Timeout.Infinite, context.Cancellation);
        Task first = await Task.WhenAny(stopped, show.Completion).ConfigureAwait(false);
        if (first == show.Completion) await show.Completion.ConfigureAwait(false);
        output.WriteLine("Stopped.");
    }
}
