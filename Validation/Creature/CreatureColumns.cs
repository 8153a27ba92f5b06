using Arena.Kernels.Environments.Creature;

namespace Arena.Validation.Creature;

/// <summary>How far kernels and reference may be apart after one tick from one state, before the comparer's factor of 1e-5.</summary>
/// <remarks>
/// What nearly every tick keeps to; ant and six-legs at 8 substeps stay within a third of it. Where a tick multiplies rounding by itself, which light feet in
/// flight and sliding feet at 16 substeps do, the comparison is widened by <see cref="ExpectedTick.Growth"/>.
/// </remarks>
internal sealed record CreatureScales
{
    /// <summary>m; 5e-6 m.</summary>
    public double Place { get; init; } = 0.5;

    /// <summary>Of a quaternion; 1.5e-5.</summary>
    public double Turn { get; init; } = 1.5;

    /// <summary>m/s; 2e-3 m/s.</summary>
    public double Velocity { get; init; } = 200;

    /// <summary>rad/s; 2e-2 rad/s.</summary>
    public double Spin { get; init; } = 2000;

    /// <summary>Of the weight; 5e-4.</summary>
    public double Load { get; init; } = 50;

    /// <summary>Of a reward, and of its own size; 5e-4: the cost of a hard landing grows with the square of its force.</summary>
    public double Reward { get; init; } = 50;
}

/// <summary>Between the kernels' state columns and <see cref="Snapshot"/>.</summary>
internal static class CreatureColumns
{
    private const int BodyFloats = CreatureConstants.BodyFloats;

    /// <summary>The state that the columns of a match hold.</summary>
    public static Snapshot Read(IReadOnlyDictionary<string, double[]> columns, CreatureModel model)
    {
        var task = (CreatureTask)(int)columns["task"][0];
        World world = World.AtRest(model);
        for (int body = 0; body < world.Bodies.Length; body++) ReadBody(columns["body"], body * BodyFloats, world.Bodies[body]);
        if (task == CreatureTask.Dribble)
        {
            world.Ball = Solver.NewBall(Vec3.Zero);
            ReadBody(columns["ball"], 0, world.Ball);
        }

        double[] goal = columns["goal"], wanted = columns["wanted"], actions = columns["actions"];
        int axes = model.Actions;
        return new Snapshot
        {
            World = world,
            Origin = ((int)columns["origin"][0], (int)columns["origin"][1]),
            Goal = new Flat(goal[0], goal[1]),
            Gate = new Flat(goal[2], goal[3]),
            Command = columns["command"][0],
            Task = task,
            Level = (int)columns["task"][1],
            Distances = [.. columns["distance"]],
            Wanted = [.. Enumerable.Range(0, model.Joints.Count).Select(joint => new Vec3(wanted[3 * joint], wanted[3 * joint + 1], wanted[3 * joint + 2]))],
            Actions = axes == 0 ? [[], []] : [.. actions.Chunk(axes)],
            Feet = [.. columns["feet"].Take(2 * model.Feet.Count)],
            Heading = new Flat(columns["heading"][0], columns["heading"][1]),
            Bumps = (int)columns["bumps"][0],
            IdleBall = task == CreatureTask.Dribble ? new double[BodyFloats] : [.. columns["ball"]],
            Tick = (int)columns["tick"][0],
            Episode = (int)columns["episode"][0],
            Statistics = [.. columns["statistics"]],
        };
    }

    /// <summary>The columns that must hold <paramref name="state"/>.</summary>
    /// <param name="state">Expected.</param>
    /// <param name="before">Orientations before the tick, by which the sign of each quaternion is chosen; empty after a reset.</param>
    /// <param name="scales">Tolerances.</param>
    /// <param name="tables">The kernels' tables: which of its two quaternions the rest pose has.</param>
    public static Dictionary<string, ExpectedValues> Write(
        Snapshot state, IReadOnlyDictionary<string, double[]>? before, CreatureScales scales, CreatureTables tables)
    {
        ExpectedValues Bodies(string column, params RigidBody[] bodies) => new(
            [.. bodies.SelectMany((body, index) => Floats(body, before is null
                ? column == "ball" ? [0, 0, 0, 1] : StartSign(body, state.StartYaw, tables.Bodies[index])
                : before[column].AsSpan(index * BodyFloats + CreatureConstants.Orientation, 4)))],
            [.. bodies.SelectMany(_ => BodyScales(scales))]);
        double[] kept = [.. state.Actions.SelectMany(actions => actions)];
        return new Dictionary<string, ExpectedValues>
        {
            ["body"] = Bodies("body", state.World.Bodies),
            ["ball"] = state.World.Ball is { } ball ? Bodies("ball", ball) : ExpectedValues.Exact(state.IdleBall),
            ["origin"] = ExpectedValues.Exact(state.Origin.X, state.Origin.Y),
            ["goal"] = ExpectedValues.Scaled([state.Goal.X, state.Goal.Y, state.Gate.X, state.Gate.Y], scales.Place),
            ["command"] = ExpectedValues.Scaled([state.Command], 1),
            ["task"] = ExpectedValues.Exact((int)state.Task, state.Level),
            ["distance"] = ExpectedValues.Scaled(state.Distances, scales.Place),
            ["wanted"] = ExpectedValues.Scaled([.. state.Wanted.SelectMany(u => new[] { u.X, u.Y, u.Z })], 4),
            ["actions"] = ExpectedValues.Exact(kept.Length == 0 ? new double[1] : kept),
            ["feet"] = Feet(state, scales),
            ["heading"] = ExpectedValues.Scaled([state.Heading.X, state.Heading.Y], 2 * scales.Turn),
            ["bumps"] = ExpectedValues.Exact(state.Bumps),
            ["tick"] = ExpectedValues.Exact(state.Tick),
            ["episode"] = ExpectedValues.Exact(state.Episode),
            ["statistics"] = Statistics(state),
        };
    }

