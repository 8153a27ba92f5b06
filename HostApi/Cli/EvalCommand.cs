using System.CommandLine;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary><c>arena eval GAME</c>: how strong built-in players are.</summary>
internal static class EvalCommand
{
    internal static Command Create(CliContext context)
    {
        var a = CliOption.Text("--a", "Player to measure (default: every built-in one).", "OPPONENT");
        var against = CliOption.Text("--against", "Whom it plays against, separated by commas (default: all others).", "OPPONENT,...");
        var games = CliOption.Whole("--games", "Games per pairing, half of them on each side; odd numbers are rounded up.", 256, 1, 1 << 24);
        var json = CliOption.Flag("--json", "Write JSON instead of tables.");
        var command = new Command("eval", "Measure how strong built-in opponents are, in side-balanced games on held-out seeds.") { a, against, games, json };
        Option<string?> file = ResultFile.AddOption(command);
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 256, EvaluationPlan.HeldOutSeed);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            var plan = new EvaluationPlan { Games = parsed.GetValue(games), Seed = request.Seed };
            EnvironmentSpec spec = request.Game.Describe(request.Options);
            using ResultFile? saved = ResultFile.Open(parsed.GetValue(file));
            using IDevice device = request.CreateDevice();
            Action writeTables;
            string result = spec.Sides == 1
                ? RunSolo(context, request, device, plan, Players(spec, parsed.GetValue(a), parsed.GetValue(against)), out writeTables)
                : RunPairings(context, request, device, plan, Pairings(spec, parsed.GetValue(a), parsed.GetValue(against)), out writeTables);
            saved?.Commit(result);
            if (parsed.GetValue(json)) context.Terminal.Output.WriteLine(result);
            else writeTables();
            return ExitCode.Success;
        });
        return command;
    }

    private static string[] Players(EnvironmentSpec spec, string? a, string? against)
    {
        if (against is not null)
            throw new UsageException($"--against is '{against}', but '{spec.Game}' has one side only: its players are compared by their scores. Use --a, or neither.");
        if (a is null) return [.. spec.Opponents.Select(opponent => opponent.Name)];
        return Names(spec, a);
    }

    private static (string Player, string Opponent)[] Pairings(EnvironmentSpec spec, string? a, string? against)
    {
        string[] all = [.. spec.Opponents.Select(opponent => opponent.Name)];
        if (a is null && against is not null)
            throw new UsageException($"--against is '{against}', but --a is missing: whom shall they play? The players are: {string.Join(", ", all)}.");
        if (a is null) return [.. all.SelectMany((player, i) => all.Skip(i + 1).Select(opponent => (opponent, player)))];
        string[] players = Names(spec, a);
        return [.. players.SelectMany(player => (against is null ? all.Where(name => name != player) : Names(spec, against)).Select(opponent => (player, opponent)))];
    }

    private static string[] Names(EnvironmentSpec spec, string list)
    {
        string[] names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            if (name == Opponents.Outside || Opponents.ControllerOf(spec, name) == 0)
                throw new UsageException($"'{name}' is not a built-in opponent of '{spec.Game}'. It has: {string.Join(", ", spec.Opponents.Select(opponent => opponent.Name))}.");
        }

        return names.Length > 0 ? names : throw new UsageException("An empty list of opponents was given.");
    }

    // Both give the result as JSON, and a way to write it as tables.
    private static string RunSolo(CliContext context, GameRequest request, IDevice device, EvaluationPlan plan, string[] players, out Action writeTables)
    {
        using var progress = new ProgressLine(context.Terminal, "eval");
        IReadOnlyList<SoloResult> results = Evaluation.Solo(device, request.Game, request.Options, players, plan, share => progress.Report(share), context.Cancellation);
        writeTables = () => EvalOutput.WriteTables(context.Terminal, request, plan, results);
        return EvalOutput.Json(request, plan, results);
    }

    private static string RunPairings(
        CliContext context, GameRequest request, IDevice device, EvaluationPlan plan, (string Player, string Opponent)[] pairings, out Action writeTables)
    {
        using var progress = new ProgressLine(context.Terminal, "eval");
        var results = new List<PairingResult>();
        foreach ((string player, string opponent) in pairings)
        {
            double before = results.Count;
            results.Add(Evaluation.Pair(device, request.Game, request.Options, player, opponent, plan,
                share => progress.Report((before + share) / pairings.Length, $"{player} against {opponent}"), context.Cancellation));
        }

        writeTables = () => EvalOutput.WriteTables(context.Terminal, request, plan, results);
        return EvalOutput.Json(request, plan, results);
    }
}
