using Arena.Kernels.Device;
using Arena.Validation.Replay;

namespace Arena.HostApi.Tests;

/// <summary>The match recorded in docs/ still plays to the state it ended in.</summary>
/// <remarks>A change of soccer's rules or draws fails this on purpose: record the match anew, with the command in the README.</remarks>
public sealed class RecordedMatchTests
{
    [Fact]
    public void The_recorded_match_of_the_documentation_ends_in_its_recorded_state()
    {
        using var device = new CpuDevice();
        ReplayFile replay = ReplayFile.Read(Path.Combine(Root(), "docs", "match.replay"));
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
