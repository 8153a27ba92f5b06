using System.Globalization;
using System.Runtime.InteropServices;

namespace Arena.HostApi.Distributed;

/// <summary>Which GPU a rank takes: that of its number on its machine.</summary>
/// <remarks>
/// Everything that looks for GPUs (driver, torch, NCCL) takes the first one it is shown, so a rank is shown one alone, by CUDA's own variable. A launcher or a batch
/// system that has shown it one already is left alone.
/// </remarks>
internal static partial class RankGpu
{
    /// <summary>CUDA's variable: which GPUs a process is shown.</summary>
    internal const string VisibleVariable = "CUDA_VISIBLE_DEVICES";

    private const string DriverFolder = "/proc/driver/nvidia/gpus"; // a folder per GPU

    private static readonly string[] LocalRanks = ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PMI_LOCAL_RANK", "SLURM_LOCALID"];

    /// <summary>Shows this process its GPU; before anything asks for one.</summary>
    internal static void Take()
    {
        int installed = Directory.Exists(DriverFolder) ? Directory.GetDirectories(DriverFolder).Length : 0;
        if (Choose(Environment.GetEnvironmentVariable, installed) is not { } chosen) return;
        Environment.SetEnvironmentVariable(VisibleVariable, chosen);
        if (!OperatingSystem.IsWindows()) SetVariable(VisibleVariable, chosen, 1); // .NET keeps a copy of its own, which native code does not see
    }

    /// <summary>The GPU of a rank as the variable's value; null: leave it as it is.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="installed">GPUs of the machine; 0 = unknown.</param>
    internal static string? Choose(Func<string, string?> variable, int installed)
    {
        string? text = LocalRanks.Select(variable).FirstOrDefault(value => value is { Length: > 0 });
        if (text is null || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int local)) return null;
        string[] shown = variable(VisibleVariable) is { Length: > 0 } list
            ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. Enumerable.Range(0, installed).Select(gpu => gpu.ToString(CultureInfo.InvariantCulture))];
        return shown.Length < 2 ? null : shown[local % shown.Length];
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
