using Arena.HostApi.Distributed;
using Arena.Kernels;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>What the environment of a launcher means, and what is said where its library is missing.</summary>
public sealed class MpiLauncherTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 4)]
    [InlineData("PMI_SIZE=2 PMI_RANK=0", 2)]
    [InlineData("PMIX_RANK=0 SLURM_STEP_NUM_TASKS=8", 8)]
    [InlineData("PMIX_RANK=0", MpiLauncher.Unknown)]
    [InlineData("SLURM_STEP_NUM_TASKS=8", 1)] // srun of a program that does not use MPI
    [InlineData("OMPI_COMM_WORLD_SIZE=1", 1)]
    public void Launchers_say_how_many_there_are(string variables, int ranks)
    {
        Assert.Equal(ranks, MpiLauncher.Ranks(Variables(variables)));
        Assert.Equal(ranks != 1, MpiLauncher.Several(Variables(variables)));
    }

    [Fact]
    public void The_library_of_the_launchers_family_is_tried_first()
    {
        Assert.Equal("libmpi.so.40", MpiLauncher.Libraries(Variables("OMPI_COMM_WORLD_SIZE=2"))[0]);
        Assert.Equal("libmpi.so.12", MpiLauncher.Libraries(Variables("PMI_SIZE=2"))[0]);
        Assert.Equal(["/opt/mpi/libmpi.so"], MpiLauncher.Libraries(Variables("PMI_SIZE=2 ARENA_MPI=/opt/mpi/libmpi.so")));
    }

    [Fact]
    public void A_missing_library_is_one_paragraph_with_the_remedy()
    {
        string message = Assert.Throws<UsageException>(() => MpiCommunicator.Join(Variables("OMPI_COMM_WORLD_SIZE=4 ARENA_MPI=/nowhere/libmpi.so"))).Message;
        Assert.StartsWith("This process was started as one of 4 MPI ranks, but no MPI library can be loaded (tried: /nowhere/libmpi.so).", message, StringComparison.Ordinal);
        Assert.Contains("apt-get install openmpi-bin", message);
        Assert.Contains("ARENA_MPI", message);
        // A library that is something else is none.
        Assert.Contains("no MPI library", Assert.Throws<UsageException>(() => MpiCommunicator.Join(Variables("PMI_SIZE=2 ARENA_MPI=libm.so.6"))).Message);
    }

    [Fact]
    public void Programs_started_by_a_rank_are_no_ranks()
    {
        var environment = new Dictionary<string, string?> { ["OMPI_COMM_WORLD_SIZE"] = "2", ["PMIX_RANK"] = "1", ["PMI_SIZE"] = "2", ["PATH"] = "/bin", ["SLURM_STEP_NUM_TASKS"] = "2" };
        MpiLauncher.Forget(environment);
        Assert.Equal(["PATH", "SLURM_STEP_NUM_TASKS"], environment.Keys.Order());
        Assert.False(MpiLauncher.Several(environment.GetValueOrDefault));
    }

    private static Func<string, string?> Variables(string text)
    {
        Dictionary<string, string> known = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => known.GetValueOrDefault(name);
    }
}
