using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Learners.Reinforce;

namespace Arena.HostApi.Training;

/// <summary>Algorithms that train.</summary>
public enum Algorithm
{
    /// <summary>Proximal policy optimisation with a critic; for every game.</summary>
    Ppo,

    /// <summary>REINFORCE over whole games, without a critic; for games that a clock ends.</summary>
    Reinforce,
}

/// <summary>What <c>train GAME --algorithm reinforce</c> starts from: Williams 1992 with two policies, 64 whole games per update, Adam.</summary>
internal static class ReinforceDefaults
{
    private const string Clock = "clock";

    /// <summary>Settings of the learner that differ from its defaults, path and value.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Learner { get; } =
        [new("discount", "0.99"), new("learningRate", "3e-4"), new("schedule", "constant"), new("maxGradientNorm", "1"), new("adamEpsilon", "1e-8")];

    /// <summary>The same of the plan for a game: a log-std per observation where actions are continuous.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Plan(IGame game) =>
        [new("algorithm", "reinforce"), .. game.Describe(Options(game)).Action.Continuous.Count > 0 ? [new KeyValuePair<string, string>("stateDependentStd", "true")] : Array.Empty<KeyValuePair<string, string>>()];

    /// <summary>The game's options: whole games that the clock ends by the rules.</summary>
    internal static GameOptions Options(IGame game)
    {
        GameOptions options = game.Training.Options with { NumEnvs = ReinforceConfig.UsualGames, Desync = false };
        return Settings.Of(options).Any(setting => setting.Path == Clock) ? Settings.With(options, Clock, "terminate") : options;
    }

    /// <summary>A session with these defaults, without evaluations of its own accord, that could go on for ever.</summary>
    internal static TrainingSession Session(IDevice device, IGame game, GameOptions options)
    {
        PpoConfig learner = Learner.Aggregate(new PpoConfig(), (config, change) => Settings.With(config, change.Key, change.Value));
        TrainingPlan plan = Plan(game).Aggregate(new TrainingPlan { AgentSteps = long.MaxValue / 4, GateGames = 0 }, (given, change) => Settings.With(given, change.Key, change.Value));
        return new TrainingSession(device, game, options, learner, plan, seed: 1);
    }
}
