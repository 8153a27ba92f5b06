using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Numbers of a record of <see cref="GatherFinished"/>, before the statistics.</summary>
public static class FinishedRecord
{
    /// <summary>Owner of the episode: a match, or a row where episodes are an agent's own.</summary>
    public const int Owner = 0;

    /// <summary>Episodes that the owner has finished.</summary>
    public const int Number = 1;

    /// <summary>An <see cref="OpponentSeat"/>: against whom the episode was played; 0 where nobody is seated.</summary>
    public const int Opponent = 2;

    /// <summary>Numbers before the statistics.</summary>
    public const int Count = 3;
}

/// <summary>Stage 1 of gathering what has ended: how many owners of every lane finished more episodes than they had. One index per lane.</summary>
public struct CountFinished : IKernel
{
    /// <summary>(owners) int; in.</summary>
    public View<int> Finished;

    /// <summary>(owners) int: episodes finished before; in.</summary>
    public View<int> Seen;

    /// <summary>(Lanes) long: owners of the lane with a new end; out.</summary>
    public View<long> Ended;

    /// <summary>(Lanes) long: episodes that they ended since the beginning; out.</summary>
    public View<long> Totals;

    /// <summary>Owners per lane.</summary>
    public int Size;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        long begin = (long)lane * Size, end = begin + Size;
        if (end > Finished.Length) end = Finished.Length;
        long ended = 0, total = 0;
        for (long owner = begin; owner < end; owner++)
        {
            total += Finished[owner];
            if (Finished[owner] != Seen[owner]) ended++;
        }

        Ended[lane] = ended;
        Totals[lane] = total;
    }
}

/// <summary>Stage 2: where every lane's records begin, and how many there are in all. One index.</summary>
public struct PlaceFinished : IKernel
{
    /// <summary>(Lanes) long: records of the lane in, number of its first record out.</summary>
    public View<long> Ended;

    /// <summary>(Lanes) long; in.</summary>
    public View<long> Totals;

    /// <summary>(2) long: records; episodes ended since the beginning; out.</summary>
    public View<long> Sums;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        long place = 0, total = 0;
        for (int lane = 0; lane < Reduction.Lanes; lane++)
        {
            long ended = Ended[lane];
            Ended[lane] = place;
            place += ended;
            total += Totals[lane];
        }

        Sums[0] = place;
        Sums[1] = total;
    }
}

/// <summary>Stage 3: one record per owner with a new end, in the order of the owners, without gaps. One index per owner.</summary>
/// <remarks>So the host reads what ended, and not the statistics of every match.</remarks>
public struct GatherFinished : IKernel
{
    /// <summary>(owners) int; in.</summary>
    public View<int> Finished;

    /// <summary>(owners) int: episodes finished before; in.</summary>
    public View<int> Seen;

    /// <summary>(owners, Width) float: of the last episode of each; in.</summary>
    public View<float> Statistics;

    /// <summary>(owners) int <see cref="OpponentSeat"/> each: of the game that <see cref="Drawn"/> names; in; length 0 = nobody is seated.</summary>
    public View<int> Opponents;

    /// <summary>(owners) int: of the game before that; in.</summary>
    public View<int> Previous;

    /// <summary>(owners) int: number of the game for which an opponent was drawn last; in.</summary>
    public View<int> Drawn;

    /// <summary>(Lanes) long: number of each lane's first record; in.</summary>
    public View<long> Places;

    /// <summary>(owners, <see cref="FinishedRecord.Count"/> + Width) int: the records; out, as many as ended.</summary>
    public View<int> Records;

    /// <summary>The same memory, for the statistics.</summary>
    public View<float> RecordStatistics;

    /// <summary>Statistics of an episode.</summary>
    public int Width;

    /// <summary>Owners per lane.</summary>
    public int Size;

    /// <inheritdoc/>
    public readonly void Run(int owner)
    {
        int number = Finished[owner];
        if (number == Seen[owner]) return;
        int lane = owner / Size;
        long place = Places[lane];
        for (int before = lane * Size; before < owner; before++)
            if (Finished[before] != Seen[before]) place++;
        long at = place * (FinishedRecord.Count + Width);
        Records[at + FinishedRecord.Owner] = owner;
        Records[at + FinishedRecord.Number] = number;
        Records[at + FinishedRecord.Opponent] = Opponent(owner, number);
        for (int i = 0; i < Width; i++) RecordStatistics[at + (FinishedRecord.Count + i)] = Statistics[(long)owner * Width + i];
    }

    // Whether the next game's opponent has been drawn already depends on whether a tick followed the end.
    private readonly int Opponent(int owner, int number)
    {
        if (Opponents.Length == 0) return 0;
        return Drawn[owner] == number ? Opponents[owner] : Previous[owner];
    }
}
