using Arena.Kernels.Random;

namespace Arena.Validation.Moba;

/// <summary>What draws are for.</summary>
internal static class Purpose
{
    public const uint EpisodeSalt = 1, HeroSpawn = 2, CreepSpawn = 3, NeutralSpawn = 4, MapStroke = 5, RandomFirst = 6, RandomSecond = 7;
}

/// <summary>The draws and hashes of one match.</summary>
internal static class Chance
{
    /// <summary>Bit that marks claims of the second round.</summary>
    public const uint Late = 0x80000000;

    /// <summary>Salt and flip of an episode.</summary>
    public static (uint Salt, int Flip) Episode(ulong seed, int match, int episode, int forceFlip)
    {
        uint salt = Philox.Draw(seed, (uint)match, (uint)episode, 0, 0, Purpose.EpisodeSalt).X;
        return (salt, forceFlip >= 0 ? forceFlip : (int)(salt & 1));
    }

    /// <summary>Where in a list of n cells a spawning unit begins to look.</summary>
    public static int SpawnStart(ulong seed, int match, MatchModel state, Unit unit, int n)
    {
        uint purpose = unit.Kind switch { Kind.Hero => Purpose.HeroSpawn, Kind.Creep => Purpose.CreepSpawn, _ => Purpose.NeutralSpawn };
        uint word = Philox.Draw(seed, (uint)match, (uint)state.Episode, (uint)state.Tick, (uint)state.Rank(unit), purpose).X;
        return Below(word, n);
    }

    public static int Below(uint word, int n) => (int)((ulong)word * (ulong)n >> 32);

    /// <summary>The priority of a unit's claims in this tick: the smaller wins.</summary>
    public static uint Priority(MatchModel state, Unit unit) => (Hash(state, unit) & 0x7FFFFF00) | (uint)state.Rank(unit);

    /// <summary>0: a unit tries left or vertical first.</summary>
    public static int Hand(MatchModel state, Unit unit) => (int)(Hash(state, unit) >> 7 & 1);

    public static uint Hash(MatchModel state, Unit unit)
    {
        unchecked
        {
            uint h = state.Salt + (0x9E3779B9u * (uint)(state.Tick + 1)) + (0x85EBCA6Bu * (uint)state.Rank(unit));
            h ^= h >> 16;
            h *= 0x7FEB352D;
            h ^= h >> 15;
            h *= 0x846CA68B;
            h ^= h >> 16;
            return h;
        }
    }
}
