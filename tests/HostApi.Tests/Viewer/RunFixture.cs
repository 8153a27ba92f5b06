using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Arena.HostApi.Training;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>A run directory with curves, as a training leaves it.</summary>
internal static class RunFixture
{
    /// <summary>Makes one of the corridor.</summary>
    internal static string Write(string root, int updates)
    {
        IGame game = Registry.Find("corridor");
        var description = new RunDescription
        {
            Game = game.Name,
            Seed = 1,
            Options = game.DefaultOptions,
            Network = TrainedPolicies.Network(game, game.DefaultOptions),
            Device = "a device with <angle> & ampersand",
            Threads = 1,
            CommandLine = ["arena", "train", "corridor", "--seed", "1"],
            Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        };
        using RunDirectory run = RunDirectory.Create(description, root);
        run.Finish("finished");
        run.Dispose();
        Append(run.Path, 0, updates);
        return run.Path;
    }

    /// <summary>As while it trains: run.json says nothing of an end.</summary>
    internal static void GoOn(string run) => Edit(run, info => info["finished"] = null);

    /// <summary>As when it has ended.</summary>
    internal static void End(string run) => Edit(run, info => info["finished"] = "2026-01-02T04:04:05Z");

    private static void Edit(string run, Action<JsonObject> change)
    {
        string path = Path.Join(run, RunDirectory.RunName);
        JsonObject info = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(info);
        File.WriteAllText(path, info.ToJsonString());
    }

    /// <summary>Adds updates, as a training that goes on does.</summary>
    internal static void Append(string run, int from, int updates)
    {
        var lines = new StringBuilder();
        for (int update = from; update < from + updates; update++)
            lines.Append(CultureInfo.InvariantCulture,
                $"{{\"update\":{update},\"agent_steps\":{1000 * (update + 1)},\"time\":{update},\"eval/scripted:normal/score\":{update / 100.0},\"eval/random/score\":{update / 60.0},\"policy/entropy\":{2 - update / 50.0},\"ppo/kl\":0.01,\"value/explained_variance\":\"NaN\",\"episode/return\":{update}}}\n");
        File.AppendAllText(Path.Join(run, RunDirectory.MetricsName), lines.ToString());
    }
}
