namespace Arena.Kernels.Environments.Soccer;

/// <summary>How the kicks of one tick become the ball's velocity.</summary>
public enum KickRule
{
    /// <summary>The nearest kicker's vector.</summary>
    Nearest,

    /// <summary>The mean of all kick vectors.</summary>
    Average,

    /// <summary>The sum of all kick vectors, limited to the ball's top speed.</summary>
    Sum,
}

/// <summary>Whether both teams start with the same jitter.</summary>
public enum SoccerJitter
{
    /// <summary>Player i of either team gets the same numbers, in its own frame.</summary>
    Mirrored,

    /// <summary>Every player gets its own.</summary>
    Independent,
}

/// <summary>Who shares an environment-granted reward.</summary>
public enum SoccerCredit
{
    /// <summary>The team's mean.</summary>
    Team,

    /// <summary>The player's own value.</summary>
    Individual,
}

/// <summary>How actions are given.</summary>
public enum SoccerActions
{
    /// <summary>Four floats: move x, y and kick x, y.</summary>
    Continuous,

    /// <summary>Two heads of nine: none, or one of eight directions.</summary>
    Discrete,
}

/// <summary>How observations are laid out.</summary>
public enum SoccerObservation
{
    /// <summary>One flat row.</summary>
    Flat,

    /// <summary>The same facts as records of one size, so that one network serves any team size.</summary>
    Entities,
}

/// <summary>Options of soccer; the rules are in the README of this folder.</summary>
public sealed record SoccerOptions : GameOptions
{
    /// <summary>k: players per team.</summary>
    [Setting("Players per team.", Unit = "players", Min = 1, Max = SoccerConstants.MaxTeamSize)]
    public int TeamSize { get; init; } = 3;

    /// <summary>Ticks after which the clock ends a match.</summary>
    [Setting("Ticks after which the clock ends a match.", Unit = "ticks", Min = 1, Max = 1 << 20)]
    public int MaxTicks { get; init; } = 400;

    /// <summary>What the end of the clock reports.</summary>
    [Setting("What the end of the clock reports; 'terminate' is forced when rewards.win is not 0.")]
    public ClockEnd Clock { get; init; }

    /// <summary>The first goal ends the match.</summary>
    [Setting("The first goal ends the match (terminated).")]
    public bool EndOnGoal { get; init; }

    /// <summary>Goals that end the match; 0 = the clock alone does.</summary>
    [Setting("Goals of one team that end the match (terminated).", Unit = "goals", Min = 0, Max = 1000, Zero = "off")]
    public int GoalsToWin { get; init; }

    /// <summary>How the starting jitter is drawn.</summary>
    [Setting("Whether both teams start with the same jitter, each in its own frame.")]
    public SoccerJitter Jitter { get; init; }

    /// <summary>Share of episodes that start from random positions.</summary>
    [Setting("Share of episodes that start from random positions instead of the formation.", Min = 0, Max = 1)]
    public float RandomStart { get; init; }

    /// <summary>How far a random start is from the formation: 0 = formation, 1 = uniform.</summary>
    [Setting("How random a random start is: 0 = formation, 1 = uniform over the pitch.", Min = 0, Max = 1)]
    public float Difficulty { get; init; } = 1f;

    /// <summary>Who shares an environment-granted reward.</summary>
    [Setting("Who shares an environment-granted reward: the team's mean, or the player alone.")]
    public SoccerCredit Credit { get; init; }

    /// <summary>Subtracts the other team's mean, so that the rewards of both teams cancel.</summary>
    [Setting("Subtract the other team's mean from environment-granted rewards.")]
    public bool ZeroSum { get; init; } = true;

    /// <summary>How actions are given.</summary>
    [Setting("Four floats per player, or two heads of nine directions.")]
    public SoccerActions Actions { get; init; }

    /// <summary>How observations are laid out.</summary>
    [Setting("One flat row, or records of one size for an entity encoder.")]
    public SoccerObservation Observation { get; init; }

