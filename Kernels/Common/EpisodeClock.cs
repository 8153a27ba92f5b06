using Arena.Kernels.Environments;

namespace Arena.Kernels.Common;

/// <summary>When the clock ends an episode.</summary>
public static class EpisodeClock
{
    /// <summary>
    /// Ticks of an episode: <paramref name="limit"/>, but with desync the first episode of match m has
    /// max(1, limit·(1 + m mod 16)/16) (<see cref="GameOptions.Desync"/>).
    /// </summary>
    /// <param name="limit">Ticks, 1..2³¹ − 1.</param>
    /// <param name="desync">1 when the first episodes are cut.</param>
    /// <param name="match">Global match number, not negative.</param>
    /// <param name="episode">From 0.</param>
    public static int Limit(int limit, int desync, int match, int episode)
    {
        if (desync == 0 || episode != 0) return limit;
        return Scalar.Max(1, (int)(((ulong)(uint)limit * (uint)(1 + (match & 15))) >> 4)); // 64 bits: the product passes 2³¹
    }
}
