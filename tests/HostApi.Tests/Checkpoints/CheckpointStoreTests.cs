using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>What is kept, what is cleaned away, and a disk without room.</summary>
public sealed class CheckpointStoreTests : IDisposable
{
    private static readonly HashSet<long> Nothing = [];

    private readonly string run = Directory.CreateTempSubdirectory("arena-store-").FullName;

    private string Folder => Path.Join(run, "checkpoints");

    public void Dispose() => Directory.Delete(run, recursive: true);

    [Fact]
    public void The_last_three_every_tenth_and_the_named_are_kept()
    {
        using (CheckpointStore store = CheckpointStore.Open(run))
            for (int i = 1; i <= 13; i++) store.Write(100 * i, CheckpointDamageTests.SmallState(i), new HashSet<long> { 300 });
        Assert.Equal(["000000300", "000001000", "000001100", "000001200", "000001300"], Names());
        using (CheckpointStore store = CheckpointStore.Open(run))
        {
            store.ReadNewest(said => Assert.Fail(said)); // counts go on from there
            for (int i = 14; i <= 21; i++) store.Write(100 * i, CheckpointDamageTests.SmallState(i), new HashSet<long> { 1200 });
        }

        Assert.Equal(["000001000", "000001200", "000001900", "000002000", "000002100"], Names());
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_and_nothing_else()
    {
        using (CheckpointStore store = CheckpointStore.Open(run)) store.Write(1, CheckpointDamageTests.SmallState(1), Nothing);
        Directory.CreateDirectory(Path.Join(Folder, ".tmp-000000002", "deep"));
        File.WriteAllText(Path.Join(Folder, ".tmp-000000002", "world.safetensors"), "half");
        Directory.CreateDirectory(Path.Join(Folder, "notes"));
        using (CheckpointStore store = CheckpointStore.Open(run)) Assert.Equal(1, store.ReadNewest(said => Assert.Fail(said)).Update);
        Assert.Equal(["000000001", "notes"], Names());
    }

    [Fact]
    public void One_process_at_a_time_holds_a_run()
    {
        using CheckpointStore store = CheckpointStore.Open(run);
        Assert.Contains("Another process trains in", Assert.Throws<UsageException>(() => CheckpointStore.Open(run)).Message);
    }

    [Fact]
    public void A_disk_that_fills_up_at_any_byte_leaves_the_last_checkpoint_and_no_trace()
    {
        var disk = new SmallDisk();
        using CheckpointStore store = CheckpointStore.Open(run, disk);
        store.Write(1, CheckpointDamageTests.SmallState(1), Nothing);
        long whole = disk.Written;
        for (long room = 0; room < whole; room += 53)
        {
            disk.Room = room;
            Assert.Equal(ExitCode.Disk, ExitCode.Of(Assert.Throws<IOException>(() => store.Write(2, CheckpointDamageTests.SmallState(2), Nothing))));
            Assert.Equal(["000000001"], Names());
        }

        Assert.Equal(1, store.ReadNewest(said => Assert.Fail(said)).State.Values.ReadLong("some/number"));
        disk.Room = whole + 1_000;
        store.Write(2, CheckpointDamageTests.SmallState(2), Nothing);
        Assert.Equal(["000000001", "000000002"], Names());
    }

    [Fact]
    public void Without_twice_the_room_nothing_is_begun()
    {
        var disk = new SmallDisk { Free = 30_000 }; // more than it takes, less than twice what it is counted with
        using CheckpointStore store = CheckpointStore.Open(run, disk);
        Assert.Contains("twice that must be free", Assert.Throws<IOException>(() => store.Write(1, CheckpointDamageTests.SmallState(1), Nothing)).Message);
        Assert.Equal(0, disk.Written);
        disk.Free = 1_000_000;
        store.Write(1, CheckpointDamageTests.SmallState(1), Nothing);
    }

    [Fact]
    public void Training_goes_on_without_a_checkpoint_twice_and_stops_at_the_third_in_a_row()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        IGame corridor = Registry.Find("corridor");
        GameOptions options = corridor.Training.Options with { NumEnvs = 16 };
        var plan = new TrainingPlan { AgentSteps = 100_000, EvaluationGames = 4 };
        using var session = new TrainingSession(device, corridor, options, new PpoConfig { Horizon = 16, Minibatches = 4 }, plan, seed: 1);
        using RunDirectory directory = RunDirectory.Create(
            new RunDescription { Game = "corridor", Seed = 1, Options = options, Network = session.Network, Device = "", Threads = 1 }, run);
        var disk = new SmallDisk();
        using CheckpointStore store = CheckpointStore.Open(directory.Path, disk);
        var checkpoints = new TrainingCheckpoints(session, directory, store, minutes: 0);

        Fail(1);
        Fail(2);
        disk.Room = long.MaxValue;
        session.Update();
        checkpoints.AfterUpdate();
        Assert.Empty(checkpoints.Warnings);
        Fail(3); // not in a row
        Fail(4);
        disk.Room = 0;
        session.Update();
        IOException last = Assert.Throws<IOException>(checkpoints.AfterUpdate);
        Assert.Contains("3 checkpoints in a row", last.Message);
        Assert.Equal(ExitCode.Disk, ExitCode.Of(last));
        Assert.Equal(3, store.ReadNewest(said => Assert.Fail(said)).Update); // the last that was whole

        void Fail(int failures)
        {
            disk.Room = 0;
            session.Update();
            checkpoints.AfterUpdate();
            Assert.Equal(failures, checkpoints.Failed);
            Assert.Contains($"after update {session.Updates} could not be written: No space left", Assert.Single(checkpoints.Warnings));
        }
    }

