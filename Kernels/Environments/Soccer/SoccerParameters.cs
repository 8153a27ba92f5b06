namespace Arena.Kernels.Environments.Soccer;

/// <summary>The numbers of a configuration as kernel fields, so that no compiler folds them into its code.</summary>
public struct SoccerParameters
{
    /// <summary>k.</summary>
    public int TeamSize;

    /// <summary>Ticks of a match.</summary>
    public int MaxTicks;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>1: first episodes are cut.</summary>
    public int Desync;

    /// <summary>1: full time terminates.</summary>
    public int ClockTerminates;

    /// <summary>Goals that end the match; 0 = none.</summary>
    public int GoalsToWin;

    /// <summary>1: players draw their jitter independently.</summary>
    public int IndependentJitter;

    /// <summary>1: the player's own value instead of the team's mean.</summary>
    public int IndividualCredit;

    /// <summary>1: the other team's mean is subtracted.</summary>
    public int ZeroSum;

    /// <summary>1: discrete actions.</summary>
    public int Discrete;

    /// <summary>1: entity observations.</summary>
    public int Entities;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>A <see cref="Soccer.KickRule"/>.</summary>
    public int KickRule;

    /// <summary>s.</summary>
    public float TimeStep;

    /// <summary>m.</summary>
    public float HalfLength;

    /// <summary>m.</summary>
    public float HalfWidth;

    /// <summary>m.</summary>
    public float GoalHalfWidth;

    /// <summary>
    /// y of the centre of both goals; m. Always 0, but a field: with a literal zero ILGPU turns 0 − y into −y and 0 + y
    /// into y, and a zero gets another sign on a GPU than here.
    /// </summary>
    public float GoalY;

    /// <summary>2·PlayerRadius; m.</summary>
    public float PlayerContactDistance;

    /// <summary>PlayerRadius + BallRadius; m.</summary>
    public float BallContactDistance;

    /// <summary>PlayerAcceleration·dt; m/s.</summary>
    public float SpeedPerTick;

    /// <summary>PlayerDrag·dt.</summary>
    public float PlayerDragPerTick;

    /// <summary>m/s.</summary>
    public float PlayerMaxSpeed;

    /// <summary>m.</summary>
    public float KickRadius;

    /// <summary>m/s.</summary>
    public float KickMaxSpeed;

    /// <summary>Length of the shortest kick vector.</summary>
    public float KickDeadZone;

    /// <summary>1 − BallDrag·dt.</summary>
    public float BallKeepPerTick;

    /// <summary>m/s.</summary>
    public float BallMaxSpeed;

    /// <summary>0..1.</summary>
    public float BallRestitution;

    /// <summary>0..1.</summary>
    public float PlayerRestitution;

    /// <summary>Share of episodes with a random start.</summary>
    public float RandomStart;

    /// <summary>0 = formation, 1 = uniform.</summary>
    public float Difficulty;

    /// <summary>Observation scales: 1/HalfLength, 1/HalfWidth, 1/(2·HalfLength); 1/m.</summary>
    public float PositionScaleX, PositionScaleY, OffsetScale;

    /// <summary>Observation scales: 1/PlayerMaxSpeed, 1/(2·PlayerMaxSpeed), 1/BallMaxSpeed; s/m.</summary>
    public float VelocityScale, RelativeVelocityScale, BallVelocityScale;

    /// <summary>Observation scales: 1/5 goals, 1/MaxTicks.</summary>
    public float ScoreScale, ClockScale;

    /// <summary>Reward weights at the current progress.</summary>
    public float GoalWeight, WinWeight, BallProgressWeight, TouchWeight, ApproachBallWeight, ExertionWeight;

