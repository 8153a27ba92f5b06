using System.Numerics;
using System.Runtime.Intrinsics;
using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Steps 1 and 2 with one lane per player, as <see cref="SoccerMotion"/>, and what step 3 leaves for the state.</summary>
internal static unsafe class SoccerMotion512
{
    /// <summary>Reads players and actions; writes the lanes.</summary>
    internal static void Run(ref SoccerTick tick, in SoccerArguments a, SoccerLanes512 lanes)
    {
        ref readonly SoccerParameters p = ref a.Parameters;
        int agents = p.TeamSize + p.TeamSize;
        float* player = a.State.Player.ContiguousOf(tick.Env).Pointer;
        Bodies512 bodies = Bodies512.Load(player, agents);
        (Vector512<float> startX, Vector512<float> startY) = bodies.Places;
        (Vector512<float> velocityX, Vector512<float> velocityY) = bodies.Velocities;
        if (p.Discrete != 0) ChosenMoves(ref tick, a, lanes);
        else Moves(ref tick, a, lanes);
        Vector512<float> moveX = Vector512.Load(lanes.Single), moveY = Vector512.Load(lanes.SingleMore);
        Vector512<float> speedUp = Vector512.Create(p.SpeedPerTick), drag = Vector512.Create(p.PlayerDragPerTick), dt = Vector512.Create(p.TimeStep);
        velocityX += moveX * speedUp - velocityX * drag;
        velocityY += moveY * speedUp - velocityY * drag;
        SoccerLanes512.Limit(ref velocityX, ref velocityY, p.PlayerMaxSpeed);
        Vector512<float> x = startX + velocityX * dt, y = startY + velocityY * dt;
        SoccerLanes512.KeepInside(ref x, ref velocityX, p.HalfLength + SoccerConstants.Apron);
        SoccerLanes512.KeepInside(ref y, ref velocityY, p.HalfWidth + SoccerConstants.Apron);
        startX.Store(lanes.StartX);
        startY.Store(lanes.StartY);
        x.Store(lanes.X);
        y.Store(lanes.Y);
        velocityX.Store(lanes.VelocityX);
        velocityY.Store(lanes.VelocityY);
    }

    /// <summary>After <see cref="SoccerContact512"/>: the players to the state, the ways they ran to the statistics.</summary>
    internal static void Finish(ref SoccerTick tick, in SoccerArguments a, SoccerLanes512 lanes)
    {
        int agents = 2 * a.Parameters.TeamSize;
        float* player = a.State.Player.ContiguousOf(tick.Env).Pointer;
        Vector512<float> x = Vector512.Load(lanes.X), y = Vector512.Load(lanes.Y);
        Bodies512.Of(x, y, Vector512.Load(lanes.VelocityX), Vector512.Load(lanes.VelocityY)).Store(player, agents);
        Vector512<float> runX = x - Vector512.Load(lanes.StartX), runY = y - Vector512.Load(lanes.StartY);
        float* way = lanes.Single;
        Vector512.Sqrt(runX * runX + runY * runY).Store(way);
        int teamSize = a.Parameters.TeamSize;
        float wayA = 0f, wayB = 0f;
        for (int index = 0; index < teamSize; index++)
        {
            wayA += way[index];
            wayB += way[teamSize + index];
        }

        SoccerContact.AddWays(tick.Env, a, wayA, wayB);
        int* nearest = a.State.Nearest.ContiguousOf(tick.Env).Pointer;
        Approach(ref tick, lanes, nearest[0], teamSize + nearest[1], a.State.Ball.ContiguousOf(tick.Env).Pointer);
    }

    // As SoccerContact.Approach for the nearest player of either side, where they were and where they are.
    private static void Approach(ref SoccerTick tick, SoccerLanes512 lanes, int agentA, int agentB, float* ball)
    {
        Vector128<float> offsetX = Vector128.Create(lanes.StartX[agentA], lanes.X[agentA], lanes.StartX[agentB], lanes.X[agentB]) - Vector128.Create(ball[0]);
        Vector128<float> offsetY = Vector128.Create(lanes.StartY[agentA], lanes.Y[agentA], lanes.StartY[agentB], lanes.Y[agentB]) - Vector128.Create(ball[1]);
        Vector128<float> distance = Vector128.Sqrt(offsetX * offsetX + offsetY * offsetY);
        tick.ApproachA = distance.ToScalar() - distance.GetElement(1);
        tick.ApproachB = distance.GetElement(2) - distance.GetElement(3);
    }

    // As SoccerAction.Move for every agent, to the single lanes; keeps the kicks for later.
    private static void Moves(ref SoccerTick tick, in SoccerArguments a, SoccerLanes512 lanes)
    {
        int agents = 2 * a.Parameters.TeamSize;
        long first = (long)tick.Env * agents * SoccerConstants.ActionFloats;
        Bodies512 actions = Bodies512.Load(a.Views.ContinuousActions.Slice(first, agents * SoccerConstants.ActionFloats).Pointer, agents);
        (Vector512<float> x, Vector512<float> y) = actions.Places;
        (Vector512<float> kickX, Vector512<float> kickY) = actions.Velocities;
        kickX.Store(lanes.KickX);
        kickY.Store(lanes.KickY);
        Vector512<float> notFinite = (x - x) + (y - y) + ((kickX - kickX) + (kickY - kickY));
        uint bad = ~SoccerLanes512.Bits(Vector512.Equals(notFinite, Vector512<float>.Zero)) & SoccerLanes512.All(agents);
        SoccerLanes512.InUnitDisc(ref x, ref y);
        Vector512<float> sign = SoccerLanes512.Sign(a.Parameters.TeamSize);
        (x * sign).Store(lanes.Single);
        (y * sign).Store(lanes.SingleMore);
        for (uint left = bad; left != 0; left &= left - 1)
        {
            int agent = BitOperations.TrailingZeroCount(left);
            SoccerAction.Reject(ref tick, a, agent, tick.Env * agents + agent, ErrorCode.ActionNotFinite);
            lanes.Single[agent] = 0f;
            lanes.SingleMore[agent] = 0f;
        }
    }

    private static void ChosenMoves(ref SoccerTick tick, in SoccerArguments a, SoccerLanes512 lanes)
    {
        for (int agent = 0; agent < 2 * a.Parameters.TeamSize; agent++)
        {
            Float2 move = SoccerAction.Move(ref tick, a, agent);
            lanes.Single[agent] = move.X;
            lanes.SingleMore[agent] = move.Y;
        }
    }
}
