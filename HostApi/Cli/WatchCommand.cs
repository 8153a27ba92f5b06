using System.CommandLine;
using Arena.HostApi.Training;
using Arena.HostApi.Video;
using Arena.HostApi.Viewer;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Validation.Replay;

namespace Arena.HostApi.Cli;

/// <summary><c>arena watch GAME</c>: matches on a local page, in the terminal (<c>--ascii</c>), or as a film (<c>--record</c>).</summary>
internal static class WatchCommand
{
    private const int FilmedMatches = 1;
    private const int ManyAgents = 32;

    internal static Command Create(CliContext context)
    {
        var ascii = CliOption.Flag("--ascii", "Draw in the terminal instead of on a page.");
        var seats = SeatOptions.Create();
        var run = CliOption.Text("--run", "Show the training curves of this run, which may still be going on; its policy plays side A unless --policy says otherwise.", "RUN");
        var matches = CliOption.Whole("--matches", "Matches side by side, on the page and in a film; 0 = 4 on the page, 1 in a film and where a match is large.", 0, 0, PageHost.MaxMatches);
        var deterministic = CliOption.Flag("--deterministic", "Policies take their most likely action instead of sampling.");
        var speed = CliOption.Number("--speed", "Times real time; 0 = as fast as possible.", 1, 0, LiveShow.MaxSpeed);
        var ticks = CliOption.Whole("--ticks", "Ticks to show in the terminal or a film; 0 = until the match ends.", 0, 0, 1 << 20);
        var every = CliOption.Whole("--every", "Draw every n-th tick in the terminal; 0 = every tick, every 10th where the output is a file.", 0, 0, 1 << 20);
        var record = CliOption.Text("--record", "FILE.mp4 or FILE.gif: write a film (needs ffmpeg). FILE.png: write a picture of twenty frames of one match. With --ascii, any other name: write the match as a replay.", "FILE");
        var replay = CliOption.Text("--replay", "Show the match in this replay file; its own settings, seed and actions count.", "FILE");
        var page = PageOptions.Create();
        var command = new Command("watch", "Watch policies and built-in opponents play, on a page, in the terminal or as a film; or a replay, or a training run.")
        {
            ascii, seats.Policy, seats.Against, seats.A, seats.B, run, matches, deterministic, speed, ticks, every, record, replay, page.Port, page.NoBrowser,
        };
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 1);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            RunFiles? files = page.Run(parsed.GetValue(run), parsed.GetValue(seats.Policy));
            string? policy = parsed.GetValue(seats.Policy) ?? (parsed.GetValue(run) is { } named && parsed.GetValue(seats.A) is null && HasPolicy(named) ? named : null);
            Player[] Seated() => seats.Players(parsed, request, policy); // read anew for every restart: a training may have made the policy better
            Player[] players = Seated();
            foreach (Player player in players) context.Terminal.Warn(player.Warning);
            string[] names = [.. players.Select(player => player.Name)];
            string? file = parsed.GetValue(record), recorded = parsed.GetValue(replay);
            bool sheet = file is not null && ContactSheet.IsSheet(file), film = file is not null && (sheet || FilmFormat.IsFilm(file)), terminal = parsed.GetValue(ascii);
            CheckTogether(request, terminal, film, file);
            if (recorded is not null)
            {
                RefuseWithReplay(request, film ? null : file, ("--policy", policy), ("--against", parsed.GetValue(seats.Against)), ("--a", parsed.GetValue(seats.A)), ("--b", parsed.GetValue(seats.B)));
                names = [.. names.Select(_ => "as recorded")];
            }

