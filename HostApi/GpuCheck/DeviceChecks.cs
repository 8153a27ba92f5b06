using System.Diagnostics;
using System.Globalization;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels.Environments;

namespace Arena.HostApi.GpuCheck;

/// <summary>What is checked of the device itself: kernels load, nothing is copied while playing, memory is counted and refused.</summary>
public static class DeviceChecks
{
    /// <summary>Compiles and loads every kernel of the library.</summary>
    public static CheckOutcome Kernels(CheckContext context)
    {
        IReadOnlyList<Type> kernels = KernelCatalog.Of(typeof(IKernel).Assembly);
        if (context.Gpu is not { } gpu) return CheckOutcome.LeftOut($"{kernels.Count} kernels; there is nothing to load on a CPU");
        var lines = new List<string> { "| kernel | registers | local bytes | threads per block | seconds |", "| --- | --- | --- | --- | --- |" };
        var failed = new List<string>();
        long start = Stopwatch.GetTimestamp();
        foreach (Type kernel in kernels)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            long began = Stopwatch.GetTimestamp();
            try
            {
                CudaKernel loaded = gpu.Load(kernel);
                lines.Add(string.Create(CultureInfo.InvariantCulture,
                    $"| {loaded.Name} | {loaded.Registers} | {loaded.LocalBytes} | {loaded.MaxThreads} | {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00}{(loaded.FromStore ? " (kept)" : "")} |"));
            }
            catch (Exception why) when (why is CudaException or KernelCompileException)
            {
                failed.Add(why.Message);
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return failed.Count > 0
            ? CheckOutcome.Failed($"{failed.Count} of {kernels.Count} kernels do not load: {failed[0]}", failed)
            : CheckOutcome.Passed(string.Create(CultureInfo.InvariantCulture, $"{kernels.Count} kernels compiled and loaded in {seconds:0.0} s"), lines);
    }

    /// <summary>While matches are played nothing is copied between host and device.</summary>
    public static CheckOutcome NoCopies(CheckContext context)
    {
        const int Ticks = 100;
        var lines = new List<string>();
        foreach (IGame game in Registry.Games)
        {
            GameOptions options = game.DefaultOptions with { NumEnvs = Math.Min(64, context.Plan.Matches) };
            using IEnvironment environment = game.Create(context.Tested, options);
            using var buffers = new StepBuffers(context.Tested, environment.Spec, options.NumEnvs);
            using var controllers = new Controllers(context.Tested, environment.Spec, options.NumEnvs);
            for (int side = 0; side < environment.Spec.Sides; side++) controllers.Set(side, environment.Spec.Opponents[0].Name);
            StepViews views = buffers.Views;
            environment.Reset(1, views);
            environment.Act(controllers.View, views); // tables are written at the first use
            environment.Step(views);
            long before = context.Tested.TransferredBytes;
            for (int tick = 0; tick < Ticks; tick++)
            {
                environment.Act(controllers.View, views);
                environment.Step(views);
            }

            context.Tested.Synchronize();
            long moved = context.Tested.TransferredBytes - before;
            if (moved != 0) return CheckOutcome.Failed($"{game.Name}: {moved:N0} bytes were copied in {Ticks} ticks");
            lines.Add($"{game.Name}: 0 bytes in {Ticks} ticks");
        }

        return CheckOutcome.Passed($"{lines.Count} games of {Ticks} ticks each: 0 bytes copied between host and device", lines);
    }

    /// <summary>Memory comes back, and what does not fit is refused with sizes.</summary>
    public static CheckOutcome Memory(CheckContext context)
    {
        const int Repetitions = 20;
        long before = context.Tested.AllocatedBytes;
        for (int i = 0; i < Repetitions; i++)
        {
            using DeviceBuffer<byte> buffer = context.Tested.Allocate<byte>(64 << 20, "check: memory");
            buffer.Write([1, 2, 3]);
        }

        if (context.Tested.AllocatedBytes != before) return CheckOutcome.Failed($"{context.Tested.AllocatedBytes - before:N0} bytes were not returned");
        try
        {
            using DeviceBuffer<byte> never = context.Tested.Allocate<byte>(1L << 50, "a petabyte");
            return CheckOutcome.Failed("a petabyte was allocated");
        }
        catch (DeviceMemoryException refused)
        {
            string free = context.Gpu is { } gpu ? string.Create(CultureInfo.InvariantCulture, $"{gpu.Memory.Free / 1e9:0.0} of {gpu.Memory.Total / 1e9:0.0} GB free") : "host memory";
            return CheckOutcome.Passed($"{Repetitions} x 64 MiB allocated and returned, a petabyte refused; {free}", refused.Message);
        }
    }
}
