using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>What step 4 leads to.</summary>
/// <param name="Ball">The ball with its new velocity, limited to the top speed.</param>
/// <param name="Kickers">Players who kicked.</param>
/// <param name="Touching">Touches so far.</param>
internal sealed record KickResult(Body Ball, ImmutableArray<int> Kickers, Touching Touching);

/// <summary>Step 4: drag of the ball, and kicks.</summary>
internal static class KickRules
{
    /// <summary>The whole step, including the limit to the ball's top speed with which step 5 begins.</summary>
    public static KickResult Play(Pitch pitch, Body ball, ImmutableArray<Body> players, IReadOnlyList<PlayerAction> actions, Touching touching, Margins margins)
    {
        Vector dragged = ball.Velocity * (1 - (double)pitch.Physics.BallDrag * pitch.TimeStep);
        ImmutableArray<int> kickers = Kickers(pitch, ball, players, actions, margins);
        Vector velocity = kickers.IsEmpty ? dragged : Velocity(pitch, ball, players, actions, kickers, margins);
        Body kicked = ball with { Velocity = velocity.LimitedTo(pitch.Physics.BallMaxSpeed) };
        margins.BallVelocitySet(kicked.Velocity);

        Touching now = touching;
        foreach (int kicker in kickers) now = now.Count(SoccerStatistic.Touches, pitch.SideOf(kicker));
        int nearest = kickers.IsEmpty ? SoccerConstants.Nobody : TouchRules.Winner(pitch, Closest(ball, players, kickers, margins), touching.Last.Agent);
        if (nearest != SoccerConstants.Nobody)
        {
            int side = pitch.SideOf(nearest);
            now = TouchRules.By(pitch, nearest, ball.Position, now, margins);
            if (IsShot(pitch, kicked, side, margins)) now = now.Count(SoccerStatistic.Shots, side);
        }

        return new KickResult(kicked, kickers, now);
    }

    /// <summary>Players near the ball whose kick vector is long enough.</summary>
    private static ImmutableArray<int> Kickers(Pitch pitch, Body ball, ImmutableArray<Body> players, IReadOnlyList<PlayerAction> actions, Margins margins)
    {
        var kickers = ImmutableArray.CreateBuilder<int>();
        for (int agent = 0; agent < players.Length; agent++)
        {
            double distance = (players[agent].Position - ball.Position).Length;
            double strength = actions[agent].Kick.Length;
            double reach = margins.Near(agent);
            double deadZone = pitch.Physics.KickDeadZone;
            if (strength > deadZone - 1e-6) margins.Threshold(distance - pitch.Physics.KickRadius, reach, "a player at the very edge of the kick radius");
            if (deadZone > 0 && distance < pitch.Physics.KickRadius + reach)
                margins.Threshold(strength - deadZone, 1e-6, "a kick at the very edge of the dead zone");
            if (distance < pitch.Physics.KickRadius && strength >= deadZone) kickers.Add(agent);
        }

        return kickers.ToImmutable();
    }

    /// <summary>The ball's velocity by the kick rule.</summary>
    private static Vector Velocity(
        Pitch pitch, Body ball, ImmutableArray<Body> players, IReadOnlyList<PlayerAction> actions, ImmutableArray<int> kickers, Margins margins)
    {
        Vector WorldKick(int agent) => Pitch.Turn(actions[agent].Kick, pitch.SideOf(agent));
        double speed = pitch.Physics.KickMaxSpeed;
        Vector sum = pitch.Sum(kickers, WorldKick);
        switch (pitch.Physics.KickRule)
        {
            case KickRule.Average:
                return sum / kickers.Length * speed;
            case KickRule.Sum:
                return (sum * speed).LimitedTo(pitch.Physics.BallMaxSpeed);
            default:
                // In a tie across sides, the first of either side; within a side, the lowest index.
                int[] each = [.. Closest(ball, players, kickers, margins).GroupBy(pitch.SideOf).Select(side => side.First())];
                return pitch.Sum(each, WorldKick) / each.Length * speed;
        }
    }

    /// <summary>The kickers at the smallest distance: exactly, or as the reading of a near tie says.</summary>
    /// <remarks>
    /// Players who push against each other with the ball between them settle at equal distances, so near ties are no
    /// accident. Two kickers nearly tied leave three readings: the one, the other, or both.
    /// </remarks>
    private static int[] Closest(Body ball, ImmutableArray<Body> players, ImmutableArray<int> kickers, Margins margins)
    {
        Vector Offset(int agent) => players[agent].Position - ball.Position;
        double smallest = kickers.Min(agent => Offset(agent).LengthSquared);
        int[] exactly = [.. kickers.Where(agent => Offset(agent).LengthSquared == smallest)];
        int[] nearly = [.. kickers.Where(agent => Offset(agent).Length - Math.Sqrt(smallest) < margins.Near(agent))];

        // Exact ties have exact causes (symmetry) and are ties in floats too.
        if (nearly.Length == exactly.Length) return exactly;
        if (nearly.Length > 2) margins.Flag("three or more kickers equally near the ball");
        margins.Readings = nearly.Length + 1;
        return margins.Reading is not { } reading ? exactly : reading < nearly.Length ? [nearly[reading]] : nearly;
    }

    /// <summary>Does the ray of the kicked ball meet the goal that <paramref name="side"/> attacks?</summary>
    private static bool IsShot(Pitch pitch, Body ball, int side, Margins margins)
    {
        double line = pitch.OpponentGoal(side).X;
        double toGoal = ball.Velocity.X * Math.Sign(line);
        if (toGoal <= 0) return false;
        double time = (line - ball.Position.X) / ball.Velocity.X;
        double crossing = ball.Position.Y + ball.Velocity.Y * time;
        // The slope's relative rounding acts over the whole way across.
        double margin = margins.Hair + 4e-6 * Math.Abs(ball.Velocity.Y * time);
        margins.Threshold(Math.Abs(crossing) - pitch.GoalHalfWidth, margin, "a shot that just meets the post");
        return Math.Abs(crossing) < pitch.GoalHalfWidth;
    }
}
