using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;

namespace Arena.Policy.Learners;

/// <summary>Who finished an episode since <see cref="Begin"/>, with its statistics and opponent: gathered on the device, read with the other numbers of an update.</summary>
/// <remarks>
/// An owner keeps the statistics of its last episode alone: where two ended, the second counts. How many ended is known only after the copy, so the copy takes
/// half as many records again as last time, and a second copy brings the rest where that was too few.
/// </remarks>
public sealed class FinishedEpisodes : IDisposable
{
    private const int Spare = 16; // records that are always copied: a few ends more than last time are usual

    private readonly IDevice device;
    private readonly MetricsBlock block;
    private readonly View<int> finished;
    private readonly View<float> statistics;
    private readonly DeviceBuffer<int> seen;
    private readonly DeviceBuffer<long> ended;
    private readonly DeviceBuffer<long> totals;
    private readonly MetricsPlace<long> sums;
    private readonly MetricsPlace<int> records;
    private readonly int width;
    private readonly int size;
    private bool complete;

    /// <summary>Takes its places in <paramref name="block"/>.</summary>
    /// <param name="device">Of all columns.</param>
    /// <param name="block">What is read after an update.</param>
    /// <param name="finished">(owners) int: as <see cref="StepViews.EpisodesFinished"/>.</param>
    /// <param name="statistics">(owners, width) float: as <see cref="StepViews.EpisodeStatistics"/>; empty where the game has none.</param>
    public FinishedEpisodes(IDevice device, MetricsBlock block, View<int> finished, View<float> statistics)
    {
        (this.device, this.block, this.finished, this.statistics) = (device, block, finished, statistics);
        Owners = checked((int)finished.Length);
        width = checked((int)(statistics.Length / Owners));
        size = (Owners + Reduction.Lanes - 1) / Reduction.Lanes;
        seen = device.Allocate<int>(Owners, "finished episodes: before");
        ended = device.Allocate<long>(Reduction.Lanes, "finished episodes: lanes");
        totals = device.Allocate<long>(Reduction.Lanes, "finished episodes: totals");
        sums = block.Take<long>(2);
        records = block.TakeTail(checked(Owners * RecordLength));
        block.TailBytes = RecordBytes(Spare);
    }

    /// <summary>Matches, or rows where episodes are an agent's own.</summary>
    public int Owners { get; }

    /// <summary>Episodes that have ended since the beginning.</summary>
    public long Total => Sums[1];

    /// <summary>Owners with an end since <see cref="Begin"/>: the records.</summary>
    public int Count => (int)Sums[0];

    private int RecordLength => FinishedRecord.Count + width;

    private ReadOnlySpan<long> Sums
    {
        get
        {
            if (!block.Read) block.Fetch();
            return sums.Host;
        }
    }

    /// <summary>What ends from now on is new.</summary>
    public void Begin() => device.Launch(new CopyIntegers { Source = finished, Destination = seen.View }, Owners);

    /// <summary>Gathers what has ended; <paramref name="seats"/> says against whom.</summary>
    public void Gather(in SeatedOpponents seats = default)
    {
        device.Launch(new CountFinished { Finished = finished, Seen = seen.View, Ended = ended.View, Totals = totals.View, Size = size }, Reduction.Lanes);
        device.Launch(new PlaceFinished { Ended = ended.View, Totals = totals.View, Sums = sums.View }, 1);
        View<int> gathered = records.View;
        device.Launch(
            new GatherFinished
            {
                Finished = finished,
                Seen = seen.View,
                Statistics = statistics,
                Opponents = seats.Opponents,
                Previous = seats.Previous,
                Drawn = seats.Drawn,
                Places = ended.View,
                Records = gathered,
                RecordStatistics = AsFloats(gathered),
                Width = width,
                Size = size,
            },
            Owners);
        block.Outdate();
        complete = false;
    }

    /// <summary>Owner, number of its episodes, and opponent (an <see cref="OpponentSeat"/>) of a record.</summary>
    /// <param name="index">0..Count−1; records are in the order of owners.</param>
    /// <param name="episode">(width) its statistics; valid until the next update.</param>
    public (int Owner, int Number, int Opponent) Record(int index, out ReadOnlySpan<float> episode)
    {
        Complete();
        ReadOnlySpan<int> record = records.Host.Slice(index * RecordLength, RecordLength);
        episode = MemoryMarshal.Cast<int, float>(record[FinishedRecord.Count..]);
        return (record[FinishedRecord.Owner], record[FinishedRecord.Number], record[FinishedRecord.Opponent]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        seen.Dispose();
        ended.Dispose();
        totals.Dispose();
    }

    private void Complete()
    {
        int count = Count;
        if (complete) return;
        if (RecordBytes(count) > block.TailBytes) block.FetchTail(RecordBytes(count));
        block.TailBytes = RecordBytes(Math.Min(Owners, count + count / 2 + Spare));
        complete = true;
    }

    private long RecordBytes(int count) => (long)count * RecordLength * sizeof(int);

    private static unsafe View<float> AsFloats(View<int> words) => new((float*)words.Pointer, words.Length);
}

/// <summary>Who is seated where: columns of <see cref="GatherFinished"/>.</summary>
/// <param name="Opponents">(E) int: of the game that <paramref name="Drawn"/> names.</param>
/// <param name="Previous">(E) int: of the game before.</param>
/// <param name="Drawn">(E) int: number of that game.</param>
public readonly record struct SeatedOpponents(View<int> Opponents, View<int> Previous, View<int> Drawn);
