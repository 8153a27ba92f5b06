using System.Globalization;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace OwnGame;

/// <summary>
/// A game without the command line: its built-in players play each other, and a position is drawn.
/// Run it with <c>dotnet run -c Release --project samples/OwnGame -- demo</c>.
/// </summary>
public static class Demo
{
    private const int Matches = 256;
    private const int Ticks = 1_000;
    private const ulong Seed = 1;

    /// <summary>The whole of it, writing to <paramref name="output"/>.</summary>
    public static void Run(TextWriter output)
    {
        Registry.Add<TagGame>();
        IGame game = Registry.Find("tag");
        using var device = new CpuDevice();
        output.WriteLine($"{game.Name}: {game.Summary}");
        output.WriteLine($"{Matches} matches side by side, {Ticks} ticks, seed {Seed}");
        output.WriteLine();
        output.WriteLine($"{"chaser",-16}  {"runner",-16}  {"episodes",8}  {"caught",6}");
        IReadOnlyList<OpponentInfo> players = game.Describe(game.DefaultOptions).Opponents;
        for (int chaser = 0; chaser < players.Count; chaser++)
            for (int runner = 0; runner < players.Count; runner++)
            {
                (int episodes, double caught) = Play(device, game, chaser, runner);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{players[chaser].Name,-16}  {players[runner].Name,-16}  {episodes,8}  {caught,6:P0}"));
            }

        output.WriteLine();
        DrawStart(device, game, output);
    }

    // Lets one built-in player chase another; how many episodes ended, and the share of matches whose last one was a catch.
    private static (int Episodes, double Caught) Play(IDevice device, IGame game, int chaser, int runner)
    {
        var options = (TagOptions)game.DefaultOptions with { NumEnvs = Matches };
        using IEnvironment environment = game.Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, Matches);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(2 * Matches, "controllers");
        byte[] who = new byte[2 * Matches];
        for (int env = 0; env < Matches; env++) (who[2 * env], who[2 * env + 1]) = ((byte)(chaser + 1), (byte)(runner + 1));
        controllers.Write(who);

        environment.Reset(Seed, buffers.Views);
        for (int tick = 0; tick < Ticks; tick++)
        {
            environment.Act(controllers.View, buffers.Views);
            environment.Step(buffers.Views);
        }

        float[] statistics = buffers.EpisodeStatistics!.ToArray();
        double score = Enumerable.Range(0, Matches).Average(env => game.Score(statistics.AsSpan(env * environment.Spec.RawStatistics, environment.Spec.RawStatistics)));
        return (buffers.EpisodesFinished!.ToArray().Sum(), score);
    }

    private static void DrawStart(IDevice device, IGame game, TextWriter output)
    {
        using IEnvironment environment = game.Create(device, (TagOptions)game.DefaultOptions with { NumEnvs = 1 });
        using var buffers = new StepBuffers(device, environment.Spec, 1);
        environment.Reset(Seed, buffers.Views);
        var scene = new Scene();
        environment.Draw(0, scene);
        int size = ((TagOptions)environment.Options).Size;
        for (int y = size - 1; y >= 0; y--)
        {
            for (int x = 0; x < size; x++)
            {
                Shape here = scene.Shapes.FirstOrDefault(shape => shape.Kind == ShapeKind.Disc && shape.X == x && shape.Y == y);
                output.Write(here.Label ?? ".");
            }

            output.WriteLine();
        }

        output.WriteLine(scene.Caption);
    }
}
