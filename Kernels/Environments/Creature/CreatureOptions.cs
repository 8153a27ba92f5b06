namespace Arena.Kernels.Environments.Creature;

/// <summary>What a creature is to do.</summary>
public enum CreatureTask
{
    /// <summary>Run in a given direction at a given speed.</summary>
    Run,

    /// <summary>Reach one point after the other.</summary>
    Target,

    /// <summary>Push a ball to one gate after the other.</summary>
    Dribble,
}

/// <summary>How actions drive the joints.</summary>
public enum CreatureActions
{
    /// <summary>Each action is the wanted position of an axis, as a share of its limits.</summary>
    Position,

    /// <summary>Each action is the torque on an axis, as a share of the motor's largest.</summary>
    Torque,
}

/// <summary>What lies under the creature.</summary>
public enum CreatureGround
{
    /// <summary>The plane z = 0.</summary>
    Flat,

    /// <summary>Bumps of 2 cm per level.</summary>
    Bumpy,

    /// <summary>Nothing: free fall, for experiments.</summary>
    None,
}

/// <summary>Options of the creatures; the rules are in the README of this folder.</summary>
public sealed record CreatureOptions : GameOptions
{
    /// <summary>Which creature: a built-in name, a generator code, or the text of a skeleton file.</summary>
    [Setting("Creature: six-legs, ant, hopper, a code such as generated:legs=6,segments=2,plan=pairs,seed=7, or the path of a skeleton file that ends in .json.")]
    public string Skeleton { get; init; } = BuiltinSkeletons.Ant;

    /// <summary>What to do.</summary>
    [Setting("What the creature is to do.")]
    public CreatureTask Task { get; init; }

    /// <summary>How hard the task is.</summary>
    [Setting("How hard the task is: wider directions, farther points, higher bumps.", Min = 0, Max = 4)]
    public int Level { get; init; }

    /// <summary>What lies under the creature.</summary>
    [Setting("Ground: flat, bumps of 2 cm per level, or none.")]
    public CreatureGround Ground { get; init; }

    /// <summary>Ticks after which the clock ends an episode; 1/50 s each.</summary>
    [Setting("Ticks after which the clock ends an episode.", Unit = "ticks", Min = 1, Max = 1 << 20)]
    public int MaxTicks { get; init; } = 1000;

    /// <summary>n: solver steps in a tick.</summary>
    [Setting("Solver steps in a tick: 8, 10 or 16.", Min = 8, Max = 16)]
    public int Substeps { get; init; } = 8;

    /// <summary>How actions drive the joints.</summary>
    [Setting("What an action is: the wanted position of an axis, or its torque.")]
    public CreatureActions Actions { get; init; }

    /// <summary>β: share of the way from the old wanted position to the new one in each tick.</summary>
    [Setting("Share of the way from the old wanted position to the new one in a tick; 1 = no smoothing.", Min = 0.01, Max = 1)]
    public float Smoothing { get; init; } = 1f;

    /// <summary>k: own last actions in the observation.</summary>
    [Setting("Own last actions in the observation, newest first.", Min = 0, Max = CreatureConstants.MaxPreviousActions)]
    public int PreviousActions { get; init; } = 2;

    /// <summary>Smallest commanded speed.</summary>
    [Setting("Smallest speed that task 'run' asks for.", Unit = "m/s", Min = 0, Max = 5)]
    public float SlowestCommand { get; init; } = 1f;

    /// <summary>Largest commanded speed.</summary>
    [Setting("Largest speed that task 'run' asks for.", Unit = "m/s", Min = 0, Max = 5)]
    public float FastestCommand { get; init; } = 1.5f;

    /// <summary>Gravity.</summary>
    [Setting("Gravity; 0 for experiments.", Unit = "m/s²", Min = 0, Max = 30)]
    public float Gravity { get; init; } = 9.81f;

    /// <summary>Weights of the reward components.</summary>
    public CreatureRewards Rewards { get; init; } = new();

    /// <inheritdoc/>
    /// <remarks>The text becomes one line: it stands in configuration files and on command lines that reproduce a run.</remarks>
    public override GameOptions WithFiles(Func<string, string> readText) =>
        Skeleton.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? this with { Skeleton = SkeletonWriter.Write(SkeletonReader.Read(readText(Skeleton), Skeleton)) } : this;