    /// <summary>Sizes, speeds, bounces.</summary>
    public SoccerPhysics Physics { get; init; } = new();

    /// <summary>Weights of the reward components.</summary>
    public SoccerRewards Rewards { get; init; } = new();

    /// <summary>Whether full time terminates: asked for, or forced by a reward for winning.</summary>
    public bool ClockTerminates => Clock == ClockEnd.Terminate || Rewards.Win != 0f;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        float halfLength = Physics.HalfLengthFor(TeamSize);
        float halfWidth = Physics.HalfWidthFor(TeamSize);
        if (Physics.GoalHalfWidthFor(TeamSize) >= halfWidth)
            throw new UsageException(
                $"--physics.goal-half-width is {Physics.GoalHalfWidth} m; allowed are values below the pitch's half width of {halfWidth} m.");
        if (halfLength < 4f * Physics.PlayerRadius || halfWidth < 4f * Physics.PlayerRadius)
            throw new UsageException(
                $"--physics.player-radius is {Physics.PlayerRadius} m; allowed is at most a quarter of the pitch's half length and width ({halfLength} and {halfWidth} m).");
        if (Physics.PlayerDrag * Physics.TimeStepSeconds >= 1f || Physics.BallDrag * Physics.TimeStepSeconds >= 1f)
            throw new UsageException(
                $"A drag times --physics.time-step-seconds {Physics.TimeStepSeconds} s is 1 or more, which would turn velocities around; use a smaller time step or drag.");
    }
}

/// <summary>Sizes, speeds and bounces; SI units. Tuned by eye unless said otherwise.</summary>
public sealed record SoccerPhysics
{
    /// <summary>Duration of a tick.</summary>
    [Setting("Duration of a tick.", Unit = "s", Min = 0.001, Max = 1)]
    public float TimeStepSeconds { get; init; } = 0.1f;

    /// <summary>Half the pitch's length; 0 = by team size.</summary>
    [Setting("Half the pitch's length.", Unit = "m", Min = 0, Max = 1000, Zero = "by team size")]
    public float HalfLength { get; init; }

    /// <summary>Half the pitch's width; 0 = by team size.</summary>
    [Setting("Half the pitch's width.", Unit = "m", Min = 0, Max = 1000, Zero = "by team size")]
    public float HalfWidth { get; init; }

    /// <summary>Half the width of a goal; 0 = 0.28 of the pitch's half width.</summary>
    [Setting("Half the width of a goal.", Unit = "m", Min = 0, Max = 1000, Zero = "0.28 of the half width")]
    public float GoalHalfWidth { get; init; }

    /// <summary>Radius of a player.</summary>
    [Setting("Radius of a player.", Unit = "m", Min = 0.05, Max = 5)]
    public float PlayerRadius { get; init; } = 0.35f;

    /// <summary>Radius of the ball.</summary>
    [Setting("Radius of the ball.", Unit = "m", Min = 0.01, Max = 5)]
    public float BallRadius { get; init; } = 0.15f;

    /// <summary>Acceleration of a full move action.</summary>
    [Setting("Acceleration of a full move action.", Unit = "m/s²", Min = 0, Max = 1000)]
    public float PlayerAcceleration { get; init; } = 12f;

    /// <summary>Top speed of a player.</summary>
    [Setting("Top speed of a player.", Unit = "m/s", Min = 0.01, Max = 100)]
    public float PlayerMaxSpeed { get; init; } = 4f;

    /// <summary>Share of its speed a coasting player loses per second.</summary>
    [Setting("Share of its speed that a coasting player loses per second.", Unit = "1/s", Min = 0, Max = 100)]
    public float PlayerDrag { get; init; } = 1.5f;

    /// <summary>A player closer to the ball than this may kick it (distance of centres).</summary>
    [Setting("A player closer to the ball than this may kick (distance of centres).", Unit = "m", Min = 0, Max = 100)]
    public float KickRadius { get; init; } = 0.75f;

