using Arena.Kernels.Device;
using Arena.Validation.Replay;

namespace Arena.HostApi.Tests;

/// <summary>The matches recorded in docs/ still play to the state they ended in.</summary>
/// <remarks>A change of soccer's rules or draws fails this on purpose: record the match anew, with the command in the README.</remarks>
public sealed class RecordedMatchTests
{
    [Theory]
    [InlineData("match.replay")]
    [InlineData("trained.replay")]
    public void The_recorded_matches_of_the_documentation_end_in_their_recorded_state(string file)
    {
        using var device = new CpuDevice();
        ReplayFile replay = ReplayFile.Read(Path.Combine(Root(), "docs", file));
        using var player = new ReplayPlayer(device, replay);
        player.Check();
        Assert.Equal(400, player.Tick);
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Gpu.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests are not inside the repository.");
    }
}
