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
    private const int PieceRegisters = 2; // as seen by players after its records, and by players before them

    /// <summary>Floats of scratch that the constructor wants, at a multiple of 64 bytes.</summary>
    internal const int ScratchFloats = (5 + SoccerRowPlan.MaxListRegisters + 2 * (PieceRegisters + 1) * SoccerRowPlan.MaxPieces + 2 * MaxAgents) * Lanes;

    private readonly SoccerRowPlan plan;
    private readonly int teamSize;
    private readonly float* selfFacts; // what a row's own facts are taken from, where it is the same for every match
    private readonly float* selfScale; // what they are multiplied by
    private readonly float* ballScale; // per agent: 1 / (distance to the ball + softening)
    private readonly float* list;      // bodies of side A, side B, side A; four per register
    private readonly float* pieces;    // per side, PieceRegisters per piece
    private readonly float* scales;    // per side, one register per piece
    private readonly float* distances; // per agent: one lane per record, two registers

    internal SoccerObserve512(int teamSize, float* scratch)
    {
        this.teamSize = teamSize;
        plan = SoccerRowPlan.Of(teamSize);
        selfFacts = scratch;
        selfScale = selfFacts + Lanes;
        ballScale = selfScale + Lanes;
        list = ballScale + 2 * Lanes;
        pieces = list + SoccerRowPlan.MaxListRegisters * Lanes;
        scales = pieces + 2 * PieceRegisters * SoccerRowPlan.MaxPieces * Lanes;
        distances = scales + 2 * SoccerRowPlan.MaxPieces * Lanes;
    }

    /// <summary>Can this processor do it? A row of 1v1 is shorter than two registers, and rows of entities have another layout.</summary>
    internal static bool Fits(in SoccerParameters p) => Avx512F.IsSupported && p.Entities == 0 && p.TeamSize > 1;

    /// <summary>Before the first match, and again where a match plays by other numbers.</summary>
    internal void Prepare(in SoccerParameters p)
    {
        Vector512.Create(
            Vector256.Create(-0f),
            Vector256.Create(p.HalfLength, -0f, -p.HalfLength, -0f, 0f, 0f, 0f, 0f)).Store(selfFacts);
        Vector512.Create(
            Vector256.Create(Vector128.Create(-p.PositionScaleX, -p.PositionScaleY, -p.VelocityScale, -p.VelocityScale), Vector128.Create(p.BallVelocityScale)),
            Vector256.Create(Vector128.Create(p.OffsetScale), Vector128.Create(1f))).Store(selfScale);
        for (int side = 0; side < 2; side++)
        {
            float offset = side == 0 ? p.OffsetScale : -p.OffsetScale, velocity = side == 0 ? p.RelativeVelocityScale : -p.RelativeVelocityScale;
            Vector512<float> scale = Vector512.Create(Vector256.Create(Vector128.Create(offset, offset, velocity, velocity), Vector128.Create(1f)), Vector256.Create(1f));
            for (int piece = 0; piece < plan.Count; piece++)
                Avx512F.PermuteVar16x32(scale, Vector512.Load(plan.Pieces(side)[piece].Self)).Store(ScaleOf(side) + piece * Lanes);
        }
    }

    /// <summary>Writes the rows of the agents <paramref name="begin"/>..end-1 of match <paramref name="env"/>; <paramref name="rows"/> is agent 0's.</summary>
    internal void Write(int env, int begin, int end, in SoccerArguments a, float* rows)
    {
        float* player = a.State.Player.ContiguousOf(env).Pointer;
        int endA = Math.Min(end, teamSize), beginB = Math.Max(begin, teamSize);
        FillList(player);
        Measure(env, begin, end, a, player);
        int* inTeam = a.State.Nearest.ContiguousOf(env).Pointer;
        uint nearest = 1u << inTeam[0] | 1u << teamSize + inTeam[1];
        if (begin < endA) Place(0, nearest);
        if (beginB < end) Place(1, nearest);
        WriteSelf(env, begin, endA, beginB, end, a, player, rows);
        WriteOthers(0, begin, endA, a.Parameters.ObservationLength, player, rows + SoccerFlat.Others);
        WriteOthers(1, beginB, end, a.Parameters.ObservationLength, player, rows + SoccerFlat.Others);
    }

    private float* PlacedOf(int side) => pieces + side * PieceRegisters * SoccerRowPlan.MaxPieces * Lanes;

    private float* ScaleOf(int side) => scales + side * SoccerRowPlan.MaxPieces * Lanes;

    private void FillList(float* player)
    {
        int agents = teamSize + teamSize;
        Vector512<int> end = Vector512.Create(agents * SoccerConstants.BodyFloats), endAgain = Vector512.Create((agents + teamSize) * SoccerConstants.BodyFloats);
        for (int entry = 0; entry < agents + teamSize; entry += SoccerRowPlan.BodiesPerRegister)
        {
            float* from = player + entry * SoccerConstants.BodyFloats, to = list + entry * SoccerConstants.BodyFloats;
            if (entry + SoccerRowPlan.BodiesPerRegister <= agents)
            {
                Vector512.Load(from).Store(to);
                continue;
            }

            Vector512<int> floats = Vector512<int>.Indices + Vector512.Create(entry * SoccerConstants.BodyFloats);
            Vector512<int> again = Vector512.GreaterThanOrEqual(floats, end) & Vector512.LessThan(floats, endAgain);
            Vector512<float> bodies = Avx512F.MaskLoad(from, Vector512.LessThan(floats, end).AsSingle(), Vector512<float>.Zero);
            Avx512F.MaskLoad(from - agents * SoccerConstants.BodyFloats, again.AsSingle(), bodies).Store(to);
        }
    }

    // Distances to the ball, as every player's scale of the ball's offset, and from every player to the others.
    private void Measure(int env, int begin, int end, in SoccerArguments a, float* player)
    {
        int agents = teamSize + teamSize;
        float* ball = a.State.Ball.ContiguousOf(env).Pointer;
        Vector512<float> ballX = Vector512.Create(ball[0]), ballY = Vector512.Create(ball[1]);
        (Vector512<float> x, Vector512<float> y) = Bodies512.Load(player, agents).Places;
        ScaleBall(0, ballX, ballY, x, y);
        float scale = a.Parameters.OffsetScale;
        if (agents > Lanes)
        {
            (Vector512<float> moreX, Vector512<float> moreY) = Bodies512.Load(player + Lanes * SoccerConstants.BodyFloats, agents - Lanes).Places;
            ScaleBall(Lanes, ballX, ballY, moreX, moreY);
            MeasureMany(begin, end, scale, player, x, y, moreX, moreY);
            return;
        }

        int* from = plan.Agents(begin);
        float* to = distances + 2 * begin * Lanes;
        for (int agent = begin; agent < end; agent++)
        {
            float* self = player + agent * SoccerConstants.BodyFloats;
            Vector512<int> others = Vector512.Load(from);
            Vector512<float> signed = Vector512.Create(agent < teamSize ? scale : -scale);
            Vector512<float> offsetX = (Avx512F.PermuteVar16x32(x, others) - Vector512.Create(self[0])) * signed;
            Vector512<float> offsetY = (Avx512F.PermuteVar16x32(y, others) - Vector512.Create(self[1])) * signed;
            Vector512.Sqrt(offsetX * offsetX + offsetY * offsetY).Store(to);
            from += Lanes;
            to += 2 * Lanes;
        }
    }

    // The same for more than 16 agents, with up to two registers of records.
    private void MeasureMany(
        int begin, int end, float scale, float* player, Vector512<float> x, Vector512<float> y, Vector512<float> moreX, Vector512<float> moreY)
    {
        for (int agent = begin; agent < end; agent++)
        {
            float* self = player + agent * SoccerConstants.BodyFloats;
            Vector512<float> signed = Vector512.Create(agent < teamSize ? scale : -scale);
            for (int register = 0; register < plan.RecordRegisters; register++)
            {
                Vector512<int> others = Vector512.Load(plan.Agents(agent) + register * Lanes);
                Vector512<float> offsetX = (Avx512F.PermuteVar16x32x2(x, others, moreX) - Vector512.Create(self[0])) * signed;
                Vector512<float> offsetY = (Avx512F.PermuteVar16x32x2(y, others, moreY) - Vector512.Create(self[1])) * signed;
                Vector512.Sqrt(offsetX * offsetX + offsetY * offsetY).Store(distances + (2 * agent + register) * Lanes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ScaleBall(int first, Vector512<float> ballX, Vector512<float> ballY, Vector512<float> x, Vector512<float> y)
    {
        Vector512<float> sign = SoccerLanes512.Sign(first, teamSize);
        Vector512<float> offsetX = ballX * sign - x * sign, offsetY = ballY * sign - y * sign;
        Vector512<float> distance = Vector512.Sqrt(offsetX * offsetX + offsetY * offsetY);
        (Vector512.Create(1f) / (distance + Vector512.Create(SoccerConstants.BallOffsetSoftening))).Store(ballScale + first);
    }

    // What the pieces of all rows of a side share.
    private void Place(int side, uint nearest)
    {
        Vector512<int> nearestAgents = Vector512.Create((int)nearest);
        SoccerPiece* piece = plan.Pieces(side);
        float* placed = PlacedOf(side);
        for (int i = 0; i < plan.Count; i++, piece++, placed += PieceRegisters * Lanes)
        {
            Vector512<float> isBody = Vector512.Load(piece->IsBody).AsSingle(), teammate = Vector512.Load(piece->Teammate);
            Place(list + piece->Register * Lanes, piece->Entry, piece->Agent, isBody, teammate, nearestAgents).Store(placed);
            Place(list + piece->ShiftedRegister * Lanes, piece->ShiftedEntry, piece->ShiftedAgent, isBody, teammate, nearestAgents).Store(placed + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Place(float* bodies, int* entry, int* agent, Vector512<float> isBody, Vector512<float> teammate, Vector512<int> nearest)
    {
        Vector512<float> body = Avx512F.PermuteVar16x32x2(Vector512.Load(bodies), Vector512.Load(entry), Vector512.Load(bodies + Lanes));
        Vector512<int> isFar = Vector512.Equals(Vector512.Load(agent) & nearest, Vector512<int>.Zero);
        return Vector512.ConditionalSelect(isFar.AsSingle(), Vector512.ConditionalSelect(isBody, body, teammate), Vector512.Create(1f));
    }

    private void WriteSelf(int env, int begin, int endA, int beginB, int end, in SoccerArguments a, float* player, float* rows)
    {
        ref readonly SoccerParameters p = ref a.Parameters;
        int* scored = a.State.Score.ContiguousOf(env).Pointer;
        int lead = scored[0] - scored[1];
        Vector128<float> ball = Vector128.Load(a.State.Ball.ContiguousOf(env).Pointer);
        float clock = Scalar.Max(1f - a.State.Tick.ContiguousOf(env)[0] * p.ClockScale, 0f);
        WriteSelf(begin, endA, 1f, ball, Scalar.Clamp(lead * p.ScoreScale, -1f, 1f), clock, p.ObservationLength, player, rows);
        WriteSelf(beginB, end, -1f, ball, Scalar.Clamp(-lead * p.ScoreScale, -1f, 1f), clock, p.ObservationLength, player, rows);
    }

    // All fourteen are (a fact of the match − a coordinate of one's own body, or nothing) · a scale. −0 − x is −x with its sign of zero, and a
    // sign changed twice is no change; so where the rule multiplies x by a scale, −0 − x is multiplied by −scale here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteSelf(int begin, int end, float sign, Vector128<float> ball, float score, float clock, int rowLength, float* player, float* rows)
    {
        Vector512<int> lane = Vector512<int>.Indices, element = Vector512.Create(0, 1, 2, 3, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0);
        Vector512<int> quarter = lane >> 2;
        Vector512<float> facts = Vector512.Load(selfFacts), scale = Vector512.Load(selfScale);
        Vector512<float> seenBall = Vector512.Create(Vector256.Create(ball * sign));
        facts = Vector512.ConditionalSelect(Vector512.Equals(quarter, Vector512.Create(1)).AsSingle(), seenBall, facts);
        facts = Vector512.ConditionalSelect(Vector512.Equals(lane, Vector512.Create(SoccerFlat.Score)).AsSingle(), Vector512.Create(score), facts);
        facts = Vector512.ConditionalSelect(Vector512.Equals(lane, Vector512.Create(SoccerFlat.Clock)).AsSingle(), Vector512.Create(clock), facts);
        Vector512<int> ofBall = Vector512.Equals(lane >> 1, Vector512.Create(SoccerFlat.BallOffset / 2));
        Vector512<int> ofBody = Vector512.LessThan(lane, Vector512.Create(SoccerFlat.BallVelocity)) | Vector512.Equals(quarter, Vector512.Create(2));
        float* row = rows + (long)begin * rowLength;
        for (int agent = begin; agent < end; agent++)
        {
            Vector512<float> own = Avx512F.PermuteVar4x32(Avx512F.BroadcastVector128ToVector512(player + agent * SoccerConstants.BodyFloats) * Vector512.Create(sign), element);
            Vector512<float> difference = Vector512.ConditionalSelect(ofBody.AsSingle(), facts - own, facts);
            (difference * Vector512.ConditionalSelect(ofBall.AsSingle(), Vector512.Create(ballScale[agent]), scale)).Store(row); // the last two are the first record's
            row += rowLength;
        }
    }

    private void WriteOthers(int side, int begin, int end, int rowLength, float* player, float* rows)
    {
        SoccerPiece* piece = plan.Pieces(side);
        float* placed = PlacedOf(side), scale = ScaleOf(side);
        int place = begin - side * teamSize, count = end - begin;
        rows += (long)begin * rowLength;
        player += begin * SoccerConstants.BodyFloats;
        float* distance = distances + 2 * begin * Lanes;
        int left = plan.Count;
        for (; left >= 4; left -= 4, piece += 4, placed += 4 * PieceRegisters * Lanes, scale += 4 * Lanes)
            WriteFour(piece, placed, scale, place, count, player, distance, rows, rowLength);
        for (; left > 0; left--, piece++, placed += PieceRegisters * Lanes, scale += Lanes)
            WriteOne(piece, placed, scale, place, count, player, distance, rows, rowLength);
    }

    // Four pieces of all rows of a side: as many as there are registers for.
    private static void WriteFour(SoccerPiece* piece, float* placed, float* scales, int place, int count, float* body, float* distances, float* row, int rowLength)
    {
        Vector512<float> after0 = Vector512.Load(placed), before0 = Vector512.Load(placed + Lanes), scale0 = Vector512.Load(scales);
        Vector512<float> after1 = Vector512.Load(placed + 2 * Lanes), before1 = Vector512.Load(placed + 3 * Lanes), scale1 = Vector512.Load(scales + Lanes);
        Vector512<float> after2 = Vector512.Load(placed + 4 * Lanes), before2 = Vector512.Load(placed + 5 * Lanes), scale2 = Vector512.Load(scales + 2 * Lanes);
        Vector512<float> after3 = Vector512.Load(placed + 6 * Lanes), before3 = Vector512.Load(placed + 7 * Lanes), scale3 = Vector512.Load(scales + 3 * Lanes);
        Vector512<int> record0 = Vector512.Load(piece[0].Record), self0 = Vector512.Load(piece[0].Self), distance0 = Vector512.Load(piece[0].Distance);
        Vector512<int> record1 = Vector512.Load(piece[1].Record), self1 = Vector512.Load(piece[1].Self), distance1 = Vector512.Load(piece[1].Distance);
        Vector512<int> record2 = Vector512.Load(piece[2].Record), self2 = Vector512.Load(piece[2].Self), distance2 = Vector512.Load(piece[2].Distance);
        Vector512<int> record3 = Vector512.Load(piece[3].Record), self3 = Vector512.Load(piece[3].Self), distance3 = Vector512.Load(piece[3].Distance);
        Vector512<int> isDistance0 = Negative(piece[0].IsDistance), isDistance1 = Negative(piece[1].IsDistance);
        Vector512<int> isDistance2 = Negative(piece[2].IsDistance), isDistance3 = Negative(piece[3].IsDistance);
        nint from0 = piece[0].RecordRegister * Lanes, from1 = piece[1].RecordRegister * Lanes, from2 = piece[2].RecordRegister * Lanes, from3 = piece[3].RecordRegister * Lanes;
        nint to0 = piece[0].Offset, to1 = piece[1].Offset, to2 = piece[2].Offset, to3 = piece[3].Offset;
        Vector512<int> own = Vector512.Create(place);
        for (; count > 0; count--)
        {
            Vector512<float> self = Vector128.Load(body).ToVector256().ToVector512();
            Write(after0, before0, scale0, record0, self0, distance0, isDistance0, own, self, distances + from0, row + to0);
            Write(after1, before1, scale1, record1, self1, distance1, isDistance1, own, self, distances + from1, row + to1);
            Write(after2, before2, scale2, record2, self2, distance2, isDistance2, own, self, distances + from2, row + to2);
            Write(after3, before3, scale3, record3, self3, distance3, isDistance3, own, self, distances + from3, row + to3);
            own += Vector512<int>.One;
            body += SoccerConstants.BodyFloats;
            distances += 2 * Lanes;
            row += rowLength;
        }
    }

    private static void WriteOne(SoccerPiece* piece, float* placed, float* scales, int place, int count, float* body, float* distances, float* row, int rowLength)
    {
        Vector512<float> after = Vector512.Load(placed), before = Vector512.Load(placed + Lanes), scale = Vector512.Load(scales);
        Vector512<int> record = Vector512.Load(piece->Record), elements = Vector512.Load(piece->Self), distance = Vector512.Load(piece->Distance);
        Vector512<int> isDistance = Negative(piece->IsDistance), own = Vector512.Create(place);
        distances += piece->RecordRegister * Lanes;
        row += piece->Offset;
        for (; count > 0; count--)
        {
            Vector512<float> self = Vector128.Load(body).ToVector256().ToVector512();
            Write(after, before, scale, record, elements, distance, isDistance, own, self, distances, row);
            own += Vector512<int>.One;
            body += SoccerConstants.BodyFloats;
            distances += 2 * Lanes;
            row += rowLength;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Negative(int* lanes) => Vector512.LessThan(Vector512.Load(lanes), Vector512<int>.Zero);

    // One piece of one row. Lanes that are no body have 0 for the own body and 1 for the scale, so that they stay what they are.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(
        Vector512<float> after, Vector512<float> before, Vector512<float> scale, Vector512<int> record, Vector512<int> elements, Vector512<int> distance,
        Vector512<int> isDistance, Vector512<int> own, Vector512<float> self, float* distances, float* destination)
    {
        Vector512<float> seen = Vector512.ConditionalSelect(Vector512.LessThan(record, own).AsSingle(), after, before);
        Vector512<float> relative = (seen - Avx512F.PermuteVar16x32(self, elements)) * scale;
        Vector512.ConditionalSelect(isDistance.AsSingle(), Avx512F.PermuteVar16x32(Vector512.Load(distances), distance), relative).Store(destination);
    }
}
