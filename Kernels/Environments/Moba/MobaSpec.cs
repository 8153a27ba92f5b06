using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Sizes and names for given options.</summary>
internal static class MobaSpec
{
    private static readonly string[] Self =
    [
        "own x", "own y", "own level", "own health", "own mana", "own damage", "ticks until respawn", "speed of the next tick", "ticks stunned", "ticks slowed or hasted",
        "ticks until Q", "ticks until W", "ticks until E", "ticks until attack", "clock", "was hit", "own structures", "is support", "is assassin", "is burst", "is tank",
        "is carry", "died", "gained xp", "enemy structures", "enemy structure fell",
    ];

    // What a byte of 1 stands for; empty: a share of 255, or yes and no.
    private static readonly string[] SelfUnits =
    [
        "1/2 cell", "1/2 cell", "", "", "", "4 hp", "1 tick", "", "1/4 tick", "1/4 tick", "1/2 tick", "1/2 tick", "1/2 tick", "1/30 tick", "", "", "1/21", "", "", "", "",
        "", "", "", "1/21", "",
    ];

    internal static EnvironmentSpec Of(string name, MobaOptions options) => new()
    {
        Game = name,
        Sides = 2,
        AgentsPerMatch = Heroes,
        EpisodeLimit = options.EpisodeLimit,
        TickSeconds = 0f,
        Workloads = [new("random play", "random"), new("strong play", "scripted:strong")],
        Undecided = new("undecided", "no winner 1/2 + structures ahead/24"),
        Observation = options.Observation == MobaObservation.Grid ? Grid() : Entities(),
        Action = new ActionSpec
        {
            Discrete =
            [
                new("vertical", VelocityChoices), new("horizontal", VelocityChoices), new("targets", TargetChoices), new("q", PressChoices), new("w", PressChoices), new("e", PressChoices),
            ],
            Choices = [Velocities, Velocities, ["nobody", "anybody hostile", "heroes and structures"], Pressed, Pressed, Pressed],
            Controls = Controls,
        },
        RewardComponents = Rewards(options.Rewards),
        RawStatistics = MobaStatistic.Count,
        Statistics = Statistics(),
        Opponents =
        [
            new("random", "every head uniform, fresh every tick"),
            new("scripted:weak", "fights hand to hand like a creep; no skills, no retreat"),
            new("scripted:normal", "shoots the nearest, uses its skills, retreats when hurt"),
            new("scripted:strong", "the same; weak heroes first, away from towers without creeps, all five in mid after ten waves"),
        ],
    };

    internal static IReadOnlyList<StatisticInfo> Statistics() =>
    [
        new("win", "share of games", "games won by destroying the ancient", PerSide: true),
        new("structures", "of 12", "own structures standing at the end", PerSide: true),
        new("level", "per hero", "mean level at the end", PerSide: true),
        new("kills", "per game", "heroes killed", PerSide: true),
        new("deaths", "per game", "heroes lost", PerSide: true),
        new("damage dealt", "hp per game", "with what was too much", PerSide: true),
        new("damage received", "hp per game", "with what was too much", PerSide: true),
        new("healing", "hp per game", "healing offered", PerSide: true),
        new("creeps", "per game", "creeps killed", PerSide: true),
        new("neutrals", "per game", "neutrals killed", PerSide: true),
        new("towers", "per game", "structures destroyed by a hero's last hit", PerSide: true),
        new("attacks", "per game", "attacks", PerSide: true),
        new("q", "per game", "uses of Q", PerSide: true),
        new("w", "per game", "uses of W", PerSide: true),
        new("e", "per game", "uses of E", PerSide: true),
        new("xp", "per hero", "experience gained", PerSide: true),
        new("dead", "share of ticks", "ticks that a hero ended dead", PerSide: true),
        new("blocked", "per hero", "moves that came to nothing", PerSide: true),
        new("invalid", "per game", "actions out of range", PerSide: true),
        .. Rewards(new MobaRewards()).Select(component => new StatisticInfo($"reward {component.Name}", "per hero", $"mean reward of the side's heroes from {component.Name}", PerSide: true)),
        new("draw", "share of games", "games in which both ancients fell", PerSide: false),
        new("truncated", "share of games", "games that the clock ended", PerSide: false),
        new("length", "ticks", "ticks played", PerSide: false),
    ];

    // In own view.
    private static IReadOnlyList<string> Velocities { get; } = ["−3", "−2", "−1", "0", "1", "2", "3"];

    private static IReadOnlyList<string> Pressed { get; } = ["no", "cast"];

    // A person walks with the stick and shoots at whatever is nearest; the button presses all skills, of which the first that works is used.
    private static PlayControls Controls { get; } = new()
    {
        Discrete =
        [
            new HeadControl([3, 3, 0, 0, 0, 3, 6, 6, 6]), new HeadControl([3, 6, 6, 3, 0, 0, 0, 3, 6]), new HeadControl([1, 1, 1, 1, 1, 1, 1, 1, 1]),
            Press, Press, Press,
        ],
    };

    private static HeadControl Press => new([0, 1, 1, 1, 1, 1, 1, 1, 1]) { OnButton = true };

    private static IReadOnlyList<RewardComponent> Rewards(MobaRewards weights) =>
    [
        new("xp", RewardGrant.Agent, weights.Xp, weights.XpFinal),
        new("death", RewardGrant.Agent, weights.Death, weights.Death),
        new("tower", RewardGrant.Agent, weights.Tower, weights.Tower),
        new("towerTeam", RewardGrant.Environment, weights.TowerTeam, weights.TowerTeam),
        new("win", RewardGrant.Environment, weights.Win, weights.Win),
        new("distance", RewardGrant.Agent, weights.Distance, weights.DistanceFinal),
    ];

    private static ObservationSpec Grid() => new(ObservationKind.Byte, GridLength,
        [new("window: tile, health, mana, level of each cell", 0, GridLength - MobaView.SelfBytes, 0, 255), .. SelfFields(GridLength)])
    {
        Grid = new ByteGrid(0, MobaView.Side, MobaView.Side, [new("tile", MobaView.Tiles), new("health", 0), new("mana", 0), new("level", 0)]),
        ByteFields = SelfBytes(GridLength),
    };

    // Records are a map of one column: what reads maps gives every record the same weights.
    private static ObservationSpec Entities() => new(ObservationKind.Byte, EntityLength,
        [
            .. Enumerable.Range(0, MobaView.Records).Select(record => new ObservationField(
                $"unit {record + 1}", record * MobaView.RecordBytes, MobaView.RecordBytes, 0, 255)),
            .. SelfFields(EntityLength),
        ])
    {
        Grid = new ByteGrid(0, MobaView.Records, 1,
        [
            new("kind", 6), new("team", 4), new("y", 0), new("x", 0), new("health", 0), new("mana", 0), new("level", 0), new("class", 6), new("stunned", 0), new("speed", 0),
            new("damage", 0), new("targetable", 0),
        ]),
        ByteFields = SelfBytes(EntityLength),
    };

    private static IEnumerable<ObservationField> SelfFields(int length) =>
        Self.Select((name, at) => new ObservationField(name, length - MobaView.SelfBytes + at, 1, 0, 255, SelfUnits[at]));

    private static IReadOnlyList<ByteField> SelfBytes(int length) =>
        [.. Self.Select((name, at) => new ByteField(name, length - MobaView.SelfBytes + at, 0))];
}
