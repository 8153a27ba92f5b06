using System.Numerics;
using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 2 of a hero: its target, at most one skill or attack, and where it goes. Costs are paid and timers set here.</summary>
public static class MobaHero
{
    private const ulong Costs = 0x461240348464344;

    // Lengths of a component of size 0…3 beside one of size 0…3, less one, a byte each.
    private const ulong UpToShort = 0x4F545454_00000000, Longer = 0xB4D4F1FF_8DA9A9A9;

    private const int HasteBit = 3, SlowBit = 2; // of MobaWas

    /// <summary>The turn of a hero that acts.</summary>
    public static void Run(in MobaMatch match, int slot, in MobaArguments a)
    {
        int targets = TargetsOf(match, slot);
        Act(match, slot, targets == 0 ? Nobody : MobaScan.Nearest(match, slot, Reach, targets), new MobaBeside { Radius = BesideRadius }, a);
    }

    /// <summary>The targets head of a hero that has not acted yet: 0 or a <see cref="MobaFilter"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TargetsOf(in MobaMatch match, int slot) => (match.Scratch.Move[slot] >> 6) & 3;

    /// <summary>The same with the target known, which its action's targets head chose.</summary>
    public static void Act<TBeside>(in MobaMatch match, int slot, int target, in TBeside beside, in MobaArguments a)
        where TBeside : struct, IMobaBeside
    {
        int action = match.Scratch.Move[slot];
        match.Scratch.Move[slot] = Velocity(match, slot, (action & 7) - 3, ((action >> 3) & 7) - 3);
        match.Scratch.Aim[slot] = target;
        for (int usable = (action >> 8) & Usable(match, slot); usable != 0; usable &= usable - 1)
            if (TryUse(match, slot, MobaAct.Q + BitOperations.TrailingZeroCount(usable), target, beside, a)) return;
        if (target == Nobody || match.Attack[slot] != 0) return;
        MobaDecide.Strike(match, slot, target, HeroAttackTicks);
        match.Counters[slot * MobaCounter.Count + MobaCounter.Attacks] += 1;
    }

    /// <summary>Mana that a skill costs; a retreat costs this for every hop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Cost(int heroClass, int act)
    {
        // Four bits a skill, in units of 25 mana; 0 is a tank's burn.
        int units = (int)(Costs >> (4 * (heroClass * 3 + act - MobaAct.Q))) & 15;
        return units == 0 ? 5 : 25 * units;
    }

    /// <summary>Ticks between two uses of a skill.</summary>
    public static int Ticks(int heroClass, int act) => (heroClass * 3 + act - MobaAct.Q) switch
    {
        0 => 15, 1 => 50, 2 => 60, 4 => 60, 5 => 100, 6 => 70, 8 => 50, 9 => 5, 10 => 70, _ => 40,
    };

    /// <summary>How near somebody must be to stand beside a hero.</summary>
    public const int BesideRadius = 2;

    /// <summary>Ticks of an assassin's haste; units of a hop of a retreat at level 0; hops at most.</summary>
    public const int HasteTicks = 25, HopUnits = 768, MaxHops = 3;

    /// <summary>Units that a skill moves somebody by, for each level: 25.6, rounded down.</summary>
    public static int UnitsOfLevel(int level) => 256 * level / 10;

    /// <summary>Units per tick of a velocity head pair, in the world: the longer of them 256, and haste and slow.</summary>
    public static int Velocity(in MobaMatch match, int slot, int vertical, int horizontal)
    {
        if ((vertical | horizontal) == 0) return 0;
        int sizeY = MobaMatch.Size(vertical), sizeX = MobaMatch.Size(horizontal);
        int y = Component(sizeY, sizeX), x = Component(sizeX, sizeY);
        int was = match.Scratch.Was[slot], faster = (was >> HasteBit) & 1, slower = (was >> SlowBit) & 1, side = -(slot & 1);
        y = (y << faster) >> slower; // not negative yet
        x = (x << faster) >> slower;
        int up = (vertical >> 31) ^ side, left = (horizontal >> 31) ^ side;
        return MobaMove.OfVelocity((y ^ up) - up, (x ^ left) - left);
    }

