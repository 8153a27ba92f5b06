using Arena.HostApi.Tests.Checkpoints;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Policy.Distributed;
using Arena.Policy.Tests.Distributed;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>A checkpoint written and read by several ranks, which here are threads: whole, or none.</summary>
public sealed class RankCheckpointTests : IDisposable
{
    private static readonly HashSet<long> Nothing = [];

    private readonly Lock saying = new();
    private readonly string run = Directory.CreateTempSubdirectory("arena-ranks-").FullName;

    public void Dispose() => Directory.Delete(run, recursive: true);

    [Fact]
    public void Each_rank_writes_its_part_and_reads_back_its_own_and_what_is_common()
    {
        Write(1);
        Assert.Equal(
            ["manifest.json", "optimizer.safetensors", "policy.safetensors", "state.json", "world-0.safetensors", "world-1.safetensors", "world-2.safetensors", "world.safetensors"],
            Directory.GetFiles(PathOf(1)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Read((rank, found) =>
        {
            Assert.Equal(1, found.Update);
            Assert.Equal([rank], found.State.Shards.Keys);
            Assert.Equal([1f, 2f], found.State.World.ReadArray<float>("some/floats"));
            Assert.Equal([100 * rank + 1], found.State.OfShard(rank).World.ReadArray<int>("own/number"));
            Assert.Contains($"it lacks world-{(rank + 1) % 3}", Assert.Throws<UsageException>(() => found.State.OfShard((rank + 1) % 3)).Message);
        });
    }

    [Fact]
    public void A_part_that_is_damaged_for_one_rank_means_the_older_one_for_all()
    {
        Write(1);
        Write(2);
        string part = Path.Join(PathOf(2), "world-2.safetensors");
        byte[] whole = File.ReadAllBytes(part);
        whole[^1] ^= 1;
        File.WriteAllBytes(part, whole);
        var said = new List<string>();
        Read((_, found) => Assert.Equal(1, found.Update), said);
        Assert.Equal("checkpoint 000000002: world-2.safetensors has another SHA-256 than its manifest says; using 000000001 instead", Assert.Single(said.Distinct()));
        File.Delete(part); // noticed by ranks that do not read it, too
        said.Clear();
        Read((_, found) => Assert.Equal(1, found.Update), said);
        Assert.Equal("checkpoint 000000002: world-2.safetensors is missing; using 000000001 instead", Assert.Single(said.Distinct()));
    }

    [Fact]
    public void A_rank_that_cannot_write_leaves_no_trace_and_the_next_checkpoint_is_whole()
    {
        Write(1);
        var full = new FullDisk { Full = true };
        IOException?[] failures = RankThreads.Run(3, ranks =>
        {
            using CheckpointStore store = Open(ranks, ranks.Rank == 1 ? full : null);
            IOException? failure = null;
            try
            {
                store.Write(2, State(ranks.Rank, 2), Nothing);
            }
            catch (IOException problem)
            {
                failure = problem;
            }

            ranks.Any(false); // rank 0 has cleared away
            Assert.Equal(["000000001"], Directory.GetDirectories(Path.Join(run, "checkpoints")).Select(path => Path.GetFileName(path)));
            ranks.Any(false);
            full.Full = false;
            store.Write(3, State(ranks.Rank, 3), Nothing);
            return failure;
        });
        Assert.Equal("rank 1: the disk is full", failures[0]!.Message);
        Assert.Equal([null, null], failures[1..]); // rank 0 counts failures, for all
        Read((_, found) => Assert.Equal(3, found.Update));
    }

    [Fact]
    public void A_rank_that_does_not_see_the_folder_is_named()
    {
        string elsewhere = Directory.CreateTempSubdirectory("arena-elsewhere-").FullName;
        try
        {
            string message = Assert.Throws<UsageException>(() => RankThreads.Run(2, ranks =>
            {
                CheckpointStore.Open(ranks.Rank == 0 ? run : elsewhere, null, ranks).Dispose();
                return 0;
            })).Message;
            Assert.Contains("Rank 1 does not see", message);
            Assert.Contains("a folder that all machines share", message);
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    private void Write(long update) => RankThreads.Run(3, ranks =>
    {
        using CheckpointStore store = Open(ranks);
        store.Write(update, State(ranks.Rank, update), Nothing);
        return 0;
    });

    private void Read(Action<int, LoadedCheckpoint> check, List<string>? said = null) => RankThreads.Run(3, ranks =>
    {
        using CheckpointStore store = Open(ranks);
        check(ranks.Rank, store.ReadNewest(text =>
        {
            lock (saying) (said ?? throw new InvalidOperationException(text)).Add(text);
        }));
        return 0;
    });

    private string PathOf(int update) => Path.Join(run, "checkpoints", $"{update:D9}");

    private CheckpointStore Open(Ranks ranks, CheckpointDisk? disk = null) => CheckpointStore.Open(run, disk, ranks, shard => shard == ranks.Rank);

    private static SavedState State(int rank, long update)
    {
        SavedState state = CheckpointDamageTests.SmallState((int)update);
        state.AddShard(rank, keepsRest: true).World.Write<int>("own/number", [100 * rank + (int)update]);
        return state;
    }

    private sealed class FullDisk : CheckpointDisk
    {
        internal bool Full { get; set; }

        internal override Stream Create(string path) => Full ? throw new IOException("the disk is full") : base.Create(path);
    }
}
