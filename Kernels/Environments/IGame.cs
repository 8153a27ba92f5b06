using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>A game as the registry knows it: names, options, sizes, and a way to make one.</summary>
/// <remarks>
/// A game is one folder with an implementation of this interface and one line in the registry; a program of your own
/// adds one with <see cref="Registry.Add{T}"/>. Tests, benches, command line and viewer enumerate the registry.
/// </remarks>
public interface IGame
{
    /// <summary>Lower-case name: "soccer".</summary>
    string Name { get; }

    /// <summary>One line for people.</summary>
    string Summary { get; }

    /// <summary>Options with their default values.</summary>
    GameOptions DefaultOptions { get; }

    /// <summary>Named option sets, with one line of help each.</summary>
    IReadOnlyList<GamePreset> Presets { get; }

    /// <summary>What training starts from unless told otherwise.</summary>
    TrainingDefaults Training { get; }

    /// <summary>Sizes and names under <paramref name="options"/>, without allocating anything.</summary>
    /// <exception cref="UsageException">the options are not valid.</exception>
    EnvironmentSpec Describe(GameOptions options);

    /// <summary>Allocates a batch of matches; call <see cref="IEnvironment.Reset"/> before the first step.</summary>
    /// <exception cref="UsageException">the options are not valid.</exception>
    IEnvironment Create(IDevice device, GameOptions options);

    /// <summary>
    /// What another program must know, beyond names and sizes, to play a policy of this game in a simulation of its own: a JSON text that an export writes
    /// beside the model; null where there is nothing.
    /// </summary>
    /// <exception cref="UsageException">the options are not valid.</exception>
    string? ExportNotes(GameOptions options) => null;

    /// <summary>Turns the raw statistics of one finished episode into those people read.</summary>
    /// <param name="options">The options of that match.</param>
    /// <param name="raw">(RawStatistics) from <see cref="StepBuffers.EpisodeStatistics"/>.</param>
    /// <param name="report">One value per statistic, or one per side for those with <see cref="StatisticInfo.PerSide"/>; NaN where undefined.</param>
    void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report);

    /// <summary>
    /// Score of side 0 in a finished episode: 1 won, ½ drawn, 0 lost, or another multiple of 1/24 for one that was left undecided. Games with
    /// one side: their score, more is better.
    /// </summary>
    double Score(ReadOnlySpan<float> raw);
}

/// <summary>What training a game starts from: its own options, and how long.</summary>
/// <param name="Options">Options of the game in training; evaluation uses the same without what is <see cref="OnlyInTraining"/>.</param>
/// <param name="AgentSteps">Agent-steps of a run that learns the game well.</param>
public sealed record TrainingDefaults(GameOptions Options, long AgentSteps)
{
    /// <summary>
    /// Paths of the settings that training changes for its own sake (random starts, cut episodes): evaluation takes them back to
    /// the game's defaults. Null: all in which Options differ from those.
    /// </summary>
    public IReadOnlyList<string>? OnlyInTraining { get; init; }

    /// <summary>Settings of the learner that differ from its defaults, path and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Learner { get; init; } = [];

    /// <summary>Settings of the plan (network, pool of past selves, evaluations) that differ from its defaults, path and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Plan { get; init; } = [];
}

/// <summary>A named option set of a game.</summary>
public sealed record GamePreset(string Name, string Help, GameOptions Options);

/// <summary>E matches of one game, simulated together on one device.</summary>
/// <remarks>
/// One tick: actions are written into <see cref="StepViews.ContinuousActions"/> or
/// <see cref="StepViews.DiscreteActions"/> (by a policy, and by <see cref="Act"/> for built-in opponents), then
/// <see cref="Step"/> writes the results of those actions, starts new episodes where one ended, and writes the next
/// observations. Nothing leaves the device.
/// </remarks>
public interface IEnvironment : IDisposable
{
    /// <summary>Sizes and names.</summary>
    EnvironmentSpec Spec { get; }

    /// <summary>The options it was made with.</summary>
    GameOptions Options { get; }

    /// <summary>The device it lives on.</summary>
    IDevice Device { get; }

    /// <summary>E.</summary>
    int NumEnvs { get; }

    /// <summary>The whole state of the simulation, column by column: what snapshots, hashes and comparisons walk.</summary>
    StateColumns State { get; }

    /// <summary>The seed of the last <see cref="Reset"/>: together with <see cref="State"/> it determines everything that follows.</summary>
    ulong Seed { get; set; }

    /// <summary>How far a training run has come, 0..1; moves scheduled reward weights from their first to their final value.</summary>
    float Progress { get; set; }

    /// <summary>Other options for some of the matches, taken up when a match begins its next episode.</summary>
    MatchVariants Variants { get; }

    /// <summary>
    /// Whether statistics are taken that cost time and that evaluations alone report; off at first, and set before a reset. Changes nothing that is played. A game
    /// without such statistics ignores it.
    /// </summary>
    bool Survey
    {
        get => false;
        set { }
    }

    /// <summary>Where a guard ended episodes because the simulation had diverged; null for a game that cannot diverge.</summary>
    DivergenceLog? Divergences => null;

    /// <summary>Starts episode 0 in every match; writes observations, masks, <c>EpisodeStart</c> and <c>RowActive</c>, clears all results.</summary>
    void Reset(ulong seed, in StepViews views);

    /// <summary>
    /// Writes the actions of built-in opponents: of side s in match e, where <paramref name="controllers"/>[e·Sides + s] is
    /// k + 1 for opponent k. Rows of controller 0 are left alone.
    /// </summary>
    void Act(View<byte> controllers, in StepViews views);

    /// <summary>One tick of every match.</summary>
    void Step(in StepViews views);

    /// <summary>Rewrites observations and masks from the state, as after a restored snapshot.</summary>
    void Observe(in StepViews views);

    /// <summary>Draws match <paramref name="env"/> as it is now; host side.</summary>
    void Draw(int env, Scene scene);
}