    /// <inheritdoc/>
    /// <remarks>A centre of mass outside the feet, no foot at all.</remarks>
    public override IReadOnlyList<string> Warnings() => SkeletonRules.Warnings(Skeletons.Find(Skeleton));

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Substeps is not (8 or 10 or 16))
            throw new UsageException($"--substeps is {Substeps}; allowed are 8, 10 and 16. Solver steps in a tick.");
        if (SlowestCommand > FastestCommand)
            throw new UsageException($"--slowest-command is {SlowestCommand} m/s, above --fastest-command with {FastestCommand} m/s; lower the one or raise the other.");
        Skeletons.Find(Skeleton);
    }
}

/// <summary>Weights of the reward components, in the order of the reward.</summary>
public sealed record CreatureRewards
{
    /// <summary>Speed along the commanded direction.</summary>
    [Setting("Task 'run': speed along the commanded direction, up to 0.5 m/s above the commanded one.", Unit = "per m/s and tick")]
    public float Velocity { get; init; } = 1f;

    /// <summary>Speed of approach to the point.</summary>
    [Setting("Task 'target': speed of approach to the point.", Unit = "per m/s and tick")]
    public float Progress { get; init; } = 1f;

    /// <summary>A point reached.</summary>
    [Setting("Task 'target': a point reached.")]
    public float Reach { get; init; } = 20f;

    /// <summary>Speed of approach to the ball.</summary>
    [Setting("Task 'dribble': speed of approach to the ball, while farther than 0.6 m.", Unit = "per m/s and tick")]
    public float BallNear { get; init; } = 0.3f;

    /// <summary>Speed of the ball towards the gate.</summary>
    [Setting("Task 'dribble': speed of the ball towards the gate.", Unit = "per m/s and tick")]
    public float BallGoal { get; init; } = 1f;

    /// <summary>The ball arrived.</summary>
    [Setting("Task 'dribble': the ball arrived at the gate.")]
    public float Goal { get; init; } = 50f;

    /// <summary>Termination.</summary>
    [Setting("The episode ended by a fall or a divergence.")]
    public float Fall { get; init; } = -5f;

    /// <summary>Every tick without termination.</summary>
    [Setting("Every tick without a fall.")]
    public float Alive { get; init; } = 0.2f;

    /// <summary>Mean squared share of the motors' torque.</summary>
    [Setting("Mean over joints of (torque / largest torque)².")]
    public float Exertion { get; init; } = -0.10f;

    /// <summary>Sum of squared torques.</summary>
    [Setting("Sum over joints of torque².", Unit = "per (N·m)²")]
    public float Torque2 { get; init; }

    /// <summary>Hard contacts.</summary>
    [Setting("Sum over contact points of (force / weight − 1)² above the weight, at most 10.")]
    public float Impact { get; init; } = -0.02f;

    /// <summary>Sum of squared contact forces.</summary>
    [Setting("Sum over contact points of force².", Unit = "per N²")]
    public float Impact2 { get; init; }

    /// <summary>Change of the action.</summary>
    [Setting("Mean over axes of the squared change of the action.")]
    public float Smooth { get; init; } = -0.05f;

    /// <summary>Tilt.</summary>
    [Setting("1 − cosine of the torso's tilt.")]
    public float Upright { get; init; } = -0.05f;

    /// <summary>The published form with costs of torque and impact and a constant for being alive.</summary>
    /// <remarks>Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation", arXiv 1506.02438, the 3D biped.</remarks>
    public static CreatureRewards Gae { get; } = new()
    {
        Progress = 0f, Reach = 0f, BallNear = 0f, BallGoal = 0f, Goal = 0f, Fall = 0f,
        Exertion = 0f, Torque2 = -1e-5f, Impact = 0f, Impact2 = -1e-5f, Smooth = 0f, Upright = 0f,
    };

    /// <summary>Speed and being alive alone: no cost of effort. Known to learn a shaky gait; kept as the comparison.</summary>
    public static CreatureRewards Bare { get; } = new()
    {
        Progress = 0f, Reach = 0f, BallNear = 0f, BallGoal = 0f, Goal = 0f, Fall = 0f,
        Exertion = 0f, Impact = 0f, Smooth = 0f, Upright = 0f,
    };
}
