using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

namespace Arena.HostApi.Training;

/// <summary>A run's config.json, read back: the game, its settings, the learner's and the plan's, seed and threads.</summary>
public sealed class RunConfig
{
    /// <summary>Its name in a run directory.</summary>
    public const string FileName = "config.json";

    private readonly ConfigurationFile file;

    private RunConfig(ConfigurationFile file) => this.file = file;

    /// <summary>The file.</summary>
    public string Path => file.Path;

    /// <summary>The game.</summary>
    public IGame Game => file.Game;

    /// <summary>Seed of the training.</summary>
    public ulong Seed => file.Seed ?? 1;

    /// <summary>Threads that ran kernels.</summary>
    public int Threads => file.Threads ?? 0;

    /// <summary>What ran the network that learned; "auto" in a file that does not say.</summary>
    internal EngineRequest Engine => new(file.Engine.Engine ?? EngineRequest.Auto.Engine, file.Engine.Precision ?? EngineRequest.Auto.Precision);

    /// <summary>The game's options.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public GameOptions Options => file.Settled(Game.DefaultOptions);

    /// <summary>The learner's settings.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public PpoConfig Learner => file.Apply(ConfigurationFile.ForLearner, new PpoConfig());

    /// <summary>The plan, with the network that the file describes.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know, or sections that contradict each other.</exception>
    public TrainingPlan Plan => file.Plan(new TrainingPlan(), Game.Describe(Options));

    /// <summary>The curriculum; null without one.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public IReadOnlyList<CurriculumStage>? Curriculum => file.Curriculum;

    /// <summary>Reads the configuration of a run.</summary>
    /// <param name="run">The run directory.</param>
    /// <exception cref="UsageException">no such run, or its config.json is damaged.</exception>
    public static RunConfig OfRun(string run)
    {
        string path = System.IO.Path.Join(run, FileName);
        if (!File.Exists(path))
            throw new UsageException($"'{run}' is not a run directory: there is no '{path}' (looked in {Directory.GetCurrentDirectory()}). Give one, as in 'runs/GAME-DATE-sSEED'.");
        JsonElement root = ConfigFile.Read(path);
        if (root.TryGetProperty("game", out JsonElement game) && game.ValueKind == JsonValueKind.String && root.TryGetProperty(ConfigurationFile.ForGame, out _))
            return new RunConfig(ConfigurationFile.Of(path, root, Registry.Find(game.GetString()!)));
        throw new UsageException($"'{path}' is not the configuration of a run: it lacks 'game' or 'settings'.");
    }
}
