using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Flat observation rows of a match with 512-bit registers; writes the bits that <see cref="SoccerObserve.Run"/> writes.</summary>
/// <remarks>
/// A row is one register of one's own facts and then the records of the others, 16 floats at a time (<see cref="SoccerRowPlan"/>). What is the same
/// for all players of a side is put into place once per side: two versions of every piece, for the players after and before its records. A row
/// then costs, per piece, one choice between the two, one subtraction, one multiplication and the distances. Nothing is read from scratch in
/// another width than it was written in, which would wait for all stores before it.
/// </remarks>
internal readonly unsafe ref struct SoccerObserve512
{
    private const int Lanes = SoccerRowPlan.Lanes;
    private const int MaxAgents = 2 * SoccerConstants.MaxTeamSize;
    private const int PieceRegisters = 3; // as seen by players after its records, by players before them, scales

    /// <summary>Floats of scratch that the constructor wants, at a multiple of 64 bytes.</summary>
    internal const int ScratchFloats = (2 + SoccerRowPlan.MaxListRegisters + PieceRegisters * SoccerRowPlan.MaxPieces + 2 * MaxAgents) * Lanes;

    private readonly SoccerRowPlan plan;
    private readonly int teamSize;
    private readonly float* ballScale; // per agent: 1 / (distance to the ball + softening)
    private readonly float* list;      // bodies of side A, side B, side A; four per register
    private readonly float* pieces;    // PieceRegisters per piece
    private readonly float* distances; // per agent: one lane per record

    internal SoccerObserve512(int teamSize, float* scratch)
    {
        this.teamSize = teamSize;
        plan = SoccerRowPlan.Of(teamSize);
        ballScale = scratch;
        list = ballScale + 2 * Lanes;
        pieces = list + SoccerRowPlan.MaxListRegisters * Lanes;
        distances = pieces + PieceRegisters * SoccerRowPlan.MaxPieces * Lanes;
    }

    /// <summary>Can this processor do it? A row of 1v1 is shorter than two registers, and rows of entities have another layout.</summary>
    internal static bool Fits(in SoccerParameters p) => Avx512F.IsSupported && p.Entities == 0 && p.TeamSize > 1;

    /// <summary>Writes the rows of the agents <paramref name="begin"/>..end-1 of match <paramref name="env"/>; <paramref name="rows"/> is agent 0's.</summary>
    internal void Write(int env, int begin, int end, in SoccerArguments a, float* rows)
    {
        float* player = a.State.Player.Of(env).Pointer;
        FillList(player);
        Measure(env, begin, end, a, player);
        WriteSide(env, 0, begin, Math.Min(end, teamSize), a, player, rows);
        WriteSide(env, 1, Math.Max(begin, teamSize), end, a, player, rows);
    }

    private void WriteSide(int env, int side, int begin, int end, in SoccerArguments a, float* player, float* rows)
    {
        if (begin >= end) return;
        WriteSelf(env, side, begin, end, a, player, rows);
        Place(env, side, a);
        SoccerPiece* piece = plan.Pieces(side);
        int length = a.Parameters.ObservationLength;
        int done = 0;
        for (; done + 2 <= plan.Count; done += 2) WriteTwo(piece + done, pieces + done * PieceRegisters * Lanes, side, begin, end, player, rows + SoccerFlat.Others, length);
        if (done < plan.Count) WriteOne(piece + done, pieces + done * PieceRegisters * Lanes, side, begin, end, player, rows + SoccerFlat.Others, length);
    }

    private void FillList(float* player)
    {
        int agents = teamSize + teamSize;
        for (int entry = 0; entry < agents + teamSize; entry += SoccerRowPlan.BodiesPerRegister)
        {
            Vector512<int> floats = Vector512<int>.Indices + Vector512.Create(entry * SoccerConstants.BodyFloats);
            Vector512<int> end = Vector512.Create(agents * SoccerConstants.BodyFloats), endAgain = Vector512.Create((agents + teamSize) * SoccerConstants.BodyFloats);
            Vector512<int> again = Vector512.GreaterThanOrEqual(floats, end) & Vector512.LessThan(floats, endAgain);
            Vector512<float> bodies = Avx512F.MaskLoad(player + entry * SoccerConstants.BodyFloats, Vector512.LessThan(floats, end).AsSingle(), Vector512<float>.Zero);
            Avx512F.MaskLoad(player + (entry - agents) * SoccerConstants.BodyFloats, again.AsSingle(), bodies).Store(list + entry * SoccerConstants.BodyFloats);
        }
    }

    // Distances to the ball, as every player's scale of the ball's offset, and from every player to the others.
    private void Measure(int env, int begin, int end, in SoccerArguments a, float* player)
    {
        int agents = teamSize + teamSize;
        Vector512<float> ballX = Vector512.Create(a.State.Ball[env, 0]), ballY = Vector512.Create(a.State.Ball[env, 1]);
        (Vector512<float> x, Vector512<float> y) = Bodies512.Load(player, agents).Places;
        Vector512<float> moreX = x, moreY = y;
        ScaleBall(0, ballX, ballY, x, y);
        if (agents > Lanes)
        {
            (moreX, moreY) = Bodies512.Load(player + Lanes * SoccerConstants.BodyFloats, agents - Lanes).Places;
            ScaleBall(Lanes, ballX, ballY, moreX, moreY);
        }

        int* from = plan.Agents(begin);
        for (int agent = begin; agent < end; agent++)
        {
            Vector512<float> scale = Vector512.Create(agent < teamSize ? a.Parameters.OffsetScale : -a.Parameters.OffsetScale);
            Vector512<float> selfX = Vector512.Create(player[agent * SoccerConstants.BodyFloats]), selfY = Vector512.Create(player[agent * SoccerConstants.BodyFloats + 1]);
            for (int register = 0; register < plan.RecordRegisters; register++, from += Lanes)
            {
                Vector512<float> offsetX = (Avx512F.PermuteVar16x32x2(x, Vector512.Load(from), moreX) - selfX) * scale;
                Vector512<float> offsetY = (Avx512F.PermuteVar16x32x2(y, Vector512.Load(from), moreY) - selfY) * scale;
                Vector512.Sqrt(offsetX * offsetX + offsetY * offsetY).Store(distances + (2 * agent + register) * Lanes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ScaleBall(int first, Vector512<float> ballX, Vector512<float> ballY, Vector512<float> x, Vector512<float> y)
    {
        Vector512<int> isSideA = Vector512.LessThan(Vector512<int>.Indices + Vector512.Create(first), Vector512.Create(teamSize));
        Vector512<float> sign = Vector512.ConditionalSelect(isSideA.AsSingle(), Vector512.Create(1f), Vector512.Create(-1f));
        Vector512<float> offsetX = ballX * sign - x * sign, offsetY = ballY * sign - y * sign;
        Vector512<float> distance = Vector512.Sqrt(offsetX * offsetX + offsetY * offsetY);
        (Vector512.Create(1f) / (distance + Vector512.Create(SoccerConstants.BallOffsetSoftening))).Store(ballScale + first);
    }

    // All fourteen are (a fact of the match − a coordinate of one's own body, or nothing) · a scale. −0 − x is −x with its sign of zero, and a
    // sign changed twice is no change; so where the rule multiplies x by a scale, −0 − x is multiplied by −scale here.
    private void WriteSelf(int env, int side, int begin, int end, in SoccerArguments a, float* player, float* rows)
    {
        ref readonly SoccerParameters p = ref a.Parameters;
        int lead = a.State.Score[env, 0] - a.State.Score[env, 1];
        float score = Scalar.Clamp((side == 0 ? lead : -lead) * p.ScoreScale, -1f, 1f);
        float clock = Scalar.Max(1f - a.State.Tick[env, 0] * p.ClockScale, 0f);
        float sign = side == 0 ? 1f : -1f;
        Vector512<float> facts = Vector512.Create(
            Vector256.Create(Vector128.Create(-0f), Vector128.Load(a.State.Ball.Of(env).Pointer) * sign),
            Vector256.Create(Vector128.Create(p.HalfLength, -0f, -p.HalfLength, -0f), Vector128.Create(score, clock, 0f, 0f)));
        Vector512<float> scale = Vector512.Create(
            Vector256.Create(Vector128.Create(-p.PositionScaleX, -p.PositionScaleY, -p.VelocityScale, -p.VelocityScale), Vector128.Create(p.BallVelocityScale)),
            Vector256.Create(Vector128.Create(p.OffsetScale), Vector128.Create(1f)));
        Vector512<int> lane = Vector512<int>.Indices, element = Vector512.Create(0, 1, 2, 3, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0);
        Vector512<int> ofBody = Vector512.LessThan(lane, Vector512.Create(6)) | Vector512.Equals(lane & Vector512.Create(-4), Vector512.Create(8));
        Vector512<int> ofBall = Vector512.Equals(lane & Vector512.Create(-2), Vector512.Create(4));
        float* row = rows + (long)begin * p.ObservationLength;
        for (int agent = begin; agent < end; agent++)
        {
            Vector512<float> own = Avx512F.PermuteVar4x32(Avx512F.BroadcastVector128ToVector512(player + agent * SoccerConstants.BodyFloats) * Vector512.Create(sign), element);
            Vector512<float> difference = Vector512.ConditionalSelect(ofBody.AsSingle(), facts - own, facts);
            (difference * Vector512.ConditionalSelect(ofBall.AsSingle(), Vector512.Create(ballScale[agent]), scale)).Store(row); // the last two are the first record's
            row += p.ObservationLength;
        }
    }

    // What the pieces of all rows of a side share.
    private void Place(int env, int side, in SoccerArguments a)
    {
        Vector512<int> nearest = Vector512.Create(1 << a.State.Nearest[env, 0] | 1 << teamSize + a.State.Nearest[env, 1]);
        float sign = side == 0 ? 1f : -1f;
        float offsetScale = sign * a.Parameters.OffsetScale, velocityScale = sign * a.Parameters.RelativeVelocityScale;
        Vector512<float> scales = Vector512.Create(Vector256.Create(Vector128.Create(offsetScale, offsetScale, velocityScale, velocityScale), Vector128.Create(1f)), Vector256.Create(1f));
        SoccerPiece* piece = plan.Pieces(side);
        float* placed = pieces;
        for (int i = 0; i < plan.Count; i++, piece++, placed += PieceRegisters * Lanes)
        {
            Place(list + piece->Register * Lanes, piece->Entry, piece->Agent, piece, nearest).Store(placed);
            Place(list + piece->ShiftedRegister * Lanes, piece->ShiftedEntry, piece->ShiftedAgent, piece, nearest).Store(placed + Lanes);
            Avx512F.PermuteVar16x32(scales, Vector512.Load(piece->Self)).Store(placed + 2 * Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Place(float* bodies, int* entry, int* agent, SoccerPiece* piece, Vector512<int> nearest)
    {
        Vector512<float> body = Avx512F.PermuteVar16x32x2(Vector512.Load(bodies), Vector512.Load(entry), Vector512.Load(bodies + Lanes));
        Vector512<float> value = Vector512.ConditionalSelect(Vector512.Load(piece->IsBody).AsSingle(), body, Vector512.Load(piece->Teammate));
        Vector512<int> isFar = Vector512.Equals(Vector512.Load(agent) & nearest, Vector512<int>.Zero);
        return Vector512.ConditionalSelect(isFar.AsSingle(), value, Vector512.Create(1f));
    }

    private void WriteTwo(SoccerPiece* piece, float* placed, int side, int begin, int end, float* player, float* rows, int rowLength)
    {
        Vector512<float> after0 = Vector512.Load(placed), before0 = Vector512.Load(placed + Lanes), scale0 = Vector512.Load(placed + 2 * Lanes);
        Vector512<float> after1 = Vector512.Load(placed + 3 * Lanes), before1 = Vector512.Load(placed + 4 * Lanes), scale1 = Vector512.Load(placed + 5 * Lanes);
        Vector512<int> record0 = Vector512.Load(piece->Record), self0 = Vector512.Load(piece->Self), distance0 = Vector512.Load(piece->Distance);
        Vector512<int> record1 = Vector512.Load(piece[1].Record), self1 = Vector512.Load(piece[1].Self), distance1 = Vector512.Load(piece[1].Distance);
        Vector512<int> isDistance0 = Vector512.LessThan(Vector512.Load(piece->IsDistance), Vector512<int>.Zero);
        Vector512<int> isDistance1 = Vector512.LessThan(Vector512.Load(piece[1].IsDistance), Vector512<int>.Zero);
        Vector512<int> place = Vector512.Create(begin - side * teamSize);
        float* body = player + begin * SoccerConstants.BodyFloats;
        float* from0 = distances + (2 * begin + piece->RecordRegister) * Lanes, from1 = distances + (2 * begin + piece[1].RecordRegister) * Lanes;
        float* to0 = rows + (long)begin * rowLength + piece->Offset, to1 = rows + (long)begin * rowLength + piece[1].Offset;
        for (int agent = begin; agent < end; agent++)
        {
            Vector512<float> own = Vector128.Load(body).ToVector256().ToVector512();
            Write(after0, before0, scale0, record0, self0, distance0, isDistance0, place, own, from0, to0);
            Write(after1, before1, scale1, record1, self1, distance1, isDistance1, place, own, from1, to1);
            place += Vector512<int>.One;
            body += SoccerConstants.BodyFloats;
            from0 += 2 * Lanes;
            from1 += 2 * Lanes;
            to0 += rowLength;
            to1 += rowLength;
        }
    }

    private void WriteOne(SoccerPiece* piece, float* placed, int side, int begin, int end, float* player, float* rows, int rowLength)
    {
        Vector512<float> after = Vector512.Load(placed), before = Vector512.Load(placed + Lanes), scale = Vector512.Load(placed + 2 * Lanes);
        Vector512<int> record = Vector512.Load(piece->Record), self = Vector512.Load(piece->Self), distance = Vector512.Load(piece->Distance);
        Vector512<int> isDistance = Vector512.LessThan(Vector512.Load(piece->IsDistance), Vector512<int>.Zero);
        Vector512<int> place = Vector512.Create(begin - side * teamSize);
        float* from = distances + (2 * begin + piece->RecordRegister) * Lanes, to = rows + (long)begin * rowLength + piece->Offset;
        for (int agent = begin; agent < end; agent++)
        {
            Vector512<float> own = Vector128.Load(player + agent * SoccerConstants.BodyFloats).ToVector256().ToVector512();
            Write(after, before, scale, record, self, distance, isDistance, place, own, from, to);
            place += Vector512<int>.One;
            from += 2 * Lanes;
            to += rowLength;
        }
    }

    // One piece of one row. Lanes that are no body have 0 for the own body and 1 for the scale, so that they stay what they are.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(
        Vector512<float> after, Vector512<float> before, Vector512<float> scale, Vector512<int> record, Vector512<int> self, Vector512<int> distance,
        Vector512<int> isDistance, Vector512<int> place, Vector512<float> own, float* distances, float* destination)
    {
        Vector512<float> seen = Vector512.ConditionalSelect(Vector512.LessThan(record, place).AsSingle(), after, before);
        Vector512<float> relative = (seen - Avx512F.PermuteVar16x32(own, self)) * scale;
        Vector512.ConditionalSelect(isDistance.AsSingle(), Avx512F.PermuteVar16x32(Vector512.Load(distances), distance), relative).Store(destination);
    }
}
