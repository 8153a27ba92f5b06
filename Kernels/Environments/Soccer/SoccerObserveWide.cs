using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>The CPU's loop over observation rows, with vector instructions; writes the bits that <see cref="Run"/> writes.</summary>
/// <remarks>
/// With 512-bit registers <see cref="SoccerObserve512"/> does it; this is for the others. Observations are the largest part of a tick: 3
/// KB per match at 5v5, and a square root for each of 90 ordered pairs. A player's four floats are one 128-bit register, so a record's
/// first four elements are one subtraction and one multiplication; the distances of one player to all others are eight lanes wide; what
/// all rows of a match share is read once. No lane mixes operations that the scalar body does in another order, so both give the same bits
/// (a test compares them).
/// </remarks>
public partial struct SoccerObserve
{
    private const int MaxAgents = 2 * SoccerConstants.MaxTeamSize;
    private const int PaddedAgents = (MaxAgents + 7) / 8 * 8;

    /// <inheritdoc/>
    public unsafe void RunRange(int begin, int end)
    {
        if (Arguments.Parameters.Entities != 0 || !Vector128.IsHardwareAccelerated)
        {
            for (int row = begin; row < end; row++) Run(row);
            return;
        }

        if (SoccerObserve512.Fits(Arguments.Parameters)) RunRange512(begin, end);
        else RunRange256(begin, end);
    }

    /// <summary>Flat rows with registers of up to 256 bits, whatever the processor has; for tests, which hold it against the others.</summary>
    internal unsafe void RunRange256(int begin, int end)
    {
        int agents = 2 * Arguments.Parameters.TeamSize;
        float* places = stackalloc float[3 * PaddedAgents]; // x of all, y of all, distances from one
        var match = new SeenMatch { Env = -1, Places = places };
        for (int row = begin; row < end; row++)
        {
            int env = row / agents;
            if (env != match.Env) Load(ref match, env, agents);
            WriteWide(match, row - env * agents);
        }
    }

    [SkipLocalsInit] // zeroing the scratch would take longer than one match; what is not written is in no lane that counts
    private unsafe void RunRange512(int begin, int end)
    {
        int agents = 2 * Arguments.Parameters.TeamSize;
        float* scratch = stackalloc float[SoccerObserve512.ScratchFloats + 16];
        scratch = (float*)(((nint)scratch + 63) & ~63);
        var rows = new SoccerObserve512(Arguments.Parameters.TeamSize, scratch);
        rows.Prepare(Arguments.Parameters);
        long length = Arguments.Parameters.ObservationLength;
        for (int env = begin / agents; env * agents < end; env++)
        {
            Arguments.Variants.Take(env, ref Arguments.Parameters);
            if (Arguments.Variants.Used != 0) rows.Prepare(Arguments.Parameters);
            int first = env * agents;
            float* match = Arguments.Views.Observations.Slice(first * length, agents * length).Pointer;
            rows.Write(env, Math.Max(begin - first, 0), Math.Min(end - first, agents), Arguments, match);
        }
    }

    // What every row of a match reads.
    private unsafe void Load(ref SeenMatch match, int env, int agents)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        match.Env = env;
        match.Player = Arguments.State.Player.Of(env).Pointer;
        match.Ball = Vector128.Load(Arguments.State.Ball.Of(env).Pointer);
        match.Lead = Arguments.State.Score[env, 0] - Arguments.State.Score[env, 1];
        match.Clock = Scalar.Max(1f - Arguments.State.Tick[env, 0] * Arguments.Parameters.ClockScale, 0f);
        match.NearestA = Arguments.State.Nearest[env, 0];
        match.NearestB = Arguments.Parameters.TeamSize + Arguments.State.Nearest[env, 1];
        for (int agent = 0; agent < agents; agent++)
        {
            match.Places[agent] = match.Player[agent * SoccerConstants.BodyFloats];
            match.Places[PaddedAgents + agent] = match.Player[agent * SoccerConstants.BodyFloats + 1];
        }
    }

    private readonly unsafe void WriteWide(in SeenMatch match, int agent)
    {
        ref readonly SoccerParameters p = ref Arguments.Parameters;
        int teamSize = p.TeamSize;
        int agents = teamSize + teamSize;
        int length = p.ObservationLength;
        float* row = Arguments.Views.Observations.Slice(((long)match.Env * agents + agent) * length, length).Pointer;
        bool sideA = agent < teamSize;
        float sign = sideA ? 1f : -1f;
        Vector128<float> self = Vector128.Load(match.Player + agent * SoccerConstants.BodyFloats);
        WriteSelfWide(match, self, sideA, sign, p, row);

        float* distances = match.Places + 2 * PaddedAgents;
        float offsetScale = sign * p.OffsetScale, velocityScale = sign * p.RelativeVelocityScale;
        Distances(match.Places, agent, agents, offsetScale, distances);
        Vector128<float> scale = Vector128.Create(offsetScale, offsetScale, velocityScale, velocityScale);
        float* record = row + SoccerFlat.Others;
        int ownFirst = sideA ? 0 : teamSize, otherFirst = sideA ? teamSize : 0;
        record = WriteTeamWide(match.Player, self, agent, ownFirst, ownFirst + teamSize, 1f, scale, distances, record);
        WriteTeamWide(match.Player, self, agent, otherFirst, otherFirst + teamSize, 0f, scale, distances, record);
        MarkNearest(match.NearestA, agent, sideA, teamSize, row);
        MarkNearest(match.NearestB, agent, !sideA, teamSize, row);
    }

    // As WriteSelf, flat layout. A sign of ±1 may be multiplied in any order, a subtraction may not be turned around: 0 − 0.
    private static unsafe void WriteSelfWide(in SeenMatch match, Vector128<float> self, bool sideA, float sign, in SoccerParameters p, float* row)
    {
        Vector128<float> body = self * sign;
        Vector128<float> ball = match.Ball * sign;
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
        row[SoccerFlat.Score] = Scalar.Clamp((sideA ? match.Lead : -match.Lead) * p.ScoreScale, -1f, 1f);
        row[SoccerFlat.Clock] = match.Clock;
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

    private static unsafe float* WriteTeamWide(
        float* player, Vector128<float> self, int agent, int first, int last, float isTeammate, Vector128<float> scale, float* distances, float* record)
    {
        for (int other = first; other < last; other++)
        {
            if (other == agent) continue;
            ((Vector128.Load(player + other * SoccerConstants.BodyFloats) - self) * scale).Store(record);
            record[4] = distances[other];
            record[5] = isTeammate;
            record[6] = 0f;
            record += SoccerFlat.OtherLength;
        }

        return record;
    }

    // Sets the one flag of a side: the records of one's own side leave oneself out, those of the other follow them.
    private static unsafe void MarkNearest(int nearest, int agent, bool ownSide, int teamSize, float* row)
    {
        if (nearest == agent) return;
        int index = nearest < teamSize ? nearest : nearest - teamSize;
        int own = agent < teamSize ? agent : agent - teamSize;
        int record = ownSide ? (index < own ? index : index - 1) : teamSize - 1 + index;
        row[SoccerFlat.Others + record * SoccerFlat.OtherLength + SoccerFlat.OtherIsNearest] = 1f;
    }

    private unsafe struct SeenMatch
    {
        internal int Env;
        internal float* Player;
        internal float* Places;
        internal Vector128<float> Ball;
        internal int Lead;
        internal float Clock;
        internal int NearestA;
        internal int NearestB;
    }
}