    /// <summary>The kernel's numbers for <paramref name="options"/> at <paramref name="progress"/> 0..1 of the reward schedule.</summary>
    public static SoccerParameters From(SoccerOptions options, EnvironmentSpec spec, float progress)
    {
        SoccerPhysics physics = options.Physics;
        SoccerRewards rewards = options.Rewards;
        return new SoccerParameters
        {
            TeamSize = options.TeamSize,
            MaxTicks = options.MaxTicks,
            MatchOffset = options.MatchOffset,
            Desync = options.Desync ? 1 : 0,
            ClockTerminates = options.ClockTerminates ? 1 : 0,
            GoalsToWin = options.EndOnGoal ? 1 : options.GoalsToWin,
            IndependentJitter = options.Jitter == SoccerJitter.Independent ? 1 : 0,
            IndividualCredit = options.Credit == SoccerCredit.Individual ? 1 : 0,
            ZeroSum = options.ZeroSum ? 1 : 0,
            Discrete = options.Actions == SoccerActions.Discrete ? 1 : 0,
            Entities = options.Observation == SoccerObservation.Entities ? 1 : 0,
            ObservationLength = spec.Observation.Length,
            KickRule = (int)physics.KickRule,
            TimeStep = physics.TimeStepSeconds,
            HalfLength = physics.HalfLengthFor(options.TeamSize),
            HalfWidth = physics.HalfWidthFor(options.TeamSize),
            GoalHalfWidth = physics.GoalHalfWidthFor(options.TeamSize),
            GoalY = 0f,
            PlayerContactDistance = physics.PlayerRadius + physics.PlayerRadius,
            BallContactDistance = physics.PlayerRadius + physics.BallRadius,
            SpeedPerTick = physics.PlayerAcceleration * physics.TimeStepSeconds,
            PlayerDragPerTick = physics.PlayerDrag * physics.TimeStepSeconds,
            PlayerMaxSpeed = physics.PlayerMaxSpeed,
            KickRadius = physics.KickRadius,
            KickMaxSpeed = physics.KickMaxSpeed,
            KickDeadZone = physics.KickDeadZone,
            BallKeepPerTick = 1f - physics.BallDrag * physics.TimeStepSeconds,
            BallMaxSpeed = physics.BallMaxSpeed,
            BallRestitution = physics.BallRestitution,
            PlayerRestitution = physics.PlayerRestitution,
            RandomStart = options.RandomStart,
            Difficulty = options.Difficulty,
            PositionScaleX = 1f / physics.HalfLengthFor(options.TeamSize),
            PositionScaleY = 1f / physics.HalfWidthFor(options.TeamSize),
            OffsetScale = 0.5f / physics.HalfLengthFor(options.TeamSize),
            VelocityScale = 1f / physics.PlayerMaxSpeed,
            RelativeVelocityScale = 0.5f / physics.PlayerMaxSpeed,
            BallVelocityScale = 1f / physics.BallMaxSpeed,
            ScoreScale = 1f / SoccerConstants.ScoreScale,
            ClockScale = 1f / options.MaxTicks,
            GoalWeight = rewards.Goal,
            WinWeight = rewards.Win,
            BallProgressWeight = rewards.BallProgress + (rewards.BallProgressFinal - rewards.BallProgress) * progress,
            TouchWeight = rewards.Touch,
            ApproachBallWeight = rewards.ApproachBall + (rewards.ApproachBallFinal - rewards.ApproachBall) * progress,
            ExertionWeight = rewards.Exertion,
        };
    }
}

/// <summary>What every soccer kernel knows: state, buffers of this step, numbers.</summary>
public struct SoccerArguments
{
    /// <summary>Columns.</summary>
    public SoccerState State;

    /// <summary>Buffers of this step.</summary>
    public StepViews Views;

    /// <summary>Numbers: of every match, or of this one where <see cref="Variants"/> are used.</summary>
    public SoccerParameters Parameters;

    /// <summary>Other numbers for some matches.</summary>
    public VariantViews<SoccerParameters> Variants;

    /// <summary>(E, 2k·4) float, scratch: players after step 2 (x, y, velocity x, y), before contacts.</summary>
    public Device.Column<float> Moved;

    /// <summary>Key of all draws.</summary>
    public ulong Seed;
}
