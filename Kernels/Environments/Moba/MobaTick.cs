using System.Runtime.CompilerServices;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>One tick: all units of a match act at the same time. One group per match, one lane per slot.</summary>
/// <remarks>
/// The order is the rule book's (README.md, "One tick"). Within a phase a slot reads what earlier phases wrote and writes what is its own; lanes
/// meet only in sums, minima and maxima that nobody reads before the next phase. So nothing depends on which lane runs first.
/// </remarks>
/// <typeparam name="TAtomics"><see cref="OwnedAtomics"/> where one thread runs all lanes of a group.</typeparam>
public struct MobaTick<TAtomics> : IGroupKernel
    where TAtomics : struct, IAtomics
{
    /// <summary>Lanes of a group.</summary>
    public const int Lanes = PaddedSlots;

    /// <summary>Arguments.</summary>
    public MobaArguments Arguments;

    /// <inheritdoc/>
    public readonly int PhaseCount => MobaPhase.Count;

    /// <inheritdoc/>
    public void Run(int phase, int group, int lane)
    {
        MobaMatch match = MobaMatch.Of(Arguments, group);
        if (phase < MobaPhase.Clear)
        {
            if (lane < Slots) RunSlot(match, phase, lane);
        }
        else if (phase == MobaPhase.Observe)
        {
            if (lane < Heroes) MobaObserve.Finish(match, lane, Arguments);
        }
        else if (match.Scratch.Match[MobaScratch.Ended] != MobaEnd.None)
        {
            if (phase == MobaPhase.Clear) MobaBegin.Clear(group, match.Episode + 1, lane, Lanes, Arguments);
            else if (lane < Heroes) MobaBegin.Place<TAtomics>(match, lane, Arguments);
        }
    }

    /// <inheritdoc/>
    public void RunGroup(int group, int lanes)
    {
        NoPhaseClock clock = default;
        MobaLoop.Run(group, Arguments, ref clock);
    }

    private readonly void RunSlot(in MobaMatch match, int phase, int slot)
    {
        var claims = new MobaClaimTable { Cells = Arguments.Claims.Of(match.Env) };
        switch (phase)
        {
            case MobaPhase.Begin: MobaStatus.Begin<TAtomics>(match, slot, Arguments); break;
            case MobaPhase.Status: MobaStatus.Run(match, slot, Arguments); break;
            case MobaPhase.Decide: MobaDecide.Run(match, slot, Arguments); break;
            case MobaPhase.Effect: MobaEffect.Run<TAtomics>(match, slot, Arguments); break;
            case MobaPhase.Resolve: MobaResolve.Run<TAtomics>(match, slot, Arguments); break;
            case MobaPhase.Propose: MobaWalk.Propose<TAtomics, MobaClaimTable>(match, slot, claims, Arguments); break;
            case MobaPhase.Retry: MobaWalk.Retry<TAtomics, MobaClaimTable>(match, slot, claims, Arguments); break;
            case MobaPhase.Commit: MobaWalk.Commit<TAtomics, MobaClaimTable>(match, slot, claims, Arguments); break;
            case MobaPhase.Respawn:
                MobaWalk.Release(match, slot, claims);
                if (slot < Heroes) MobaSpawn.Return<TAtomics>(match, slot, Arguments);
                break;
            case MobaPhase.Levels:
                if (slot < Heroes) MobaScore.Levels(match, slot, Arguments);
                break;
            case MobaPhase.Rewards:
                if (slot < Heroes) MobaScore.Rewards(match, slot, Arguments);
                break;
            case MobaPhase.End:
                if (slot == 0) MobaScore.End(match, Arguments);
                break;
            default:
                if (slot < Heroes) MobaScore.Finish(match, slot, Arguments);
                break;
        }
    }
}

/// <summary>Phases of a tick, in order; between two of them all lanes of a match wait for each other.</summary>
public static class MobaPhase
{
    /// <summary>In order.</summary>
    public const int Begin = 0, Status = 1, Decide = 2, Effect = 3, Resolve = 4, Propose = 5, Retry = 6, Commit = 7, Respawn = 8,
        Levels = 9, Rewards = 10, End = 11, Finish = 12, Clear = 13, Place = 14, Observe = 15, Count = 16;

    /// <summary>For people.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["begin", "status", "decide", "effect", "resolve", "propose", "retry", "commit", "respawn", "levels", "rewards", "end", "finish", "clear", "place", "observe"];
}
