using System.Globalization;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace OwnGame;

/// <summary>Tag on a square of cells: one chases, one runs. A whole game of one's own, in one's own program.</summary>
public sealed class TagGame : Game<TagOptions>
{
    /// <inheritdoc/>
    public override string Name => "tag";

    /// <inheritdoc/>
    public override string Summary => "one chases, one runs, on a square of cells";

    /// <inheritdoc/>
    public override IReadOnlyList<GamePreset> Presets { get; } =
    [
        new("small", "a square of four by four", new TagOptions { Size = 4, MaxTicks = 24 }),
    ];

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> raw) => raw[0];

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(TagOptions options) => new()
    {
        Game = Name,
        Sides = 2,
        AgentsPerMatch = TagConstants.Agents,
        EpisodeLimit = options.MaxTicks,
        TickSeconds = 0f,
        Observation = new ObservationSpec(ObservationKind.Float, TagConstants.ObservationLength,
        [
            new("own cell (row, column)", 0, 2, 0f, 1f, "Size − 1"),
            new("other's cell (row, column)", 2, 2, 0f, 1f, "Size − 1"),
            new("1 = chaser, −1 = runner", 4, 1, -1f, 1f),
            new("share of time left", 5, 1, 0f, 1f),
        ]),
        Action = new ActionSpec { Discrete = [new DiscreteHead("move", TagConstants.Moves)], HasMasks = true, Controls = new PlayControls { Discrete = [new HeadControl([0, 4, 1, 1, 1, 3, 2, 2, 2])] } },
        RewardComponents =
        [
            new("catch", RewardGrant.Environment, options.Catch, options.Catch),
            new("time", RewardGrant.Environment, options.Time, options.Time),
        ],
        RawStatistics = TagConstants.RawStatistics,
        Statistics =
        [
            new("win", "share of games", "the chaser caught, or the runner got away", PerSide: true),
            new("length", "ticks", "ticks of the episode", PerSide: false),
        ],
        Opponents =
        [
            new("random", "any legal move, all equally likely"),
            new("scripted:greedy", "towards the other, or away from it"),
        ],
    };

    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, TagOptions options) => new TagEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(TagOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        report[0] = raw[0];
        report[1] = 1 - raw[0];
        report[2] = raw[1];
    }
}

/// <summary>Matches of tag side by side on a device.</summary>
public sealed class TagEnvironment : GameEnvironment<TagOptions, TagParameters>
{
    private readonly TagState state;

    internal TagEnvironment(IDevice device, TagOptions options, EnvironmentSpec spec)
        : base(device, options, spec)
    {
        state = TagState.Create(State);
    }

    /// <inheritdoc/>
    protected override void LaunchReset(in StepViews views) =>
        Device.Launch(new TagReset { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Act(View<byte> controllers, in StepViews views) =>
        Device.Launch(new TagScript { Arguments = Arguments(views), Controllers = controllers }, NumEnvs);

    /// <inheritdoc/>
    public override void Step(in StepViews views) => Device.Launch(new TagStep { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Observe(in StepViews views) => Device.Launch(new TagObserve { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Draw(int env, Scene scene)
    {
        TagOptions options = OptionsOf(env);
        float edge = options.Size - 0.5f;
        double[] cell = State["cell"].ReadMatch(env);
        scene.Bounds = (-0.5f, -0.5f, edge, edge);
        scene.Rectangle(Ink.Field, -0.5f, -0.5f, edge, edge);
        // Row 0 is at the top, and up is positive in a scene.
        scene.Disc(Ink.SideA, (float)cell[1], options.Size - 1 - (float)cell[0], 0.4f, "C", agent: 0);
        scene.Disc(Ink.SideB, (float)cell[3], options.Size - 1 - (float)cell[2], 0.4f, "R", agent: 1);
        scene.Caption = string.Create(CultureInfo.InvariantCulture, $"tick {State["tick"].ReadMatch(env)[0]} of {options.MaxTicks}");
    }

    /// <inheritdoc/>
    protected override TagParameters ParametersOf(TagOptions options) => new()
    {
        MatchOffset = options.MatchOffset,
        Desync = options.Desync ? 1 : 0,
        Size = options.Size,
        MaxTicks = options.MaxTicks,
        RestEvery = options.RestEvery,
        Catch = options.Catch,
        Time = options.Time,
    };

    private TagArguments Arguments(in StepViews views) =>
        new() { State = state, Views = views, Seed = Seed, Parameters = Parameters, Variants = VariantViews };
}
