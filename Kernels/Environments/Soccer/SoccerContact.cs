using System.Numerics;
using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Step 3: players that overlap push each other apart.</summary>
/// <remarks>
/// Jacobi: every pair reads <see cref="SoccerArguments.Moved"/>, results go to the player column, so no pair sees another's
/// correction. Equal masses: half the overlap and half of the impulse −(1 + e)·v_n each.
/// </remarks>
public static class SoccerContact
{
    /// <summary>After <see cref="SoccerMotion"/>; writes the players and the ways they ran.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<float> player = a.State.Player.Of(tick.Env);
        MatchSlots<float> moved = a.Moved.Of(tick.Env);
        int teamSize = a.Parameters.TeamSize;
        int agents = teamSize + teamSize;
        uint overlapping = Overlapping(moved, agents, a.Parameters.PlayerContactDistance);
        float wayA = 0f, wayB = 0f;
        int nearestA = a.State.Nearest[tick.Env, 0], nearestB = teamSize + a.State.Nearest[tick.Env, 1];
        for (int agent = 0; agent < agents; agent++)
        {
            int at = agent * SoccerConstants.BodyFloats;
            var body = new SoccerBody { X = moved[at], Y = moved[at + 1], VelocityX = moved[at + 2], VelocityY = moved[at + 3] };
            if ((overlapping >> agent & 1) != 0) Correct(ref body, moved, agent, a.Parameters);
            float runX = body.X - player[at], runY = body.Y - player[at + 1];
            float way = Scalar.Sqrt(runX * runX + runY * runY);
            if (agent < teamSize) wayA += way;
            else wayB += way;
            if (agent == nearestA) tick.ApproachA = Approach(tick.Env, a, player[at], player[at + 1], body);
            if (agent == nearestB) tick.ApproachB = Approach(tick.Env, a, player[at], player[at + 1], body);
            player[at] = body.X;
            player[at + 1] = body.Y;
            player[at + 2] = body.VelocityX;
            player[at + 3] = body.VelocityY;
        }

