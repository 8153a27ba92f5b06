using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Which players the ball meets: the part of <see cref="SoccerBall"/> that looks at all of them.</summary>
internal interface ISoccerReach
{
    /// <summary>The first player of each side in the ball's way within <paramref name="remaining"/> s, those of <paramref name="passed"/> (bits) left out.</summary>
    static abstract void First(in SoccerTick tick, in SoccerArguments a, uint passed, float remaining, View<float> lanes, out SoccerHit sideA, out SoccerHit sideB);

    /// <summary>How far the players of each side that overlap with the ball push it, in index order; m.</summary>
    static abstract void Pushes(in SoccerTick tick, in SoccerArguments a, View<float> lanes, out Float2 sideA, out Float2 sideB);
}

/// <summary>The same from the state, player by player; needs no lanes.</summary>
internal readonly struct SoccerReach : ISoccerReach
{
    /// <summary>No player.</summary>
    internal const float Never = float.MaxValue;

    /// <inheritdoc/>
    public static void First(in SoccerTick tick, in SoccerArguments a, uint passed, float remaining, View<float> lanes, out SoccerHit sideA, out SoccerHit sideB)
    {
        sideA = FirstOfSide(tick, a, passed, remaining, 0);
        sideB = FirstOfSide(tick, a, passed, remaining, a.Parameters.TeamSize);
    }

    /// <inheritdoc/>
    public static void Pushes(in SoccerTick tick, in SoccerArguments a, View<float> lanes, out Float2 sideA, out Float2 sideB)
    {
        sideA = PushesOfSide(tick, a, 0, 1f);
        sideB = PushesOfSide(tick, a, a.Parameters.TeamSize, -1f);
    }

    /// <summary>How far a player pushes the ball that is (<paramref name="offsetX"/>, <paramref name="offsetY"/>) from him; m.</summary>
    internal static Float2 Push(float offsetX, float offsetY, float distanceSquared, float radius, float sign)
    {
        float distance = Scalar.Sqrt(distanceSquared);
        return distance < SoccerConstants.MinSeparation
            ? new Float2(sign * radius, 0f)
            : new Float2(offsetX, offsetY) * ((radius - distance) / distance);
    }

    // Ball o + v·t against the disc of radius R about a player: |o + v·t| = R. With b = o·v, c = |o|² − R² the first root is
    // c / (−b + √(b² − |v|²·c)), the form that keeps its digits when c is small.
    private static SoccerHit FirstOfSide(in SoccerTick tick, in SoccerArguments a, uint passed, float remaining, int firstAgent)
    {
        MatchSlots<float> player = a.State.Player.Of(tick.Env);
        float vx = tick.BallVelocityX, vy = tick.BallVelocityY;
        float speedSquared = vx * vx + vy * vy;
        float radiusSquared = a.Parameters.BallContactDistance * a.Parameters.BallContactDistance;
        var first = new SoccerHit { Agent = SoccerConstants.Nobody, Time = Never };
        for (int agent = firstAgent; agent < firstAgent + a.Parameters.TeamSize; agent++)
        {
            float offsetX = tick.BallX - player[agent * SoccerConstants.BodyFloats];
            float offsetY = tick.BallY - player[agent * SoccerConstants.BodyFloats + 1];
            float b = offsetX * vx + offsetY * vy;
            if (b >= 0f || (passed >> agent & 1) != 0) continue;
            float distanceSquared = offsetX * offsetX + offsetY * offsetY;
            float c = distanceSquared - radiusSquared;
            float time = 0f;
            if (c > 0f)
            {
                float discriminant = b * b - speedSquared * c;
                if (discriminant < 0f) continue;
                time = c / (Scalar.Sqrt(discriminant) - b);
                if (time > remaining) continue;
            }
            else if (distanceSquared < SoccerConstants.MinSeparation * SoccerConstants.MinSeparation)
            {
                continue;
            }

            if (time >= first.Time) continue;
            first.Time = time;
            first.Agent = agent;
        }

        return first;
    }

    private static Float2 PushesOfSide(in SoccerTick tick, in SoccerArguments a, int firstAgent, float sign)
    {
        MatchSlots<float> player = a.State.Player.Of(tick.Env);
        float radius = a.Parameters.BallContactDistance;
        Float2 sum = default;
        for (int agent = firstAgent; agent < firstAgent + a.Parameters.TeamSize; agent++)
        {
            float offsetX = tick.BallX - player[agent * SoccerConstants.BodyFloats];
            float offsetY = tick.BallY - player[agent * SoccerConstants.BodyFloats + 1];
            float distanceSquared = offsetX * offsetX + offsetY * offsetY;
            if (distanceSquared >= radius * radius) continue;
            sum += Push(offsetX, offsetY, distanceSquared, radius, sign);
        }

        return sum;
    }
}
