using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>One tick: all snakes of an arena move at the same time. One group per arena, one lane per snake.</summary>
/// <remarks>
/// The order is the rule book's (README.md, "One tick"). Nothing depends on which lane runs first: lanes meet only in claims and
/// counters, by operations that commute.
/// </remarks>
/// <typeparam name="TAtomics"><see cref="OwnedAtomics"/> where one thread runs all lanes of a group.</typeparam>
public struct SnakeTick<TAtomics> : IGroupKernel
    where TAtomics : struct, IAtomics
{
    /// <summary>Arguments.</summary>
    public SnakeArguments Arguments;

    /// <inheritdoc/>
    public readonly int PhaseCount => 7;

    /// <inheritdoc/>
    public void Run(int phase, int group, int lane)
    {
        SnakeArena arena = SnakeArena.Of(Arguments, group);
        switch (phase)
        {
            case 0: SnakeMove.Intend<TAtomics>(arena, lane, Arguments); break;
            case 1: SnakeMove.Resolve(arena, lane, Arguments); break;
            case 2: SnakeMove.Commit<TAtomics>(arena, lane, Arguments); break;
            case 3: SnakeResults.Account<TAtomics>(arena, lane, Arguments); break;
            case 4: SnakeResults.Retire<TAtomics>(arena, lane, Arguments); break;
            case 5:
                if (lane == 0) SnakeSpawn.Run(arena, Arguments);
                break;
            default: SnakeObserve.Finish(arena, lane, Arguments); break;
        }
    }

    /// <inheritdoc/>
    /// <remarks>A loop of its own per phase: in one method the compiler runs out of registers and of patience.</remarks>
    public void RunGroup(int group, int lanes)
    {
        SnakeArena arena = SnakeArena.Of(Arguments, group);
        Intend(arena, lanes, Arguments);
        Resolve(arena, lanes, Arguments);
        Commit(arena, lanes, Arguments);
        Account(arena, lanes, Arguments);
        Retire(arena, lanes, Arguments);
        if (SnakeSpawnWide.Fits(Arguments.Parameters)) SnakeSpawnWide.Run(arena, Arguments);
        else SnakeSpawn.Run(arena, Arguments);
        Observe(arena, lanes, Arguments);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Intend(in SnakeArena arena, int lanes, in SnakeArguments a)
    {
        int lane = 0;
        if (SnakeMoveWide.Fits(a.Parameters))
            for (; lane + SnakeMoveWide.Lanes <= lanes; lane += SnakeMoveWide.Lanes) SnakeMoveWide.Intend(arena, lane, a);
        for (; lane < lanes; lane++) SnakeMove.Intend<TAtomics>(arena, lane, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Resolve(in SnakeArena arena, int lanes, in SnakeArguments a)
    {
        for (int lane = 0; lane < lanes; lane++) SnakeMove.Resolve(arena, lane, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Commit(in SnakeArena arena, int lanes, in SnakeArguments a)
    {
        int lane = 0;
        if (SnakeMoveWide.Fits(a.Parameters))
            for (; lane + SnakeMoveWide.Lanes <= lanes; lane += SnakeMoveWide.Lanes) SnakeMoveWide.Commit(arena, lane, a);
        for (; lane < lanes; lane++) SnakeMove.Commit<TAtomics>(arena, lane, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Account(in SnakeArena arena, int lanes, in SnakeArguments a)
    {
        int lane = 0;
        if (SnakeResultsWide.Fits(a.Parameters))
            for (; lane + SnakeResultsWide.Lanes <= lanes; lane += SnakeResultsWide.Lanes) SnakeResultsWide.Account(arena, lane, a);
        for (; lane < lanes; lane++) SnakeResults.Account<TAtomics>(arena, lane, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Retire(in SnakeArena arena, int lanes, in SnakeArguments a)
    {
        for (int lane = 0; lane < lanes; lane++) SnakeResults.Retire<TAtomics>(arena, lane, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Observe(in SnakeArena arena, int lanes, in SnakeArguments a)
    {
        bool wide = SnakeObserveWide.Fits(a.Parameters);
        int flags = 0;
        if (SnakeResultsWide.Fits(a.Parameters))
            for (; flags + SnakeResultsWide.Lanes <= lanes; flags += SnakeResultsWide.Lanes) SnakeResultsWide.WriteFlags(arena, flags, a);
        for (int lane = 0; lane < lanes; lane++)
        {
            if (lane >= flags) SnakeObserve.WriteFlags(arena, lane, a);
            if (wide) SnakeObserveWide.Write(arena, lane, a.Views.ByteObservations, a);
            else SnakeObserve.Write(arena, lane, a.Views.ByteObservations, a);
        }
    }
}

/// <summary>Starts arena 0 of every match. One index per match.</summary>
public struct SnakeReset : IKernel
{
    /// <summary>Arguments.</summary>
    public SnakeArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        SnakeArena arena = SnakeArena.Of(Arguments, env);
        for (long at = 0; at < arena.Steps.Length; at++) arena.Steps[at] = 0;
        for (int total = 0; total < SnakeTotal.Count; total++) arena.Totals[total] = 0;
        for (int i = 0; i < Arguments.Parameters.Snakes; i++) Clear(arena, i);
        SnakeSpawn.Begin(arena, 0, Arguments);
        for (int i = 0; i < Arguments.Parameters.Snakes; i++)
        {
            Arguments.Views.ClearRow(arena.FirstRow + i, SnakeReward.Count);
            Arguments.Views.EpisodesFinished[arena.FirstRow + i] = 0;
            SnakeObserve.Finish(arena, i, Arguments);
        }
    }

    private static void Clear(in SnakeArena arena, int i)
    {
        arena.Head[i] = 0;
        arena.Tail[i] = 0;
        arena.HeadIndex[i] = 0;
        arena.Length[i] = 0;
        arena.Pending[i] = 0;
        arena.Heading[i] = 0;
        arena.Status[i] = SnakeConstants.Waiting;
        arena.LifeTicks[i] = 0;
        arena.EatenFood[i] = 0;
        arena.EatenCorpse[i] = 0;
        arena.MaxLength[i] = 0;
        arena.Hunger[i] = 0;
    }
}