            using IDevice device = request.CreateDevice(context.Terminal, DeviceUse.Networks);
            int shown = recorded is not null || terminal || sheet ? 1 : Matches(request, parsed.GetValue(matches), film ? FilmedMatches : PageHost.DefaultMatches);
            GameRequest sized = request with { Options = request.Options with { NumEnvs = shown } };
            IWatchedMatch Begin() => recorded is not null
                ? new ReplayedMatch(device, recorded, request.Game)
                : new LiveMatch(device, sized, Seated(), parsed.GetValue(deterministic), record: terminal && file is not null);
            if (sheet) return Sheet(context, Begin, file!, parsed.GetValue(matches), parsed.GetValue(ticks));
            if (film) return Film(context, Begin, names, file!, parsed.GetValue(speed), parsed.GetValue(ticks));
            if (!terminal) return PageHost.Run(context, Begin, names, null, files, page.Of(parsed), parsed.GetValue(speed));
            var show = new MatchShow(context) { Players = names, Speed = parsed.GetValue(speed), Ticks = parsed.GetValue(ticks), Every = parsed.GetValue(every) };
            using IWatchedMatch match = Begin();
            ShowInTerminal(show, match, file);
            return ExitCode.Success;
        });
        return command;
    }

    private static void CheckTogether(GameRequest request, bool terminal, bool film, string? file)
    {
        if (terminal && film)
            throw new UsageException($"--record is '{file}', a film or a picture, which is drawn without a terminal; leave --ascii out, or give a name that does not end with .mp4, .gif or .png for a replay.");
        if (!terminal && !film && file is not null)
            throw new UsageException($"--record is '{file}'; a film ends with .mp4 or .gif, a picture with .png, and a replay is recorded in the terminal: {ThisProgram.Command("watch", request.Game.Name, "--ascii", "--record", file)}.");
    }

    private static int Sheet(CliContext context, Func<IWatchedMatch> begin, string file, int matches, int ticks)
    {
        if (matches > 1) throw new UsageException($"--matches is {matches}, but '{file}' shows one match, frame after frame; leave --matches out, or record a film.");
        using IWatchedMatch match = begin();
        new ContactSheet(context, file) { Ticks = ticks }.Run(match);
        return ExitCode.Success;
    }

    private static int Film(CliContext context, Func<IWatchedMatch> begin, string[] names, string file, double speed, int ticks)
    {
        if (speed <= 0) throw new UsageException("--speed is 0; a film needs a speed above 0, as in --speed 1.");
        using IWatchedMatch match = begin();
        new FilmRecorder(context, file) { Players = names, Speed = speed, Ticks = ticks }.Run(match);
        return ExitCode.Success;
    }

    private static void ShowInTerminal(MatchShow show, IWatchedMatch match, string? file)
    {
        using ResultFile? saved = ResultFile.Open(file);
        try
        {
            show.Run(match);
        }
        finally
        {
            if (match is LiveMatch live) saved?.Commit(ReplayFile.Encode(live.Recording)); // after Ctrl-C, too: a match that was stopped is worth looking at
        }
    }

    // A game with large matches says so by its own default number of them; where many agents play, one match fills the page.
    private static int Matches(GameRequest request, int asked, int byDefault)
    {
        if (asked > 0) return asked;
        int most = request.Game.Describe(request.Options).AgentsPerMatch > ManyAgents ? 1 : Math.Min(byDefault, request.Game.DefaultOptions.NumEnvs);
        return Math.Max(request.Options.NumEnvs, most);
    }

    // A run that has just begun has none yet; its curves can be watched all the same.
    private static bool HasPolicy(string run) => File.Exists(Path.Join(run, "best", "policy.safetensors")) || File.Exists(Path.Join(run, "last", "policy.safetensors"));

    private static void RefuseWithReplay(GameRequest request, string? record, params (string Option, string? Value)[] options)
    {
        GameOptions defaults = request.Game.DefaultOptions;
        if (request.Options with { NumEnvs = defaults.NumEnvs } != defaults)
            throw new UsageException($"Settings of the game are given ({request.ShownChanges}), but a replay has its own; leave them or --replay out.");
        foreach ((string option, string? value) in options.Append(("--record", record)))
            if (value is not null) throw new UsageException($"{option} is '{value}', but a replay already says who does what; leave {option} or --replay out.");
    }
}
