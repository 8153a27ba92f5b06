using System.CommandLine;
using Arena.HostApi.Report;
using Arena.HostApi.SelfPlay;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary><c>arena league RUN</c>: the snapshots of a run and the built-in opponents on one scale, and whether training went upwards.</summary>
internal static class LeagueCommand
{
    internal static Command Create(CliContext context)
    {
        var run = new Argument<string?>("RUN") { Description = "Run directory of a game with two sides.", Arity = ArgumentArity.ZeroOrOne };
        var games = CliOption.Whole("--games", "Games per pairing, half of them on each side; odd numbers are rounded up. Those already in ladder.json count.", 128, 2, 1 << 20);
        var threads = CliOption.Whole("--threads", "Threads that run kernels; 0 = all cores.", 0, 0, 1024);
        var json = CliOption.Flag("--json", "Write JSON instead of a table.");
        var command = new Command("league", "Play the snapshots of a run against each other and rate them; results are kept in its ladder.json.") { run, games, threads, json };
        command.SetAction(parsed =>
        {
            string path = RunAt(parsed.GetValue(run));
            RunConfig config = RunConfig.OfRun(path);
            IGame game = config.Game;
            GameOptions options = TrainingSession.ForEvaluation(game, config.Options) with { NumEnvs = game.DefaultOptions.NumEnvs };
            if (game.Describe(options).Sides != 2)
                throw new UsageException(
                    $"The run '{path}' is of '{game.Name}', which has one side: its policies meet nobody, so there is no league. Use their scores: {ThisProgram.Command("eval", game.Name, "--policy", path)}, or eval/... in its metrics.jsonl.");
            Player[] snapshots = Policies(path, game, options);
            var plan = new LadderPlan { Games = parsed.GetValue(games) };
            LadderFile file = LadderFile.Open(path, game, options, plan.Seed, snapshots);
            using IDevice device = DeviceChoice.Create("auto", parsed.GetValue(threads), DeviceUse.Networks, context.Terminal.Error.WriteLine);
            var ladder = new Ladder(device, game, options, snapshots, [.. game.Describe(options).Opponents.Select(opponent => Player.BuiltIn(opponent.Name))], file.Results);
            using (var progress = new ProgressLine(context.Terminal, "league"))
                ladder.Play(plan, () => file.Write(ladder.Fit), (share, who) => progress.Report(share, who), context.Cancellation);
            if (File.Exists(Path.Join(path, RunReport.FileName))) RunReport.Write(path); // it shows the ladder
            var report = new LeagueReport(path, game, Settings.Changed(options, game.DefaultOptions), plan, snapshots, ladder);
            if (parsed.GetValue(json)) context.Terminal.Output.WriteLine(report.Json());
            else report.WriteTable(context.Terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static string RunAt(string? path)
    {
        if (path is null) throw new UsageException($"'{ThisProgram.Command("league")}' needs a run: {ThisProgram.Command("league", "RUN")}, as in runs/GAME-DATE-sSEED.");
        path = path.TrimEnd('/', '\\');
        if (File.Exists(path)) throw new UsageException($"'{path}' is a file; a league is played among the snapshots of a run. Give its directory, as in runs/GAME-DATE-sSEED.");
        if (!Directory.Exists(path))
        {
            string? folder = Path.GetDirectoryName(path);
            string hint = Directory.Exists(folder) ? Nearest.Hint(path, Directory.GetDirectories(folder)) : "";
            throw new UsageException($"There is no run directory '{path}' (looked in {Directory.GetCurrentDirectory()}).{hint} Train one first: {ThisProgram.Command("train", "GAME")}.");
        }

        return path;
    }

    private static Player[] Policies(string run, IGame game, GameOptions options)
    {
        IReadOnlyList<Snapshot> snapshots = Snapshots.Of(run);
        if (snapshots.Count == 0)
            throw new UsageException(
                $"The run '{run}' has no snapshots: there is no {Snapshots.Folder}/<agent-steps>.safetensors in it. Training keeps 16 unless told --snapshots 0; train again, or measure single policies: {ThisProgram.Command("eval", game.Name, "--policy", run)}.");
        return [.. snapshots.Select(snapshot =>
        {
            Player loaded = Player.FromFile(game, options, snapshot.Path);
            return Player.Of(loaded.Policy!, snapshot.Name);
        })];
    }
}