        AddWays(tick.Env, a, wayA, wayB);
    }

    /// <summary>Counts the ways that both sides ran; m.</summary>
    internal static void AddWays(int env, in SoccerArguments a, float wayA, float wayB)
    {
        MatchSlots<float> statistics = a.State.Statistics.Of(env);
        statistics[SoccerStatistic.Distance] += wayA;
        statistics[SoccerStatistic.Distance + 1] += wayB;
    }

    // The agents with at least one overlapping pair, as bits: most ticks have none, and the sums are only needed there.
    private static uint Overlapping(MatchSlots<float> moved, int agents, float contactDistance)
    {
        uint overlapping = 0;
        float contactSquared = contactDistance * contactDistance;
        for (int agent = 1; agent < agents; agent++)
        {
            float x = moved[agent * SoccerConstants.BodyFloats], y = moved[agent * SoccerConstants.BodyFloats + 1];
            for (int other = 0; other < agent; other++)
            {
                float offsetX = x - moved[other * SoccerConstants.BodyFloats];
                float offsetY = y - moved[other * SoccerConstants.BodyFloats + 1];
                uint hit = offsetX * offsetX + offsetY * offsetY < contactSquared ? 1u : 0u;
                overlapping |= hit << agent | hit << other;
            }
        }

        return overlapping;
    }

    // Sum over side A in index order plus sum over side B in index order: rotating the world and swapping the sides
    // swaps the two sums, and addition commutes, so the result rotates bit for bit.
    private static void Correct(ref SoccerBody body, MatchSlots<float> moved, int agent, in SoccerParameters p)
    {
        SoccerBody sumA = default, sumB = default;
        SoccerBody self = body;
        uint partners = Partners(self, moved, agent, 2 * p.TeamSize, p.PlayerContactDistance);
        uint sideA = (1u << p.TeamSize) - 1;
        for (uint left = partners & sideA; left != 0; left &= left - 1)
            AddPair(ref sumA, self, moved, agent, BitOperations.TrailingZeroCount(left), p);
        for (uint left = partners & ~sideA; left != 0; left &= left - 1)
            AddPair(ref sumB, self, moved, agent, BitOperations.TrailingZeroCount(left), p);
        body.X += sumA.X + sumB.X;
        body.Y += sumA.Y + sumB.Y;
        body.VelocityX += sumA.VelocityX + sumB.VelocityX;
        body.VelocityY += sumA.VelocityY + sumB.VelocityY;
        SoccerMotion.Limit(ref body.VelocityX, ref body.VelocityY, p.PlayerMaxSpeed);
        SoccerMotion.KeepInside(ref body.X, ref body.VelocityX, p.HalfLength + SoccerConstants.Apron);
        SoccerMotion.KeepInside(ref body.Y, ref body.VelocityY, p.HalfWidth + SoccerConstants.Apron);
    }

    // Who overlaps with this player, as bits. Without branches: in a crowd nobody can predict them.
    private static uint Partners(in SoccerBody self, MatchSlots<float> moved, int agent, int agents, float contactDistance)
    {
        uint partners = 0;
        float contactSquared = contactDistance * contactDistance;
        for (int other = 0; other < agents; other++)
        {
            float offsetX = self.X - moved[other * SoccerConstants.BodyFloats];
            float offsetY = self.Y - moved[other * SoccerConstants.BodyFloats + 1];
            partners |= (offsetX * offsetX + offsetY * offsetY < contactSquared ? 1u : 0u) << other;
        }

        return partners & ~(1u << agent);
    }

    // Inlined: the sums then stay in registers, which a third of a crowded tick depends on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPair(ref SoccerBody sum, in SoccerBody self, MatchSlots<float> moved, int agent, int other, in SoccerParameters p)
    {
        int at = other * SoccerConstants.BodyFloats;
        float normalX = self.X - moved[at], normalY = self.Y - moved[at + 1]; // from the other player to this one
        float distanceSquared = normalX * normalX + normalY * normalY;
        float distance = Scalar.Sqrt(distanceSquared);
        if (distance < SoccerConstants.MinSeparation)
        {
            // No line of centres. Within a side its own +x serves; across sides none would be fair.
            bool sideA = agent < p.TeamSize;
            if (sideA != (other < p.TeamSize)) return;
            normalX = (agent < other) == sideA ? 1f : -1f;
            normalY = 0f;
            distance = 0f;
        }
        else
        {
            float inverseDistance = 1f / distance;
            normalX *= inverseDistance;
            normalY *= inverseDistance;
        }

        float push = (p.PlayerContactDistance - distance) * 0.5f;
        sum.X += normalX * push;
        sum.Y += normalY * push;
        float approach = (self.VelocityX - moved[at + 2]) * normalX + (self.VelocityY - moved[at + 3]) * normalY;
        if (approach >= 0f) return;
        float impulse = approach * (0.5f * (1f + p.PlayerRestitution));
        sum.VelocityX -= normalX * impulse;
        sum.VelocityY -= normalY * impulse;
    }

    // How much closer the player that was nearest at the start came to where the ball was then: his own movement
    // only, since counting the ball's would punish kicking.
    private static float Approach(int env, in SoccerArguments a, float startX, float startY, in SoccerBody body)
    {
        float ballX = a.State.Ball[env, 0], ballY = a.State.Ball[env, 1];
        float before = new Float2(startX - ballX, startY - ballY).Length;
        float after = new Float2(body.X - ballX, body.Y - ballY).Length;
        return before - after;
    }
}

/// <summary>Position (m) and velocity (m/s) of a disc, or sums of corrections to them.</summary>
public struct SoccerBody
{
    /// <summary>m, and m/s.</summary>
    public float X, Y, VelocityX, VelocityY;
}