    [Fact]
    public void Checkpoints_are_written_when_they_are_due_and_at_the_end()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        IGame corridor = Registry.Find("corridor");
        GameOptions options = corridor.Training.Options with { NumEnvs = 16 };
        using var session = new TrainingSession(device, corridor, options, new PpoConfig { Horizon = 16, Minibatches = 4 }, new TrainingPlan { AgentSteps = 100_000, EvaluationGames = 4 }, seed: 1);
        using RunDirectory directory = RunDirectory.Create(
            new RunDescription { Game = "corridor", Seed = 1, Options = options, Network = session.Network, Device = "", Threads = 1 }, run);
        using CheckpointStore store = CheckpointStore.Open(directory.Path);
        var clock = new HandClock();
        var checkpoints = new TrainingCheckpoints(session, directory, store, minutes: 10, clock);
        string Written() => string.Join(' ', Directory.GetDirectories(Path.Join(directory.Path, "checkpoints")).Select(Path.GetFileName).Order());
        for (int update = 1; update <= 7; update++)
        {
            clock.Minutes = 3 * update;
            session.Update();
            checkpoints.AfterUpdate();
        }

        Assert.Equal("000000004", Written()); // at 12 minutes; the next at 22
        checkpoints.AtEnd();
        checkpoints.AtEnd();
        Assert.Equal("000000004 000000007", Written());
    }

    private string[] Names() => [.. Directory.GetDirectories(Folder).Select(path => Path.GetFileName(path)!).Order()];

    /// <summary>A clock that a test moves.</summary>
    private sealed class HandClock : TimeProvider
    {
        internal double Minutes { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Minutes * 60_000);
    }

    /// <summary>A disk with a few bytes left.</summary>
    private sealed class SmallDisk : CheckpointDisk
    {
        internal long Room { get; set; } = long.MaxValue;

        internal long Free { get; set; } = long.MaxValue;

        internal long Written { get; private set; }

        internal override long FreeBytes(string folder) => Free;

        internal override Stream Create(string path) => new SmallFile(this, base.Create(path));

        private sealed class SmallFile(SmallDisk disk, Stream inner) : Stream
        {
            public override bool CanRead => false;

            public override bool CanSeek => false;

            public override bool CanWrite => true;

            public override long Length => inner.Length;

            public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

            public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

            // As a file system does: what fits is written, then it fails.
            public override void Write(ReadOnlySpan<byte> buffer)
            {
                int fits = (int)Math.Min(buffer.Length, disk.Room);
                inner.Write(buffer[..fits]);
                disk.Room -= fits;
                disk.Written += fits;
                if (fits < buffer.Length) throw new IOException("No space left on device");
            }

            public override void Flush() => inner.Flush();

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            protected override void Dispose(bool disposing)
            {
                if (disposing) inner.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}
