using System.Runtime.InteropServices;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>How the records of the other players in a flat observation row are put together, one 512-bit register at a time.</summary>
/// <remarks>
/// A record is 7 floats and a register 16, so a piece, a register's worth of a row, holds parts of up to four records. All players are kept in one
/// list: side A, side B, side A. The records of a row are then adjacent entries of the list, from the own side's first player on, but for the
/// player himself: records before him are entries of the same number, records after him are one entry further. Where each lane of a piece comes
/// from therefore depends on team size and side alone.
/// </remarks>
internal sealed unsafe class SoccerRowPlan
{
    /// <summary>Floats in a register.</summary>
    internal const int Lanes = 16;

    /// <summary>Bodies in a register.</summary>
    internal const int BodiesPerRegister = Lanes / SoccerConstants.BodyFloats;

    /// <summary>No row has more pieces.</summary>
    internal const int MaxPieces = (SoccerFlat.OtherLength * (2 * SoccerConstants.MaxTeamSize - 1) + Lanes - 1) / Lanes + 1;

    /// <summary>Registers of the longest list, and one that is read beyond it.</summary>
    internal const int MaxListRegisters = (3 * SoccerConstants.MaxTeamSize + BodiesPerRegister - 1) / BodiesPerRegister + 1;

    /// <summary>Bytes of a cache line, and of a register.</summary>
    internal const int LineBytes = 64;

    private static readonly SoccerRowPlan?[] Plans = new SoccerRowPlan?[SoccerConstants.MaxTeamSize + 1];

    private readonly SoccerPiece* pieces; // kept for good, at a cache line: a register that spans two lines costs two loads
    private readonly int* agents;

    private SoccerRowPlan(int teamSize)
    {
        Records = 2 * teamSize - 1;
        int floats = Records * SoccerFlat.OtherLength;
        Count = (floats + Lanes - 1) / Lanes;
        if (Count % 4 == 3) Count++; // pieces are written four at a time: three take as long, and the last may be written twice
        pieces = (SoccerPiece*)NativeMemory.AlignedAlloc((nuint)(2 * Count * sizeof(SoccerPiece)), LineBytes);
        for (int i = 0; i < 2 * Count; i++) pieces[i] = PieceOf(teamSize, i / Count, Math.Min(i % Count * Lanes, floats - Lanes));
        int lanes = 2 * teamSize * RecordRegisters * Lanes;
        agents = (int*)NativeMemory.AlignedAlloc((nuint)(lanes * sizeof(int)), LineBytes);
        for (int i = 0; i < lanes; i++) agents[i] = AgentOf(teamSize, i / Lanes / RecordRegisters, i / Lanes % RecordRegisters * SecondRecord + i % Lanes);
    }

    /// <summary>Other players: 3, 5, … 21.</summary>
    internal int Records { get; }

    /// <summary>Pieces of a row.</summary>
    internal int Count { get; }

    /// <summary>Registers with a lane per record: 1, or 2 where there are more than 16 records.</summary>
    internal int RecordRegisters => Records > Lanes ? 2 : 1;

    // Record in lane 0 of the second of them, which ends with the last record.
    private int SecondRecord => Math.Max(0, Records - Lanes);

    /// <summary>The plan of a team size from 2 on; made at the first call.</summary>
    internal static SoccerRowPlan Of(int teamSize) => Plans[teamSize] ??= new SoccerRowPlan(teamSize);

    /// <summary>The pieces of a side's rows, one after the other.</summary>
    internal SoccerPiece* Pieces(int side) => pieces + side * Count;

    /// <summary>For every lane of the registers with a lane per record: whose record it is in the row of <paramref name="agent"/>.</summary>
    internal int* Agents(int agent) => agents + agent * RecordRegisters * Lanes;

    // Teammates, then opponents, in index order; a lane beyond the last record repeats it.
    private static int AgentOf(int teamSize, int agent, int record)
    {
        int ownFirst = agent < teamSize ? 0 : teamSize, otherFirst = teamSize - ownFirst;
        if (record >= teamSize - 1) return otherFirst + Math.Min(record - (teamSize - 1), teamSize - 1);
        return ownFirst + record + (ownFirst + record < agent ? 0 : 1);
    }

