using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>What the CPU's own loop fetches ahead: nobody touched the next match for a while, and its lines are on their way while this one plays.</summary>
/// <remarks>In four portions, between phases: a core waits when it has asked for some two dozen lines that have not come.</remarks>
internal static unsafe class MobaFetch
{
    private const int Line = 64;

    /// <summary>Whether there is a match <paramref name="env"/> to be fetched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Wanted(int env, in MobaArguments a) => Sse.IsSupported && (long)env * Heroes < a.Views.RowActive.Length;

    /// <summary>Columns of all units, and the actions.</summary>
    public static void Units(int env, in MobaArguments a)
    {
        Fetch(a.State.Position.ContiguousOf(env));
        Fetch(a.State.Hp.ContiguousOf(env));
        Fetch(a.State.Stun.ContiguousOf(env));
        Fetch(a.State.Slow.ContiguousOf(env));
        Fetch(a.State.Attack.ContiguousOf(env));
        Fetch(a.State.Target.ContiguousOf(env));
        Fetch(a.State.Flags.ContiguousOf(env));
        Fetch(a.Views.DiscreteActions.Slice((long)env * Heroes * Heads, Heroes * Heads));
    }

    /// <summary>Columns of heroes.</summary>
    public static void OfHeroes(int env, in MobaArguments a)
    {
        Fetch(a.State.Xp.ContiguousOf(env));
        Fetch(a.State.Mana.ContiguousOf(env));
        Fetch(a.State.Respawn.ContiguousOf(env));
        Fetch(a.State.Level.ContiguousOf(env));
        Fetch(a.State.Haste.ContiguousOf(env));
        Fetch(a.State.Q.ContiguousOf(env));
        Fetch(a.State.W.ContiguousOf(env));
        Fetch(a.State.E.ContiguousOf(env));
        Fetch(a.State.Counters.ContiguousOf(env));
    }

    /// <summary>The map around the heroes; their positions must have come. Another thread may be moving them: then some line is fetched for nothing.</summary>
    public static void Map(int env, in MobaArguments a)
    {
        uint* positions = a.State.Position.ContiguousOf(env).Pointer;
        byte* grid = a.State.Grid.ContiguousOf(env).Pointer;
        for (int slot = 0; slot < Heroes; slot++)
        {
            byte* cell = grid + MobaMatch.CellOf(positions[slot]);
            Sse.Prefetch1(cell - Side); // nobody stands in the first row or the last
            Sse.Prefetch1(cell);
            Sse.Prefetch1(cell + Side);
        }
    }

    /// <summary>Observation rows, which will be written.</summary>
    public static void Rows(int env, in MobaArguments a)
    {
        int length = Heroes * a.Parameters.ObservationLength;
        Fetch(a.Views.ByteObservations.Slice((long)env * length, length));
    }

    private static void Fetch<T>(View<T> view)
        where T : unmanaged
    {
        byte* start = (byte*)view.Pointer, end = (byte*)(view.Pointer + view.Length);
        for (byte* line = (byte*)((long)start & -Line); line < end; line += Line) Sse.Prefetch1(line);
    }
}
