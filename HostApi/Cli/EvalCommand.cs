using System.CommandLine;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary><c>arena eval GAME</c>: how strong policies and built-in players are.</summary>
internal static class EvalCommand
{
    internal static Command Create(CliContext context)
    {
        var policy = CliOption.Text("--policy", "Trained policy to measure: a run directory (its best policy) or a policy file.", "RUN|FILE");
        var a = CliOption.Text("--a", "Built-in player to measure (default, without --policy: every one).", "OPPONENT");
        var against = CliOption.Text("--against", "Whom it plays against, separated by commas: built-in opponents, run directories, policy files (default: all built-in ones).", "OPPONENT|RUN|FILE,...");
        var games = CliOption.Whole("--games", "Games per pairing, half of them on each side; odd numbers are rounded up.", 256, 1, 1 << 24);
        var deterministic = CliOption.Flag("--deterministic", "Policies take their most likely action instead of sampling.");
        var json = CliOption.Flag("--json", "Write JSON instead of tables.");
        var command = new Command("eval", "Measure how strong policies and built-in opponents are, in side-balanced games on held-out seeds.") { policy, a, against, games, deterministic, json };
        Option<string?> file = ResultFile.AddOption(command);
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 256, EvaluationPlan.HeldOutSeed);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            var plan = new EvaluationPlan { Games = parsed.GetValue(games), Seed = request.Seed, Deterministic = parsed.GetValue(deterministic) };
            EnvironmentSpec spec = request.Game.Describe(request.Options);
            Player[]? measured = Measured(request, spec, parsed.GetValue(policy), parsed.GetValue(a));
            string? others = parsed.GetValue(against);
            // Everything that can be refused is refused before a file is opened or a game is played.
            Player[] players = spec.Sides == 1 ? Players(spec, measured, others) : [];
            (Player Player, Player Opponent)[] pairings = spec.Sides == 1 ? [] : Pairings(request, spec, measured, others);
            foreach (Player player in players.Concat(pairings.SelectMany(pair => new[] { pair.Player, pair.Opponent })).Distinct()) context.Terminal.Warn(player.Warning);
            using ResultFile? saved = ResultFile.Open(parsed.GetValue(file));
            using IDevice device = request.CreateDevice(context.Terminal, DeviceUse.Networks);
            Action writeTables;
            string result = spec.Sides == 1
                ? RunSolo(context, request, device, plan, players, out writeTables)
                : RunPairings(context, request, device, plan, pairings, out writeTables);
            saved?.Commit(result);
            if (parsed.GetValue(json)) context.Terminal.Output.WriteLine(result);
            else writeTables();
            return ExitCode.Success;
        });
        return command;
    }

    // Null: nobody was named.
    private static Player[]? Measured(GameRequest request, EnvironmentSpec spec, string? policy, string? a)
    {
        if (policy is not null && a is not null)
            throw new UsageException($"Both --policy ('{policy}') and --a ('{a}') say whom to measure; give one of them, and the other one as --against.");
        if (policy is not null) return [Player.FromFile(request.Game, request.Options, policy)];
        if (a is null) return null;
        Player[] players = [.. Split(a).Select(Player.BuiltIn)];
        foreach (Player player in players)
            if (Opponents.ControllerOf(spec, player.Name) == 0) throw new UsageException($"'{player.Name}' is not a built-in opponent of '{spec.Game}'. It has: {string.Join(", ", BuiltIn(spec).Select(one => one.Name))}.");
        return players;
    }

    private static Player[] Players(EnvironmentSpec spec, Player[]? measured, string? against)
    {
        if (against is not null)
            throw new UsageException($"--against is '{against}', but '{spec.Game}' has one side only: its players are compared by their scores. Leave --against out.");
        if (measured is null) return BuiltIn(spec);
        return measured[0].Policy is null ? measured : [.. measured, .. BuiltIn(spec)];
    }

    private static (Player Player, Player Opponent)[] Pairings(GameRequest request, EnvironmentSpec spec, Player[]? measured, string? against)
    {
        Player[] all = BuiltIn(spec);
        if (measured is null && against is not null)
            throw new UsageException(
                $"--against is '{against}', but --a is missing, and so is --policy: whom shall they play? Give --policy RUN, or --a with one of: {string.Join(", ", all.Select(player => player.Name))}.");
        if (measured is null) return [.. all.SelectMany((player, i) => all.Skip(i + 1).Select(opponent => (opponent, player)))];
        Player[]? named = against is null ? null : [.. Split(against).Select(name => Player.Parse(request.Game, request.Options, name))];
        return [.. measured.SelectMany(player => (named ?? all.Where(other => other.Name != player.Name)).Select(opponent => (player, opponent)))];
    }

    private static Player[] BuiltIn(EnvironmentSpec spec) => [.. spec.Opponents.Select(opponent => Player.BuiltIn(opponent.Name))];

    private static string[] Split(string list)
    {
        string[] names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 ? names : throw new UsageException("An empty list of opponents was given.");
    }

    // Both give the result as JSON, and a way to write it as tables.
    private static string RunSolo(CliContext context, GameRequest request, IDevice device, EvaluationPlan plan, Player[] players, out Action writeTables)
    {
        using var progress = new ProgressLine(context.Terminal, "eval");
        IReadOnlyList<SoloResult> results = Evaluation.Solo(device, request.Game, request.Options, players, plan, share => progress.Report(share), context.Cancellation);
        writeTables = () => EvalOutput.WriteTables(context.Terminal, request, plan, results);
        return EvalOutput.Json(request, plan, results);
    }

    private static string RunPairings(
        CliContext context, GameRequest request, IDevice device, EvaluationPlan plan, (Player Player, Player Opponent)[] pairings, out Action writeTables)
    {
        using var progress = new ProgressLine(context.Terminal, "eval");
        var results = new List<PairingResult>();
        foreach ((Player player, Player opponent) in pairings)
        {
            double before = results.Count;
            results.Add(Evaluation.Pair(device, request.Game, request.Options, player, opponent, plan,
                share => progress.Report((before + share) / pairings.Length, $"{player} against {opponent}"), context.Cancellation));
        }

        writeTables = () => EvalOutput.WriteTables(context.Terminal, request, plan, results);
        return EvalOutput.Json(request, plan, results);
    }
}
