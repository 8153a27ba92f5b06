using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What one unit did to another's hp in one tick.</summary>
internal sealed record Blow(int Source, int Victim, int Damage, int Heal);

/// <summary>What heroes gained when one unit was judged, by slot.</summary>
internal sealed record Share(int Victim, int[] Gain);

/// <summary>Writes down what happens in a tick: who did what to whom, and what everybody was between the phases.</summary>
/// <param name="phases">Who plays the phases: the shipped ones, or those with a bug planted in them.</param>
internal sealed class TickLedger(PhaseWatch phases) : PhaseWatch
{
    private readonly int[] damage = new int[MobaConstants.Slots], heal = new int[MobaConstants.Slots], gain = new int[MobaConstants.Heroes];

    /// <summary>Before the tick; after units appeared; after timers ran; after decisions; after deaths; after moves; after levels.</summary>
    internal Frame Start { get; private set; } = null!;

    internal Frame Spawned { get; private set; } = null!;

    internal Frame Ready { get; private set; } = null!;

    internal Frame Decided { get; private set; } = null!;

    internal Frame Resolved { get; private set; } = null!;

    internal Frame Moved { get; private set; } = null!;

    internal Frame Scored { get; private set; } = null!;

    internal int Time { get; private set; }

    internal int Flip { get; private set; }

    /// <summary>(226) what units do (<see cref="MobaAct"/>), to whom; how far they are pulled. Of living units only.</summary>
    internal int[] Act { get; private set; } = [];

    internal int[] Aim { get; private set; } = [];

    internal int[] Force { get; private set; } = [];

    /// <summary>(60) by row, as they were given.</summary>
    internal int[] Actions { get; private set; } = [];

    internal List<Blow> Blows { get; } = [];

    internal List<Share> Shares { get; } = [];

    /// <summary>Alive when units had appeared, and not stunned before the tick.</summary>
    internal bool Acts(int slot) => Spawned.Hp[slot] > 0 && Spawned.Stun[slot] == 0;

    internal bool Died(int slot) => Ready.Hp[slot] > 0 && Resolved.Hp[slot] == 0;

    /// <summary>0…14, or −1 if the unit used no skill.</summary>
    internal int SkillOf(int slot) => slot < 10 && Acts(slot) && Act[slot] >= MobaAct.Q ? slot / 2 * 3 + Act[slot] - MobaAct.Q : -1;

    /// <summary>Whether <paramref name="unit"/> is alive, hostile to <paramref name="slot"/> and, if a structure, open.</summary>
    internal bool IsTarget(int slot, int unit) =>
        unit < MobaConstants.Slots && Spawned.Hp[unit] > 0 && RuleBook.Team(unit) != RuleBook.Team(slot) && (unit < 202 || RuleBook.IsOpen(Start.Hp, unit));

    internal bool InSquare(int slot, int unit, int radius) => RuleBook.InSquare(Spawned.Position[slot], Spawned.Position[unit], radius);

    internal override void Before(int phase, int env, in MobaArguments a)
    {
        if (phase == MobaPhase.Begin)
        {
            MobaMatch match = MobaMatch.Of(a, env);
            (Time, Flip, Start) = (match.Tick, match.Flip, new Frame(match));
            Actions = a.Views.DiscreteActions.AsSpan().Slice(env * 60, 60).ToArray();
            Blows.Clear();
            Shares.Clear();
        }

        phases.Before(phase, env, a);
    }

    internal override void Lane(in MobaTick<OwnedAtomics> tick, in MobaMatch match, int phase, int lane)
    {
        bool isUnit = lane < MobaConstants.Slots;
        if (isUnit && phase == MobaPhase.Effect)
        {
            Copy(match.Scratch.Damage.AsSpan(), damage);
            Copy(match.Scratch.Heal.AsSpan(), heal);
            phases.Lane(tick, match, phase, lane);
            Strike(match, lane);
        }
        else if (isUnit && phase == MobaPhase.Resolve)
        {
            Copy(match.Scratch.XpGain.AsSpan(), gain);
            phases.Lane(tick, match, phase, lane);
            Gain(match, lane);
        }
        else
        {
            phases.Lane(tick, match, phase, lane);
        }
    }

    internal override void After(int phase, in MobaMatch match, in MobaArguments a)
    {
        phases.After(phase, match, a);
        switch (phase)
        {
            case MobaPhase.Begin: Spawned = new Frame(match); break;
            case MobaPhase.Status: Ready = new Frame(match); break;
            case MobaPhase.Decide:
                Decided = new Frame(match);
                Act = match.Scratch.Act.AsSpan()[..MobaConstants.Slots].ToArray();
                Aim = match.Scratch.Aim.AsSpan()[..MobaConstants.Slots].ToArray();
                break;
            case MobaPhase.Effect: Force = match.Scratch.Force.AsSpan()[..MobaConstants.Slots].ToArray(); break;
            case MobaPhase.Resolve: Resolved = new Frame(match); break;
            case MobaPhase.Commit: Moved = new Frame(match); break;
            case MobaPhase.Levels: Scored = new Frame(match); break;
        }
    }

    private void Gain(in MobaMatch match, int victim)
    {
        var more = new int[gain.Length];
        for (int hero = 0; hero < more.Length; hero++) more[hero] = match.Scratch.XpGain[hero] - gain[hero];
        if (more.Any(xp => xp != 0)) Shares.Add(new Share(victim, more));
    }

    private static void Copy(ReadOnlySpan<int> from, int[] to) => from[..to.Length].CopyTo(to);

    private void Strike(in MobaMatch match, int source)
    {
        ReadOnlySpan<int> damageNow = match.Scratch.Damage.AsSpan()[..damage.Length], healNow = match.Scratch.Heal.AsSpan()[..heal.Length];
        if (damageNow.SequenceEqual(damage) && healNow.SequenceEqual(heal)) return;
        for (int victim = 0; victim < damage.Length; victim++)
            if (damageNow[victim] != damage[victim] || healNow[victim] != heal[victim])
                Blows.Add(new Blow(source, victim, damageNow[victim] - damage[victim], healNow[victim] - heal[victim]));
    }
}
