using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>The columns of soccer. k = team size; agents 0…k−1 are side A (attacks +x), k…2k−1 side B.</summary>
public struct SoccerState
{
    /// <summary>(E, 2k·4) float: x, y (m), velocity x, y (m/s) of every player; world frame.</summary>
    public Column<float> Player;

    /// <summary>(E, 4) float: x, y (m), velocity x, y (m/s); world frame.</summary>
    public Column<float> Ball;

    /// <summary>(E, 8·4) float: the ball as it was seen at tick t, in entry t mod 8; all equal after a kick-off.</summary>
    public Column<float> BallHistory;

    /// <summary>(E, 2) int: goals of side A and B.</summary>
    public Column<int> Score;

    /// <summary>(E, 2) int: player nearest to the ball, of side A and B (index in its team; tie: lowest).</summary>
    public Column<int> Nearest;

    /// <summary>(E, 3) int: agent that touched last or −1; its touches in a row; 1 when they are counted as a dribble.</summary>
    public Column<int> Touch;

    /// <summary>(E, 3) float: where the last touch was, x, y (m); way of the ball since that player's first touch in a row (m).</summary>
    public Column<float> TouchPlace;

    /// <summary>(E, 1) int: ticks since the episode began.</summary>
    public Column<int> Tick;

    /// <summary>(E, 1) int: episodes before this one.</summary>
    public Column<int> Episode;

    /// <summary>(E, <see cref="SoccerStatistic.Count"/>) float: statistics of the running episode.</summary>
    public Column<float> Statistics;

    /// <summary>Adds the columns to <paramref name="columns"/>.</summary>
    public static SoccerState Create(StateColumns columns, int teamSize) => new()
    {
        Player = columns.Add<float>("player", 2 * teamSize * SoccerConstants.BodyFloats, "m, m/s", "x", "y", "velocityX", "velocityY"),
        Ball = columns.Add<float>("ball", SoccerConstants.BodyFloats, "m, m/s", "x", "y", "velocityX", "velocityY"),
        BallHistory = columns.Add<float>("ballHistory", SoccerConstants.HistoryLength * SoccerConstants.BodyFloats, "m, m/s", "x", "y", "velocityX", "velocityY"),
        Score = columns.Add<int>("score", 2, "goals"),
        Nearest = columns.Add<int>("nearest", 2),
        Touch = columns.Add<int>("touch", 3, "", "agent", "streak", "dribbled"),
        TouchPlace = columns.Add<float>("touchPlace", 3, "m", "x", "y", "way"),
        Tick = columns.Add<int>("tick", 1, "ticks"),
        Episode = columns.Add<int>("episode", 1),
        Statistics = columns.Add<float>("statistics", SoccerStatistic.Count),
    };
}
