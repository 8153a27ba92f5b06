using System.CommandLine;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Validation.Replay;

namespace Arena.HostApi.Cli;

/// <summary><c>arena watch GAME --ascii</c>: a match in the terminal.</summary>
internal static class WatchCommand
{
    internal static Command Create(CliContext context)
    {
        var ascii = CliOption.Flag("--ascii", "Draw in the terminal.");
        var policy = CliOption.Text("--policy", "Trained policy that plays side A: a run directory (its best policy) or a policy file.", "RUN|FILE");
        var a = CliOption.Text("--a", "Who plays side A (default: the game's scripted baseline).", "OPPONENT|RUN|FILE");
        var b = CliOption.Text("--b", "Who plays side B, in games with two sides (default: the game's scripted baseline).", "OPPONENT|RUN|FILE");
        var deterministic = CliOption.Flag("--deterministic", "Policies take their most likely action instead of sampling.");
        var speed = CliOption.Number("--speed", "Times real time, in a terminal; 0 = as fast as possible.", 1, 0, 1000);
        var ticks = CliOption.Whole("--ticks", "Ticks to show; 0 = until the match ends.", 0, 0, 1 << 20);
        var every = CliOption.Whole("--every", "Draw every n-th tick; 0 = every tick in a terminal, every 10th elsewhere.", 0, 0, 1 << 20);
        var record = CliOption.Text("--record", "Also write the match as a replay to this file.", "FILE");
        var replay = CliOption.Text("--replay", "Show the match in this replay file; its own settings, seed and actions count.", "FILE");
        var command = new Command("watch", "Watch policies and built-in opponents play a match, or a replay.") { ascii, policy, a, b, deterministic, speed, ticks, every, record, replay };
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 1);
        command.SetAction(parsed =>
        {
            if (!parsed.GetValue(ascii))
                throw new UsageException("'arena watch' draws in the terminal only in this version: add --ascii, as in 'arena watch " +
                    $"{context.Game!.Name} --ascii'.");
            GameRequest request = inputs.Read(parsed);
            Player[] players = Players(request, parsed.GetValue(policy), parsed.GetValue(a), parsed.GetValue(b));
            MatchShow Show(params string[] names) => new(context)
            {
                Players = names,
                Speed = parsed.GetValue(speed),
                Ticks = parsed.GetValue(ticks),
                Every = parsed.GetValue(every),
            };
            if (parsed.GetValue(replay) is { } file)
            {
                RefuseWithReplay(request, ("--policy", parsed.GetValue(policy)), ("--a", parsed.GetValue(a)), ("--b", parsed.GetValue(b)), ("--record", parsed.GetValue(record)));
                ShowReplay(request, file, Show([.. players.Select(_ => "as recorded")]));
            }
            else ShowLive(request, players, parsed.GetValue(deterministic), parsed.GetValue(record), Show([.. players.Select(player => player.Name)]));

            return ExitCode.Success;
        });
        return command;
    }

    private static void ShowReplay(GameRequest request, string file, MatchShow show)
    {
        using IDevice device = request.CreateDevice();
        using var match = new ReplayedMatch(device, file, request.Game);
        show.Run(match);
    }

    private static void ShowLive(GameRequest request, Player[] players, bool deterministic, string? file, MatchShow show)
    {
        using ResultFile? saved = ResultFile.Open(file);
        using IDevice device = request.CreateDevice();
        using var match = new LiveMatch(device, request, players, deterministic, record: file is not null);
        try
        {
            show.Run(match);
        }
        finally
        {
            saved?.Commit(ReplayFile.Encode(match.Recording)); // after Ctrl-C, too: a match that was stopped is worth looking at
        }
    }

    private static void RefuseWithReplay(GameRequest request, params (string Option, string? Value)[] options)
    {
        GameOptions defaults = request.Game.DefaultOptions;
        if (request.Options with { NumEnvs = defaults.NumEnvs } != defaults)
            throw new UsageException($"Settings of the game are given ({request.Changes}), but a replay has its own; leave them or --replay out.");
        foreach ((string option, string? value) in options)
            if (value is not null) throw new UsageException($"{option} is '{value}', but a replay already says who does what; leave {option} or --replay out.");
    }

    private static Player[] Players(GameRequest request, string? policy, string? a, string? b)
    {
        EnvironmentSpec spec = request.Game.Describe(request.Options);
        if (policy is not null && a is not null)
            throw new UsageException($"Both --policy ('{policy}') and --a ('{a}') say who plays side A; give one of them{(spec.Sides == 2 ? ", or the other one as --b" : "")}.");
        if (spec.Sides == 1 && b is not null)
            throw new UsageException($"--b is '{b}', but '{spec.Game}' has one side only; use --a.");
        Player first = policy is null ? Named(a) : Player.FromFile(request.Game, request.Options, policy);
        return spec.Sides == 1 ? [first] : [first, Named(b)];

        Player Named(string? name) => Player.Parse(request.Game, request.Options, name ?? Opponents.Baseline(spec));
    }
}
