using System.Runtime.CompilerServices;
using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Action rows to vectors of the world frame.</summary>
public static class SoccerAction
{
    /// <summary>The move vector, length 0..1. Notes a bad action in the tick and in the error column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float2 Move(ref SoccerTick tick, in SoccerArguments a, int agent)
    {
        int row = tick.Env * 2 * a.Parameters.TeamSize + agent;
        float sign = agent < a.Parameters.TeamSize ? 1f : -1f;
        if (a.Parameters.Discrete != 0)
        {
            int move = a.Views.DiscreteActions[2 * row], kick = a.Views.DiscreteActions[2 * row + 1];
            if ((uint)move < SoccerConstants.Directions && (uint)kick < SoccerConstants.Directions) return Direction(move) * sign;
            Reject(ref tick, a, agent, row, ErrorCode.ActionOutOfRange);
            return default;
        }

        int at = row * SoccerConstants.ActionFloats;
        float x = a.Views.ContinuousActions[at], y = a.Views.ContinuousActions[at + 1];
        float kickX = a.Views.ContinuousActions[at + 2], kickY = a.Views.ContinuousActions[at + 3];
        // v − v is 0 for finite v and NaN otherwise; a sum of the values themselves could overflow.
        if ((x - x) + (y - y) + ((kickX - kickX) + (kickY - kickY)) == 0f) return InUnitDisc(x, y) * sign;
        Reject(ref tick, a, agent, row, ErrorCode.ActionNotFinite);
        return default;
    }

    /// <summary>The kick vector, length 0..1; zero for a bad action. After <see cref="Move"/> of the same tick.</summary>
    public static Float2 Kick(in SoccerTick tick, in SoccerArguments a, int agent)
    {
        if ((tick.BadActions >> agent & 1) != 0) return default;
        int row = tick.Env * 2 * a.Parameters.TeamSize + agent;
        float sign = agent < a.Parameters.TeamSize ? 1f : -1f;
        if (a.Parameters.Discrete != 0) return Direction(a.Views.DiscreteActions[2 * row + 1]) * sign;
        int at = row * SoccerConstants.ActionFloats + 2;
        return InUnitDisc(a.Views.ContinuousActions[at], a.Views.ContinuousActions[at + 1]) * sign;
    }

    /// <summary>Clamps both components to [−1, 1], then scales to length 1 if longer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float2 InUnitDisc(float x, float y)
    {
        x = Scalar.Clamp(x, -1f, 1f);
        y = Scalar.Clamp(y, -1f, 1f);
        float lengthSquared = x * x + y * y;
        if (lengthSquared <= 1f) return new Float2(x, y);
        float scale = 1f / Scalar.Sqrt(lengthSquared);
        return new Float2(x * scale, y * scale);
    }

    /// <summary>0 = none, 1…8 = 45° steps counter-clockwise from +x.</summary>
    public static Float2 Direction(int choice) => choice switch
    {
        1 => new Float2(1f, 0f),
        2 => new Float2(SoccerConstants.Diagonal, SoccerConstants.Diagonal),
        3 => new Float2(0f, 1f),
        4 => new Float2(-SoccerConstants.Diagonal, SoccerConstants.Diagonal),
        5 => new Float2(-1f, 0f),
        6 => new Float2(-SoccerConstants.Diagonal, -SoccerConstants.Diagonal),
        7 => new Float2(0f, -1f),
        8 => new Float2(SoccerConstants.Diagonal, -SoccerConstants.Diagonal),
        _ => default,
    };

    /// <summary>Notes a bad action in the tick and in the error column.</summary>
    internal static void Reject(ref SoccerTick tick, in SoccerArguments a, int agent, int row, uint code)
    {
        tick.BadActions |= 1u << agent;
        a.Views.Errors[row] |= code;
    }
}
