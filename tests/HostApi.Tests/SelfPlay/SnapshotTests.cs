using Arena.HostApi.SelfPlay;

namespace Arena.HostApi.Tests.SelfPlay;

public sealed class SnapshotTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-snapshots-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(814, 16)]
    [InlineData(16, 16)]
    [InlineData(15, 16)]
    [InlineData(7, 16)]
    [InlineData(1, 16)]
    [InlineData(1000, 2)]
    public void As_many_as_asked_for_evenly_with_the_first_and_the_last(long planned, int count)
    {
        long[] due = [.. Enumerable.Range(0, (int)planned + 1).Select(update => (long)update).Where(update => Snapshots.Due(update, planned, count))];
        Assert.Equal(Math.Min(count, planned + 1), due.Length);
        Assert.Equal((0, planned), (due[0], due[^1]));
        long[] gaps = [.. due.Zip(due.Skip(1), (a, b) => b - a)];
        Assert.True(gaps.Max() - gaps.Min() <= 1);
    }

    [Fact]
    public void None_are_none_and_one_is_the_last()
    {
        Assert.DoesNotContain(Enumerable.Range(0, 101), update => Snapshots.Due(update, 100, 0));
        Assert.Equal([100], Enumerable.Range(0, 101).Where(update => Snapshots.Due(update, 100, 1)));
    }

    [Fact]
    public void A_run_lists_its_snapshots_by_age_and_nothing_else()
    {
        Assert.Empty(Snapshots.Of(folder));
        string pool = Directory.CreateDirectory(Path.Combine(folder, Snapshots.Folder)).FullName;
        foreach (string name in new[] { "000000200000.safetensors", "000000000000.safetensors", "1000.safetensors", "notes.txt", "champion.safetensors", "000000300000.safetensors.77.tmp" })
            File.WriteAllText(Path.Combine(pool, name), "");
        Assert.Equal([("000000000000", 0L), ("000000200000", 200_000)], Snapshots.Of(folder).Select(snapshot => (snapshot.Name, snapshot.AgentSteps)));
        Assert.Equal(Snapshots.Of(folder)[1].Path, Snapshots.FileIn(folder, 200_000));
    }
}
