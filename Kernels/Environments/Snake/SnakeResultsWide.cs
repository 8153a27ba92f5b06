using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phase 4 of <see cref="SnakeResults"/> for the CPU, sixteen snakes at a time, in arenas without clocks; and the flags of phase 7.</summary>
/// <remarks>
/// The same products and sums in the same order as for one snake, so the same bits: a count is 0 or 1, so a component is one of two products, chosen
/// by a bit of what happened.
/// </remarks>
internal static class SnakeResultsWide
{
    /// <summary>Snakes handled together.</summary>
    internal const int Lanes = 16;

    // Above all bits of SnakeEvent: the tick was survived.
    private const int Lived = 1 << 16;

    /// <summary>Does this arena, on this machine, go this way?</summary>
    internal static bool Fits(in SnakeParameters p) => Avx512BW.IsSupported && (p.Classic | p.LifeLimit | p.HungerLimit) == 0;

    /// <summary><see cref="SnakeResults.Account"/> for the snakes from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Account(in SnakeArena arena, int first, in SnakeArguments a)
    {
        Vector512<int> happened = Vector512.Load(arena.Event.Slice(first, Lanes).Pointer);
        Vector512<int> acted = Vector512.Equals(happened & Vector512.Create(SnakeEvent.Acted), Vector512.Create(SnakeEvent.Acted));
        Vector512<int> died = ~Vector512.Equals(happened & Vector512.Create(SnakeEvent.AnyDeath), Vector512<int>.Zero);
        Vector512<int> hungry = acted & Vector512.Equals(happened & Vector512.Create(SnakeEvent.AteFood | SnakeEvent.AteCorpse), Vector512<int>.Zero);
        Vector512<int> length = Avx512F.ConvertToVector512Int32(Vector256.Load(arena.Length.Slice(first, Lanes).Pointer));
        uint* ticks = arena.LifeTicks.Slice(first, Lanes).Pointer, hunger = arena.Hunger.Slice(first, Lanes).Pointer, longest = arena.MaxLength.Slice(first, Lanes).Pointer;
        (Vector512.Load(ticks) - acted.AsUInt32()).Store(ticks); // plus 1
        // Who waits has no hunger, so it stays 0.
        ((Vector512.Load(hunger) - hungry.AsUInt32()) & hungry.AsUInt32()).Store(hunger);
        Vector512.Max(Vector512.Load(longest), (length & acted & ~died).AsUInt32()).Store(longest);
        Write(arena.FirstRow + first, happened | (acted & ~died & Vector512.Create(Lived)), died, a);
        for (ulong over = died.ExtractMostSignificantBits(); over != 0; over &= over - 1)
        {
            int i = first + BitOperations.TrailingZeroCount(over);
            SnakeResults.Finish<OwnedAtomics>(arena, i, arena.Event[i], a);
        }
    }

    /// <summary><see cref="SnakeObserve.WriteFlags"/> for the snakes from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void WriteFlags(in SnakeArena arena, int first, in SnakeArguments a)
    {
        int row = arena.FirstRow + first;
        Vector128<byte> alive = Vector128.Load(arena.Status.Slice(first, Lanes).Pointer);
        Vector512<uint> young = Vector512.Equals(Vector512.Load(arena.LifeTicks.Slice(first, Lanes).Pointer), Vector512<uint>.Zero);
        (Avx512F.ConvertToVector128Byte(young) & alive).Store(a.Views.EpisodeStart.Slice(row, Lanes).Pointer);
        alive.Store(a.Views.RowActive.Slice(row, Lanes).Pointer);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Write(int row, Vector512<int> happened, Vector512<int> died, in SnakeArguments a)
    {
        Vector512<float> rewards = Component(happened, SnakeEvent.AteFood, a.Parameters.FoodWeight) + Component(happened, SnakeEvent.AteCorpse, a.Parameters.CorpseWeight);
        rewards += Component(happened, SnakeEvent.AnyDeath, a.Parameters.DeathWeight);
        rewards += Component(happened, SnakeEvent.Won, a.Parameters.WinWeight);
        rewards += Component(happened, Lived, a.Parameters.LivingWeight);
        rewards += Component(happened, SnakeEvent.Turned, a.Parameters.TurningWeight);
        rewards.Store(a.Views.Rewards.Slice(row, Lanes).Pointer);
        Avx512F.ConvertToVector128Byte(died & Vector512<int>.One).Store(a.Views.Terminated.Slice(row, Lanes).Pointer);
        Vector128<byte>.Zero.Store(a.Views.Truncated.Slice(row, Lanes).Pointer);
        if (a.Views.RewardParts.Length == 0) return;
        WriteParts((int*)&happened, a.Views.RewardParts.Slice((long)row * SnakeReward.Count, Lanes * SnakeReward.Count).Pointer, a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Component(Vector512<int> happened, int bits, float weight) =>
        Vector512.ConditionalSelect(Vector512.Equals(happened & Vector512.Create(bits), Vector512<int>.Zero).AsSingle(), Vector512.Create(weight * 0f), Vector512.Create(weight));

    // Six numbers of a row as eight, of which the next row overwrites two; the last row exactly.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void WriteParts(int* happened, float* parts, in SnakeArguments a)
    {
        Vector256<int> bits = Vector256.Create(SnakeEvent.AteFood, SnakeEvent.AteCorpse, SnakeEvent.AnyDeath, SnakeEvent.Won, Lived, SnakeEvent.Turned, 0, 0);
        Vector256<float> weights = Vector256.Create(
            a.Parameters.FoodWeight, a.Parameters.CorpseWeight, a.Parameters.DeathWeight, a.Parameters.WinWeight, a.Parameters.LivingWeight, a.Parameters.TurningWeight, 0f, 0f);
        Vector256<float> nothing = weights * 0f;
        for (int lane = 0; lane < Lanes - 1; lane++) Parts(happened[lane], bits, weights, nothing).Store(parts + lane * SnakeReward.Count);
        Vector256<float> last = Parts(happened[Lanes - 1], bits, weights, nothing);
        parts += (Lanes - 1) * SnakeReward.Count;
        last.GetLower().Store(parts);
        Unsafe.WriteUnaligned(parts + 4, last.AsUInt64().GetElement(2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Parts(int happened, Vector256<int> bits, Vector256<float> weights, Vector256<float> nothing) =>
        Vector256.ConditionalSelect(Vector256.Equals(Vector256.Create(happened) & bits, Vector256<int>.Zero).AsSingle(), nothing, weights);
}
