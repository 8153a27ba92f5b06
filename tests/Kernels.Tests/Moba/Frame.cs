using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What the units of a match are at one moment of a tick.</summary>
internal sealed class Frame(in MobaMatch match)
{
    internal uint[] Position { get; } = match.Position.AsSpan().ToArray();

    internal ushort[] Hp { get; } = match.Hp.AsSpan().ToArray();

    internal byte[] Stun { get; } = match.Stun.AsSpan().ToArray();

    internal byte[] Slow { get; } = match.Slow.AsSpan().ToArray();

    internal byte[] Attack { get; } = match.Attack.AsSpan().ToArray();

    internal byte[] Haste { get; } = match.Haste.AsSpan().ToArray();

    internal ushort[] Mana { get; } = match.Mana.AsSpan().ToArray();

    internal byte[] Level { get; } = match.Level.AsSpan().ToArray();

    internal int[] Xp { get; } = match.Xp.AsSpan().ToArray();

    private readonly byte[][] timers = [match.Q.AsSpan().ToArray(), match.W.AsSpan().ToArray(), match.E.AsSpan().ToArray()];

    private readonly int[] counters = match.Counters.AsSpan().ToArray();

    /// <summary>Of key 0…2.</summary>
    internal int Timer(int hero, int key) => timers[key][hero];

    internal int Counter(int hero, int counter) => counters[hero * MobaCounter.Count + counter];

    internal int LevelOf(int slot) => slot < 10 ? Level[slot] : 0;
}
