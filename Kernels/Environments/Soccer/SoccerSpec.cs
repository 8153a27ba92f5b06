namespace Arena.Kernels.Environments.Soccer;

/// <summary>Sizes and names of soccer for given options.</summary>
internal static class SoccerSpec
{
    internal static EnvironmentSpec Of(string name, SoccerOptions options) => new()
    {
        Game = name,
        Sides = 2,
        AgentsPerMatch = 2 * options.TeamSize,
        EpisodeLimit = options.MaxTicks,
        Workloads = [new("random play", "random"), new("everybody chasing", "scripted:chase")],
        TickSeconds = options.Physics.TimeStepSeconds,
        Observation = options.Observation == SoccerObservation.Flat ? Flat(options) : Entities(options),
        Action = options.Actions == SoccerActions.Continuous
            ? new ActionSpec { Continuous = ["moveX", "moveY", "kickX", "kickY"], Controls = Sticks }
            : new ActionSpec { Discrete = [new DiscreteHead("move", SoccerConstants.Directions), new DiscreteHead("kick", SoccerConstants.Directions)], Choices = [DirectionNames, DirectionNames], Controls = Directions },
        RewardComponents = Rewards(options.Rewards),
        RawStatistics = SoccerStatistic.Count,
        Statistics = Statistics(),
        Opponents =
        [
            new("random", "every action component uniform, fresh every tick"),
            new("scripted:weak", "one runs at the ball, one keeps goal, the rest hold places; slow, late, aims badly"),
            new("scripted:normal", "the same, faster and more exact"),
            new("scripted:strong", "the same at full speed, without delay, aims well"),
            new("scripted:chase", "everybody runs at the ball and kicks at the goal"),
        ],
    };

    // As the team sees the pitch.
    private static IReadOnlyList<string> DirectionNames { get; } = ["none", "ahead", "ahead left", "left", "back left", "back", "back right", "right", "ahead right"];

    // A person runs with the stick, and kicks that way while the button is held.
    private static PlayControls Sticks { get; } = new() { Continuous = [StickUse.X, StickUse.Y, StickUse.XOnButton, StickUse.YOnButton] };

    private static PlayControls Directions { get; } = new()
    {
        Discrete = [new HeadControl([0, 1, 2, 3, 4, 5, 6, 7, 8]), new HeadControl([0, 1, 2, 3, 4, 5, 6, 7, 8]) { OnButton = true }],
    };

    private static IReadOnlyList<RewardComponent> Rewards(SoccerRewards weights) =>
    [
        new("goal", RewardGrant.Environment, weights.Goal, weights.Goal),
        new("win", RewardGrant.Environment, weights.Win, weights.Win),
        new("ballProgress", RewardGrant.Environment, weights.BallProgress, weights.BallProgressFinal),
        new("touch", RewardGrant.Environment, weights.Touch, weights.Touch),
        new("approachBall", RewardGrant.Agent, weights.ApproachBall, weights.ApproachBallFinal),
        new("exertion", RewardGrant.Agent, weights.Exertion, weights.Exertion),
    ];

    private static IReadOnlyList<StatisticInfo> Statistics()
    {
        List<StatisticInfo> list =
        [
            new("win", "share of games", "games won", PerSide: true),
            new("goals", "per game", "goals scored", PerSide: true),
            new("possession", "share of ticks", "ticks in which this side touched last", PerSide: true),
            new("touches", "per game", "kicks and contacts", PerSide: true),
            new("passes", "per game", "two touches in a row by different teammates at least 1 m apart", PerSide: true),
            new("pass length", "m", "mean length of a pass", PerSide: true),
            new("interceptions", "per game", "first touch after the other side's, at least 1 m from it", PerSide: true),
            new("dribbles", "per game", "three or more touches in a row by one player over 2 m of ball way", PerSide: true),
            new("shots", "per game", "kicks whose line crosses the goal", PerSide: true),
            new("distance", "m per player", "way run", PerSide: true),
        ];
        list.AddRange(Rewards(new SoccerRewards()).Select(component =>
            new StatisticInfo($"reward {component.Name}", "per game", $"mean reward of the side's players from {component.Name}", PerSide: true)));
        list.AddRange(
        [
            new("draw", "share of games", "games without a winner", PerSide: false),
            new("length", "ticks", "ticks played", PerSide: false),
            new("ball entropy", "bits", "spread of the ball along the pitch, 0..4", PerSide: false),
        ]);
        return list;
    }

    // Rounding may carry a scaled value past its bound by a few units of the last place.
    private const float Slack = 1.00001f;

