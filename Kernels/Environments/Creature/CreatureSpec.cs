namespace Arena.Kernels.Environments.Creature;

/// <summary>Sizes and names of the creatures for given options.</summary>
internal static class CreatureSpec
{
    internal static EnvironmentSpec Of(string name, CreatureOptions options)
    {
        SkeletonFile file = Skeletons.Find(options.Skeleton);
        CreatureLayout layout = CreatureLayout.Of(file, options.PreviousActions);
        return new EnvironmentSpec
        {
            Game = name,
            Sides = 1,
            AgentsPerMatch = 1,
            EpisodeLimit = options.MaxTicks,
            TickSeconds = 1f / CreatureConstants.TicksPerSecond,
            SharedTables = file.Name + " " + SkeletonWriter.Write(file),
            Observation = new ObservationSpec(ObservationKind.Float, layout.Length, Fields(file, layout)),
            Action = new ActionSpec { Continuous = [.. Driven(file)] },
            RewardComponents = Rewards(options.Rewards),
            RawStatistics = CreatureStatistic.Count,
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

    private static List<ObservationField> Fields(SkeletonFile file, CreatureLayout layout)
    {
        const float Bound = CreatureConstants.ObservationBound;
        const float Unit = 1.00001f; // rounding of a unit vector
        List<ObservationField> fields =
        [
            new("height", CreatureLayout.Height, 1, -Bound, Bound, "rest height"),
            new("up", CreatureLayout.Up, 3, -Unit, Unit),
            new("velocity", CreatureLayout.Velocity, 3, -Bound, Bound, "2 m/s"),
            new("angular velocity", CreatureLayout.Spin, 3, -Bound, Bound, "5 rad/s"),
            new("task", CreatureLayout.Task, CreatureConstants.Tasks, 0, 1),
            new("target direction", CreatureLayout.Target, 2, -Unit, Unit),
            new("target distance", CreatureLayout.Target + 2, 1, 0, 1, "10 m"),
            new("commanded speed", CreatureLayout.Target + 3, 1, 0, Bound, "2 m/s"),
            new("joint coordinates", CreatureLayout.Coordinates, layout.Axes, -2, 2),
            new("joint rates", layout.Rates, layout.Axes, -Bound, Bound, "10 rad/s"),
        ];
        int at = layout.FeetAt;
        foreach (SkeletonBody foot in file.Bodies.Where(body => body.Foot))
        {
            fields.Add(new($"{foot.Id} contact", at, 1, 0, 1));
            fields.Add(new($"{foot.Id} load", at + 1, 1, 0, Bound, "weight"));
            at += 2;
        }

        for (int previous = 0; previous < layout.PreviousActions; previous++)
            fields.Add(new($"action {previous + 1} before", layout.Previous + previous * layout.Actions, layout.Actions, -1, 1));
        fields.Add(new("ball position", layout.Ball, 3, -Bound, Bound, "5 m"));
        fields.Add(new("ball velocity", layout.Ball + 3, 3, -Bound, Bound, "5 m/s"));
        fields.Add(new("gate direction", layout.Ball + 6, 2, -Unit, Unit));
        fields.Add(new("gate distance", layout.Ball + 8, 1, 0, 1, "10 m"));
        fields.Add(new("ground heights", layout.Heights, CreatureConstants.HeightSamples, -Bound, Bound, "0.1 m"));
        return [.. fields.Where(field => field.Length > 0)];
    }

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
            new("length", "ticks", "ticks played", PerSide: false),
        ];
        list.AddRange(Rewards(new CreatureRewards()).Select(component =>
            new StatisticInfo($"reward {component.Name}", "per episode", $"reward from {component.Name}", PerSide: false)));
        return list;
    }
}