    /// <summary>
    /// The cell beside <paramref name="target"/> in which <paramref name="slot"/> lands after a blink, or −1: the first of its neighbours, from the
    /// one that faces the hero on, that is free and that a straight line over no wall leads to.
    /// </summary>
    public static int BlinkCell(in MobaMatch match, int slot, int target, in MobaArguments a)
    {
        uint own = match.Position[slot];
        int from = MobaMatch.CellOf(match.Position[target]), facing = MobaDecide.DirectionTo(match.Position[target], own);
        for (int turn = 0; turn < 8; turn++)
        {
            int steps = (turn + 1) >> 1, direction = (facing + ((turn & 1) != 0 ? steps : 8 - steps)) & 7;
            int cell = from + MobaMatch.StepY(direction) * Side + MobaMatch.StepX(direction);
            int inIt = match.Grid[cell];
            if (MobaMatch.IsWall(a, cell) || (inIt != Nobody && inIt != slot)) continue;
            uint centre = MobaMatch.CentreOf(cell, slot & 1);
            int rows = (int)(centre >> 16) - (int)(own >> 16), columns = (int)(centre & 0xFFFF) - (int)(own & 0xFFFF);
            if (MobaSweep.Run(match, slot, own, rows, columns, units: false, a) == (int)centre) return cell;
        }

        return -1;
    }

    // Length of a component beside the other one: their squares sum to 256² at most, or to it where the diagonal would be longer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Component(int size, int other) =>
        ((int)((size < 2 ? UpToShort : Longer) >> (8 * ((size & 1) * 4 + other))) & 0xFF) + (int)((uint)-size >> 31);

    // Skills whose timer is 0 and that can be paid, as bits; without branches, for nobody can predict what is pressed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Usable(in MobaMatch match, int slot)
    {
        int mana = match.Mana[slot], costs = (int)(Costs >> (12 * (slot >> 1)));
        return IsUsable(match.Q[slot], costs, mana) | IsUsable(match.W[slot], costs >> 4, mana) << 1 | IsUsable(match.E[slot], costs >> 8, mana) << 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IsUsable(int timer, int costs, int mana)
    {
        int cost = 25 * (costs & 15) + (5 & (((costs & 15) - 1) >> 31));
        return (int)((uint)((timer - 1) & (cost - mana - 1)) >> 31); // both negative
    }

    // Whether the skill works; if it does, it is paid and its timer runs.
    private static bool TryUse<TBeside>(in MobaMatch match, int slot, int act, int target, in TBeside beside, in MobaArguments a)
        where TBeside : struct, IMobaBeside
    {
        int heroClass = (slot >> 1), cost = Cost(heroClass, act);
        bool works = (heroClass * 3 + act - MobaAct.Q) switch
        {
            0 => target != Nobody && target < FirstTower,
            3 => target >= FirstCreep && target < FirstTower,
            2 or 6 or 13 => target != Nobody,
            7 or 9 or 14 => beside.AnyHostile(match, slot, towers: true),
            8 => target != Nobody && beside.AnyHostile(match, slot, towers: false),
            4 or 11 => target != Nobody && TryBlink(match, slot, target, a),
            12 => target != Nobody,
            _ => true,
        };
        if (!works) return false;
        if (heroClass == MobaClass.Carry && act == MobaAct.Q)
        {
            int hops = Scalar.Min(MaxHops, match.Mana[slot] / cost);
            cost *= hops;
            match.Scratch.Move[slot] = MobaMove.Of(MobaMove.Retreat, hops * (HopUnits + UnitsOfLevel(match.Level[slot])));
        }
        else if (heroClass == MobaClass.Assassin && act == MobaAct.E) match.Haste[slot] = HasteTicks;

        match.Mana[slot] -= (ushort)cost;
        SetTimer(match, slot, act, Ticks(heroClass, act));
        match.Scratch.Act[slot] = act;
        match.Counters[slot * MobaCounter.Count + MobaCounter.Q + act - MobaAct.Q] += 1;
        return true;
    }

    private static bool TryBlink(in MobaMatch match, int slot, int target, in MobaArguments a)
    {
        int cell = BlinkCell(match, slot, target, a);
        if (cell < 0) return false;
        match.Scratch.Move[slot] = MobaMove.Of(MobaMove.Blink, cell);
        return true;
    }

    private static void SetTimer(in MobaMatch match, int slot, int act, int ticks)
    {
        if (act == MobaAct.Q) match.Q[slot] = (byte)ticks;
        else if (act == MobaAct.W) match.W[slot] = (byte)ticks;
        else match.E[slot] = (byte)ticks;
    }
}

/// <summary>Who can say whether a hero has somebody to hit beside it.</summary>
public interface IMobaBeside
{
    /// <summary>Whether a unit hostile to <paramref name="slot"/> that can be hit is within two cells; towers count only if wanted.</summary>
    bool AnyHostile(in MobaMatch match, int slot, bool towers);
}

/// <summary>Asks the map.</summary>
public struct MobaBeside : IMobaBeside
{
    /// <summary>Cells.</summary>
    public int Radius;

    /// <inheritdoc/>
    public readonly bool AnyHostile(in MobaMatch match, int slot, bool towers) => MobaScan.AnyHostile(match, slot, Radius, towers);
}
