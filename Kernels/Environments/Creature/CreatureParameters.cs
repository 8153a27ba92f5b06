using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The numbers of a configuration as kernel fields, so that no compiler folds them into its code.</summary>
public struct CreatureParameters
{
    /// <summary>Counts and places of observations.</summary>
    public CreatureLayout Layout;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>1: first episodes are cut.</summary>
    public int Desync;

    /// <summary>Ticks of an episode.</summary>
    public int MaxTicks;

    /// <summary>n.</summary>
    public int Substeps;

    /// <summary>A <see cref="CreatureTask"/> and its level.</summary>
    public int Task, Level;

    /// <summary>A <see cref="CreatureGround"/>.</summary>
    public int Ground;

    /// <summary>1: actions are torques.</summary>
    public int TorqueMode;

    /// <summary>1: motion in the x-z plane alone.</summary>
    public int Planar;

    /// <summary>Δt, h = Δt/n; s. And their inverses.</summary>
    public float TickTime, TimeStep, TicksPerSecond, InverseTimeStep;

    /// <summary>g; m/s².</summary>
    public float Gravity;

    /// <summary>β.</summary>
    public float Smoothing;

    /// <summary>Range of commanded speeds; m/s.</summary>
    public float SlowestCommand, FastestCommand;

    /// <summary>1/(M · 9.81 m/s²); 1/N.</summary>
    public float InverseWeight;

    /// <summary>1 / height of the torso in the rest pose; 1/m.</summary>
    public float InverseRestHeight;

    /// <summary>Height of bumps at this level; m.</summary>
    public float BumpHeight;

    /// <summary>Reward weights, as <see cref="CreatureReward"/> numbers them.</summary>
    public float Velocity, Progress, Reach, BallNear, BallGoal, Goal, Fall, Alive, Exertion, Torque2, Impact, Impact2, Smooth, Upright;

    /// <summary>The kernel's numbers for <paramref name="options"/>.</summary>
    public static CreatureParameters From(CreatureOptions options, CreatureTables tables)
    {
        CreatureRewards w = options.Rewards;
        return new CreatureParameters
        {
            Layout = tables.Layout with { PreviousActions = options.PreviousActions }, // made anew in every update: counting again would allocate
            MatchOffset = options.MatchOffset,
            Desync = options.Desync ? 1 : 0,
            MaxTicks = options.MaxTicks,
            Substeps = options.Substeps,
            Task = (int)options.Task,
            Level = options.Level,
            Ground = options.Ground == CreatureGround.Bumpy && options.Level == 0 ? (int)CreatureGround.Flat : (int)options.Ground,
            TorqueMode = options.Actions == CreatureActions.Torque ? 1 : 0,
            Planar = tables.File.Planar ? 1 : 0,
            TickTime = 1f / CreatureConstants.TicksPerSecond,
            TimeStep = 1f / (CreatureConstants.TicksPerSecond * options.Substeps),
            TicksPerSecond = CreatureConstants.TicksPerSecond,
            InverseTimeStep = CreatureConstants.TicksPerSecond * options.Substeps,
            Gravity = options.Gravity,
            Smoothing = options.Smoothing,
            SlowestCommand = options.SlowestCommand,
            FastestCommand = options.FastestCommand,
            InverseWeight = (float)(1 / (tables.Mass * 9.81)),
            InverseRestHeight = 1f / tables.Bodies[0].RestZ,
            BumpHeight = CreatureBumps.HeightPerLevel * options.Level,
            Velocity = w.Velocity, Progress = w.Progress, Reach = w.Reach, BallNear = w.BallNear, BallGoal = w.BallGoal, Goal = w.Goal, Fall = w.Fall,
            Alive = w.Alive, Exertion = w.Exertion, Torque2 = w.Torque2, Impact = w.Impact, Impact2 = w.Impact2, Smooth = w.Smooth, Upright = w.Upright,
        };
    }
}

/// <summary>What every creature kernel knows: state, buffers of this step, tables, numbers.</summary>
public struct CreatureArguments
{
    /// <summary>Columns.</summary>
    public CreatureState State;

    /// <summary>Buffers of this step.</summary>
    public StepViews Views;

    /// <summary>Numbers: of every match, or of this one where <see cref="Variants"/> are used.</summary>
    public CreatureParameters Parameters;

    /// <summary>Other numbers for some matches.</summary>
    public VariantViews<CreatureParameters> Variants;

    /// <summary>(B).</summary>
    public View<CreatureBody> Bodies;

    /// <summary>(J).</summary>
    public View<CreatureJoint> Joints;

    /// <summary>Contact points in body order.</summary>
    public View<CreaturePoint> Points;

    /// <summary>(A).</summary>
    public View<CreatureGait> Gait;

    /// <summary>(B, 7) the pose an episode starts from: position (m) and orientation.</summary>
    public View<float> Pose;

    /// <summary>(16, 64, 64) heights of bumps as shares of <see cref="CreatureParameters.BumpHeight"/>, then (16) the highest within 1 m of the start.</summary>
    public View<float> Heights;

    /// <summary>(E, <see cref="CreatureScratch.Length"/>) the solver's working set.</summary>
    public Column<float> Scratch;

    /// <summary>Where the guard fired: <see cref="Environments.DivergenceLog"/>.</summary>
    public View<int> Divergences;

    /// <summary>(E, <see cref="CreatureOverlap.Words"/>) of the running episode; empty without a survey.</summary>
    public View<float> Survey;

    /// <summary>Key of all draws.</summary>
    public ulong Seed;
}

/// <summary>Where everything stands in the solver's working set of one creature.</summary>
public static class CreatureScratch
{
    /// <summary>Floats of a body: start position 3, start orientation 4, d 3, θ 3, J 6.</summary>
    public const int BodyFloats = 19;

    /// <summary>Places in a body's floats.</summary>
    public const int Start = 0, StartQ = 3, Shift = 7, Turn = 10, Inverse = 13;

    /// <summary>Floats of a contact: λ, w, n 3, r 3, normal speed, largest λ of the tick.</summary>
    public const int ContactFloats = 10;

    /// <summary>Places in a contact's floats.</summary>
    public const int Lambda = 0, Weight = 1, Normal = 2, Arm = 5, Speed = 8, Largest = 9;

    /// <summary>First contact: one per point, then the ball on the ground, then the ball on each body. The bodies, the ball last, come before.</summary>
    public static int Contacts(in CreatureLayout layout) => (layout.Bodies + 1) * BodyFloats;

    /// <summary>First joint: size of the drive's correction in this substep.</summary>
    public static int Joints(in CreatureLayout layout) => Contacts(layout) + (layout.Points + 1 + layout.Bodies) * ContactFloats;

    /// <summary>Floats of a creature.</summary>
    public static int Length(in CreatureLayout layout) => Joints(layout) + layout.Joints;
}
