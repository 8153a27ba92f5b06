namespace Arena.Kernels.Environments.Creature;

/// <summary>Fixed numbers of the creatures (README.md).</summary>
public static class CreatureConstants
{
    /// <summary>B, at most.</summary>
    public const int MaxBodies = 25;

    /// <summary>Contact points, at most.</summary>
    public const int MaxPoints = 56;

    /// <summary>D, at most.</summary>
    public const int MaxAxes = 72;

    /// <summary>k, at most.</summary>
    public const int MaxPreviousActions = 8;

    /// <summary>Action vectors that the state keeps at least: two, for the change of the change.</summary>
    public const int MinKeptActions = 2;

    /// <summary>Ticks in a second.</summary>
    public const int TicksPerSecond = 50;

    /// <summary>Floats of a body: x 3, q 4 (x, y, z, w), v 3, ω 3.</summary>
    public const int BodyFloats = 13;

    /// <summary>First float of a body's orientation, velocity and angular velocity.</summary>
    public const int Orientation = 3, Velocity = 7, Spin = 10;

    /// <summary>Observed entries are held within ± this.</summary>
    public const float ObservationBound = 5f;

    /// <summary>Fixed entries of an observation: all but joints, feet and previous actions.</summary>
    public const int FixedObservations = 34;

    /// <summary>Heights of the ground that are observed.</summary>
    public const int HeightSamples = 8;

    /// <summary>Tasks, for the one-hot.</summary>
    public const int Tasks = 3;
}

/// <summary>Purposes of the creatures' draws (<see cref="Random.Philox.Draw"/>).</summary>
public static class CreaturePurpose
{
    /// <summary>Start of an episode: slot 0 yaw and velocity, slot 1 the task.</summary>
    public const uint Start = 1;

    /// <summary>Start: slot of yaw and velocity.</summary>
    public const uint PoseSlot = 0;

    /// <summary>Start: slot of the task.</summary>
    public const uint TaskSlot = 1;

    /// <summary>The next point or gate in mid-episode.</summary>
    public const uint NextGoal = 2;

    /// <summary>Which table of bumps.</summary>
    public const uint Bumps = 7;

    /// <summary>Actions of the built-in player 'random'; one slot per four axes.</summary>
    public const uint RandomPolicy = 30;

    /// <summary>The generator of skeletons.</summary>
    public const uint Generator = 100;

    /// <summary>Heights of the tables of bumps.</summary>
    public const uint BumpHeights = 101;
}

/// <summary>Reward components, in order.</summary>
public static class CreatureReward
{
    /// <summary>Places of the components.</summary>
    public const int Velocity = 0, Progress = 1, Reach = 2, BallNear = 3, BallGoal = 4, Goal = 5, Fall = 6,
        Alive = 7, Exertion = 8, Torque2 = 9, Impact = 10, Impact2 = 11, Smooth = 12, Upright = 13;

    /// <summary>Number of components.</summary>
    public const int Count = 14;

    /// <summary>Components granted by the environment; the others by the agent.</summary>
    public const int Environmental = 7;
}

/// <summary>Numbers kept per episode.</summary>
public static class CreatureStatistic
{
    /// <summary>Ticks played.</summary>
    public const int Ticks = 0;

    /// <summary>1 when the episode met its task's bar.</summary>
    public const int Success = 1;

    /// <summary>1 when it ended by a fatal contact.</summary>
    public const int Fell = 2;

    /// <summary>0, or which test of the guard failed: a <see cref="CreatureGuard"/>.</summary>
    public const int Diverged = 3;

    /// <summary>Metres along the commanded direction; task 'run'.</summary>
    public const int Along = 4;

    /// <summary>Metres of way of the torso over the ground.</summary>
    public const int Way = 5;

    /// <summary>Points reached or gates passed.</summary>
    public const int Events = 6;

    /// <summary>Sum over ticks of the mean over axes of |a − 2a₁ + a₂|.</summary>
    public const int Shake = 7;

    /// <summary>Ticks in that sum.</summary>
    public const int ShakeTicks = 8;

    /// <summary>Σ torque · relative rotation speed · time; J, an upper bound.</summary>
    public const int Energy = 9;

    /// <summary>Action components that were not finite.</summary>
    public const int BadActions = 10;

    /// <summary>Task and level of the episode.</summary>
    public const int Task = 11, Level = 12;

    /// <summary>Sum of every reward component, weighted.</summary>
    public const int Rewards = 13;

    /// <summary>Number of raw statistics that the state keeps.</summary>
    public const int Count = Rewards + CreatureReward.Count;

    /// <summary>Sum over surveyed ticks of the pairs of segments that overlap; and how many ticks were surveyed.</summary>
    public const int Overlap = Count, OverlapTicks = Count + 1;

    /// <summary>Number of raw statistics of a finished episode.</summary>
    public const int Reported = Count + CreatureOverlap.Words;
}

/// <summary>The tests of the divergence guard, in the order they are made.</summary>
public static class CreatureGuard
{
    /// <summary>All well.</summary>
    public const int None = 0;

    /// <summary>A position is not finite or beyond 64 m.</summary>
    public const int Position = 1;

    /// <summary>An orientation is not finite, or no longer a rotation.</summary>
    public const int Orientation = 2;

    /// <summary>A velocity is not finite or above 100 m/s.</summary>
    public const int Velocity = 3;

    /// <summary>An angular velocity is not finite or above 1000 rad/s.</summary>
    public const int Spin = 4;

    /// <summary>The ends of a joint are more than 0.3 m apart.</summary>
    public const int Separation = 5;

    /// <summary>Another number of the state is not finite.</summary>
    public const int Other = 6;

    /// <summary>In words, by number.</summary>
    public static IReadOnlyList<string> Causes { get; } =
    [
        "nothing",
        "a position is not finite or beyond 64 m (ball: 1024 m)",
        "an orientation is not finite or no longer a rotation",
        "a velocity is not finite or above 100 m/s",
        "an angular velocity is not finite or above 1000 rad/s",
        "the ends of a joint are more than 0.3 m apart",
        "a number of the state is not finite",
    ];
}
