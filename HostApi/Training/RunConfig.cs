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

    private readonly JsonElement root;

    private RunConfig(string path, JsonElement root, IGame game)
    {
        Path = path;
        this.root = root;
        Game = game;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The game.</summary>
    public IGame Game { get; }

    /// <summary>Seed of the training.</summary>
    public ulong Seed { get; private init; }

    /// <summary>Threads that ran kernels.</summary>
    public int Threads { get; private init; }

    /// <summary>What ran the network that learned; "auto" in a file that does not say.</summary>
    internal EngineRequest Engine { get; private init; } = EngineRequest.Auto;

    /// <summary>The game's options.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public GameOptions Options => Apply("settings", Game.DefaultOptions);

    /// <summary>The learner's settings.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public PpoConfig Learner => Apply("learner", new PpoConfig());

    /// <summary>The plan.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public TrainingPlan Plan => Apply("plan", new TrainingPlan());

    /// <summary>The curriculum; null without one.</summary>
    /// <exception cref="UsageException">a key or a value that this version does not know.</exception>
    public IReadOnlyList<CurriculumStage>? Curriculum => CurriculumFile.InConfiguration(Path, root, Game.Name);

    /// <summary>Reads the configuration of a run.</summary>
    /// <param name="run">The run directory.</param>
    /// <exception cref="UsageException">no such run, or its config.json is damaged.</exception>
    public static RunConfig OfRun(string run)
    {
        string path = System.IO.Path.Join(run, FileName);
        if (!File.Exists(path))
            throw new UsageException($"'{run}' is not a run directory: there is no '{path}' (looked in {Directory.GetCurrentDirectory()}). Give one, as in 'runs/GAME-DATE-sSEED'.");
        return Of(path, ConfigFile.Read(path)) ?? throw new UsageException($"'{path}' is not the configuration of a run: it lacks 'game' or 'settings'.");
    }

    /// <summary>The configuration in <paramref name="root"/>; null when it is not a run's but settings alone.</summary>
    /// <exception cref="UsageException">it is a run's, but seed or threads are not numbers, or there is no such game.</exception>
    internal static RunConfig? Of(string path, JsonElement root)
    {
        if (!root.TryGetProperty("game", out JsonElement game) || game.ValueKind != JsonValueKind.String) return null;
        if (!root.TryGetProperty("settings", out JsonElement settings) || settings.ValueKind != JsonValueKind.Object) return null;
        ulong seed = 1;
        int threads = 0;
        if (root.TryGetProperty("seed", out JsonElement seedValue) && !(seedValue.ValueKind == JsonValueKind.Number && seedValue.TryGetUInt64(out seed)))
            throw new UsageException($"'{path}': the seed is {seedValue.GetRawText()}; allowed are whole numbers 0..{ulong.MaxValue}.");
        if (root.TryGetProperty("threads", out JsonElement threadsValue) && !(threadsValue.ValueKind == JsonValueKind.Number && threadsValue.TryGetInt32(out threads) && threads is >= 0 and <= 1024))
            throw new UsageException($"'{path}': threads is {threadsValue.GetRawText()}; allowed are whole numbers 0..1024.");
        return new RunConfig(path, root, Registry.Find(game.GetString()!)) { Seed = seed, Threads = threads, Engine = EngineOf(path, root) };
    }

    private static EngineRequest EngineOf(string path, JsonElement root)
    {
        string Word(string key, string byDefault) => root.TryGetProperty(key, out JsonElement word) ? word.ToString() : byDefault;
        var request = new EngineRequest(Word("engine", EngineRequest.Auto.Engine), Word("precision", EngineRequest.Auto.Precision));
        return EngineOptions.Known(request) ? request : throw new UsageException($"'{path}': engine is '{request.Engine}' and precision '{request.Precision}'; allowed are {EngineOptions.Words}.");
    }

    /// <summary>A copy of <paramref name="settings"/> with the values of the section <paramref name="name"/>.</summary>
    internal T Apply<T>(string name, T settings)
        where T : notnull
    {
        if (!root.TryGetProperty(name, out JsonElement section)) return settings;
        try
        {
            return section.ValueKind == JsonValueKind.Object ? ConfigFile.Apply(settings, section) : throw new UsageException("it is not an object.");
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"Configuration file '{Path}', section '{name}': {wrong.Message}");
        }
    }
}