    private SoccerPiece PieceOf(int teamSize, int side, int offset)
    {
        int lastRecord = (offset + Lanes - 1) / SoccerFlat.OtherLength;
        int start = side * teamSize, first = start + offset / SoccerFlat.OtherLength;
        var piece = new SoccerPiece
        {
            Offset = offset,
            Register = first / BodiesPerRegister,
            ShiftedRegister = (first + 1) / BodiesPerRegister,
            RecordRegister = lastRecord < Lanes ? 0 : 1,
        };
        for (int lane = 0; lane < Lanes; lane++)
        {
            int record = (offset + lane) / SoccerFlat.OtherLength, element = (offset + lane) % SoccerFlat.OtherLength, entry = start + record;
            piece.Record[lane] = record;
            piece.Self[lane] = Math.Min(element, SoccerConstants.BodyFloats);
            piece.Teammate[lane] = element == SoccerFlat.OtherIsTeammate && record < teamSize - 1 ? 1f : 0f;
            if (element < SoccerConstants.BodyFloats)
            {
                piece.IsBody[lane] = -1;
                piece.Entry[lane] = (entry - piece.Register * BodiesPerRegister) * SoccerConstants.BodyFloats + element;
                piece.ShiftedEntry[lane] = (entry + 1 - piece.ShiftedRegister * BodiesPerRegister) * SoccerConstants.BodyFloats + element;
            }
            else if (element == SoccerFlat.OtherIsNearest)
            {
                piece.Agent[lane] = 1 << entry % (2 * teamSize);
                piece.ShiftedAgent[lane] = 1 << (entry + 1) % (2 * teamSize);
            }
            else if (element == SoccerFlat.OtherDistance)
            {
                piece.IsDistance[lane] = -1;
                piece.Distance[lane] = record - piece.RecordRegister * SecondRecord;
            }
        }

        return piece;
    }
}

/// <summary>Sixteen adjacent floats of a side's records, lane by lane.</summary>
internal unsafe struct SoccerPiece
{
    /// <summary>Record that a lane is part of.</summary>
    internal fixed int Record[SoccerRowPlan.Lanes];

    /// <summary>Elements 0…3, for players of the side that come after the record's: lane of the list's registers <see cref="Register"/> and the next.</summary>
    internal fixed int Entry[SoccerRowPlan.Lanes];

    /// <summary>The same for players that come before it: one entry further, from <see cref="ShiftedRegister"/> on.</summary>
    internal fixed int ShiftedEntry[SoccerRowPlan.Lanes];

    /// <summary>−1 for elements 0…3, else 0.</summary>
    internal fixed int IsBody[SoccerRowPlan.Lanes];

    /// <summary>Element 0…3, or 4 for the others: lane of a body that is followed by zeros, or of the scales.</summary>
    internal fixed int Self[SoccerRowPlan.Lanes];

    /// <summary>Element 5: 1 for a teammate. Else 0.</summary>
    internal fixed float Teammate[SoccerRowPlan.Lanes];

    /// <summary>Element 6: the agent of <see cref="Entry"/> as a bit. Else 0.</summary>
    internal fixed int Agent[SoccerRowPlan.Lanes];

    /// <summary>The same for <see cref="ShiftedEntry"/>.</summary>
    internal fixed int ShiftedAgent[SoccerRowPlan.Lanes];

    /// <summary>−1 for element 4, else 0.</summary>
    internal fixed int IsDistance[SoccerRowPlan.Lanes];

    /// <summary>Element 4: lane of the record in the register <see cref="RecordRegister"/>.</summary>
    internal fixed int Distance[SoccerRowPlan.Lanes];

    /// <summary>Where the piece begins; floats after the first float of record 0.</summary>
    internal int Offset;

    /// <summary>See <see cref="Entry"/>.</summary>
    internal int Register;

    /// <summary>See <see cref="ShiftedEntry"/>.</summary>
    internal int ShiftedRegister;

    /// <summary>Which of the registers with a lane per record.</summary>
    internal int RecordRegister;

    private fixed int rest[SoccerRowPlan.Lanes - 4]; // whole cache lines
}
