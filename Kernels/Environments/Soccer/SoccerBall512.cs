using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Steps 4 to 6 with one lane per player: who can kick, whom the ball meets. What follows from it is the plain rule's.</summary>
internal unsafe struct SoccerBall512 : ISoccerReach
{
    /// <summary>As <see cref="SoccerKick.Run"/>.</summary>
    internal static void Kick(ref SoccerTick tick, in SoccerArguments a, SoccerLanes512 lanes)
    {
        SoccerKick.LoadBall(ref tick, a);
        ref readonly SoccerParameters p = ref a.Parameters;
        uint near = 0;
        for (int first = 0; first < 2 * p.TeamSize; first += SoccerLanes512.Count) near |= Near(tick, lanes, first, p.KickRadius) << first;
        near &= SoccerLanes512.All(2 * p.TeamSize);
        if (near == 0) return;
        uint kickers = p.Discrete != 0 ? ChosenKicks(tick, a, near, lanes) : Kicks(tick, p, lanes) & near;
        if (kickers == 0) return;
        tick.Kickers = kickers;
        uint sideA = SoccerLanes512.All(p.TeamSize);
        SoccerKick.Apply(ref tick, a, Gather(kickers & sideA, lanes), Gather(kickers & ~sideA, lanes));
    }

    /// <inheritdoc/>
    public static void First(in SoccerTick tick, in SoccerArguments a, uint passed, float remaining, View<float> lanes, out SoccerHit sideA, out SoccerHit sideB)
    {
        var players = new SoccerLanes512(lanes.Pointer);
        ref readonly SoccerParameters p = ref a.Parameters;
        uint met = 0;
        for (int first = 0; first < 2 * p.TeamSize; first += SoccerLanes512.Count) met |= Meet(tick, p, players, first, remaining) << first;
        met &= ~passed & SoccerLanes512.All(2 * p.TeamSize);
        sideA = sideB = new SoccerHit { Agent = SoccerConstants.Nobody, Time = SoccerReach.Never };
        if (met == 0) return;
        uint ofSideA = SoccerLanes512.All(p.TeamSize);
        Earliest(met & ofSideA, players.Single, ref sideA);
        Earliest(met & ~ofSideA, players.Single, ref sideB);
    }

    /// <inheritdoc/>
    public static void Pushes(in SoccerTick tick, in SoccerArguments a, View<float> lanes, out Float2 sideA, out Float2 sideB)
    {
        var players = new SoccerLanes512(lanes.Pointer);
        ref readonly SoccerParameters p = ref a.Parameters;
        float radius = p.BallContactDistance;
        uint overlapping = 0;
        for (int first = 0; first < 2 * p.TeamSize; first += SoccerLanes512.Count) overlapping |= Near(tick, players, first, radius) << first;
        overlapping &= SoccerLanes512.All(2 * p.TeamSize);
        sideA = sideB = default;
        if (overlapping == 0) return;
        uint ofSideA = SoccerLanes512.All(p.TeamSize);
        sideA = Push(tick, overlapping & ofSideA, players, radius, 1f);
        sideB = Push(tick, overlapping & ~ofSideA, players, radius, -1f);
    }

    // Who of a register is nearer to the ball than a radius, as bits; leaves all squared distances in the single lanes.
    private static uint Near(in SoccerTick tick, SoccerLanes512 lanes, int first, float radius)
    {
        Vector512<float> offsetX = Vector512.Create(tick.BallX) - Vector512.Load(lanes.X + first), offsetY = Vector512.Create(tick.BallY) - Vector512.Load(lanes.Y + first);
        Vector512<float> distanceSquared = offsetX * offsetX + offsetY * offsetY;
        distanceSquared.Store(lanes.Single + first);
        return SoccerLanes512.Bits(~Vector512.GreaterThanOrEqual(distanceSquared, Vector512.Create(radius * radius)));
    }

