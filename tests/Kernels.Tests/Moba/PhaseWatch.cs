using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>A tick of one match, phase by phase and lane by lane as on a device, with somebody who looks on or meddles between its parts.</summary>
internal abstract class PhaseWatch
{
    /// <summary>Plays a tick with the actions that are in the views.</summary>
    internal void Tick(in MobaArguments a, int env)
    {
        var tick = new MobaTick<OwnedAtomics> { Arguments = a };
        for (int phase = 0; phase < tick.PhaseCount; phase++)
        {
            Before(phase, env, a);
            // What a lane is given is read anew in every phase, as lanes do: flip, tick and episode may have changed.
            MobaMatch match = MobaMatch.Of(a, env);
            int lanes = Lanes(phase, match);
            for (int lane = 0; lane < lanes; lane++) Lane(tick, match, phase, lane);
            After(phase, match, a);
        }
    }

    // The others find nothing to do in the phase; to ask them takes half of a tick's time.
    private static int Lanes(int phase, in MobaMatch match) => phase switch
    {
        < MobaPhase.Levels => MobaConstants.Slots,
        MobaPhase.Clear or MobaPhase.Place when match.Scratch.Match[MobaScratch.Ended] == MobaEnd.None => 0,
        MobaPhase.Clear => MobaTick<OwnedAtomics>.Lanes,
        _ => MobaConstants.Heroes,
    };

    internal virtual void Before(int phase, int env, in MobaArguments a)
    {
    }

    internal virtual void Lane(in MobaTick<OwnedAtomics> tick, in MobaMatch match, int phase, int lane) => tick.Run(phase, match.Env, lane);

    internal virtual void After(int phase, in MobaMatch match, in MobaArguments a)
    {
    }
}

/// <summary>The phases as they are shipped.</summary>
internal sealed class Shipped : PhaseWatch;
