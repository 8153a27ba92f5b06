namespace Arena.Kernels.Environments.Creature;

/// <summary>Sizes and names of the creatures for given options.</summary>
internal static class CreatureSpec
{
    private const double StandardGravity = 9.81; // m/s², of a weight as a unit

    internal static EnvironmentSpec Of(string name, CreatureOptions options) => Of(name, options, Skeletons.Compiled(options.Skeleton));

    internal static EnvironmentSpec Of(string name, CreatureOptions options, CreatureTables tables)
    {
        SkeletonFile file = tables.File;
        CreatureLayout layout = tables.Layout with { PreviousActions = options.PreviousActions };
        return new EnvironmentSpec
        {
            Game = name,
            Sides = 1,
            AgentsPerMatch = 1,
            EpisodeLimit = options.MaxTicks,
            TickSeconds = 1f / CreatureConstants.TicksPerSecond,
            SharedTables = file.Name + " " + SkeletonWriter.Write(file),
            Meaning = $"skeleton '{file.Name}' ({tables.HashText}), actions are {(options.Actions == CreatureActions.Torque ? "torques" : "positions")}",
            Observation = new ObservationSpec(ObservationKind.Float, layout.Length, Fields(tables, layout)),
            Action = new ActionSpec { Continuous = [.. Driven(file)] },
            RewardComponents = Rewards(options.Rewards),
            RawStatistics = CreatureStatistic.Reported,
            Statistics = Statistics(),
            Opponents =
            [
                new("random", "every action component uniform, fresh every tick"),
                new("scripted:gait", "legs in two groups swing and lift by triangle waves, half a period apart"),
            ],
            Workloads = [new("random play", "random"), new("scripted gait", "scripted:gait")],
        };
    }

    /// <summary>"l1_up lift": the driven free axes in the order of the actions.</summary>
    internal static IEnumerable<string> Driven(SkeletonFile file) =>
        from joint in file.Joints
        where joint.Driven
        from axis in Enum.GetValues<SkeletonAxis>()
        where joint.IsFree(axis)
        select $"{joint.Child} {axis.ToString().ToLowerInvariant()}";

    private static List<ObservationField> Fields(CreatureTables tables, CreatureLayout layout)
    {
        const float Bound = CreatureConstants.ObservationBound;
        const float Unit = 1.00001f; // rounding of a unit vector
        List<ObservationField> fields =
        [
            Field("height", CreatureLayout.Height, 1, -Bound, Bound, "rest height", 1.0 / tables.Bodies[0].RestZ),
            Field("up", CreatureLayout.Up, 3, -Unit, Unit),
            Field("velocity", CreatureLayout.Velocity, 3, -Bound, Bound, "2 m/s", 1.0 / 2),
            Field("angular velocity", CreatureLayout.Spin, 3, -Bound, Bound, "5 rad/s", 1.0 / 5),
            Field("task", CreatureLayout.Task, CreatureConstants.Tasks, 0, 1),
            Field("target direction", CreatureLayout.Target, 2, -Unit, Unit),
            Field("target distance", CreatureLayout.Target + 2, 1, 0, 1, "10 m", 1.0 / 10),
            Field("commanded speed", CreatureLayout.Target + 3, 1, 0, Bound, "2 m/s", 1.0 / 2),
            Field("joint coordinates", CreatureLayout.Coordinates, layout.Axes, -2, 2),
            Field("joint rates", layout.Rates, layout.Axes, -Bound, Bound, "10 rad/s", 1.0 / 10),
        ];
        int at = layout.FeetAt;
        foreach (SkeletonBody foot in tables.File.Bodies.Where(body => body.Foot))
        {
            fields.Add(Field($"{foot.Id} contact", at, 1, 0, 1));
            fields.Add(Field($"{foot.Id} load", at + 1, 1, 0, Bound, "weight", 1 / (tables.Mass * StandardGravity)));
            at += 2;
        }

        for (int previous = 0; previous < layout.PreviousActions; previous++)
            fields.Add(Field($"action {previous + 1} before", layout.Previous + previous * layout.Actions, layout.Actions, -1, 1));
        fields.Add(Field("ball position", layout.Ball, 3, -Bound, Bound, "5 m", 1.0 / 5));
        fields.Add(Field("ball velocity", layout.Ball + 3, 3, -Bound, Bound, "5 m/s", 1.0 / 5));
        fields.Add(Field("gate direction", layout.Ball + 6, 2, -Unit, Unit));
        fields.Add(Field("gate distance", layout.Ball + 8, 1, 0, 1, "10 m", 1.0 / 10));
        fields.Add(Field("ground heights", layout.Heights, CreatureConstants.HeightSamples, -Bound, Bound, "0.1 m", 1 / 0.1));
        return [.. fields.Where(field => field.Length > 0)];
    }

    private static ObservationField Field(string name, int offset, int length, float min, float max, string unit = "", double scale = 1) => new(name, offset, length, min, max, unit) { Scale = scale };

    private static IReadOnlyList<RewardComponent> Rewards(CreatureRewards w) =>
    [
        Component("velocity", w.Velocity), Component("progress", w.Progress), Component("reach", w.Reach), Component("ballNear", w.BallNear),
        Component("ballGoal", w.BallGoal), Component("goal", w.Goal), Component("fall", w.Fall),
        Component("alive", w.Alive, RewardGrant.Agent), Component("exertion", w.Exertion, RewardGrant.Agent), Component("torque2", w.Torque2, RewardGrant.Agent),
        Component("impact", w.Impact, RewardGrant.Agent), Component("impact2", w.Impact2, RewardGrant.Agent), Component("smooth", w.Smooth, RewardGrant.Agent),
        Component("upright", w.Upright, RewardGrant.Agent),
    ];

    private static RewardComponent Component(string name, float weight, RewardGrant grant = RewardGrant.Environment) => new(name, grant, weight, weight);

    private static IReadOnlyList<StatisticInfo> Statistics()
    {
        List<StatisticInfo> list =
        [
            new("success", "share of episodes", "episodes that met the bar of their task", PerSide: false),
            new("fell", "share of episodes", "episodes that ended by a fatal contact", PerSide: false),
            new("diverged", "share of episodes", "episodes that the guard of the simulation ended; should be 0", PerSide: false),
            new("speed", "m/s", "mean speed along the commanded direction (task 'run'), or over the ground", PerSide: false),
            new("way", "m", "way of the torso over the ground", PerSide: false),
            new("events", "per episode", "points reached or gates passed", PerSide: false),
            new("shakiness", "", "mean of |a − 2a₁ + a₂| over axes and ticks", PerSide: false),
            new("energy", "J/m", "work of the motors per metre of way, an upper bound", PerSide: false),
            new("overlap", "pairs", "pairs of segments without a common joint that lie in each other, mean over every fourth tick; in evaluations", PerSide: false),
            new("length", "ticks", "ticks played", PerSide: false),
            new("return environment", "per episode", "rewards for the task, granted by the environment", PerSide: false),
            new("return agent", "per episode", "rewards and costs of what the agent did", PerSide: false),
        ];
        list.AddRange(Rewards(new CreatureRewards()).Select(component =>
            new StatisticInfo($"reward {component.Name}", "per episode", $"reward from {component.Name}", PerSide: false)));
        return list;
    }
}