    /// <summary>(B, 13) the floats of column "body" for the bodies of <paramref name="world"/>.</summary>
    public static double[] Floats(World world) => [.. world.Bodies.SelectMany(body => Floats(body, [0, 0, 0, 1]))];

    /// <summary>Raw statistics: counts exact, sums to the rounding of what they have grown to.</summary>
    public static ExpectedValues Statistics(Snapshot state)
    {
        double[] values = [.. state.Statistics];
        var scales = new double[values.Length];
        foreach (int sum in new[] { CreatureStatistic.Along, CreatureStatistic.Way, CreatureStatistic.Shake }) scales[sum] = 20 + Math.Abs(values[sum]);
        scales[CreatureStatistic.Energy] = 1000 + Math.Abs(values[CreatureStatistic.Energy]);
        for (int part = 0; part < CreatureReward.Count; part++) scales[CreatureStatistic.Rewards + part] = 100 + Math.Abs(values[CreatureStatistic.Rewards + part]);
        return new ExpectedValues(values, scales);
    }

    /// <summary>Raw statistics of a finished episode: the state's, and a survey that nobody took.</summary>
    public static ExpectedValues Reported(Snapshot state)
    {
        ExpectedValues kept = Statistics(state);
        double[] none = new double[CreatureStatistic.Reported - CreatureStatistic.Count];
        return new ExpectedValues([.. kept.Values, .. none], [.. kept.Scales, .. none]);
    }

    private static ExpectedValues Feet(Snapshot state, CreatureScales scales)
    {
        double[] values = state.Feet.Length == 0 ? [0] : state.Feet;
        return new ExpectedValues(values, [.. values.Select((load, i) => i % 2 == 0 ? 0 : scales.Load + Math.Abs(load))]);
    }

    private static IEnumerable<double> BodyScales(CreatureScales scales) =>
    [
        scales.Place, scales.Place, scales.Place, scales.Turn, scales.Turn, scales.Turn, scales.Turn,
        scales.Velocity, scales.Velocity, scales.Velocity, scales.Spin, scales.Spin, scales.Spin,
    ];

    private static IEnumerable<double> Floats(RigidBody body, ReadOnlySpan<double> old)
    {
        (Vec3 q, double w) = body.Turn.Quaternion();
        double sign = q.X * old[0] + q.Y * old[1] + q.Z * old[2] + w * old[3] < 0 ? -1 : 1;
        return
        [
            body.Place.X, body.Place.Y, body.Place.Z, sign * q.X, sign * q.Y, sign * q.Z, sign * w,
            body.Velocity.X, body.Velocity.Y, body.Velocity.Z, body.Spin.X, body.Spin.Y, body.Spin.Z,
        ];
    }

    // The turn about z times the orientation it was applied to, which is near the rest pose's.
    private static double[] StartSign(RigidBody body, double yaw, CreatureBody rest)
    {
        (Vec3 q, double w) = (Mat3.AboutZ(-yaw) * body.Turn).Quaternion();
        if (q.Dot(new Vec3(rest.RestQx, rest.RestQy, rest.RestQz)) + w * rest.RestQw < 0) (q, w) = (-q, -w);
        double s = Math.Sin(yaw / 2), c = Math.Cos(yaw / 2);
        return [c * q.X - s * q.Y, c * q.Y + s * q.X, c * q.Z + s * w, c * w - s * q.Z];
    }

    private static void ReadBody(double[] floats, int at, RigidBody body)
    {
        Vec3 Three(int from) => new(floats[at + from], floats[at + from + 1], floats[at + from + 2]);
        body.Place = Three(0);
        body.Turn = Mat3.FromQuaternion(Three(CreatureConstants.Orientation), floats[at + CreatureConstants.Orientation + 3]);
        body.Velocity = Three(CreatureConstants.Velocity);
        body.Spin = Three(CreatureConstants.Spin);
    }
}
