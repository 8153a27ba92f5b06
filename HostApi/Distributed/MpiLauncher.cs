using System.Globalization;

namespace Arena.HostApi.Distributed;

/// <summary>What the environment says about the launcher of this process: mpirun, mpiexec, srun, or none.</summary>
internal static class MpiLauncher
{
    /// <summary>Variable with the path of the MPI library, where it is not found by itself.</summary>
    internal const string LibraryVariable = "ARENA_MPI";

    /// <summary>Number that stands for "more than one, and the environment does not say how many".</summary>
    internal const int Unknown = -1;

    private const string OpenMpiSize = "OMPI_COMM_WORLD_SIZE";
    private const string PmiSize = "PMI_SIZE";
    private const string PmixRank = "PMIX_RANK";
    private const string SlurmTasks = "SLURM_STEP_NUM_TASKS";

    private static readonly string[] Prefixes = ["OMPI_", "PMI_", "PMIX_"];

    /// <summary>Was this process started as one of several?</summary>
    internal static bool Several(Func<string, string?> variable) => Ranks(variable) is Unknown or > 1;

    /// <summary>How many processes were started together: 1 without a launcher, or <see cref="Unknown"/>.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    internal static int Ranks(Func<string, string?> variable)
    {
        foreach (string name in new[] { OpenMpiSize, PmiSize })
            if (int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int size)) return Math.Max(1, size);
        if (variable(PmixRank) is null) return 1; // srun without MPI starts independent programs
        return int.TryParse(variable(SlurmTasks), NumberStyles.None, CultureInfo.InvariantCulture, out int tasks) ? Math.Max(1, tasks) : Unknown;
    }

    /// <summary>Takes a launcher's variables out of the environment of a program that is started from here: it is not one of the ranks.</summary>
    internal static void Forget(IDictionary<string, string?> environment)
    {
        foreach (string name in environment.Keys.Where(name => Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToArray()) environment.Remove(name);
    }

    /// <summary>Number of this process as far as the environment says; 0 where it does not.</summary>
    internal static int Rank(Func<string, string?> variable)
    {
        foreach (string name in new[] { "OMPI_COMM_WORLD_RANK", "PMI_RANK", PmixRank })
            if (int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int rank)) return rank;
        return 0;
    }

    /// <summary>Names of libraries to try, the likeliest first: the launcher's own family.</summary>
    internal static IReadOnlyList<string> Libraries(Func<string, string?> variable)
    {
        if (variable(LibraryVariable) is { Length: > 0 } named) return [named];
        string[] openMpi = ["libmpi.so.40", "libmpi.40.dylib"], mpich = ["libmpi.so.12", "libmpich.so.12", "libmpi.12.dylib"], any = ["libmpi.so", "libmpi.dylib"];
        return variable(OpenMpiSize) is null && variable(PmiSize) is not null ? [.. mpich, .. openMpi, .. any] : [.. openMpi, .. mpich, .. any];
    }
}
