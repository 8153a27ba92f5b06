using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phase 6 of <see cref="SnakeSpawn"/> for the CPU: the first candidates of eight cells of food are drawn at a time.</summary>
/// <remarks>Food still appears in order, and what finds its first candidate taken goes the usual way; nine in ten do not.</remarks>
internal static class SnakeSpawnWide
{
    private const int SnakesAtOnce = 16;

    /// <summary>Does this arena, on this machine, go this way?</summary>
    internal static bool Fits(in SnakeParameters p) => PhiloxWide.IsSupported && p.Classic == 0;

    /// <summary>As <see cref="SnakeSpawn.Run"/>.</summary>
    internal static void Run(in SnakeArena arena, in SnakeArguments a)
    {
        arena.Tick[0] += 1;
        PlaceSnakes(arena, a);
        int missing = Scalar.Min(a.Parameters.Food - arena.FoodPresent[0], SnakeConstants.FoodPerTick);
        for (int number = 0; number < missing; number += PhiloxWide.Lanes) PlaceFood(arena, number, Scalar.Min(PhiloxWide.Lanes, missing - number), a);
    }

    private static unsafe void PlaceSnakes(in SnakeArena arena, in SnakeArguments a)
    {
        int snakes = a.Parameters.Snakes, i = 0;
        for (; i + SnakesAtOnce <= snakes; i += SnakesAtOnce)
        {
            if (Vector128.Load(arena.Status.Slice(i, SnakesAtOnce).Pointer) == Vector128.Create(SnakeConstants.Alive)) continue;
            for (int lane = i; lane < i + SnakesAtOnce; lane++) SnakeSpawn.PlaceWaiting(arena, lane, a);
        }

        for (; i < snakes; i++) SnakeSpawn.PlaceWaiting(arena, i, a);
    }

    private static unsafe void PlaceFood(in SnakeArena arena, int number, int count, in SnakeArguments a)
    {
        int width = a.Parameters.Width, stride = a.Parameters.Stride;
        Vector512<ulong> slots = (Vector512.Create(0ul, 1, 2, 3, 4, 5, 6, 7) + Vector512.Create((ulong)number)) << SnakeSpawn.BlocksShift;
        Vector512<ulong> cells = PhiloxWide.Below(
            a.Seed, (uint)(a.Parameters.MatchOffset + arena.Env), (uint)arena.Episode[0], (uint)arena.Tick[0], slots, SnakePurpose.FoodPlace, width * a.Parameters.Height);
        // Exact: the quotient of two whole numbers below 2^23 is further from the next one than a double's rounding.
        Vector256<int> cell = Avx512F.ConvertToVector256Int32(cells);
        Vector256<int> row = Avx512F.ConvertToVector256Int32WithTruncation(Avx512F.ConvertToVector512Double(cell) / Vector512.Create((double)width));
        // Row by row the grid has as many cells more as its walls.
        Vector256<int> places = cell + row * (stride - width) + Vector256.Create(SnakeArena.At(0, 0, a.Parameters));
        int* place = (int*)&places;
        int found = 0;
        for (int lane = 0; lane < count; lane++)
        {
            int at = place[lane];
            if (arena.Grid[at] != SnakeCell.Empty) at = SnakeSpawn.FindFoodPlace(arena, number + lane, a);
            if (at == SnakeSpawn.NoPlace) continue;
            arena.Grid[at] = SnakeCell.Food;
            found++;
        }

        arena.FoodPresent[0] += found;
    }
}
