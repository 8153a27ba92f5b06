using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Validation.Replay;

namespace Arena.HostApi.Cli;

/// <summary>A recorded match, played again; at its end the state must be the recorded one.</summary>
internal sealed class ReplayedMatch : IWatchedMatch
{
    private readonly ReplayPlayer player;

    /// <exception cref="UsageException">no such file, damaged, or of another game than <paramref name="game"/>.</exception>
    internal ReplayedMatch(IDevice device, string path, IGame game)
    {
        ReplayFile replay = ReplayFile.Read(path);
        if (replay.Game != game.Name)
            throw new UsageException($"'{path}' is a replay of '{replay.Game}', not of '{game.Name}': watch it with: {ThisProgram.Command("watch", replay.Game, "--replay", path)}.");
        player = new ReplayPlayer(device, replay);
    }

    /// <inheritdoc/>
    public IEnvironment Environment => player.Environment;

    /// <inheritdoc/>
    public StepBuffers Buffers => player.Buffers;

    /// <inheritdoc/>
    public bool Step()
    {
        bool played = player.Step();
        if (player.Finished) player.Check();
        return played;
    }

    /// <inheritdoc/>
    public void Dispose() => player.Dispose();
}
