using Arena.Policy.Distributed;

namespace Arena.HostApi.Distributed;

/// <summary>How many threads a rank takes where nobody says: the cores it may use, divided by the ranks that may use the same.</summary>
internal static class NodeThreads
{
    private const string StatusFile = "/proc/self/status";
    private const string AllowedCores = "Cpus_allowed_list:";

    /// <summary>Threads of this rank, at least 1.</summary>
    /// <remarks>mpirun may bind every rank to cores of its own; those are then not shared with anybody.</remarks>
    internal static int Of(Ranks ranks)
    {
        if (ranks.Size == 1) return 0; // all cores, as without MPI
        string[] places = ranks.Gather($"{Environment.MachineName} {Cores()}");
        return Math.Max(1, Environment.ProcessorCount / places.Count(place => place == places[ranks.Rank]));
    }

    // "0-1"; empty where the system does not tell.
    private static string Cores() => File.Exists(StatusFile)
        ? File.ReadLines(StatusFile).FirstOrDefault(line => line.StartsWith(AllowedCores, StringComparison.Ordinal))?[AllowedCores.Length..].Trim() ?? ""
        : "";
}
