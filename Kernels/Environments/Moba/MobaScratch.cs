using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>What the lanes of a match tell each other within a tick. Nothing of it outlives the tick.</summary>
public struct MobaScratch
{
    /// <summary>Numbers per match, without claims.</summary>
    public const int Length = PerSlot * Stride + PerHero * 16 + PerMatch;

    /// <summary>Numbers from one array per slot to the next: slots rounded up to whole cache lines.</summary>
    public const int Stride = 240;

    /// <summary>Where the arrays begin that start at 0 in every tick (<see cref="Damage"/> to <see cref="Move"/>), and where they end.</summary>
    public const int FirstSum = Stride, EndOfSums = 9 * Stride;

    private const int PerSlot = 13, PerHero = 3, PerMatch = 8;

    /// <summary>(232) <see cref="MobaWas"/> bits.</summary>
    public View<int> Was;

    /// <summary>(232) sums and maxima of the effects on a unit in this tick; written for units alive at its start.</summary>
    public View<int> Damage, Heal, StunIn, SlowIn, Force, Credit;

    /// <summary>(232) what a unit does (<see cref="MobaAct"/>), the slot it does it to, and how it wants to move.</summary>
    public View<int> Act, Aim, Move;

    /// <summary>(232) the position a unit wants, as the bits of a <see cref="MobaState.Position"/>; the cells it claimed in both rounds (<see cref="MobaWalk.Stays"/>).</summary>
    public View<int> Wish, Claimed, Second;

    /// <summary>(10) xp gained in this tick, before the cap; distance d0 at its start; enemy towers (no ancients) felled by own hand.</summary>
    public View<int> XpGain, StartDistance, Felled;

    /// <summary>(8) see <see cref="Vulnerable"/>.</summary>
    public View<int> Match;

    /// <summary>Index in <see cref="Match"/>: towers that could be damaged at the start of the tick, bit i for slot 202 + i.</summary>
    public const int Vulnerable = 0;

    /// <summary>Index in <see cref="Match"/>: towers that fell in this tick, as bits.</summary>
    public const int Fallen = 1;

    /// <summary>Index in <see cref="Match"/>: a <see cref="MobaEnd"/>, written after the tick's results are known, 0 until then.</summary>
    public const int Ended = 2;

    /// <summary>Cuts the memory of one match into parts.</summary>
    public static MobaScratch Of(View<int> memory)
    {
        const int Slots = MobaConstants.PaddedSlots;
        const int Heroes = PerSlot * Stride;
        return new MobaScratch
        {
            Was = memory.Slice(0, Slots),
            Damage = memory.Slice(Stride, Slots),
            Heal = memory.Slice(2 * Stride, Slots),
            StunIn = memory.Slice(3 * Stride, Slots),
            SlowIn = memory.Slice(4 * Stride, Slots),
            Force = memory.Slice(5 * Stride, Slots),
            Credit = memory.Slice(6 * Stride, Slots),
            Act = memory.Slice(7 * Stride, Slots),
            Aim = memory.Slice(9 * Stride, Slots),
            Move = memory.Slice(8 * Stride, Slots),
            Wish = memory.Slice(10 * Stride, Slots),
            Claimed = memory.Slice(11 * Stride, Slots),
            Second = memory.Slice(12 * Stride, Slots),
            XpGain = memory.Slice(Heroes, 16),
            StartDistance = memory.Slice(Heroes + 16, 16),
            Felled = memory.Slice(Heroes + 32, 16),
            Match = memory.Slice(Heroes + PerHero * 16, PerMatch),
        };
    }
}

/// <summary>What a unit was at the start of a tick, and what became of it: bits.</summary>
public static class MobaWas
{
    /// <summary>Alive at the start of the tick (after creeps and neutrals appeared).</summary>
    public const int Alive = 1;

    /// <summary>Stunned, slowed, hasted at the start of the tick.</summary>
    public const int Stunned = 2, Slow = 4, Haste = 8;

    /// <summary>Was hit; died.</summary>
    public const int Hit = 16, Died = 32;
}

/// <summary>What a unit does in a tick.</summary>
public static class MobaAct
{
    /// <summary>In order.</summary>
    public const int Nothing = 0, Attack = 1, Q = 2, W = 3, E = 4;
}
