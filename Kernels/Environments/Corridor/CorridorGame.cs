using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Corridor.CorridorConstants;

namespace Arena.Kernels.Environments.Corridor;

/// <summary>The toy that tests a learner in seconds: walk to the end that pays.</summary>
public sealed class CorridorGame : Game<CorridorOptions>
{
    /// <summary>Return of the best policy: four steps, the last one pays.</summary>
    public const double OptimalReturn = 0.97;

    /// <summary>The same with <see cref="CorridorOptions.Memory"/>: one step later, as the walker waits while it is shown the cue.</summary>
    public const double OptimalMemoryReturn = 0.96;

    /// <summary>The best of policies without memory there: any fixed end, right half of the time.</summary>
    public const double BlindMemoryReturn = -0.04;

    /// <inheritdoc/>
    public override string Name => "corridor";

    /// <inheritdoc/>
    public override string Summary => "nine cells, one walker, the right end pays: tests a learner in seconds";

    /// <inheritdoc/>
    public override IReadOnlyList<GamePreset> Presets { get; } =
    [
        new("memory", "a cue seen only at tick 0 names the paying end", new CorridorOptions { Memory = true }),
        new("continuous", "one float, by sign", new CorridorOptions { Actions = CorridorActions.Continuous }),
        new("bytes", "byte observations and action masks", new CorridorOptions { Observation = ObservationKind.Byte, Masks = true }),
    ];

    /// <inheritdoc/>
    public override TrainingDefaults Training { get; } =
        new(new CorridorOptions { NumEnvs = 64, Desync = true }, AgentSteps: 300_000) { Learner = [new("horizon", "16"), new("minibatches", "4")] };

    // Up and down mean nothing here; the walker goes on as before.
    private static PlayControls LeftOrRight { get; } = new() { Discrete = [new HeadControl([-1, 1, 1, -1, 0, 0, 0, -1, 1])] };

    // One amount per element: cells, cue, time.
    private static IReadOnlyList<ByteField> ByteFields { get; } =
    [
        .. Enumerable.Range(0, Cells).Select(cell => new ByteField($"cell {cell}", cell, 0)),
        new("left pays", Cells, 0),
        new("right pays", Cells + 1, 0),
        new("share of time left", Cells + 2, 0),
    ];

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> raw) => raw[0];

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(CorridorOptions options)
    {
        bool discrete = options.Actions == CorridorActions.Discrete;
        float top = options.Observation == ObservationKind.Byte ? 255f : 1f;
        return new EnvironmentSpec
        {
            Game = Name,
            Sides = 1,
            AgentsPerMatch = 1,
            EpisodeLimit = options.MaxTicks,
            TickSeconds = 0f,
            Observation = new ObservationSpec(options.Observation, ObservationLength,
            [
                new("cell, one-hot", 0, Cells, 0f, top),
                new("cue (left, right), at tick 0 only", Cells, 2, 0f, top),
                new("share of time left", Cells + 2, 1, 0f, top),
            ])
            {
                ByteFields = options.Observation == ObservationKind.Byte ? ByteFields : [],
            },
            Action = discrete
                ? new ActionSpec { Discrete = [new DiscreteHead("direction", 2)], Choices = [["left", "right"]], HasMasks = options.Masks, Controls = LeftOrRight }
                : new ActionSpec { Continuous = ["direction"], Controls = new PlayControls { Continuous = [StickUse.X] } },
            RewardComponents =
            [
                new("goal", RewardGrant.Environment, 1f, 1f),
                new("step", RewardGrant.Environment, 0.01f, 0.01f),
            ],
            RawStatistics = RawStatistics,
            Statistics =
            [
                new("return", "reward per episode", "sum of the rewards", PerSide: false),
                new("length", "ticks", "ticks of the episode", PerSide: false),
                new("success", "share", "the paying end was reached", PerSide: false),
            ],
            Opponents =
            [
                new("random", "left or right with equal chance"),
                new("scripted:optimal", "walks straight to the paying end"),
            ],
        };
    }

    // Even the one-hot parts are amounts: a byte of them is 0 or 255.
    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, CorridorOptions options) => new CorridorEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(CorridorOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        for (int i = 0; i < RawStatistics; i++) report[i] = raw[i];
    }
}

/// <summary>Corridors side by side on a device.</summary>
public sealed class CorridorEnvironment : GameEnvironment<CorridorOptions, CorridorParameters>
{
    private readonly CorridorState state;

    internal CorridorEnvironment(IDevice device, CorridorOptions options, EnvironmentSpec spec)
        : base(device, options, spec)
    {
        state = CorridorState.Create(State);
    }

    /// <inheritdoc/>
    protected override void LaunchReset(in StepViews views) =>
        Device.Launch(new CorridorReset { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Act(View<byte> controllers, in StepViews views) =>
        Device.Launch(new CorridorAct { Arguments = Arguments(views), Controllers = controllers }, NumEnvs);

    /// <inheritdoc/>
    public override void Step(in StepViews views) => Device.Launch(new CorridorStep { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Observe(in StepViews views) => Device.Launch(new CorridorObserve { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Draw(int env, Scene scene)
    {
        scene.Bounds = (-0.5f, -0.5f, Cells - 0.5f, 0.5f);
        double cue = State["cue"].ReadMatch(env)[0];
        scene.Rectangle(Ink.Field, -0.5f, -0.5f, Cells - 0.5f, 0.5f);
        scene.Cell(Ink.Object, cue == 1 ? 0 : Cells - 1, 0f, 0.5f, "+");
        scene.Disc(Ink.SideA, (float)State["cell"].ReadMatch(env)[0], 0f, 0.4f, "@", agent: 0);
        scene.Caption = $"tick {State["tick"].ReadMatch(env)[0]} of {OptionsOf(env).MaxTicks}   return {State["return"].ReadMatch(env)[0]:0.00}";
    }

    /// <inheritdoc/>
    protected override CorridorParameters ParametersOf(CorridorOptions options) => new()
    {
        MatchOffset = options.MatchOffset,
        Discrete = options.Actions == CorridorActions.Discrete ? 1 : 0,
        Bytes = options.Observation == ObservationKind.Byte ? 1 : 0,
        Memory = options.Memory ? 1 : 0,
        Masks = options.Masks ? 1 : 0,
        Desync = options.Desync ? 1 : 0,
        ClockTerminates = options.Clock == ClockEnd.Terminate ? 1 : 0,
        MaxTicks = options.MaxTicks,
        GoalReward = 1f,
        WrongEndReward = -1f,
        StepReward = -0.01f,
    };

    private CorridorArguments Arguments(in StepViews views) =>
        new() { State = state, Views = views, Seed = Seed, Parameters = Parameters, Variants = VariantViews };
}
