using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>What may end a straight piece of the ball's way.</summary>
internal enum BallEventKind
{
    /// <summary>Nothing before the time is up.</summary>
    None,

    /// <summary>A goal line, x = ±HalfLength.</summary>
    LineX,

    /// <summary>A side line, y = ±HalfWidth.</summary>
    LineY,

    /// <summary>A player's disc.</summary>
    Player,

    /// <summary>Two players of different sides at the same time, with no last touch to decide: the move ends.</summary>
    Deadlock,
}

/// <summary>An event, or one that nearly happens.</summary>
/// <param name="Kind">What.</param>
/// <param name="Agent">Which player, else nobody.</param>
/// <param name="Time">s from now.</param>
/// <param name="Happens">False for an event that is missed by a hair.</param>
/// <param name="Doubt">Why rounding decides whether it happens, or null.</param>
internal sealed record BallEvent(BallEventKind Kind, int Agent, double Time, bool Happens, string? Doubt);

/// <summary>Finds the next event of the ball's straight way.</summary>
internal static class BallEvents
{
    /// <summary>The earliest event within <paramref name="left"/> seconds.</summary>
    public static BallEvent Next(
        Pitch pitch, Body ball, ImmutableArray<Body> players, ImmutableHashSet<int> noObstacles, int lastTouch, double left, Margins margins)
    {
        var candidates = new List<BallEvent>();
        Add(candidates, Line(BallEventKind.LineX, ball.Position.X, ball.Velocity.X, pitch.HalfLength, left, margins));
        Add(candidates, Line(BallEventKind.LineY, ball.Position.Y, ball.Velocity.Y, pitch.HalfWidth, left, margins));
        for (int agent = 0; agent < players.Length; agent++)
            if (!noObstacles.Contains(agent)) Add(candidates, Disc(pitch, ball, players[agent], agent, left, margins));

        double earliest = candidates.Where(candidate => candidate.Happens).Select(candidate => candidate.Time).DefaultIfEmpty(left).Min();
        NearTies(candidates, earliest, ball.Velocity.Length, margins);
        BallEvent[] first = [.. candidates.Where(candidate => candidate.Happens && candidate.Time == earliest)];
        if (first.Length == 0) return new BallEvent(BallEventKind.None, SoccerConstants.Nobody, left, true, null);

        // A player before a line; x before y.
        BallEvent[] met = [.. first.Where(candidate => candidate.Kind == BallEventKind.Player)];
        if (met.Length == 0) return first[0];
        int winner = TouchRules.Winner(pitch, [.. met.Select(candidate => candidate.Agent)], lastTouch);
        return winner == SoccerConstants.Nobody
            ? new BallEvent(BallEventKind.Deadlock, winner, earliest, true, null)
            : met.First(candidate => candidate.Agent == winner);
    }

    /// <summary>The ball's centre reaches a line at ±<paramref name="bound"/> while its velocity points outward.</summary>
    private static BallEvent? Line(BallEventKind kind, double position, double velocity, double bound, double left, Margins margins)
    {
        if (velocity == 0) return null;
        double gap = bound - position * Math.Sign(velocity);
        double time = gap / Math.Abs(velocity);
        double missedBy = (time - left) * Math.Abs(velocity);
        string? doubt = Math.Abs(missedBy) < margins.Hair + 4 * margins.BallPosition ? "the ball ends its move on a line" : null;
        if (gap < margins.Hair && Math.Abs(velocity) < margins.SpeedHair) doubt = "the ball lies on a line with almost no speed towards it";
        return new BallEvent(kind, SoccerConstants.Nobody, Math.Max(time, 0), time <= left, doubt);
    }

    /// <summary>The ball's centre reaches the disc about a player, moving towards its centre.</summary>
    private static BallEvent? Disc(Pitch pitch, Body ball, Body player, int agent, double left, Margins margins)
    {
        Vector offset = ball.Position - player.Position;
        double distance = offset.Length;
        double speed = ball.Velocity.Length;
        if (speed == 0 || distance < SoccerConstants.MinSeparation) return null;
        double towards = -Vector.Dot(offset, ball.Velocity) / speed; // m along the way to the point nearest the centre
        double reach = margins.Near(agent);
        if (distance < pitch.BallContact)
        {
            double turn = reach + distance * (margins.SpeedHair + margins.BallVelocity) / speed;
            string? doubt = Math.Abs(towards) < turn ? "the ball moves along the edge of a player" : null;
            return new BallEvent(BallEventKind.Player, agent, 0, towards > 0, doubt);
        }

        if (towards <= -reach) return null;
        double missDistance = Math.Sqrt(Math.Max(0, distance * distance - towards * towards));
        double depth = pitch.BallContact - missDistance;
        if (depth < -reach || towards <= 0 && depth < 0) return null;
        double entry = towards - Math.Sqrt(Math.Max(0, pitch.BallContact * pitch.BallContact - missDistance * missDistance));
        double time = Math.Max(0, entry / speed);
        double missedBy = entry - left * speed;
        string? close = Math.Abs(depth) < reach ? "the ball grazes a player"
            : Math.Abs(missedBy) < reach ? "the ball ends its move at the edge of a player"
            : Math.Abs(towards) < reach ? "the ball moves along the edge of a player" : null;
        return new BallEvent(BallEventKind.Player, agent, time, towards > 0 && depth > 0 && time <= left, close);
    }

    // Doubts count only when nothing comes before them; two different events at almost the same time may swap.
    private static void NearTies(List<BallEvent> candidates, double earliest, double speed, Margins margins)
    {
        double window = (margins.Hair + 4 * margins.BallPosition) / speed;
        foreach (BallEvent candidate in candidates)
        {
            if (candidate.Time > earliest + window) continue;
            if (candidate.Doubt is not null) margins.Flag(candidate.Doubt);
            else if (candidate.Happens && candidate.Time > earliest && !BothLines(candidates, candidate, earliest))
                margins.Flag("the ball meets two things at almost the same time");
        }
    }

    // Bouncing in a corner: either order gives the same.
    private static bool BothLines(List<BallEvent> candidates, BallEvent later, double earliest) =>
        later.Kind != BallEventKind.Player
        && candidates.TrueForAll(other => other.Time != earliest || !other.Happens || other.Kind != BallEventKind.Player);

    private static void Add(List<BallEvent> candidates, BallEvent? candidate)
    {
        if (candidate is not null) candidates.Add(candidate);
    }
}
