using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>One tick of a match: actions to state, rewards, ends, statistics, next episode. One index per match.</summary>
/// <remarks>The order is the rule book's (README.md, "One tick"); <see cref="SoccerObserve"/> runs afterwards.</remarks>
public partial struct SoccerStep : IRangeKernel
{
    /// <summary>Arguments.</summary>
    public SoccerArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        var tick = new SoccerTick { Env = env, LastTouch = Arguments.State.Touch[env, 0] };
        SoccerMotion.Run(ref tick, Arguments);        // 1 accelerate, 2 move players
        SoccerContact.Run(ref tick, Arguments);       // 3 players push each other
        SoccerKick.Run(ref tick, Arguments);          // 4 who kicks, where the ball goes
        SoccerBall.Run(ref tick, Arguments);          // 5 the ball moves, 6 and leaves players it overlaps
        SoccerEnd.Run(ref tick, Arguments);           // 7 goal, 8 clock: what ends
        SoccerResults.Run(ref tick, Arguments);       // 9 rewards, statistics
        SoccerEnd.Continue(ref tick, Arguments);      //   kick-off or next episode
    }
}

/// <summary>What the rules of one tick hand to each other.</summary>
public struct SoccerTick
{
    /// <summary>Match.</summary>
    public int Env;

    /// <summary>Agents whose action is not valid, as bits.</summary>
    public uint BadActions;

    /// <summary>Agents that kick, as bits.</summary>
    public uint Kickers;

    /// <summary>Agents with a first touch after the other side's, as bits.</summary>
    public uint FirstTouches;

    /// <summary>Agent that touched last, or −1.</summary>
    public int LastTouch;

    /// <summary>1 when side A scored, −1 when side B did, else 0.</summary>
    public int Goal;

    /// <summary>1 when the rules end the episode.</summary>
    public int Terminated;

    /// <summary>1 when the clock cuts it.</summary>
    public int Truncated;

    /// <summary>The ball; m, m/s.</summary>
    public float BallX, BallY, BallVelocityX, BallVelocityY;

    /// <summary>The ball at the start of the tick; m.</summary>
    public float StartBallX, StartBallY;

    /// <summary>Metres that the nearest player of each side came closer to the ball.</summary>
    public float ApproachA, ApproachB;
}

/// <summary>Steps 1 and 2: accelerate and move the players.</summary>
public static class SoccerMotion
{
    /// <summary>Reads the players at the start and the actions, writes <see cref="SoccerArguments.Moved"/>.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<float> player = a.State.Player.Of(tick.Env);
        MatchSlots<float> moved = a.Moved.Of(tick.Env);
        int teamSize = a.Parameters.TeamSize;
        int agents = teamSize + teamSize;
        float dt = a.Parameters.TimeStep;
        float boundX = a.Parameters.HalfLength + SoccerConstants.Apron;
        float boundY = a.Parameters.HalfWidth + SoccerConstants.Apron;
        for (int agent = 0; agent < agents; agent++)
        {
            Float2 move = SoccerAction.Move(ref tick, a, agent);
            int at = agent * SoccerConstants.BodyFloats;
            float x = player[at], y = player[at + 1], vx = player[at + 2], vy = player[at + 3];
            vx += move.X * a.Parameters.SpeedPerTick - vx * a.Parameters.PlayerDragPerTick;
            vy += move.Y * a.Parameters.SpeedPerTick - vy * a.Parameters.PlayerDragPerTick;
            Limit(ref vx, ref vy, a.Parameters.PlayerMaxSpeed);
            x += vx * dt;
            y += vy * dt;
            KeepInside(ref x, ref vx, boundX);
            KeepInside(ref y, ref vy, boundY);
            moved[at] = x;
            moved[at + 1] = y;
            moved[at + 2] = vx;
            moved[at + 3] = vy;
        }
    }

    /// <summary>Scales (vx, vy) down to the speed <paramref name="max"/> if it is faster.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Limit(ref float vx, ref float vy, float max)
    {
        float speedSquared = vx * vx + vy * vy;
        if (speedSquared <= max * max) return;
        float scale = max / Scalar.Sqrt(speedSquared);
        vx *= scale;
        vy *= scale;
    }

    /// <summary>Holds a coordinate within ±<paramref name="bound"/>; an outward velocity there becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KeepInside(ref float position, ref float velocity, float bound)
    {
        if (position > bound)
        {
            position = bound;
            velocity = Scalar.Min(velocity, 0f);
        }
        else if (position < -bound)
        {
            position = -bound;
            velocity = Scalar.Max(velocity, 0f);
        }
    }
}
