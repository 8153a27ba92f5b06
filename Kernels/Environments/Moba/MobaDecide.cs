using System.Runtime.CompilerServices;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>How a unit wants to move: kinds and packing of <see cref="MobaScratch.Move"/>.</summary>
public static class MobaMove
{
    /// <summary>In the highest bits: stay; a velocity (rows and columns per tick, 1024 added to each, 12 bits each); a direction;
    /// a blink to a cell; a retreat from the target by so many units.</summary>
    public const int None = 0, Velocity = 1, Direction = 2, Blink = 3, Retreat = 4;

    /// <summary>Where the kind begins.</summary>
    public const int KindShift = 28, VelocityBias = 1024, VelocityShift = 12;

    /// <summary>Kind and value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(int kind, int value) => kind << KindShift | value;

    /// <summary>A velocity in units per tick, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int OfVelocity(int y, int x) =>
        (y | x) == 0 ? 0 : Of(Velocity, (y + VelocityBias) << VelocityShift | (x + VelocityBias));
}

/// <summary>Phase 2: what units that follow rules do. Heroes are in <see cref="MobaHero"/>.</summary>
public static class MobaDecide
{
    /// <summary>Directions by 3·(y + 1) + x + 1 of a step, four bits each: NW N NE, W stay E, SW S SE.</summary>
    public const ulong Directions = 0x345286107;

    /// <summary>Phase 2 of one slot.</summary>
    public static void Run(in MobaMatch match, int slot, in MobaArguments a)
    {
        if ((match.Scratch.Was[slot] & (MobaWas.Alive | MobaWas.Stunned)) != MobaWas.Alive)
        {
            match.Scratch.Move[slot] = 0;
            return;
        }

        if (slot < FirstCreep) MobaHero.Run(match, slot, a);
        else if (slot < FirstNeutral) Creep(match, slot, a);
        else if (slot < FirstTower) Neutral(match, slot, a);
        else Tower(match, slot);
    }

    /// <summary>A creep walks its lane and attacks what it meets.</summary>
    public static void Creep(in MobaMatch match, int slot, in MobaArguments a)
    {
        int target = Thinks(match, slot, ThinkPeriod)
            ? MobaScan.Nearest(match, slot, CreepVision, MobaFilter.NoNeutrals)
            : Valid(match, slot, CreepVision);
        Follow(match, slot, target, a);
    }

    /// <summary>A creep that knows its target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Follow(in MobaMatch match, int slot, int target, in MobaArguments a)
    {
        match.Target[slot] = (byte)target;
        if (target == Nobody)
        {
            int lane = (int)((uint)(slot - FirstCreep) >> 1) / 20;
            match.Scratch.Move[slot] = Towards(MobaMatch.Flow(a, lane, MobaMatch.CellOf(match.Position[slot]), slot & 1));
        }
        else Chase(match, slot, target);
    }

    /// <summary>A neutral attacks heroes who come near, and returns to its camp.</summary>
    public static void Neutral(in MobaMatch match, int slot, in MobaArguments a)
    {
        int camp = (slot - FirstNeutral) >> 3, side = slot & 1;
        uint own = match.Position[slot], centre = MobaMatch.CentreOf(a.Tables.CampCells[2 * camp + side], side);
        int target = !MobaMatch.InSquare(own, centre, NeutralLeash) ? Nobody
            : Thinks(match, slot, ThinkPeriod) ? MobaScan.NearestHero(match, slot, NeutralVision)
            : Valid(match, slot, NeutralVision);
        match.Target[slot] = (byte)target;
        if (target != Nobody) Chase(match, slot, target);
        else if (MobaMatch.InSquare(own, centre, NeutralHome)) match.Scratch.Move[slot] = 0;
        else match.Scratch.Move[slot] = Towards(MobaMatch.Flow(a, FirstCampField + camp, MobaMatch.CellOf(own), side));
    }

    /// <summary>A tower holds on to its target; an ancient never attacks.</summary>
    public static void Tower(in MobaMatch match, int slot)
    {
        match.Scratch.Move[slot] = 0;
        if (MobaStats.TowerOf(slot) == Ancient) return;
        int target = Valid(match, slot, Reach);
        bool ready = match.Attack[slot] == 0;
        if (ready && target == Nobody && Thinks(match, slot, TowerThinkPeriod)) target = MobaScan.Nearest(match, slot, Reach, MobaFilter.NoNeutrals);
        Shoot(match, slot, ready, target);
    }

    /// <summary>A tower that knows its target, and whether it may attack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Shoot(in MobaMatch match, int slot, bool ready, int target)
    {
        match.Target[slot] = (byte)target;
        if (ready && target != Nobody) Strike(match, slot, target, AttackTicks);
    }

    /// <summary>Attacks now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Strike(in MobaMatch match, int slot, int target, int ticks)
    {
        match.Scratch.Act[slot] = MobaAct.Attack;
        match.Scratch.Aim[slot] = target;
        match.Attack[slot] = (byte)ticks;
    }

    /// <summary>Direction from one cell to another, by the signs of the differences.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DirectionTo(uint from, uint to)
    {
        int rows = (int)(to >> 24) - (int)(from >> 24), columns = (int)((to >> 8) & 0xFF) - (int)((from >> 8) & 0xFF);
        int y = (rows >> 31) | (int)((uint)-rows >> 31), x = (columns >> 31) | (int)((uint)-columns >> 31);
        return (int)((Directions >> (4 * (3 * (y + 1) + x + 1))) & 15);
    }

    private static int Towards(int direction) => direction == Stay ? 0 : MobaMove.Of(MobaMove.Direction, direction);

    // Units think on different ticks, mirror images on the same one.
    private static bool Thinks(in MobaMatch match, int slot, int period) => (int)((uint)(match.Tick + (slot >> 1)) % (uint)period) == 0;

    /// <summary>The stored target, if it can still be hit and is in sight.</summary>
    public static int Valid(in MobaMatch match, int slot, int vision)
    {
        int target = match.Target[slot];
        if (target == Nobody || (match.Scratch.Was[target] & MobaWas.Alive) == 0 || !MobaScan.IsTargetable(match, target)) return Nobody;
        return MobaMatch.InSquare(match.Position[slot], match.Position[target], vision) ? target : Nobody;
    }

    private static void Chase(in MobaMatch match, int slot, int target)
    {
        uint own = match.Position[slot], other = match.Position[target];
        if (!MobaMatch.InSquare(own, other, 1))
        {
            match.Scratch.Move[slot] = MobaMove.Of(MobaMove.Direction, DirectionTo(own, other));
            return;
        }

        match.Scratch.Move[slot] = 0;
        if (match.Attack[slot] == 0) Strike(match, slot, target, AttackTicks);
    }
}
