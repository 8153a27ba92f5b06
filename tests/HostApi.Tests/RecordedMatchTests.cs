using Arena.Kernels.Device;
using Arena.Validation.Replay;

namespace Arena.HostApi.Tests;

/// <summary>The matches recorded in docs/ still play to the state they ended in.</summary>
/// <remarks>A change of a game's rules or draws fails this on purpose: record the match anew, with the command in the README.</remarks>
public sealed class RecordedMatchTests
{
    [Theory]
    [InlineData("match.replay", 400)]
    [InlineData("trained.replay", 400)]
    [InlineData("creature.replay", 1000)]
    public void The_recorded_matches_of_the_documentation_end_in_their_recorded_state(string file, int ticks)
    {
        using var device = new CpuDevice();
        ReplayFile replay = ReplayFile.Read(Path.Combine(Root(), "docs", file));
        using var player = new ReplayPlayer(device, replay);
        player.Check();
        Assert.Equal(ticks, player.Tick);
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Gpu.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests are not inside the repository.");
    }
}
