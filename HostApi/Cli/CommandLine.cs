using System.CommandLine;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>What a command needs to build its options and to run.</summary>
internal sealed record CliContext(Terminal Terminal, IGame? Game, CancellationToken Cancellation)
{
    /// <summary>Configuration of the run that training goes on with, whose settings are the defaults; null otherwise.</summary>
    internal RunConfig? Resumed { get; init; }

    /// <summary>The words of the command line.</summary>
    internal IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Does the command line give <paramref name="option"/> this value? For defaults that depend on it, before anything is parsed.</summary>
    internal bool Asks(string option, string value) =>
        Arguments.Contains($"{option}={value}", StringComparer.OrdinalIgnoreCase)
        || Arguments.Zip(Arguments.Skip(1)).Any(pair => pair.First == option && pair.Second.Equals(value, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The command line of the program <c>arena</c>, callable from tests and other programs. A program that wants nothing else calls <see cref="ArenaProgram"/>.</summary>
public static class CommandLine
{
    private static readonly (string Name, bool NeedsGame, Func<CliContext, Command> Create)[] Commands =
    [
        ("train", true, TrainCommand.Create),
        ("games", false, GamesCommand.Create),
        ("watch", true, WatchCommand.Create),
        ("play", true, PlayCommand.Create),
        ("eval", true, EvalCommand.Create),
        ("league", false, LeagueCommand.Create),
        ("sweep", true, SweepCommand.Create),
        ("export", false, ExportCommand.Create),
        ("import", true, ImportCommand.Create),
        ("serve", false, ServeCommand.Create),
        ("validate", true, ValidateCommand.Create),
        ("bench", true, BenchCommand.Create),
        ("doctor", false, DoctorCommand.Create),
        ("gpucheck", false, GpuCheckCommand.Create),
    ];

    /// <summary>What the line begins with that says what went wrong.</summary>
    internal static string ErrorPrefix => $"{ThisProgram.Name}: ";

    private static readonly string[] OnWords = ["true", "false", "on", "off", "yes", "no", "1", "0"];

    /// <summary>Runs one command, writing plain text; the exit code is one of <see cref="ExitCode"/>.</summary>
    public static int Run(string[] args, TextWriter output, TextWriter error) => Run(args, Terminal.Plain(output, error), CancellationToken.None);

    /// <summary>Runs one command. Never throws: what goes wrong is one paragraph on the error stream and an exit code.</summary>
    public static int Run(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            return Dispatch(args, terminal, cancellation);
        }
        catch (Exception exception)
        {
            terminal.Error.WriteLine(Paragraph(exception));
            if (args.Contains("--verbose")) terminal.Error.WriteLine(exception);
            return ExitCode.Of(exception);
        }
    }

    /// <summary>The value of <paramref name="option"/>, as "--option VALUE" or "--option=VALUE", in a command line that is not parsed yet; null without one.</summary>
    internal static string? OptionIn(ReadOnlySpan<string> args, string option)
    {
        for (int at = 0; at < args.Length; at++)
        {
            if (args[at].StartsWith(option + "=", StringComparison.Ordinal)) return args[at][(option.Length + 1)..];
            if (args[at] == option && at + 1 < args.Length) return args[at + 1];
        }

        return null;
    }

    /// <summary>Whether the words are a command line, without running it.</summary>
    /// <exception cref="UsageException">they are not.</exception>
    internal static void Check(string[] args, CliContext context) => Parse(args, context, args[0]);

    private static int Dispatch(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        int at = Array.FindIndex(args, arg => !arg.StartsWith('-'));
        if (at >= 0 && args[at] == "help")
        {
            args = [.. args[..at], .. args[(at + 1)..], "--help"]; // "help train" as many programs have it
            at = Array.FindIndex(args, arg => !arg.StartsWith('-'));
        }

        string? name = at < 0 ? null : args[at];
        IGame? game = null;
        RunConfig? resumed = name == "train" && !WantsHelp(args) ? ResumeOptions.Find(args) : null;
        if (resumed is not null) args = WithGame(args, at, resumed.Game.Name);
        if (name == "sweep" && !WantsHelp(args) && SweepCommand.GameOfResumed(args) is { } swept) args = WithGame(args, at, swept);
        if (name == "watch" && !WantsHelp(args) && OptionIn(args, "--run") is { } run) args = WithGame(args, at, RunConfig.OfRun(run).Game.Name);
        if (name is not null)
        {
            int command = Array.FindIndex(Commands, known => known.Name == name);
            if (command < 0)
                throw new UsageException(
                    $"There is no command '{name}'.{Nearest.Hint(name, Commands.Select(known => known.Name))} " +
                    $"The commands are: {string.Join(", ", Commands.Select(known => known.Name))} (see '{ThisProgram.Command("--help")}').");
            game = GameIn(args.AsSpan(at + 1), name, Commands[command].NeedsGame && !WantsHelp(args));
        }

        var context = new CliContext(terminal, game, cancellation) { Resumed = resumed, Arguments = args };
        return Parse(args, context, name).Invoke(new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private static ParseResult Parse(string[] args, CliContext context, string? name)
    {
        string[] normal = args.Length == 0 ? ["--help"] : WithExplicitFlags(WithJoinedValues(args), context.Game);
        ParseResult parsed = Root(context).Parse(normal, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Action is not CliHelp) ThrowOnErrors(parsed, ThisProgram.Command(new[] { name, context.Game?.Name }.OfType<string>()));
        return parsed;
    }

    private static RootCommand Root(CliContext context)
    {
        var root = new RootCommand("Arena: many matches of a game, stepped together, at the speed of the machine.");
        foreach ((_, _, Func<CliContext, Command> create) in Commands) root.Subcommands.Add(create(context));
        root.Options.Add(new Option<bool>("--verbose") { Description = "Print the stack trace of an error.", Recursive = true });
        CliHelp.Customize(root, context);
        return root;
    }

    // The game decides which options exist, so it is looked up before anything is parsed.
    private static IGame? GameIn(ReadOnlySpan<string> rest, string command, bool needed)
    {
        if (command is "doctor" or "gpucheck" or "league" or "export" or "serve") return null; // of the machine, or of a run
        if (command == "import") return Named(rest, needed);
        if (rest.Length > 0 && !rest[0].StartsWith('-')) return Registry.Find(rest[0]);
        IReadOnlyList<IGame> games = Registry.Games;
        foreach (string arg in rest)
            if (games.FirstOrDefault(known => known.Name == arg) is { } found) return found;
        if (!needed) return null;
        throw new UsageException(
            $"'{ThisProgram.Command(command)}' needs a game: {ThisProgram.Command(command, "GAME")}. The games are: {string.Join(", ", games.Select(known => known.Name))}.");
    }

    // The game of --game NAME, where the first word is a file.
    private static IGame? Named(ReadOnlySpan<string> rest, bool needed)
    {
        if (OptionIn(rest, "--game") is { } game) return Registry.Find(game);
        return needed ? throw new UsageException($"'{ThisProgram.Command("import")}' needs a game: --game GAME. The games are: {string.Join(", ", Registry.Games.Select(known => known.Name))}.") : null;
    }

    // A run that is resumed names its game itself.
    private static string[] WithGame(string[] args, int command, string game)
    {
        string? given = args.Skip(command + 1).FirstOrDefault(arg => Registry.Games.Any(known => known.Name == arg));
        if (given is null) return [.. args[..(command + 1)], game, .. args[(command + 1)..]];
        return given == game ? args : throw new UsageException($"The run plays '{game}', not '{given}'. Leave the game out.");
    }

    private static bool WantsHelp(string[] args) => args.Any(arg => arg is "-h" or "--help" or "-?" or "/?" or "/h");

    // The value of --against is an option itself, which the parser would otherwise take for one.
    private static string[] WithJoinedValues(string[] args)
    {
        int at = Array.IndexOf(args, BenchComparison.Against);
        return at < 0 || at + 1 == args.Length ? args : [.. args[..at], $"{args[at]}={args[at + 1]}", .. args[(at + 2)..]];
    }

    // "--desync" alone means "--desync true"; the parser itself would take the next word, whatever it is.
    private static string[] WithExplicitFlags(string[] args, IGame? game)
    {
        if (game is null) return args;
        HashSet<string> flags = [.. Settings.Of(game.DefaultOptions).Where(setting => setting.Type == typeof(bool)).Select(setting => setting.OptionName)];
        return [.. args.Select((arg, i) => flags.Contains(arg) && (i + 1 == args.Length || !OnWords.Contains(args[i + 1])) ? arg + "=true" : arg)];
    }

    private static void ThrowOnErrors(ParseResult parsed, string where)
    {
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string token = parsed.UnmatchedTokens[0];
            if (!token.StartsWith('-'))
                throw new UsageException($"'{token}' is one word too many for '{where}'. See '{where} --help'.");
            IEnumerable<string> options = parsed.CommandResult.Command.Options.Select(option => option.Name).Append("--verbose");
            throw new UsageException($"Unknown option '{token}' for '{where}'.{Nearest.Hint(token, options)} See '{where} --help' for all options.");
        }

        if (parsed.Errors.Count > 0) throw new UsageException(parsed.Errors[0].Message);
    }

    /// <summary>What went wrong, as one paragraph.</summary>
    internal static string Paragraph(Exception exception)
    {
        string message = exception switch
        {
            OperationCanceledException => "Stopped by Ctrl-C or SIGTERM.",
            UsageException or NonFiniteException or BadActionException or Kernels.Device.DeviceMemoryException => exception.Message,
            IOException or UnauthorizedAccessException => $"{exception.Message} Check the path, its permissions and the free space of the disk.",
            _ => $"Unexpected {exception.GetType().Name}: {exception.Message} This is a fault of the program; --verbose prints where it happened.",
        };
        return $"{ErrorPrefix}{message.ReplaceLineEndings(" ")}";
    }
}
