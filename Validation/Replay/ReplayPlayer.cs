using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation.Replay;

/// <summary>Plays a replay: one match, reset and ready for the first <see cref="Step"/>.</summary>
/// <remarks>
/// A match does not depend on the batch it was part of, so the recorded state comes back bit for bit; <see cref="Check"/>
/// compares the end. Bits are promised for the same version of the game.
/// </remarks>
public sealed class ReplayPlayer : IDisposable
{
    private readonly ReplayFile replay;

    /// <summary>Makes the match on <paramref name="device"/>.</summary>
    /// <exception cref="UsageException">the game or a setting is unknown to this program.</exception>
    public ReplayPlayer(IDevice device, ReplayFile replay)
    {
        this.replay = replay;
        Environment = Registry.Find(replay.Game).Create(device, replay.Options());
        Buffers = new StepBuffers(device, Environment.Spec, numEnvs: 1);
        Environment.Reset(replay.Seed, Buffers.Views);
    }

    /// <summary>The match; its draw, state and spec are for whoever watches.</summary>
    public IEnvironment Environment { get; }

    /// <summary>Observations, rewards and ends of the last step.</summary>
    public StepBuffers Buffers { get; }

    /// <summary>Ticks played.</summary>
    public int Tick { get; private set; }

    /// <summary>All recorded ticks are played.</summary>
    public bool Finished => Tick == replay.Ticks.Count;

    /// <summary>Plays one tick; false, and nothing happens, when all are played.</summary>
    public bool Step()
    {
        if (Finished) return false;
        ReplayTick tick = replay.Ticks[Tick];
        Environment.Progress = tick.Progress;
        Buffers.ContinuousActions?.Write(tick.Actions.Continuous);
        Buffers.DiscreteActions?.Write(tick.Actions.Discrete);
        Environment.Step(Buffers.Views);
        Tick++;
        return true;
    }

    /// <summary>Plays to the end and compares the final state with the recorded one.</summary>
    /// <exception cref="UsageException">they differ: the game has changed since the recording, or a result depends on the machine.</exception>
    public void Check()
    {
        while (Step())
        {
        }

        string state = ReplayRecorder.HashOf(Environment, 0);
        if (state != replay.FinalState)
            throw new UsageException(
                $"After {Tick} ticks of match {replay.Match} of {replay.Game} (seed {replay.Seed}) the state is {state}, but {replay.FinalState} was recorded. " +
                "Play the replay with the version that recorded it; if this is that version, the game is not deterministic: report it with this file.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffers.Dispose();
        Environment.Dispose();
    }
}
