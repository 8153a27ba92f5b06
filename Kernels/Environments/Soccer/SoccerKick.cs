using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Step 4: who kicks, and what that makes of the ball's velocity.</summary>
public static class SoccerKick
{
    /// <summary>After <see cref="SoccerContact"/>; loads the ball into the tick.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a)
    {
        LoadBall(ref tick, a);
        SoccerKicks sideA = Gather(ref tick, a, 0);
        SoccerKicks sideB = Gather(ref tick, a, a.Parameters.TeamSize);
        if (sideA.Count + sideB.Count != 0) Apply(ref tick, a, sideA, sideB);
    }

    /// <summary>The ball at the start, slowed down by its drag.</summary>
    internal static void LoadBall(ref SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<float> ball = a.State.Ball.Of(tick.Env);
        tick.BallX = tick.StartBallX = ball[0];
        tick.BallY = tick.StartBallY = ball[1];
        tick.BallVelocityX = ball[2] * a.Parameters.BallKeepPerTick;
        tick.BallVelocityY = ball[3] * a.Parameters.BallKeepPerTick;
    }

    /// <summary>The ball's new velocity, and the touch of the nearest kicker. At least one side kicks.</summary>
    internal static void Apply(ref SoccerTick tick, in SoccerArguments a, in SoccerKicks sideA, in SoccerKicks sideB)
    {
        Float2 velocity = Combine(sideA, sideB, a.Parameters);
        tick.BallVelocityX = velocity.X;
        tick.BallVelocityY = velocity.Y;
        MatchSlots<float> statistics = a.State.Statistics.Of(tick.Env);
        statistics[SoccerStatistic.Touches] += sideA.Count;
        statistics[SoccerStatistic.Touches + 1] += sideB.Count;
        int nearest = NearestKicker(tick, sideA, sideB, a.Parameters.TeamSize);
        if (nearest == SoccerConstants.Nobody) return;
        SoccerTouch.Run(ref tick, a, nearest, tick.BallX, tick.BallY);
        int side = nearest < a.Parameters.TeamSize ? 0 : 1;
        if (IsShot(tick, a.Parameters, side)) statistics[SoccerStatistic.Shots + side] += 1f;
    }

    // The kickers of one side in index order: their number, the sum of their vectors, and the nearest one.
    private static SoccerKicks Gather(ref SoccerTick tick, in SoccerArguments a, int firstAgent)
    {
        MatchSlots<float> player = a.State.Player.Of(tick.Env);
        var kicks = new SoccerKicks { Nearest = SoccerConstants.Nobody };
        float radiusSquared = a.Parameters.KickRadius * a.Parameters.KickRadius;
        float deadZoneSquared = a.Parameters.KickDeadZone * a.Parameters.KickDeadZone;
        for (int agent = firstAgent; agent < firstAgent + a.Parameters.TeamSize; agent++)
        {
            float offsetX = player[agent * SoccerConstants.BodyFloats] - tick.BallX;
            float offsetY = player[agent * SoccerConstants.BodyFloats + 1] - tick.BallY;
            float distanceSquared = offsetX * offsetX + offsetY * offsetY;
            if (distanceSquared >= radiusSquared) continue;
            Float2 kick = SoccerAction.Kick(tick, a, agent);
            if (kick.LengthSquared < deadZoneSquared) continue;
            tick.Kickers |= 1u << agent;
            kicks.Add(agent, kick, distanceSquared);
        }

        return kicks;
    }

    // The ball's new velocity, before its speed limit (which makes the rule "sum" a limited sum).
    private static Float2 Combine(in SoccerKicks sideA, in SoccerKicks sideB, in SoccerParameters p)
    {
        if (p.KickRule == (int)KickRule.Sum) return (sideA.Sum + sideB.Sum) * p.KickMaxSpeed;
        if (p.KickRule == (int)KickRule.Average) return (sideA.Sum + sideB.Sum) * (p.KickMaxSpeed / (sideA.Count + sideB.Count));
        if (sideB.Count == 0) return sideA.NearestKick * p.KickMaxSpeed;
        if (sideA.Count == 0) return sideB.NearestKick * p.KickMaxSpeed;
        if (sideA.NearestDistanceSquared < sideB.NearestDistanceSquared) return sideA.NearestKick * p.KickMaxSpeed;
        if (sideB.NearestDistanceSquared < sideA.NearestDistanceSquared) return sideB.NearestKick * p.KickMaxSpeed;
        return (sideA.NearestKick + sideB.NearestKick) * (0.5f * p.KickMaxSpeed);
    }

    // A tie across sides goes to the side that did not touch last, to nobody when nobody touched.
    private static int NearestKicker(in SoccerTick tick, in SoccerKicks sideA, in SoccerKicks sideB, int teamSize)
    {
        if (sideB.Count == 0) return sideA.Nearest;
        if (sideA.Count == 0) return sideB.Nearest;
        if (sideA.NearestDistanceSquared < sideB.NearestDistanceSquared) return sideA.Nearest;
        if (sideB.NearestDistanceSquared < sideA.NearestDistanceSquared) return sideB.Nearest;
        if (tick.LastTouch == SoccerConstants.Nobody) return SoccerConstants.Nobody;
        return tick.LastTouch < teamSize ? sideB.Nearest : sideA.Nearest;
    }

    // Does the ball's new velocity point through the goal that this side attacks? Drag and players are left out.
    private static bool IsShot(in SoccerTick tick, in SoccerParameters p, int side)
    {
        float vx = tick.BallVelocityX, vy = tick.BallVelocityY;
        SoccerMotion.Limit(ref vx, ref vy, p.BallMaxSpeed);
        float goalX = side == 0 ? p.HalfLength : -p.HalfLength;
        if (side == 0 ? vx <= 0f : vx >= 0f) return false;
        return Scalar.Abs(tick.BallY + vy * ((goalX - tick.BallX) / vx)) < p.GoalHalfWidth;
    }
}

/// <summary>The kickers of one side.</summary>
public struct SoccerKicks
{
    /// <summary>How many.</summary>
    public int Count;

    /// <summary>Agent of the nearest one, or −1.</summary>
    public int Nearest;

    /// <summary>m².</summary>
    public float NearestDistanceSquared;

    /// <summary>Its vector; world frame, length 0..1.</summary>
    public Float2 NearestKick;

    /// <summary>Sum of all vectors.</summary>
    public Float2 Sum;

    /// <summary>One more kicker; called in index order, so that a tie goes to the lowest.</summary>
    internal void Add(int agent, Float2 kick, float distanceSquared)
    {
        Count += 1;
        Sum += kick;
        if (Nearest != SoccerConstants.Nobody && distanceSquared >= NearestDistanceSquared) return;
        Nearest = agent;
        NearestDistanceSquared = distanceSquared;
        NearestKick = kick;
    }
}