    // Ranges: players stay within the pitch grown by Apron, the ball within the pitch.
    private static ObservationSpec Flat(SoccerOptions options)
    {
        Ranges r = new(options);
        List<ObservationField> fields =
        [
            new("own x", SoccerFlat.Position, 1, -r.X, r.X, "HalfLength"),
            new("own y", SoccerFlat.Position + 1, 1, -r.Y, r.Y, "HalfWidth"),
            new("own velocity", SoccerFlat.Velocity, 2, -Slack, Slack, "PlayerMaxSpeed"),
            new("ball offset", SoccerFlat.BallOffset, 2, -1, 1, "d / (|d| + 1.5 m)"),
            new("ball velocity", SoccerFlat.BallVelocity, 2, -Slack, Slack, "BallMaxSpeed"),
            new("opponents' goal", SoccerFlat.OpponentGoal, 2, -r.Goal, r.Goal, "2·HalfLength"),
            new("own goal", SoccerFlat.OwnGoal, 2, -r.Goal, r.Goal, "2·HalfLength"),
            new("score", SoccerFlat.Score, 1, -1, 1, "5 goals"),
            new("time left", SoccerFlat.Clock, 1, 0, 1),
        ];
        for (int other = 0; other < 2 * options.TeamSize - 1; other++)
        {
            string name = other < options.TeamSize - 1 ? $"teammate {other + 1}" : $"opponent {other - options.TeamSize + 2}";
            int at = SoccerFlat.Others + other * SoccerFlat.OtherLength;
            fields.Add(new($"{name} offset", at + SoccerFlat.OtherPosition, 2, -r.Offset, r.Offset, "2·HalfLength"));
            fields.Add(new($"{name} velocity", at + SoccerFlat.OtherVelocity, 2, -Slack, Slack, "2·PlayerMaxSpeed"));
            fields.Add(new($"{name} distance", at + SoccerFlat.OtherDistance, 1, 0, r.Distance, "2·HalfLength"));
            fields.Add(new($"{name} is teammate", at + SoccerFlat.OtherIsTeammate, 1, 0, 1));
            fields.Add(new($"{name} is nearest of its team", at + SoccerFlat.OtherIsNearest, 1, 0, 1));
        }

        return new ObservationSpec(ObservationKind.Float, SoccerFlat.Length(options.TeamSize), fields);
    }

    private static ObservationSpec Entities(SoccerOptions options)
    {
        Ranges r = new(options);
        float all = Math.Max(Math.Max(r.X, r.Y), Math.Max(Math.Max(r.Goal, r.Distance), 1f));
        int records = SoccerEntities.Others + 2 * options.TeamSize - 1;
        var fields = new List<ObservationField>();
        for (int record = 0; record < records; record++)
        {
            string name = record switch
            {
                SoccerEntities.Self => "self",
                SoccerEntities.Ball => "ball",
                SoccerEntities.Goals => "goals",
                _ => record < SoccerEntities.Others + options.TeamSize - 1 ? $"teammate {record - 2}" : $"opponent {record - options.TeamSize - 1}",
            };
            fields.Add(new(name, record * SoccerEntities.RecordLength, SoccerEntities.Present, -all, all));
            fields.Add(new($"{name} is present", record * SoccerEntities.RecordLength + SoccerEntities.Present, 1, 0, 1));
        }

        int length = SoccerEntities.RecordLength;
        List<EntityGroup> groups =
        [
            new("self", 0, 1, length),
            new("ball", length, 1, length),
            new("goals", 2 * length, 1, length),
            new("opponent", (SoccerEntities.Others + options.TeamSize - 1) * length, options.TeamSize, length),
        ];
        if (options.TeamSize > 1) groups.Insert(3, new("teammate", SoccerEntities.Others * length, options.TeamSize - 1, length));
        return new ObservationSpec(ObservationKind.Float, SoccerEntities.Length(options.TeamSize), fields) { Entities = groups };
    }

    // Bounds of scaled quantities; a little slack for rounding.
    private readonly struct Ranges
    {
        internal Ranges(SoccerOptions options)
        {
            float halfLength = options.Physics.HalfLengthFor(options.TeamSize), halfWidth = options.Physics.HalfWidthFor(options.TeamSize);
            float width = halfLength + SoccerConstants.Apron, height = halfWidth + SoccerConstants.Apron;
            X = width / halfLength * Slack;
            Y = height / halfWidth * Slack;
            Goal = Math.Max(halfLength + width, height) / (2f * halfLength) * Slack;
            Offset = Math.Max(width, height) / halfLength * Slack;
            Distance = MathF.Sqrt(width * width + height * height) / halfLength * Slack;
        }

        internal float X { get; }

        internal float Y { get; }

        internal float Goal { get; }

        internal float Offset { get; }

        internal float Distance { get; }
    }
}
