using Arena.Kernels.Environments;
using Arena.Tests;
using Arena.Validation.Conformance;
using OwnGame;

namespace Arena.Conformance.Support;

/// <summary>Every registered game under its default options and each of its presets; the sample's own game is one of them.</summary>
public static class Cases
{
    /// <summary>Prefix of a game with a planted bug, which is not in the registry.</summary>
    public const string Sabotaged = "sabotaged: ";

    private const string Default = "default";
    private const string Stacked = "stacked";

    // Games whose episodes are longer than what tests can play, or always end before the clock does: a clock that tests see at work.
    private static readonly Dictionary<string, string> ShortClocks = new() { ["creature"] = "48" };

    static Cases() => Registry.Add<TagGame>();

    /// <summary>Game and preset.</summary>
    public static TheoryData<string, string> All => Of((_, _) => true);

    /// <summary>Those whose state follows from state and actions alone between two episodes.</summary>
    public static TheoryData<string, string> WithoutDrawsInEveryTick => Of((game, options) => !game.Describe(options).DrawsInEveryTick);

    /// <summary>Those in which a clock ends episodes.</summary>
    public static TheoryData<string, string> Clocked => Of((game, options) => game.Describe(options).EpisodeLimit > 0);

    /// <summary>Those with discrete actions and masks.</summary>
    public static TheoryData<string, string> Masked => Of((game, options) => game.Describe(options).Action.HasMasks);

    /// <summary>The game called <paramref name="name"/>.</summary>
    public static IGame Game(string name) =>
        name.StartsWith(Sabotaged, StringComparison.Ordinal) ? new SabotagedGame(name[Sabotaged.Length..]) : Registry.Find(name);

    /// <summary>A case as the checks take it.</summary>
    public static ConformanceCase Of(string game, string preset) => new(Game(game), Options(game, preset)) { Name = $"{game}/{preset}", Ticks = TestSize.Of(500, 10_000) };

    /// <summary>The options of a case.</summary>
    public static GameOptions Options(string game, string preset)
    {
        if (preset == Default) return ClockOf(game, Game(game).DefaultOptions);
        if (preset.EndsWith(Stacked, StringComparison.Ordinal))
            return Options(game, preset == Stacked ? Default : preset[..^(Stacked.Length + 2)]) with { FrameStack = 3, ActionStack = 2 };
        return ClockOf(game, Game(game).Presets.Single(candidate => candidate.Name == preset).Options);
    }

    private static GameOptions ClockOf(string game, GameOptions options) =>
        ShortClocks.TryGetValue(game, out string? ticks) ? Settings.With(options, "maxTicks", ticks) : options;

    /// <summary>Stacked rows of every game, once for each kind of observations and actions it has.</summary>
    public static TheoryData<string, string> StackedRows
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (IGame game in Registry.Games) AddStacked(data, game, (_, _) => true);
            return data;
        }
    }

    private static TheoryData<string, string> Of(Func<IGame, GameOptions, bool> wanted)
    {
        var data = new TheoryData<string, string>();
        foreach (IGame game in Registry.Games)
        {
            if (wanted(game, game.DefaultOptions)) data.Add(game.Name, Default);
            foreach (GamePreset preset in game.Presets)
                if (wanted(game, preset.Options)) data.Add(game.Name, preset.Name);
            AddStacked(data, game, wanted);
        }

        return data;
    }

    private static void AddStacked(TheoryData<string, string> data, IGame game, Func<IGame, GameOptions, bool> wanted)
    {
        var seen = new HashSet<(ObservationKind, int, int)>();
        foreach (string preset in game.Presets.Select(preset => preset.Name).Prepend(Default))
        {
            EnvironmentSpec spec = game.Describe(Options(game.Name, preset));
            if (!seen.Add((spec.Observation.Kind, spec.Action.Continuous.Count, spec.Action.Discrete.Count))) continue;
            string name = preset == Default ? Stacked : $"{preset}, {Stacked}";
            if (wanted(game, Options(game.Name, name))) data.Add(game.Name, name);
        }
    }
}
