using System.Globalization;
using System.Runtime.InteropServices;
using Arena.HostApi.Training;

namespace Arena.HostApi.Measuring;

/// <summary>The machine a figure is from, as far as the system tells.</summary>
public static class Surroundings
{
    private const string ProcessorFile = "/proc/cpuinfo";
    private const string LoadFile = "/proc/loadavg";
    private const int ShortHash = 7;

    /// <summary>The processor's name and its cores: "AMD EPYC 9B45, 2 cores"; the cores alone where no system file names it.</summary>
    public static string Machine
    {
        get
        {
            string cores = $"{Environment.ProcessorCount} core{(Environment.ProcessorCount == 1 ? "" : "s")}";
            return Processor is { } name ? $"{name}, {cores}" : cores;
        }
    }

    /// <summary>Operating system, runtime and the commit this program was built from: "Debian GNU/Linux 12 (bookworm), .NET 10.0.12, commit 46436a9".</summary>
    public static string Software
    {
        get
        {
            string commit = GitCommit.OfBuild is { } hash ? $", commit {hash[..Math.Min(ShortHash, hash.Length)]}" : "";
            return $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}{commit}";
        }
    }

    /// <summary>Programs that wanted a core on average over the last minute, this one included; null where no system file tells.</summary>
    public static double? Load =>
        File.Exists(LoadFile) && double.TryParse(File.ReadAllText(LoadFile).Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double load) ? load : null;

    private static string? Processor =>
        File.Exists(ProcessorFile)
            ? File.ReadLines(ProcessorFile).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
            : null;
}
