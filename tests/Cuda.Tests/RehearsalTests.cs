using Arena.HostApi.Cli;
using Arena.HostApi.GpuCheck;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Cuda.Tests;

/// <summary>The check of a GPU, tried with two CPU devices: right ones agree, a wrong one is found out.</summary>
public sealed class RehearsalTests : IDisposable
{
    private static readonly CheckPlan Small = CheckPlan.Rehearsal with { Matches = 3, Ticks = 40, Operands = 600 };

    private readonly CpuDevice judge = new(new CpuDeviceOptions { Threads = 1 });
    private readonly CpuDevice second = new(new CpuDeviceOptions { Threads = 2, ChunkSize = 5 });

    public void Dispose()
    {
        judge.Dispose();
        second.Dispose();
    }

    [Fact]
    public void Two_right_devices_agree()
    {
        var context = new CheckContext(judge, second, Small, CancellationToken.None);
        Assert.Equal(CheckState.Passed, ArithmeticCheck.Run(context).State);
        Assert.Equal(CheckState.Passed, LearningCheck.Run(context).State);
        CheckOutcome outcome = GameCheck.RunGame(context, Registry.Find("corridor"));
        Assert.Equal(CheckState.Passed, outcome.State);
        Assert.StartsWith("corridor, default: 3 matches x 40 ticks, every byte equal", outcome.Details[0], StringComparison.Ordinal);
        Assert.StartsWith("corridor, stacked: 3 matches x 16 ticks, every byte equal", outcome.Details[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_gets_one_bit_wrong_is_found_out()
    {
        var context = new CheckContext(judge, new OneBitWrong(second), Small, CancellationToken.None);
        Assert.Equal(CheckState.Failed, ArithmeticCheck.Run(context).State);
        CheckOutcome outcome = GameCheck.RunGame(context, Registry.Find("corridor"));
        Assert.Equal(CheckState.Failed, outcome.State);
        Assert.Contains("first difference in tick 0", outcome.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_that_runs_out_of_time_says_so()
    {
        var context = new CheckContext(judge, second, Small with { GameSeconds = 0 }, CancellationToken.None);
        CheckOutcome outcome = GameCheck.RunGame(context, Registry.Find("corridor"));
        Assert.Equal(CheckState.Incomplete, outcome.State);
        Assert.Contains("40 of 40 ticks were left out", outcome.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_that_was_cut_short_does_not_pass()
    {
        string folder = Directory.CreateTempSubdirectory("arena-gpucheck").FullName;
        var output = new StringWriter();
        string[] arguments = ["gpucheck", "--rehearse", "--matches", "1", "--ticks", "1000000", "--game-seconds", "0.05", "--steps", "games, memory", "--out", folder];
        Assert.Equal(1, CommandLine.Run(arguments, output, TextWriter.Null));
        Assert.Contains("INCOMPLETE (nothing differs, but not all was compared), without kernels, arithmetic, no copies", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("ticks were left out for lack of time: --game-seconds gives more", File.ReadAllText(Assert.Single(Directory.GetFiles(folder))), StringComparison.Ordinal);
        Assert.Equal(2, CommandLine.Run(["gpucheck", "--rehearse", "--steps", "game", "--out", folder], TextWriter.Null, output));
        Assert.Contains("The steps are: kernels, arithmetic, games", output.ToString(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_forms_of_a_game_are_its_presets_choices_and_stacks()
    {
        string[] forms = [.. GameCheck.Forms(Registry.Find("moba")).Select(form => form.Name)];
        Assert.Equal("default", forms[0]);
        Assert.Contains("observation entities", forms);
        Assert.Contains("stacked", forms);
        Assert.Contains("dribble", GameCheck.Forms(Registry.Find("creature")).Select(form => form.Name));
    }

    [Fact]
    public void Without_a_gpu_the_command_says_what_is_missing()
    {
        if (DriverHere()) return; // then it would begin to check
        var error = new StringWriter();
        Assert.Equal(2, CommandLine.Run(["gpucheck", "--out", Path.GetTempPath()], TextWriter.Null, error));
        Assert.Contains("There is no GPU to check", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("--rehearse", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "gpucheck-*.md.*.tmp"));
    }

    [Fact]
    public void The_report_names_every_step_and_what_broke()
    {
        using var closed = new CpuDevice();
        closed.Dispose(); // every step that launches something breaks
        var run = new GpuCheckRun(new CheckContext(judge, closed, Small with { TrainingSeconds = 0.1 }, CancellationToken.None));
        var said = new List<string>();
        run.Run(said.Add);
        string report = run.Report(new DateTime(2025, 1, 2, 3, 4, 0, DateTimeKind.Utc));
        Assert.False(run.Passed);
        Assert.Equal(GpuCheckRun.StepNames.Count, said.Count);
        Assert.StartsWith("# GPU check of 2025-01-02 03:04 UTC (rehearsal: no GPU was used)", report, StringComparison.Ordinal);
        Assert.All(GpuCheckRun.StepNames, name => Assert.Contains($"| {name} |", report, StringComparison.Ordinal));
        Assert.Contains("ObjectDisposedException", report, StringComparison.Ordinal);
    }

    private static bool DriverHere() => File.Exists("/proc/driver/nvidia/version") || File.Exists("/usr/lib/wsl/lib/libcuda.so.1");

    /// <summary>Reads every buffer with its first bit turned over.</summary>
    private sealed unsafe class OneBitWrong(CpuDevice inner) : IDevice
    {
        public string Name => inner.Name;

        public string Description => inner.Description;

        public int TileShift => 5;

        public long AllocatedBytes => inner.AllocatedBytes;

        public long TransferredBytes => inner.TransferredBytes;

        public DeviceBuffer<T> Allocate<T>(long length, string name)
            where T : unmanaged => new(this, inner.Allocate<T>(length, name).View.Pointer, length, name);

        public void Free(nint address, long bytes) => inner.Free(address, bytes);

        public void Launch<TKernel>(in TKernel kernel, int count)
            where TKernel : unmanaged, IKernel => inner.Launch(kernel, count);

        public void LaunchGroups<TKernel>(in TKernel kernel, int groups, int lanes)
            where TKernel : unmanaged, IPhasedKernel => inner.LaunchGroups(kernel, groups, lanes);

        public void Synchronize() => inner.Synchronize();

        public void CopyToHost<T>(View<T> source, Span<T> destination)
            where T : unmanaged
        {
            inner.CopyToHost(source, destination);
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(destination)[0] ^= 1;
        }

        public void CopyToDevice<T>(ReadOnlySpan<T> source, View<T> destination)
            where T : unmanaged => inner.CopyToDevice(source, destination);

        public void Dispose() => inner.Dispose();
    }
}
