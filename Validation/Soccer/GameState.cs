using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>Something that moves.</summary>
/// <param name="Position">m, world frame.</param>
/// <param name="Velocity">m/s, world frame.</param>
public sealed record Body(Vector Position, Vector Velocity);

/// <summary>What a player does in one tick; vectors of length at most 1, team frame.</summary>
/// <param name="Move">Acceleration.</param>
/// <param name="Kick">Ball velocity he wants.</param>
public readonly record struct PlayerAction(Vector Move, Vector Kick);

/// <summary>Who touched the ball last, and what that may become.</summary>
/// <param name="Agent">The player, or <see cref="SoccerConstants.Nobody"/>.</param>
/// <param name="Streak">His touches in a row.</param>
/// <param name="Dribbled">They are counted as a dribble already.</param>
/// <param name="Place">Where the last one was; m.</param>
/// <param name="Way">Way of the ball since the first of them; m.</param>
public sealed record LastTouch(int Agent, int Streak, bool Dribbled, Vector Place, double Way)
{
    /// <summary>As after a kick-off.</summary>
    public static LastTouch Nobody { get; } = new(SoccerConstants.Nobody, 0, false, Vector.Zero, 0);
}

/// <summary>One match between two ticks.</summary>
public sealed record GameState
{
    /// <summary>(2k) side A, then side B.</summary>
    public required ImmutableArray<Body> Players { get; init; }

    /// <summary>The ball.</summary>
    public required Body Ball { get; init; }

    /// <summary>(8) the ball at tick t in entry t mod 8.</summary>
    public required ImmutableArray<Body> BallHistory { get; init; }

    /// <summary>(2) goals of side A and B.</summary>
    public required ImmutableArray<int> Score { get; init; }

    /// <summary>(2) the player of each side nearest to the ball, as index in the side.</summary>
    public required ImmutableArray<int> Nearest { get; init; }

    /// <summary>Last touch.</summary>
    public required LastTouch Touch { get; init; }

    /// <summary>Ticks since the episode began.</summary>
    public required int Tick { get; init; }

    /// <summary>Episodes before this one.</summary>
    public required int Episode { get; init; }

    /// <summary>(<see cref="SoccerStatistic.Count"/>) statistics of the running episode.</summary>
    public required ImmutableArray<double> Statistics { get; init; }
}

/// <summary>Everything one tick brings about.</summary>
public sealed record TickResult
{
    /// <summary>The match at the end of the tick, before a kick-off or a new episode: what the last observation shows.</summary>
    public required GameState Played { get; init; }

    /// <summary>The match the next tick starts from.</summary>
    public required GameState Next { get; init; }

    /// <summary>(2k, <see cref="SoccerReward.Count"/>) weighted reward components.</summary>
    public required double[][] RewardParts { get; init; }

    /// <summary>The side that scored, or null.</summary>
    public required int? Scorer { get; init; }

    /// <summary>The rules ended the episode.</summary>
    public required bool Terminated { get; init; }

    /// <summary>The clock ended it.</summary>
    public required bool Truncated { get; init; }

    /// <summary>Why rounding may decide this tick, or null.</summary>
    public required string? NearBoundary { get; init; }

    /// <summary>How much contacts amplify rounding in this tick, 1..10 times the usual.</summary>
    public required double Amplification { get; init; }

    /// <summary>Readings of a near tie that rounding may choose from; 0 = there is none.</summary>
    public required int Readings { get; init; }

    /// <summary>Either end.</summary>
    public bool Ended => Terminated || Truncated;
}
