using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>What step 5 leads to.</summary>
/// <param name="Ball">The ball where it stopped moving.</param>
/// <param name="Scorer">The side that scored, or null.</param>
/// <param name="Touching">Touches so far.</param>
internal sealed record BallMove(Body Ball, int? Scorer, Touching Touching);

/// <summary>Steps 5 and 6: the ball's way through lines, posts and players, and out of them.</summary>
internal static class BallRules
{
    /// <summary>Step 5: one move over the time step, from event to event.</summary>
    public static BallMove Move(Pitch pitch, Body ball, ImmutableArray<Body> players, ImmutableArray<int> kickers, Touching touching, Margins margins)
    {
        double left = pitch.TimeStep;
        var now = new BallMove(ball, null, touching);
        ImmutableHashSet<int> noObstacles = [.. kickers];
        for (int number = 0; number < SoccerConstants.MaxBallEvents; number++)
        {
            BallEvent next = BallEvents.Next(pitch, now.Ball, players, noObstacles, now.Touching.Last.Agent, left, margins);
            double time = next.Kind == BallEventKind.None ? left : next.Time;
            Vector reached = now.Ball.Position + now.Ball.Velocity * time;
            margins.BallMoved(reached, time);
            now = now with { Ball = now.Ball with { Position = reached } };
            left -= time;
            if (next.Kind is BallEventKind.None or BallEventKind.Deadlock) break;
            if (next.Kind == BallEventKind.Player)
            {
                (now, bool bounced) = MeetPlayer(pitch, now, next.Agent, players[next.Agent], now.Ball.Velocity.Length * time, margins);
                if (!bounced) noObstacles = noObstacles.Add(next.Agent);
                continue;
            }

            now = MeetLine(pitch, now, next.Kind, margins);
            if (now.Scorer is not null) break;
        }

        return now with { Ball = now.Ball with { Position = pitch.Inside(now.Ball.Position) } };
    }

    /// <summary>Step 6: players the ball overlaps push it out, all at once, unless it is in the goal; then its speed is limited.</summary>
    public static Body Leave(Pitch pitch, BallMove move, ImmutableArray<Body> players, Margins margins)
    {
        Body ball = move.Scorer is null ? Release(pitch, move.Ball, players, margins) : move.Ball;
        return ball with { Velocity = ball.Velocity.LimitedTo(pitch.Physics.BallMaxSpeed) };
    }

    private static Body Release(Pitch pitch, Body ball, ImmutableArray<Body> players, Margins margins)
    {
        int[] inside = [.. Enumerable.Range(0, players.Length).Where(agent => Distance(ball, players[agent]) < pitch.BallContact)];
        Vector push = pitch.Sum(inside, agent => Push(pitch, ball, players[agent], agent, margins));
        margins.BallPushed(inside.Select(agent => (agent, Distance(ball, players[agent]))));
        return ball with { Position = pitch.Inside(ball.Position + push) };
    }

    private static double Distance(Body ball, Body player) => (ball.Position - player.Position).Length;

    private static Vector Push(Pitch pitch, Body ball, Body player, int agent, Margins margins)
    {
        double distance = Distance(ball, player);
        margins.Separation(distance, "the ball lies in the middle of a player");
        return distance < SoccerConstants.MinSeparation
            ? Pitch.Turn(new Vector(pitch.BallContact, 0), pitch.SideOf(agent))
            : (ball.Position - player.Position) / distance * (pitch.BallContact - distance);
    }

    /// <summary>A contact: the ball bounces off a player it approaches, who thereby touches it; or nothing changes.</summary>
    private static (BallMove Move, bool Bounced) MeetPlayer(Pitch pitch, BallMove now, int agent, Body player, double travelled, Margins margins)
    {
        Body ball = now.Ball;
        Vector offset = ball.Position - player.Position;
        double distance = offset.Length;
        Vector normal = offset / distance;
        Vector relative = ball.Velocity - player.Velocity;
        double separating = Vector.Dot(relative, normal);
        double incidence = -Vector.Dot(ball.Velocity, normal) / ball.Velocity.Length;
        bool reachedEdge = distance > pitch.BallContact - margins.Hair;
        margins.BallContact(agent, distance, reachedEdge ? incidence : 1, relative.Length, travelled);
        margins.Threshold(separating, margins.SpeedHair + 4 * margins.BallVelocity, "the ball meets a player at just his speed");
        if (separating >= 0) return (now, false);

        Vector velocity = ball.Velocity - normal * ((1 + (double)pitch.Physics.BallRestitution) * separating);
        Touching touching = now.Touching.Count(SoccerStatistic.Touches, pitch.SideOf(agent));
        touching = TouchRules.By(pitch, agent, ball.Position, touching, margins);
        return (new BallMove(ball with { Velocity = velocity }, null, touching), true);
    }

    /// <summary>The ball at a line: a goal between the posts, else a bounce.</summary>
    private static BallMove MeetLine(Pitch pitch, BallMove now, BallEventKind kind, Margins margins)
    {
        Vector position = now.Ball.Position;
        Vector velocity = now.Ball.Velocity;
        double restitution = pitch.Physics.BallRestitution;
        if (kind == BallEventKind.LineY)
        {
            var onSideline = new Vector(position.X, Math.CopySign(pitch.HalfWidth, velocity.Y));
            return now with { Ball = new Body(onSideline, velocity with { Y = -restitution * velocity.Y }) };
        }

        var onGoalLine = new Vector(Math.CopySign(pitch.HalfLength, velocity.X), position.Y);
        margins.Threshold(Math.Abs(position.Y) - pitch.GoalHalfWidth, margins.Hair + 4 * margins.BallPosition, "the ball crosses the line at the very post");
        if (Math.Abs(position.Y) < pitch.GoalHalfWidth)
            return now with { Ball = new Body(onGoalLine, velocity), Scorer = velocity.X > 0 ? 0 : 1 };
        return now with { Ball = new Body(onGoalLine, velocity with { X = -restitution * velocity.X }) };
    }
}
