using System.Diagnostics;
using Arena.HostApi.Cli;
using Arena.HostApi.Tests.Checkpoints;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>A test with real MPI processes; reported as skipped where there is no mpirun.</summary>
public sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute()
    {
        if (Mpi.Launcher is null) Skip = "There is no mpirun of Open MPI on the PATH: training over MPI was NOT tested (Debian: apt-get install openmpi-bin).";
    }
}

/// <summary>Runs the program under mpirun.</summary>
internal static class Mpi
{
    /// <summary>mpirun of Open MPI; null where there is none.</summary>
    internal static string? Launcher { get; } = Find();

    private static string[] AsRoot => Environment.UserName == "root" ? ["--allow-run-as-root"] : [];

    /// <summary>Starts so many ranks of one command; more than cores, and as root, if need be.</summary>
    internal static Process Start(int ranks, params string[] args) => StartEach([.. Enumerable.Repeat(args, ranks)]);

    /// <summary>Starts one rank for each command.</summary>
    internal static Process StartEach(params string[][] commands)
    {
        string program = typeof(CommandLine).Assembly.Location;
        // Ranks that share cores wait for each other asleep, not by watching.
        List<string> words = [.. AsRoot, "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"];
        for (int i = 0; i < commands.Length; i++)
            words.AddRange([.. i > 0 ? [":"] : Array.Empty<string>(), "-np", "1", "dotnet", "exec", program, .. commands[i]]);
        return Runs.StartProgram(Launcher!, words);
    }

    /// <summary>Runs one command on so many ranks; it must succeed.</summary>
    internal static string Succeed(int ranks, params string[] args)
    {
        (int code, string output, string error) = Start(ranks, args).End();
        Assert.True(code == 0, $"mpirun -np {ranks} arena {string.Join(' ', args)}: {error}{output}");
        return output;
    }

    private static string? Find()
    {
        if (OperatingSystem.IsWindows()) return null;
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').SelectMany(folder => new[] { "mpirun.openmpi", "mpirun" }.Select(name => Path.Join(folder, name))).FirstOrDefault(File.Exists);
        return found is not null && Runs.StartProgram(found, ["--version"]).End().Output.Contains("open-mpi.org", StringComparison.Ordinal) ? found : null;
    }
}
