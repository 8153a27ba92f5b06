using System.Numerics;
using System.Runtime.CompilerServices;
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
        if (p.Discrete != 0) ChosenMoves(ref tick, a, lanes);
        else Moves(ref tick, a, lanes);
        for (int first = 0; first < agents; first += SoccerLanes512.Count)
            Move(p, Bodies512.Load(player + first * SoccerConstants.BodyFloats, agents - first), lanes, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move(in SoccerParameters p, Bodies512 bodies, SoccerLanes512 lanes, int first)
    {
        (Vector512<float> startX, Vector512<float> startY) = bodies.Places;
        (Vector512<float> velocityX, Vector512<float> velocityY) = bodies.Velocities;
        Vector512<float> moveX = Vector512.Load(lanes.Single + first), moveY = Vector512.Load(lanes.SingleMore + first);
        Vector512<float> speedUp = Vector512.Create(p.SpeedPerTick), drag = Vector512.Create(p.PlayerDragPerTick), dt = Vector512.Create(p.TimeStep);
        velocityX += moveX * speedUp - velocityX * drag;
        velocityY += moveY * speedUp - velocityY * drag;
        SoccerLanes512.Limit(ref velocityX, ref velocityY, p.PlayerMaxSpeed);
        Vector512<float> x = startX + velocityX * dt, y = startY + velocityY * dt;
        SoccerLanes512.KeepInside(ref x, ref velocityX, p.HalfLength + SoccerConstants.Apron);
        SoccerLanes512.KeepInside(ref y, ref velocityY, p.HalfWidth + SoccerConstants.Apron);
        startX.Store(lanes.StartX + first);
        startY.Store(lanes.StartY + first);
        x.Store(lanes.X + first);
        y.Store(lanes.Y + first);
        velocityX.Store(lanes.VelocityX + first);
        velocityY.Store(lanes.VelocityY + first);
    }

    /// <summary>After <see cref="SoccerContact512"/>: the players to the state, the ways they ran to the statistics.</summary>
    internal static void Finish(ref SoccerTick tick, in SoccerArguments a, SoccerLanes512 lanes)
    {
        int teamSize = a.Parameters.TeamSize, agents = teamSize + teamSize;
        float* player = a.State.Player.ContiguousOf(tick.Env).Pointer, way = lanes.Single;
        for (int first = 0; first < agents; first += SoccerLanes512.Count)
        {
            Vector512<float> x = Vector512.Load(lanes.X + first), y = Vector512.Load(lanes.Y + first);
            Bodies512.Of(x, y, Vector512.Load(lanes.VelocityX + first), Vector512.Load(lanes.VelocityY + first))
                .Store(player + first * SoccerConstants.BodyFloats, agents - first);
            Vector512<float> runX = x - Vector512.Load(lanes.StartX + first), runY = y - Vector512.Load(lanes.StartY + first);
            Vector512.Sqrt(runX * runX + runY * runY).Store(way + first);
        }

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
        long begin = (long)tick.Env * agents * SoccerConstants.ActionFloats;
        float* action = a.Views.ContinuousActions.Slice(begin, agents * SoccerConstants.ActionFloats).Pointer;
        uint bad = 0;
        for (int first = 0; first < agents; first += SoccerLanes512.Count)
        {
            Bodies512 actions = Bodies512.Load(action + first * SoccerConstants.ActionFloats, agents - first); // laid out like bodies
            (Vector512<float> x, Vector512<float> y) = actions.Places;
            (Vector512<float> kickX, Vector512<float> kickY) = actions.Velocities;
            kickX.Store(lanes.KickX + first);
            kickY.Store(lanes.KickY + first);
            Vector512<float> notFinite = (x - x) + (y - y) + ((kickX - kickX) + (kickY - kickY));
            bad |= (~SoccerLanes512.Bits(Vector512.Equals(notFinite, Vector512<float>.Zero)) & SoccerLanes512.All(SoccerLanes512.Count)) << first;
            SoccerLanes512.InUnitDisc(ref x, ref y);
            Vector512<float> sign = SoccerLanes512.Sign(first, a.Parameters.TeamSize);
            (x * sign).Store(lanes.Single + first);
            (y * sign).Store(lanes.SingleMore + first);
        }

        for (uint left = bad & SoccerLanes512.All(agents); left != 0; left &= left - 1)
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
