using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Snake.SnakeConstants;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Many snakes in one arena, all moving at the same time.</summary>
public sealed class SnakeGame : Game<SnakeOptions>
{
    // Small enough that snakes meet all the time: 135 × 64 cells for 64 snakes.
    private static readonly SnakeOptions Small = new() { Width = 135, Height = 64, Snakes = 64, Food = 256, MaxLength = 512 };

    /// <inheritdoc/>
    public override string Name => "snake";

    /// <inheritdoc/>
    public override string Summary => "many snakes in one arena of cells, all moving at the same time";

    /// <inheritdoc/>
    public override IReadOnlyList<GamePreset> Presets { get; } =
    [
        new("small", "64 snakes on 135 × 64 cells, 256 food: what training starts from", Small),
        new("rotate", "the same, window and actions relative to the heading", Small with { Rotate = true }),
        new("timed", "the same, lives cut after 200 ticks", Small with { LifeLimit = 200 }),
        new("classic", "one snake, one food, 20 × 20 cells; the score is the number of meals",
            new SnakeOptions { Mode = SnakeMode.Classic, Width = 20, Height = 20, Snakes = 1, Food = 1, Corpse = false }),
        new("classic10", "the same on 10 × 10 cells",
            new SnakeOptions { Mode = SnakeMode.Classic, Width = 10, Height = 10, Snakes = 1, Food = 1, Corpse = false, MaxLength = 128 }),
    ];

    /// <inheritdoc/>
    /// <remarks>
    /// Lives end at different times by themselves, and the arena of training is the one that counts: evaluation changes nothing. The rate is that of
    /// README.md, "Learning".
    /// </remarks>
    public override TrainingDefaults Training { get; } =
        new(Small with { NumEnvs = 16 }, AgentSteps: 6_000_000) { OnlyInTraining = [], Learner = [new("horizon", "32"), new("learningRate", "0.002")] };

    // Up, right, down, left; between two of them, and without any, a snake goes on as before.
    private static PlayControls Compass { get; } = new() { Discrete = [new HeadControl([-1, 1, -1, 0, -1, 3, -1, 2, -1])] };

    // Relative to its heading: ahead unless told to turn.
    private static PlayControls Relative { get; } = new() { Discrete = [new HeadControl([0, 1, 1, 0, 3, 3, 0, 0, 0])] };

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> raw) => raw[SnakeStatistic.Score];

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(SnakeOptions options) => new()
    {
        Game = Name,
        Sides = 1,
        AgentsPerMatch = options.Snakes,
        EpisodesOf = EpisodeOwner.Agent,
        EpisodeLimit = options.LifeLimit,
        TruncationSpacing = Spacing(options),
        DrawsInEveryTick = options.Mode == SnakeMode.Arena,
        TickSeconds = 0f,
        Workloads = [new("random play", "random"), new("greedy play", "scripted:greedy")],
        Observation = Observation(options.Vision),
        Action = new ActionSpec { Discrete = [new DiscreteHead("direction", Directions)], Choices = [options.Rotate ? ["straight", "right", "straight", "left"] : ["up", "right", "down", "left"]], Controls = options.Rotate ? Relative : Compass },
        RewardComponents =
        [
            new("food", RewardGrant.Environment, options.Rewards.Food, options.Rewards.Food),
            new("corpse", RewardGrant.Environment, options.Rewards.Corpse, options.Rewards.Corpse),
            new("death", RewardGrant.Environment, options.Rewards.Death, options.Rewards.Death),
            new("win", RewardGrant.Environment, options.Rewards.Win, options.Rewards.Win),
            new("living", RewardGrant.Agent, options.Rewards.Living, options.Rewards.Living),
            new("turning", RewardGrant.Agent, options.Rewards.Turning, options.Rewards.Turning),
        ],
        RawStatistics = SnakeStatistic.Count,
        Statistics = Statistics,
        Opponents =
        [
            new("random", "each of the four actions with equal chance"),
            new("scripted:greedy", "the nearest meal it sees, by cells that do not kill and that no other head is next to"),
        ],
    };

    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, SnakeOptions options) => new SnakeEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(SnakeOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        for (int i = 0; i < Statistics.Count; i++) report[i] = raw[i + 1];
    }

    // In the order of the raw statistics, after the score.
    private static IReadOnlyList<StatisticInfo> Statistics { get; } =
    [
        new("length", "cells", "length of the body when the life ended", PerSide: false),
        new("longest", "cells", "longest body of the life", PerSide: false),
        new("ticks", "ticks", "ticks of the life", PerSide: false),
        new("food", "meals per life", "food eaten", PerSide: false),
        new("corpse food", "meals per life", "corpse food eaten", PerSide: false),
        new("by wall", "share", "died on a wall", PerSide: false),
        new("by itself", "share", "died on its own body", PerSide: false),
        new("by others", "share", "died on another body", PerSide: false),
        new("head-on", "share", "died head against head", PerSide: false),
        new("truncated", "share", "cut by the clock, or by hunger in a classic arena", PerSide: false),
        new("win", "share", "filled a classic arena", PerSide: false),
    ];

    // Hunger cuts a classic life, too, but never sooner than this many ticks after the one before.
    private static int Spacing(SnakeOptions options)
    {
        int hunger = options.Mode == SnakeMode.Classic ? HungerPerCell * options.Width * options.Height : 0;
        return options.LifeLimit == 0 ? hunger : hunger == 0 ? options.LifeLimit : Math.Min(hunger, options.LifeLimit);
    }

    private static ObservationSpec Observation(int vision)
    {
        int side = 2 * vision + 1;
        ObservationField window = new("window, row by row", 0, side * side, 0, SnakeCell.Codes - 1);
        ObservationField gap = new("0", side * side, HeadingOffset - side * side, 0, 1);
        return new ObservationSpec(ObservationKind.Byte, ObservationLength,
        [
            window,
            .. gap.Length > 0 ? [gap] : Array.Empty<ObservationField>(),
            new("heading: up, right, down, left", HeadingOffset, 1, 0, Directions - 1),
            new("length, at most 255", LengthOffset, 1, 0, 255, "1 cell"),
            new("growth owed", PendingOffset, 1, 0, 255, "1 cell"),
            new("hunger", HungerOffset, 1, 0, 255, "8 ticks"),
            new("0", HungerOffset + 1, ObservationLength - HungerOffset - 1, 0, 1),
        ])
        {
            Grid = new ByteGrid(0, side, side, [new ByteChannel("cell", SnakeCell.Codes)]),
            ByteFields =
            [
                new("heading", HeadingOffset, Directions),
                new("length", LengthOffset, 0),
                new("pending", PendingOffset, 0),
                new("hunger", HungerOffset, 0),
            ],
        };
    }
}
