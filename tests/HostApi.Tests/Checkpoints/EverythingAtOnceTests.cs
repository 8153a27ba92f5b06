using System.Text.Json;
using Arena.HostApi.Training;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>All parts of a run that have a state of their own, active in one run, on the disk and back; and every registered game.</summary>
public sealed class EverythingAtOnceTests : IDisposable
{
    private const int Updates = 24;

    private static readonly Dictionary<string, string[]> Cases = new()
    {
        // 1,024 agent-steps per update. A small pitch with wide goals decides games in a few ticks, and the gate is small enough to open now and then.
        // A pool of more policies than slots takes one in every second update.
        ["soccer"] =
        [
            "soccer", "--team-size", "2", "--envs", "32", "--max-ticks", "40", "--end-on-goal", "true", "--random-start", "0.5", "--physics.half-length", "3",
            "--physics.half-width", "3", "--physics.goal-half-width", "2.5", "--physics.kick-radius", "2", "--horizon", "8", "--minibatches", "2", "--epochs", "4",
            "--learning-rate", "0.01", "--hidden-width", "8", "--agent-steps", $"{1024 * Updates}", "--evaluate-every", "2048", "--evaluation-games", "2",
            "--final-games", "2", "--gate-games", "16", "--snapshots", "5", "--core", "lstm", "--core-width", "8", "--normalize-observations", "true",
            "--frame-stack", "2", "--action-stack", "1", "--state-dependent-std", "true",
            "--pool-fraction", "0.5", "--pool-slots", "3", "--pool-entries", "6", "--pool-admit-updates", "2", "--pool-renew-updates", "3",
        ],
        ["corridor of bytes"] =
        [
            "corridor", "--observation", "byte", "--masks", "--envs", "16", "--horizon", "8", "--minibatches", "2", "--hidden-width", "8", "--core", "mingru",
            "--agent-steps", $"{128 * Updates}", "--evaluate-every", "512", "--evaluation-games", "4", "--final-games", "4",
        ],
        ["snake"] =
        [
            "snake", "--preset", "small", "--snakes", "12", "--food", "24", "--width", "16", "--height", "12", "--envs", "2", "--horizon", "8", "--minibatches", "2",
            "--hidden-width", "8", "--life-limit", "30", "--agent-steps", $"{192 * Updates}", "--evaluate-every", "1536", "--evaluation-games", "4", "--final-games", "4",
        ],
        ["reinforce soccer"] =
        [
            "soccer", "--algorithm", "reinforce", "--team-size", "2", "--envs", "4", "--max-ticks", "20", "--hidden-width", "8", "--agent-steps", $"{320 * Updates}",
            "--evaluate-every", "960", "--evaluation-games", "2", "--final-games", "2", "--gate-games", "8",
        ],
        ["reinforce corridor"] =
        [
            "corridor", "--algorithm", "reinforce", "--envs", "8", "--hidden-width", "8", "--agent-steps", $"{256 * Updates}", "--evaluate-every", "1024",
            "--evaluation-games", "4", "--final-games", "4",
        ],
    };