    /// <summary>Ball speed of a full kick.</summary>
    [Setting("Ball speed of a full kick.", Unit = "m/s", Min = 0, Max = 100)]
    public float KickMaxSpeed { get; init; } = 9f;

    /// <summary>How several kicks of one tick combine.</summary>
    [Setting("How the kicks of one tick combine.")]
    public KickRule KickRule { get; init; }

    /// <summary>Shorter kick vectors are no kick.</summary>
    [Setting("Shorter kick vectors are no kick; with 0 every near player kicks.", Min = 0, Max = 1)]
    public float KickDeadZone { get; init; } = 0.1f;

    /// <summary>Share of its speed the ball loses per second.</summary>
    [Setting("Share of its speed that the ball loses per second.", Unit = "1/s", Min = 0, Max = 100)]
    public float BallDrag { get; init; } = 0.6f;

    /// <summary>Top speed of the ball.</summary>
    [Setting("Top speed of the ball.", Unit = "m/s", Min = 0.01, Max = 200)]
    public float BallMaxSpeed { get; init; } = 12f;

    /// <summary>Share of the normal speed the ball keeps at a line, a post or a player.</summary>
    [Setting("Share of its normal speed that the ball keeps at a line, post or player.", Min = 0, Max = 1)]
    public float BallRestitution { get; init; } = 0.7f;

    /// <summary>Share of the normal speed two players keep when they collide.</summary>
    [Setting("Share of the normal speed that two colliding players keep.", Min = 0, Max = 1)]
    public float PlayerRestitution { get; init; } = 0.3f;

    /// <summary>Half length for a team size; m.</summary>
    public float HalfLengthFor(int teamSize) => HalfLength > 0f ? HalfLength : SoccerFormation.Pitch(teamSize).HalfLength;

    /// <summary>Half width for a team size; m.</summary>
    public float HalfWidthFor(int teamSize) => HalfWidth > 0f ? HalfWidth : SoccerFormation.Pitch(teamSize).HalfWidth;

    /// <summary>Half goal width for a team size; m.</summary>
    public float GoalHalfWidthFor(int teamSize) =>
        GoalHalfWidth > 0f ? GoalHalfWidth : SoccerConstants.GoalShareOfWidth * HalfWidthFor(teamSize);
}

/// <summary>Weights of the reward components; those with a final weight move there linearly over a training run.</summary>
public sealed record SoccerRewards
{
    /// <summary>±1 for every goal.</summary>
    [Setting("Weight of a goal (+1 scored, −1 conceded).", Min = -1000, Max = 1000)]
    public float Goal { get; init; } = 1f;

    /// <summary>±1 at the end for the winner and the loser.</summary>
    [Setting("Weight of winning (±1 at the end).", Min = -1000, Max = 1000)]
    public float Win { get; init; }

    /// <summary>How far the ball came towards the opponents' goal.</summary>
    [Setting("Weight of the ball's progress towards the opponents' goal, at the start of training.", Min = -1000, Max = 1000)]
    public float BallProgress { get; init; } = 0.5f;

    /// <summary>The same at the end of training.</summary>
    [Setting("Weight of the ball's progress at the end of training.", Min = -1000, Max = 1000)]
    public float BallProgressFinal { get; init; } = 0.1f;

    /// <summary>First touch after the other team's.</summary>
    [Setting("Weight of the first touch after the other team's.", Min = -1000, Max = 1000)]
    public float Touch { get; init; }

    /// <summary>Metres that the team's nearest player came closer to the ball.</summary>
    [Setting("Weight per metre that the team's nearest player came closer to the ball, at the start.", Min = -1000, Max = 1000)]
    public float ApproachBall { get; init; } = 0.05f;

    /// <summary>The same at the end of training.</summary>
    [Setting("Weight per metre of approach at the end of training.", Min = -1000, Max = 1000)]
    public float ApproachBallFinal { get; init; } = 0.01f;

    /// <summary>Squared length of the move action, as a cost.</summary>
    [Setting("Weight of −|move|².", Min = -1000, Max = 1000)]
    public float Exertion { get; init; }
}
