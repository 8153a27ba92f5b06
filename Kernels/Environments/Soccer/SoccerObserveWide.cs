using System.Runtime.Intrinsics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>The CPU's loop over observation rows, with vector instructions; writes the bits that <see cref="Run"/> writes.</summary>
/// <remarks>
/// Observations are the largest part of a tick: 3 KB per match at 5v5, and a square root for each of 90 ordered pairs.
/// A player's four floats are one 128-bit register, so a record's first four elements are one subtraction and one
/// multiplication; the distances of one player to all others are eight lanes wide. No lane mixes operations that the
/// scalar body does in another order, so both give the same bits (a test compares them).
/// </remarks>
public partial struct SoccerObserve
{
    private const int MaxAgents = 2 * SoccerConstants.MaxTeamSize;
    private const int PaddedAgents = (MaxAgents + 7) / 8 * 8;

    /// <inheritdoc/>
    public unsafe void RunRange(int begin, int end)
    {
        if (Arguments.Parameters.Entities != 0)
        {
            for (int row = begin; row < end; row++) Run(row);
            return;
        }

        int agents = 2 * Arguments.Parameters.TeamSize;
        float* places = stackalloc float[3 * PaddedAgents]; // x of all, y of all, distances from one
        int loaded = -1;
        for (int row = begin; row < end; row++)
        {
            int env = row / agents;
            if (env != loaded) LoadPlaces(env, agents, places);
            loaded = env;
            WriteWide(env, row - env * agents, places);
        }
    }

    private readonly unsafe void LoadPlaces(int env, int agents, float* places)
    {
        float* player = Arguments.State.Player.Of(env).Pointer;
        for (int agent = 0; agent < agents; agent++)
        {
            places[agent] = player[agent * SoccerConstants.BodyFloats];
            places[PaddedAgents + agent] = player[agent * SoccerConstants.BodyFloats + 1];
        }
    }

    private readonly unsafe void WriteWide(int env, int agent, float* places)
    {
        int teamSize = Arguments.Parameters.TeamSize;
        int agents = teamSize + teamSize;
        int length = Arguments.Parameters.ObservationLength;
        long start = ((long)env * agents + agent) * length;
        View<float> row = Arguments.Views.Observations.Slice(start, length);
        WriteSelfWide(env, agent, row.Pointer);

        float sign = agent < teamSize ? 1f : -1f;
        float offsetScale = sign * Arguments.Parameters.OffsetScale, velocityScale = sign * Arguments.Parameters.RelativeVelocityScale;
        float* distances = places + 2 * PaddedAgents;
        Distances(places, agent, agents, offsetScale, distances);
        Vector128<float> scale = Vector128.Create(offsetScale, offsetScale, velocityScale, velocityScale);
        float* player = Arguments.State.Player.Of(env).Pointer;
        float* record = row.Pointer + SoccerFlat.Others;
        int ownFirst = agent < teamSize ? 0 : teamSize;
        record = WriteTeamWide(player, agent, ownFirst, ownFirst + Arguments.State.Nearest[env, ownFirst == 0 ? 0 : 1], 1f, scale, distances, record);
        int otherFirst = teamSize - ownFirst;
        WriteTeamWide(player, agent, otherFirst, otherFirst + Arguments.State.Nearest[env, otherFirst == 0 ? 0 : 1], 0f, scale, distances, record);
    }

    // As WriteSelf, flat layout. A sign of ±1 may be multiplied in any order, a subtraction may not be turned around: 0 − 0.
    private readonly unsafe void WriteSelfWide(int env, int agent, float* row)
    {
        ref readonly SoccerParameters p = ref Arguments.Parameters;
        bool sideA = agent < p.TeamSize;
        Vector128<float> sign = Vector128.Create(sideA ? 1f : -1f);
        Vector128<float> body = Vector128.Load(Arguments.State.Player.Of(env).Pointer + agent * SoccerConstants.BodyFloats) * sign;
        Vector128<float> ball = Vector128.Load(Arguments.State.Ball.Of(env).Pointer) * sign;
        (body * Vector128.Create(p.PositionScaleX, p.PositionScaleY, p.VelocityScale, p.VelocityScale)).Store(row + SoccerFlat.Position);
        Vector128<float> offset = ball - body;
        float offsetX = offset.GetElement(0), offsetY = offset.GetElement(1);
        float scale = 1f / (MathF.Sqrt(offsetX * offsetX + offsetY * offsetY) + SoccerConstants.BallOffsetSoftening);
        (ball * p.BallVelocityScale).Store(row + SoccerFlat.BallOffset); // x, y are overwritten at once
        row[SoccerFlat.BallOffset] = offsetX * scale;
        row[SoccerFlat.BallOffset + 1] = offsetY * scale;
        float x = body.GetElement(0), minusY = -body.GetElement(1) * p.OffsetScale;
        row[SoccerFlat.OpponentGoal] = (p.HalfLength - x) * p.OffsetScale;
        row[SoccerFlat.OpponentGoal + 1] = minusY;
        row[SoccerFlat.OwnGoal] = (-p.HalfLength - x) * p.OffsetScale;
        row[SoccerFlat.OwnGoal + 1] = minusY;
        int lead = Arguments.State.Score[env, 0] - Arguments.State.Score[env, 1];
        row[SoccerFlat.Score] = Scalar.Clamp((sideA ? lead : -lead) * p.ScoreScale, -1f, 1f);
        row[SoccerFlat.Clock] = Scalar.Max(1f - Arguments.State.Tick[env, 0] * p.ClockScale, 0f);
    }

    // Scaled distances from one player to all; lanes past the last player hold whatever the padding gives.
    private static unsafe void Distances(float* places, int agent, int agents, float scale, float* distances)
    {
        Vector256<float> x = Vector256.Create(places[agent]), y = Vector256.Create(places[PaddedAgents + agent]), factor = Vector256.Create(scale);
        for (int other = 0; other < agents; other += Vector256<float>.Count)
        {
            Vector256<float> offsetX = (Vector256.Load(places + other) - x) * factor;
            Vector256<float> offsetY = (Vector256.Load(places + PaddedAgents + other) - y) * factor;
            Vector256.Sqrt(offsetX * offsetX + offsetY * offsetY).Store(distances + other);
        }
    }

    private readonly unsafe float* WriteTeamWide(
        float* player, int agent, int first, int nearest, float isTeammate, Vector128<float> scale, float* distances, float* record)
    {
        Vector128<float> self = Vector128.Load(player + agent * SoccerConstants.BodyFloats);
        int last = first + Arguments.Parameters.TeamSize;
        for (int other = first; other < last; other++)
        {
            if (other == agent) continue;
            ((Vector128.Load(player + other * SoccerConstants.BodyFloats) - self) * scale).Store(record);
            record[4] = distances[other];
            record[5] = isTeammate;
            record[6] = other == nearest ? 1f : 0f;
            record += SoccerFlat.OtherLength;
        }

        return record;
    }
}