    // The second stage begins after 4 updates and is in the middle of its ramp at update 12.
    private const string Stages = """
        [
          { "name": "near", "set": { "difficulty": 0.5 }, "atMostAgentSteps": 4096, "continue": true },
          {
            "name": "fading", "rehearse": 0.3, "rampAgentSteps": 16384,
            "retreatWhen": { "metric": "stage/length", "atMost": 0, "episodes": 16, "atMostTimes": 1 },
            "ramp": { "rewards.ballProgress": [0.5, 0], "learner.entropyCoefficient": [0.01, 0.001], "learner.opponentShare": [0.25, 0.4] }
          }
        ]
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("arena-everything-").FullName;

    public static TheoryData<string> Names => [.. Cases.Keys];

    // The games of the program, not those that other tests add.
    public static TheoryData<string> Games => [.. Registry.Games.Where(game => game.GetType().Assembly == typeof(Registry).Assembly).Select(game => game.Name)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void N_updates_the_disk_a_new_session_and_N_updates_are_2N_updates_byte_for_byte(string name)
    {
        (string whole, string parts) = HalfAndHalf(["train", .. name == "soccer" ? SoccerWithEverything(folder) : Cases[name]], Updates);
        if (name == "soccer") AssertAllOfItHappened(whole, parts);
    }

    [Theory]
    [MemberData(nameof(Games))]
    public void Every_registered_game_with_what_its_training_starts_from(string name)
    {
        const int Matches = 4, Horizon = 8, Few = 4;
        IGame game = Registry.Find(name);
        GameOptions options = game.Training.Options;
        int perUpdate = Matches * Horizon * game.Describe(options).AgentsPerMatch;
        string[] limit = Settings.Of(options).Any(setting => setting.Path == "maxTicks") ? ["--max-ticks", "20"] : [];
        HalfAndHalf(
            ["train", name, "--envs", $"{Matches}", "--horizon", $"{Horizon}", "--minibatches", "2", "--hidden-width", "8", "--agent-steps", $"{Few * perUpdate}",
             "--evaluate-every", $"{2 * perUpdate}", "--evaluation-games", "2", "--final-games", "2", .. game.Describe(options).Sides == 2 ? new[] { "--gate-games", "4" } : [], .. limit],
            Few);
    }

    /// <summary>Arguments of a run of soccer with a pool, a gate, a curriculum, a memory, normalised and stacked rows; its curriculum is written into <paramref name="folder"/>.</summary>
    internal static string[] SoccerWithEverything(string folder)
    {
        string stages = Path.Join(folder, "stages.json");
        File.WriteAllText(stages, Stages);
        return [.. Cases["soccer"], "--curriculum", stages, "--seed", "1"];
    }

    // Two runs: one from beginning to end, one that pauses in the middle and goes on with another number of threads.
    private (string Whole, string Parts) HalfAndHalf(string[] train, int updates)
    {
        string whole = Path.Join(folder, "whole"), parts = Path.Join(folder, "parts");
        Runs.Succeed([.. train, "--runs", whole, "--threads", "2"]);
        Runs.Succeed([.. train, "--runs", parts, "--threads", "1", "--until", $"{updates / 2}"]);
        string run = Runs.Only(parts);
        Assert.Equal(updates / 2, Runs.Metrics(run).Length);
        Runs.Succeed("train", "--resume", run, "--threads", "2");
        Assert.Equal(updates, Runs.Metrics(run).Length);
        Runs.AssertSame(Runs.Only(whole), run);
        return (Runs.Only(whole), run);
    }

    // A test of everything at once proves nothing about what did not happen: at the pause a policy was on its way out of its slot, the pool had
    // thrown policies out, the ramp was in its middle; and champions changed on both sides of the pause. Where learning itself was changed, another seed may do.
    private static void AssertAllOfItHappened(string whole, string parts)
    {
        Dictionary<string, double>[] updates = [.. File.ReadLines(Path.Join(whole, "metrics.jsonl")).Select(line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number).ToDictionary(field => field.Name, field => field.Value.GetDouble());
        })];
        int[] promoted = [.. Enumerable.Range(0, Updates).Where(update => updates[update].GetValueOrDefault("ladder/promoted") == 1)];
        Assert.True(promoted.Count(update => update < Updates / 2) > 1 && promoted[^1] >= Updates / 2, $"promoted in {string.Join(", ", promoted)}");
        Assert.Equal(6, updates[Updates / 2]["selfplay/pool_size"]);
        Assert.InRange(updates[(Updates / 2) - 1]["curriculum/level"], 3, 12);
        Assert.InRange(updates[(Updates / 2) - 1]["stage/length"], 1, 40); // conditions over episodes have some on both sides
        Assert.True(updates[^1]["curriculum/episodes"] > updates[(Updates / 2) - 1]["curriculum/episodes"]);
        using JsonDocument state = JsonDocument.Parse(File.ReadAllText(Path.Join(parts, "checkpoints", $"{Updates / 2:D9}", "state.json")));
        using JsonDocument pool = JsonDocument.Parse(state.RootElement.GetProperty("pool").GetString()!);
        Assert.True(pool.RootElement.GetProperty("nextId").GetInt32() > 6, "nobody was thrown out");
        Assert.Contains(pool.RootElement.GetProperty("slots").EnumerateArray(), slot => slot.ValueKind == JsonValueKind.Object && slot.GetProperty("retiring").GetBoolean());
    }
}
