using System.Globalization;

namespace Arena.HostApi.Measuring;

/// <summary>The machine a figure is from, as far as the system tells.</summary>
public static class Surroundings
{
    private const string ProcessorFile = "/proc/cpuinfo";
    private const string LoadFile = "/proc/loadavg";

    /// <summary>The processor's name and its cores: "AMD EPYC 9B45, 2 cores"; the cores alone where no system file names it.</summary>
    public static string Machine
    {
        get
        {
            string cores = $"{Environment.ProcessorCount} core{(Environment.ProcessorCount == 1 ? "" : "s")}";
            return Processor is { } name ? $"{name}, {cores}" : cores;
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
