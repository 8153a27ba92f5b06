using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 2 of a hero: its target, at most one skill or attack, and where it goes. Costs are paid and timers set here.</summary>
public static class MobaHero
{
    /// <summary>The turn of a hero that acts.</summary>
    public static void Run(in MobaMatch match, int slot, in MobaArguments a)
    {
        int action = match.Scratch.Move[slot], targets = (action >> 6) & 3;
        match.Scratch.Move[slot] = Velocity(match, slot, (action & 7) - 3, ((action >> 3) & 7) - 3);
        int target = targets == 0 ? Nobody : MobaScan.Nearest(match, slot, Reach, targets);
        match.Scratch.Aim[slot] = target;
        int pressed = action >> 8;
        if (pressed != 0)
        {
            if ((pressed & 1) != 0 && TryUse(match, slot, MobaAct.Q, target, a)) return;
            if ((pressed & 2) != 0 && TryUse(match, slot, MobaAct.W, target, a)) return;
            if ((pressed & 4) != 0 && TryUse(match, slot, MobaAct.E, target, a)) return;
        }

        if (target == Nobody || match.Attack[slot] != 0) return;
        MobaDecide.Strike(match, slot, target, HeroAttackTicks);
        match.Counters[slot * MobaCounter.Count + MobaCounter.Attacks] += 1;
    }

    /// <summary>Mana that a skill costs; a retreat costs this for every hop.</summary>
    public static int Cost(int heroClass, int act) => (heroClass * 3 + act - MobaAct.Q) switch
    {
        2 => 75, 4 => 150, 6 => 200, 8 => 75, 9 => 5, 11 => 50, 12 => 25, 13 => 150, _ => 100,
    };

    /// <summary>Ticks between two uses of a skill.</summary>
    public static int Ticks(int heroClass, int act) => (heroClass * 3 + act - MobaAct.Q) switch
    {
        0 => 15, 1 => 50, 2 => 60, 4 => 60, 5 => 100, 6 => 70, 8 => 50, 9 => 5, 10 => 70, _ => 40,
    };

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
        int was = match.Scratch.Was[slot];
        if ((was & MobaWas.Haste) != 0)
        {
            y += y;
            x += x;
        }

        if ((was & MobaWas.Slow) != 0)
        {
            y >>= 1; // not negative yet
            x >>= 1;
        }

        if (vertical < 0 != ((slot & 1) != 0)) y = -y;
        if (horizontal < 0 != ((slot & 1) != 0)) x = -x;
        return MobaMove.OfVelocity(y, x);
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
    private static int Component(int size, int other) => (size * 4 + other) switch
    {
        4 or 5 or 6 => 85, 7 => 80, 8 or 9 or 10 => 170, 11 => 142, 12 => 256, 13 => 242, 14 => 213, 15 => 181, _ => 0,
    };

    // Whether the skill works; if it does, it is paid and its timer runs.
    private static bool TryUse(in MobaMatch match, int slot, int act, int target, in MobaArguments a)
    {
        int heroClass = (slot >> 1), cost = Cost(heroClass, act);
        if (Timer(match, slot, act) != 0 || match.Mana[slot] < cost) return false;
        bool works = (heroClass * 3 + act - MobaAct.Q) switch
        {
            0 => target != Nobody && target < FirstTower,
            3 => target >= FirstCreep && target < FirstTower,
            2 or 6 or 13 => target != Nobody,
            7 or 9 or 14 => MobaScan.AnyHostile(match, slot, 2, towers: true),
            8 => target != Nobody && MobaScan.AnyHostile(match, slot, 2, towers: false),
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

    private static int Timer(in MobaMatch match, int slot, int act) =>
        act == MobaAct.Q ? match.Q[slot] : act == MobaAct.W ? match.W[slot] : match.E[slot];

    private static void SetTimer(in MobaMatch match, int slot, int act, int ticks)
    {
        if (act == MobaAct.Q) match.Q[slot] = (byte)ticks;
        else if (act == MobaAct.W) match.W[slot] = (byte)ticks;
        else match.E[slot] = (byte)ticks;
    }
}
