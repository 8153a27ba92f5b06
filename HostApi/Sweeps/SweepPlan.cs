using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Sweeps;

/// <summary>How trials are chosen.</summary>
internal enum SweepMethod
{
    /// <summary>Asynchronous successive halving: many short trials, the better ones go on.</summary>
    Asha,

    /// <summary>Every trial is trained to the end.</summary>
    Random,
}

/// <summary>Everything that decides what a sweep does; processes with the same plan work on it together.</summary>
internal sealed record SweepPlan
{
    /// <summary>Its name in a sweep directory.</summary>
    internal const string FileName = "sweep.json";

    /// <summary>What is trained.</summary>
    internal required IGame Game { get; init; }

    /// <summary>What is tried.</summary>
    internal required SearchSpace Space { get; init; }

    /// <summary>How trials are chosen.</summary>
    internal SweepMethod Method { get; init; }

    /// <summary>Trials; number 0 has the game's defaults.</summary>
    internal int Trials { get; init; }

    /// <summary>Budgets of successive halving; 1 where every trial is trained to the end.</summary>
    internal int Rungs { get; init; }

    /// <summary>One of so many goes on to the next rung, where it gets so many times as much.</summary>
    internal int Factor { get; init; }

    /// <summary>Agent-steps of a whole training; 0 = the game's default.</summary>
    internal long AgentSteps { get; init; }

    /// <summary>Held-out games against each opponent (games with one side: episodes) that score a trial.</summary>
    internal int Games { get; init; }

    /// <summary>Fresh training seeds on which the winner and the defaults are trained again.</summary>
    internal int Confirm { get; init; }

    /// <summary>Seed of every trial's training and of the draws.</summary>
    internal ulong Seed { get; init; }

    /// <summary>Share of a whole training behind rung <paramref name="rung"/>.</summary>
    internal double Share(int rung) => Math.Pow(Factor, rung - (Rungs - 1));

    /// <summary>The plan as sweep.json has it.</summary>
    internal string Json() => JsonText.Of(writer =>
    {
        writer.WriteString("game", Game.Name);
        writer.WriteString("method", Settings.Format(Method));
        writer.WriteNumber("trials", Trials);
        writer.WriteNumber("rungs", Rungs);
        writer.WriteNumber("factor", Factor);
        writer.WriteNumber("agentSteps", AgentSteps);
        writer.WriteNumber("games", Games);
        writer.WriteNumber("confirm", Confirm);
        writer.WriteNumber("seed", Seed);
        writer.WritePropertyName("search");
        using JsonDocument search = JsonDocument.Parse(Space.Text);
        search.RootElement.WriteTo(writer);
    });

    /// <summary>The plan in a sweep directory.</summary>
    /// <exception cref="UsageException">there is none, or it is damaged.</exception>
    internal static SweepPlan OfDirectory(string path)
    {
        string file = Path.Join(path, FileName);
        if (!File.Exists(file)) throw new UsageException($"'{path}' is not a sweep directory: there is no '{file}' (looked in {Directory.GetCurrentDirectory()}). Begin one: {ThisProgram.Command("sweep", "GAME", "--search", "FILE")}.");
        JsonElement root = ConfigFile.Read(file);
        try
        {
            IGame game = Registry.Find(root.GetProperty("game").GetString()!);
            return new SweepPlan
            {
                Game = game,
                Space = SearchSpace.Parse(game, file, root.GetProperty("search").GetRawText()),
                Method = Enum.Parse<SweepMethod>(root.GetProperty("method").GetString()!, ignoreCase: true),
                Trials = root.GetProperty("trials").GetInt32(),
                Rungs = root.GetProperty("rungs").GetInt32(),
                Factor = root.GetProperty("factor").GetInt32(),
                AgentSteps = root.GetProperty("agentSteps").GetInt64(),
                Games = root.GetProperty("games").GetInt32(),
                Confirm = root.GetProperty("confirm").GetInt32(),
                Seed = root.GetProperty("seed").GetUInt64(),
            };
        }
        catch (Exception damaged) when (damaged is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new UsageException($"'{file}' is not the plan of a sweep: {damaged.Message} Begin the sweep again in another directory.");
        }
    }
}
