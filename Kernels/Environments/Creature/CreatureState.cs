using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The columns of the creatures; B bodies, J = B − 1 joints, A actions, F feet, K kept action vectors.</summary>
/// <remarks>Positions are relative to the moving origin: world = 4 m · origin + position.</remarks>
public struct CreatureState
{
    /// <summary>(E, 13 B) float: position of the centre of mass (m), orientation x, y, z, w, velocity (m/s), angular velocity (rad/s); world axes.</summary>
    public Column<float> Body;

    /// <summary>(E, 2) int: the moving origin; 4 m each.</summary>
    public Column<int> Origin;

    /// <summary>(E, 13) float: the ball, as a body; task 'dribble' alone.</summary>
    public Column<float> Ball;

    /// <summary>(E, 4) float: x, y of the point to reach (m), or the commanded direction (unit vector, task 'run'); x, y of the gate (m).</summary>
    public Column<float> Goal;

    /// <summary>(E, 1) float: commanded speed; m/s.</summary>
    public Column<float> Command;

    /// <summary>(E, 2) int: the episode's task and level.</summary>
    public Column<int> Task;

    /// <summary>(E, 3) float: distances after the last tick, torso to point, torso to ball, ball to gate; m.</summary>
    public Column<float> Distance;

    /// <summary>(E, 3 J) float: wanted coordinates of every joint (twist, lift, swing).</summary>
    public Column<float> Wanted;

    /// <summary>(E, K A) float: last actions after clean-up, newest first.</summary>
    public Column<float> Actions;

    /// <summary>(E, 2 F) float: contact in the last substep (0 or 1), mean load over the tick as a share of the weight, of every foot.</summary>
    public Column<float> Feet;

    /// <summary>(E, 2) float: heading, a unit vector in the ground plane.</summary>
    public Column<float> Heading;

    /// <summary>(E, 1) int: which table of bumps.</summary>
    public Column<int> Bumps;

    /// <summary>(E, 1) int: ticks since the episode began.</summary>
    public Column<int> Tick;

    /// <summary>(E, 1) int: episodes before this one.</summary>
    public Column<int> Episode;

    /// <summary>(E, <see cref="CreatureStatistic.Count"/>) float: statistics of the running episode.</summary>
    public Column<float> Statistics;

    /// <summary>Adds the columns to <paramref name="columns"/>.</summary>
    public static CreatureState Create(StateColumns columns, CreatureLayout layout) => new()
    {
        Body = columns.Add<float>("body", layout.Bodies * CreatureConstants.BodyFloats, "m, 1, m/s, rad/s", BodyNames),
        Origin = columns.Add<int>("origin", 2, "4 m", "x", "y"),
        Ball = columns.Add<float>("ball", CreatureConstants.BodyFloats, "m, 1, m/s, rad/s", BodyNames),
        Goal = columns.Add<float>("goal", 4, "m", "x", "y", "gateX", "gateY"),
        Command = columns.Add<float>("command", 1, "m/s"),
        Task = columns.Add<int>("task", 2, "", "task", "level"),
        Distance = columns.Add<float>("distance", 3, "m", "point", "ball", "gate"),
        Wanted = columns.Add<float>("wanted", layout.Joints * 3, "", "twist", "lift", "swing"),
        Actions = columns.Add<float>("actions", Math.Max(1, layout.KeptActions * layout.Actions)),
        Feet = columns.Add<float>("feet", Math.Max(1, 2 * layout.Feet), "1, weight"),
        Heading = columns.Add<float>("heading", 2, "", "x", "y"),
        Bumps = columns.Add<int>("bumps", 1),
        Tick = columns.Add<int>("tick", 1, "ticks"),
        Episode = columns.Add<int>("episode", 1),
        Statistics = columns.Add<float>("statistics", CreatureStatistic.Count),
    };

    private static string[] BodyNames => ["x", "y", "z", "qx", "qy", "qz", "qw", "vx", "vy", "vz", "wx", "wy", "wz"];
}