    // Who of a register is in the ball's way, as bits, by the formula of SoccerReach; leaves the times in the single lanes.
    private static uint Meet(in SoccerTick tick, in SoccerParameters p, SoccerLanes512 lanes, int first, float remaining)
    {
        Vector512<float> vx = Vector512.Create(tick.BallVelocityX), vy = Vector512.Create(tick.BallVelocityY), zero = Vector512<float>.Zero;
        Vector512<float> offsetX = Vector512.Create(tick.BallX) - Vector512.Load(lanes.X + first), offsetY = Vector512.Create(tick.BallY) - Vector512.Load(lanes.Y + first);
        Vector512<float> b = offsetX * vx + offsetY * vy, distanceSquared = offsetX * offsetX + offsetY * offsetY;
        Vector512<float> c = distanceSquared - Vector512.Create(p.BallContactDistance * p.BallContactDistance);
        Vector512<float> discriminant = b * b - (vx * vx + vy * vy) * c;
        Vector512<float> time = c / (Vector512.Sqrt(discriminant) - b);
        Vector512<float> isOutside = Vector512.GreaterThan(c, zero);
        Vector512<float> isMissed = Vector512.LessThan(discriminant, zero) | Vector512.GreaterThan(time, Vector512.Create(remaining));
        Vector512<float> isSamePlace = Vector512.LessThan(distanceSquared, Vector512.Create(SoccerConstants.MinSeparation * SoccerConstants.MinSeparation));
        Vector512<float> isNot = Vector512.ConditionalSelect(isOutside, isMissed, isSamePlace) | Vector512.GreaterThanOrEqual(b, zero);
        Vector512.ConditionalSelect(isOutside, time, zero).Store(lanes.Single + first);
        return SoccerLanes512.Bits(~isNot);
    }

    private static Float2 Push(in SoccerTick tick, uint overlapping, SoccerLanes512 lanes, float radius, float sign)
    {
        Float2 sum = default;
        for (uint left = overlapping; left != 0; left &= left - 1)
        {
            int agent = BitOperations.TrailingZeroCount(left);
            sum += SoccerReach.Push(tick.BallX - lanes.X[agent], tick.BallY - lanes.Y[agent], lanes.Single[agent], radius, sign);
        }

        return sum;
    }

    private static void Earliest(uint met, float* time, ref SoccerHit first)
    {
        for (uint left = met; left != 0; left &= left - 1)
        {
            int agent = BitOperations.TrailingZeroCount(left);
            if (time[agent] >= first.Time) continue;
            first.Time = time[agent];
            first.Agent = agent;
        }
    }

    // Vectors of the world frame into the lanes; returns who kicks hard enough.
    private static uint Kicks(in SoccerTick tick, in SoccerParameters p, SoccerLanes512 lanes)
    {
        uint kickers = 0;
        for (int first = 0; first < 2 * p.TeamSize; first += SoccerLanes512.Count)
        {
            Vector512<float> x = Vector512.Load(lanes.KickX + first), y = Vector512.Load(lanes.KickY + first);
            SoccerLanes512.InUnitDisc(ref x, ref y);
            Vector512<float> sign = SoccerLanes512.Sign(first, p.TeamSize), isBad = SoccerLanes512.Where(tick.BadActions >> first);
            x = Vector512.ConditionalSelect(isBad, Vector512<float>.Zero, x * sign);
            y = Vector512.ConditionalSelect(isBad, Vector512<float>.Zero, y * sign);
            x.Store(lanes.KickX + first);
            y.Store(lanes.KickY + first);
            kickers |= SoccerLanes512.Bits(~Vector512.LessThan(x * x + y * y, Vector512.Create(p.KickDeadZone * p.KickDeadZone))) << first;
        }

        return kickers;
    }

    private static uint ChosenKicks(in SoccerTick tick, in SoccerArguments a, uint near, SoccerLanes512 lanes)
    {
        uint kickers = 0;
        for (uint left = near; left != 0; left &= left - 1)
        {
            int agent = BitOperations.TrailingZeroCount(left);
            Float2 kick = SoccerAction.Kick(tick, a, agent);
            if (kick.LengthSquared < a.Parameters.KickDeadZone * a.Parameters.KickDeadZone) continue;
            lanes.KickX[agent] = kick.X;
            lanes.KickY[agent] = kick.Y;
            kickers |= 1u << agent;
        }

        return kickers;
    }

    private static SoccerKicks Gather(uint kickers, SoccerLanes512 lanes)
    {
        var kicks = new SoccerKicks { Nearest = SoccerConstants.Nobody };
        for (uint left = kickers; left != 0; left &= left - 1)
        {
            int agent = BitOperations.TrailingZeroCount(left);
            kicks.Add(agent, new Float2(lanes.KickX[agent], lanes.KickY[agent]), lanes.Single[agent]);
        }

        return kicks;
    }
}
