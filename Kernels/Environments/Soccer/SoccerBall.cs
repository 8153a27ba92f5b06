using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Steps 5 and 6: one swept move of the ball against lines, posts and players, then out of what it still overlaps.</summary>
public static class SoccerBall
{
    /// <summary>After <see cref="SoccerKick"/>; moves the ball in the tick and notes goals and touches.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a) => Run<SoccerReach>(ref tick, a, default);

    internal static void Run<TReach>(ref SoccerTick tick, in SoccerArguments a, View<float> lanes)
        where TReach : struct, ISoccerReach
    {
        SoccerMotion.Limit(ref tick.BallVelocityX, ref tick.BallVelocityY, a.Parameters.BallMaxSpeed);
        if (tick.BallVelocityX != 0f || tick.BallVelocityY != 0f) Sweep<TReach>(ref tick, a, lanes);
        if (tick.Goal == 0) Release<TReach>(ref tick, a, lanes);
        SoccerMotion.Limit(ref tick.BallVelocityX, ref tick.BallVelocityY, a.Parameters.BallMaxSpeed); // bounces may have made it faster
        if (tick.LastTouch == SoccerConstants.Nobody) return;
        float wayX = tick.BallX - tick.StartBallX, wayY = tick.BallY - tick.StartBallY;
        a.State.TouchPlace[tick.Env, 2] += Scalar.Sqrt(wayX * wayX + wayY * wayY);
    }

    private static void Sweep<TReach>(ref SoccerTick tick, in SoccerArguments a, View<float> lanes)
        where TReach : struct, ISoccerReach
    {
        float remaining = a.Parameters.TimeStep;
        uint passed = tick.Kickers; // kickers, and players whose contact found the ball already leaving
        for (int met = 0; met < SoccerConstants.MaxBallEvents; met++)
        {
            SoccerHit hit = FirstPlayer<TReach>(tick, a, passed, remaining, lanes);
            float lineX = LineTime(tick.BallX, tick.BallVelocityX, a.Parameters.HalfLength);
            float lineY = LineTime(tick.BallY, tick.BallVelocityY, a.Parameters.HalfWidth);
            float line = Scalar.Min(lineX, lineY);
            if (hit.Time <= line && hit.Time <= remaining)
            {
                Advance(ref tick, hit.Time);
                remaining -= hit.Time;
                if (hit.Agent == SoccerConstants.Nobody) break; // a tie that goes to nobody ends the move
                passed |= Bounce(ref tick, a, hit.Agent);
            }
            else if (line <= remaining)
            {
                Advance(ref tick, line);
                remaining -= line;
                if (lineX <= lineY) MeetGoalLine(ref tick, a.Parameters);
                else MeetSideLine(ref tick, a.Parameters);
                if (tick.Goal != 0) return;
            }
            else
            {
                Advance(ref tick, remaining);
                break;
            }
        }

        KeepInside(ref tick, a.Parameters);
    }

    // Time until a coordinate moving at v reaches ±bound, going outward.
    private static float LineTime(float position, float velocity, float bound) =>
        velocity > 0f ? (bound - position) / velocity : velocity < 0f ? (-bound - position) / velocity : SoccerReach.Never;

    private static void Advance(ref SoccerTick tick, float time)
    {
        tick.BallX += tick.BallVelocityX * time;
        tick.BallY += tick.BallVelocityY * time;
    }

    private static void KeepInside(ref SoccerTick tick, in SoccerParameters p)
    {
        tick.BallX = Scalar.Clamp(tick.BallX, -p.HalfLength, p.HalfLength);
        tick.BallY = Scalar.Clamp(tick.BallY, -p.HalfWidth, p.HalfWidth);
    }

    private static void MeetGoalLine(ref SoccerTick tick, in SoccerParameters p)
    {
        bool right = tick.BallVelocityX > 0f;
        tick.BallX = right ? p.HalfLength : -p.HalfLength;
        if (Scalar.Abs(tick.BallY) < p.GoalHalfWidth) tick.Goal = right ? 1 : -1;
        else tick.BallVelocityX *= -p.BallRestitution;
    }

    private static void MeetSideLine(ref SoccerTick tick, in SoccerParameters p)
    {
        tick.BallY = tick.BallVelocityY > 0f ? p.HalfWidth : -p.HalfWidth;
        tick.BallVelocityY *= -p.BallRestitution;
    }

    // The first player in the ball's way, by side, so that a tie across sides is not decided by index.
    private static SoccerHit FirstPlayer<TReach>(in SoccerTick tick, in SoccerArguments a, uint passed, float remaining, View<float> lanes)
        where TReach : struct, ISoccerReach
    {
        int teamSize = a.Parameters.TeamSize;
        TReach.First(tick, a, passed, remaining, lanes, out SoccerHit sideA, out SoccerHit sideB);
        if (sideA.Time < sideB.Time) return sideA;
        if (sideB.Time < sideA.Time || sideA.Agent == SoccerConstants.Nobody) return sideB;
        if (tick.LastTouch == SoccerConstants.Nobody) return new SoccerHit { Agent = SoccerConstants.Nobody, Time = sideA.Time };
        return tick.LastTouch < teamSize ? sideB : sideA;
    }

    // Reflects the ball's velocity relative to the player, if approaching; otherwise the player is no obstacle any more.
    private static uint Bounce(ref SoccerTick tick, in SoccerArguments a, int agent)
    {
        MatchSlots<float> player = a.State.Player.Of(tick.Env);
        int at = agent * SoccerConstants.BodyFloats;
        float normalX = tick.BallX - player[at], normalY = tick.BallY - player[at + 1];
        float distance = Scalar.Sqrt(normalX * normalX + normalY * normalY);
        normalX /= distance;
        normalY /= distance;
        float approach = (tick.BallVelocityX - player[at + 2]) * normalX + (tick.BallVelocityY - player[at + 3]) * normalY;
        if (approach >= 0f) return 1u << agent;
        float change = approach * (1f + a.Parameters.BallRestitution);
        tick.BallVelocityX -= change * normalX;
        tick.BallVelocityY -= change * normalY;
        a.State.Statistics[tick.Env, SoccerStatistic.Touches + (agent < a.Parameters.TeamSize ? 0 : 1)] += 1f;
        SoccerTouch.Run(ref tick, a, agent, tick.BallX, tick.BallY);
        return 0;
    }

    private static void Release<TReach>(ref SoccerTick tick, in SoccerArguments a, View<float> lanes)
        where TReach : struct, ISoccerReach
    {
        TReach.Pushes(tick, a, lanes, out Float2 sideA, out Float2 sideB);
        tick.BallX += sideA.X + sideB.X;
        tick.BallY += sideA.Y + sideB.Y;
        KeepInside(ref tick, a.Parameters);
    }
}

/// <summary>A player in the ball's way.</summary>
public struct SoccerHit
{
    /// <summary>Who; −1 when nobody.</summary>
    public int Agent;

    /// <summary>When; s from now.</summary>
    public float Time;
}
