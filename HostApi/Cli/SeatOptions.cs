using System.CommandLine;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>The options of <c>watch</c> that say who plays: <c>--policy</c> and <c>--against</c>, or <c>--a</c> and <c>--b</c>.</summary>
internal sealed record SeatOptions(Option<string?> Policy, Option<string?> Against, Option<string?> A, Option<string?> B)
{
    internal static SeatOptions Create() => new(
        CliOption.Text("--policy", "Trained policy that plays side A: a run directory (its best policy) or a policy file.", "RUN|FILE"),
        CliOption.Text("--against", "Who plays side B, in games with two sides; the same as --b.", "OPPONENT|RUN|FILE"),
        CliOption.Text("--a", "Who plays side A (default: the game's scripted baseline).", "OPPONENT|RUN|FILE"),
        CliOption.Text("--b", "Who plays side B, in games with two sides (default: the game's scripted baseline).", "OPPONENT|RUN|FILE"));

    /// <summary>One player per side.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="request">The game.</param>
    /// <param name="policy">The policy of side A, or null.</param>
    /// <exception cref="UsageException">two answers for one side, a side that does not exist, or no such player.</exception>
    internal Player[] Players(ParseResult parsed, GameRequest request, string? policy)
    {
        EnvironmentSpec spec = request.Game.Describe(request.Options);
        string? a = parsed.GetValue(A), b = parsed.GetValue(B), against = parsed.GetValue(Against);
        if (policy is not null && a is not null)
            throw new UsageException($"Both --policy ('{policy}') and --a ('{a}') say who plays side A; give one of them{(spec.Sides == 2 ? ", or the other one as --b" : "")}.");
        if (against is not null && b is not null) throw new UsageException($"Both --against ('{against}') and --b ('{b}') say who plays side B; give one of them.");
        if (spec.Sides == 1 && (b ?? against) is { } other)
            throw new UsageException($"{(b is null ? "--against" : "--b")} is '{other}', but '{spec.Game}' has one side only; use --a.");
        Player first = policy is null ? Named(a) : Player.FromFile(request.Game, request.Options, policy);
        return spec.Sides == 1 ? [first] : [first, Named(b ?? against)];

        Player Named(string? name) => Player.Parse(request.Game, request.Options, name ?? Opponents.Baseline(spec));
    }
}
