using System.CommandLine;
using System.Globalization;
using Arena.HostApi.Sweeps;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary><c>arena sweep GAME</c>: which settings train best, by held-out scores.</summary>
internal static class SweepCommand
{
    private const string DefaultRoot = "sweeps";

    // What starts several processes of one command says to each which one it is: Open MPI, MPICH and Slurm's PMI, Slurm's array jobs.
    private static readonly string[] Ranks = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID", "SLURM_ARRAY_TASK_ID"];

    internal static Command Create(CliContext context)
    {
        var search = CliOption.Text("--search", "JSON file with what is tried: a configuration in which values are ranges or lists.", "FILE");
        var resume = CliOption.Text("--resume", "Go on with a sweep, or help with one that others work on.", "DIR");
        var dir = CliOption.Text("--dir", $"Directory of the sweep (default: {DefaultRoot}/GAME-TIME).", "DIR");
        var method = CliOption.Choice("--method", "asha: many short trials, of which the better ones go on; random: every trial to the end.", "asha", "asha", "random");
        var trials = CliOption.Whole("--trials", "Trials; the first has the game's defaults.", 27, 2, 100_000);
        var rungs = CliOption.Whole("--rungs", "asha: stages of a training; the last is the whole.", 3, 2, 10);
        var factor = CliOption.Whole("--factor", "asha: one trial of so many goes on, to so many times the agent-steps.", 3, 2, 10);
        var steps = CliOption.Whole64("--agent-steps", "Agent-steps of a whole training; 0 = the game's default.", 0, 0, 10_000_000_000_000);
        var games = CliOption.Whole("--games", "Held-out games against each built-in opponent (games with one side: episodes) that score a trial.", 256, 2, 65_536);
        var confirm = CliOption.Whole("--confirm", "Other seeds on which the winner and the defaults are trained again at the end.", 5, 0, 100);
        var parallel = CliOption.Whole("--parallel", "Trials at the same time.", 1, 1, 1024);
        var threads = CliOption.Whole("--threads", "Threads of each trial; 0 = all cores, shared among --parallel.", 0, 0, 1024);
        var seed = CliOption.Seed(1);
        var command = new Command("sweep", "Search for the settings that train best: random search or successive halving, scored by held-out games, on one machine or many.")
        {
            search, resume, dir, method, trials, rungs, factor, steps, games, confirm, parallel, threads, seed,
        };
        command.Arguments.Add(new Argument<string>("GAME") { Description = $"Which game ('{ThisProgram.Command("games")}' lists them)." });
        command.SetAction(parsed =>
        {
            SweepDirectory sweep;
            if (parsed.GetValue(resume) is { } named)
            {
                RefuseWithResume(parsed, search, dir, method, trials, rungs, factor, steps, games, confirm, seed);
                sweep = SweepDirectory.Open(named.TrimEnd('/', '\\'));
            }
            else
            {
                bool asha = parsed.GetValue(method) == "asha";
                string file = parsed.GetValue(search) ?? throw new UsageException($"'{ThisProgram.Command("sweep")}' needs --search FILE (what is tried), or --resume DIR (a sweep to go on with); docs/sweeps.md has an example.");
                sweep = SweepDirectory.OpenOrCreate(parsed.GetValue(dir)?.TrimEnd('/', '\\') ?? NewDirectory(context.Game!.Name), new SweepPlan
                {
                    Game = context.Game!,
                    Space = SearchSpace.Read(file, context.Game!),
                    Method = asha ? SweepMethod.Asha : SweepMethod.Random,
                    Trials = parsed.GetValue(trials),
                    Rungs = asha ? parsed.GetValue(rungs) : 1,
                    Factor = parsed.GetValue(factor),
                    AgentSteps = parsed.GetValue(steps),
                    Games = parsed.GetValue(games),
                    Confirm = parsed.GetValue(confirm),
                    Seed = parsed.GetValue(seed),
                });
            }

            int workers = parsed.GetValue(parallel), each = parsed.GetValue(threads);
            bool scored = new SweepRun(context, sweep, workers, each > 0 ? each : Math.Max(1, Environment.ProcessorCount / workers)).Run();
            return scored ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    /// <summary>The game of the sweep named by --resume in a command line that is not parsed yet; null where there is none.</summary>
    /// <exception cref="UsageException">no such sweep.</exception>
    internal static string? GameOfResumed(string[] args) => CommandLine.OptionIn(args, "--resume") is { } named ? SweepPlan.OfDirectory(named).Game.Name : null;

    private static string NewDirectory(string game)
    {
        string? rank = Ranks.FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is not null);
        if (rank is not null)
            throw new UsageException($"Several processes seem to begin this sweep together ({rank} is set); say with --dir DIR, on a disk that all of them see, where it is kept.");
        string name = string.Create(CultureInfo.InvariantCulture, $"{game}-{DateTime.UtcNow:yyyyMMdd-HHmmss}");
        string path = Path.Join(DefaultRoot, name);
        for (int again = 2; Path.Exists(path); again++) path = Path.Join(DefaultRoot, $"{name}-{again}");
        return path;
    }

    private static void RefuseWithResume(ParseResult parsed, params Option[] options)
    {
        foreach (Option option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} is given with --resume, but a sweep keeps the plan it began with; leave {option.Name} out, or begin another sweep.");
    }
}
