namespace Arena.Kernels.Environments.Soccer;

/// <summary>Fixed numbers of soccer: those that tables, layouts and the reference share.</summary>
public static class SoccerConstants
{
    /// <summary>Largest k.</summary>
    public const int MaxTeamSize = 11;

    /// <summary>Floats of a player or the ball: x, y (m), velocity x, y (m/s).</summary>
    public const int BodyFloats = 4;

    /// <summary>Goal half width as a share of the pitch's half width.</summary>
    public const float GoalShareOfWidth = 0.28f;

    /// <summary>How far players may leave the pitch; m.</summary>
    public const float Apron = 1f;

    /// <summary>Bodies closer than this have no line of centres; m.</summary>
    public const float MinSeparation = 1e-6f;

    /// <summary>Largest offset of a starting position from the formation, and of the ball at a kick-off; m per axis.</summary>
    public const float Jitter = 0.5f;

    /// <summary>Events (line, post, player) that one move of the ball may meet.</summary>
    public const int MaxBallEvents = 4;

    /// <summary>Goal differences are observed up to this many goals.</summary>
    public const float ScoreScale = 5f;

    /// <summary>Softening of the observed ball offset d / (|d| + this); m.</summary>
    public const float BallOffsetSoftening = 1.5f;

    /// <summary>Shortest pass and interception; m between the two touches.</summary>
    public const float PassMinDistance = 1f;

    /// <summary>Touches in a row that make a dribble.</summary>
    public const int DribbleMinTouches = 3;

    /// <summary>Way of the ball that makes a dribble; m.</summary>
    public const float DribbleMinWay = 2f;

    /// <summary>Bins of the ball's x for the entropy statistic.</summary>
    public const int BallBins = 16;

    /// <summary>Past ball states kept for scripted players with a delay; a power of two.</summary>
    public const int HistoryLength = 8;

    /// <summary>No player has touched the ball since the kick-off.</summary>
    public const int Nobody = -1;

    /// <summary>Choices of a discrete head: none and eight directions.</summary>
    public const int Directions = 9;

    /// <summary>cos 45°.</summary>
    public const float Diagonal = 0.70710678f;

    /// <summary>Continuous action components: move x, y, kick x, y.</summary>
    public const int ActionFloats = 4;
}

/// <summary>Random purposes of soccer (the last argument of <see cref="Random.Philox.Draw"/>) and their slots.</summary>
public static class SoccerPurpose
{
    /// <summary>Starting jitter. Slot: index in the team (mirrored) or agent (independent). Words 0, 1: x, y.</summary>
    public const uint Jitter = 1;

    /// <summary>Ball offset at a kick-off. Slot 0. Words 0, 1: x, y in the conceding team's frame.</summary>
    public const uint KickOff = 2;

    /// <summary>Random start. Slot: agent, or the two below. Words 0, 1: x, y.</summary>
    public const uint RandomStart = 3;

    /// <summary>Scripted players. Slot: agent. Word 0: aim. Word 1: whether a slow player moves (discrete actions).</summary>
    public const uint ScriptNoise = 4;

    /// <summary>The random opponent. Slot: agent. Words 0…3: move x, y, kick x, y (discrete: words 0, 1).</summary>
    public const uint RandomPolicy = 5;

    /// <summary>Slot of the ball in <see cref="RandomStart"/>.</summary>
    public const uint BallSlot = 100;

    /// <summary>Slot of the choice "random or formation" in <see cref="RandomStart"/>. Word 0.</summary>
    public const uint ChoiceSlot = 101;
}

/// <summary>Order of the reward components.</summary>
public static class SoccerReward
{
    /// <summary>+1 scored, −1 conceded.</summary>
    public const int Goal = 0;

    /// <summary>±1 at the end.</summary>
    public const int Win = 1;

    /// <summary>Change of the ball's potential.</summary>
    public const int BallProgress = 2;

    /// <summary>First touch after the other team's.</summary>
    public const int Touch = 3;

    /// <summary>Metres closer to the ball.</summary>
    public const int ApproachBall = 4;

    /// <summary>−|move|².</summary>
    public const int Exertion = 5;

    /// <summary>Number of components.</summary>
    public const int Count = 6;
}

/// <summary>Layout of a match's raw statistics (floats). "+ side" entries take two slots.</summary>
public static class SoccerStatistic
{
    /// <summary>+ side: goals.</summary>
    public const int Goals = 0;

    /// <summary>+ side: ticks in which the side touched last.</summary>
    public const int Possession = 2;

    /// <summary>+ side: touches.</summary>
    public const int Touches = 4;

    /// <summary>+ side: passes.</summary>
    public const int Passes = 6;

    /// <summary>+ side: sum of the lengths of passes; m.</summary>
    public const int PassLength = 8;

    /// <summary>+ side: interceptions.</summary>
    public const int Interceptions = 10;

    /// <summary>+ side: dribbles.</summary>
    public const int Dribbles = 12;

    /// <summary>+ side: shots.</summary>
    public const int Shots = 14;

    /// <summary>+ side: sum of the players' ways; m.</summary>
    public const int Distance = 16;

    /// <summary>Ticks played.</summary>
    public const int Ticks = 18;

    /// <summary>1 when side A won, −1 when side B won, 0 for a draw.</summary>
    public const int Winner = 19;

    /// <summary>+ 2·component + side: the side's mean reward from that component, summed over the episode.</summary>
    public const int Rewards = 20;

    /// <summary>+ bin: ticks with the ball in that bin of x.</summary>
    public const int BallBins = Rewards + 2 * SoccerReward.Count;

    /// <summary>Number of slots.</summary>
    public const int Count = BallBins + SoccerConstants.BallBins;
}

/// <summary>Offsets of the flat observation row; the README's table is checked against these.</summary>
public static class SoccerFlat
{
    /// <summary>2: own position / (HalfLength, HalfWidth).</summary>
    public const int Position = 0;

    /// <summary>2: own velocity / PlayerMaxSpeed.</summary>
    public const int Velocity = 2;

    /// <summary>2: ball offset d / (|d| + 1.5 m).</summary>
    public const int BallOffset = 4;

    /// <summary>2: ball velocity / BallMaxSpeed.</summary>
    public const int BallVelocity = 6;

    /// <summary>2: (opponents' goal centre − own position) / (2·HalfLength).</summary>
    public const int OpponentGoal = 8;

    /// <summary>2: (own goal centre − own position) / (2·HalfLength).</summary>
    public const int OwnGoal = 10;

    /// <summary>1: (own − other score) / 5, clipped to ±1.</summary>
    public const int Score = 12;

    /// <summary>1: 1 − tick / MaxTicks.</summary>
    public const int Clock = 13;

    /// <summary>First record of another player: teammates in index order, then opponents in index order.</summary>
    public const int Others = 14;

    /// <summary>Floats of such a record.</summary>
    public const int OtherLength = 7;

    /// <summary>2: relative position / (2·HalfLength).</summary>
    public const int OtherPosition = 0;

    /// <summary>2: relative velocity / (2·PlayerMaxSpeed).</summary>
    public const int OtherVelocity = 2;

    /// <summary>1: distance / (2·HalfLength).</summary>
    public const int OtherDistance = 4;

    /// <summary>1: 1 for a teammate, 0 for an opponent.</summary>
    public const int OtherIsTeammate = 5;

    /// <summary>1: 1 when it is the one of its team nearest to the ball (tie: lowest index).</summary>
    public const int OtherIsNearest = 6;

    /// <summary>O for a team size.</summary>
    public static int Length(int teamSize) => Others + OtherLength * (2 * teamSize - 1);
}

/// <summary>Offsets of the entity observation: the facts of the flat row as records of eight floats, the last of which is 1 (present).</summary>
public static class SoccerEntities
{
    /// <summary>Floats of a record.</summary>
    public const int RecordLength = 8;

    /// <summary>Element of a record that is 1 where the entity exists.</summary>
    public const int Present = 7;

    /// <summary>Record 0, self: position 2, velocity 2, score, clock, 0, present.</summary>
    public const int Self = 0;

    /// <summary>Record 1, ball: offset 2, velocity 2, 0, 0, 0, present.</summary>
    public const int Ball = 1;

    /// <summary>Record 2, goals: opponents' 2, own 2, 0, 0, 0, present.</summary>
    public const int Goals = 2;

    /// <summary>Record 3 on: teammates, then opponents; the seven floats of the flat row's record, present.</summary>
    public const int Others = 3;

    /// <summary>O for a team size.</summary>
    public static int Length(int teamSize) => RecordLength * (Others + 2 * teamSize - 1);
}
