using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>One match: its columns as flat ranges, the scratch of a tick, and the few sums on cells that every rule needs.</summary>
public struct MobaMatch
{
    /// <summary>See the columns of these names.</summary>
    public View<uint> Position;

    /// <summary>See the columns of these names.</summary>
    public View<ushort> Hp, Mana, Respawn;

    /// <summary>See the columns of these names.</summary>
    public View<byte> Stun, Slow, Attack, Target, Flags, Level, Haste, Q, W, E, Grid;

    /// <summary>See the columns of these names.</summary>
    public View<int> Xp, Counters, Occupied;

    /// <summary>See <see cref="MobaState.RewardSums"/>.</summary>
    public View<float> RewardSums;

    /// <summary>What lanes tell each other within a tick.</summary>
    public MobaScratch Scratch;

    /// <summary>Ticks and episodes so far; written through <see cref="MobaState"/> by whoever ends a tick.</summary>
    public int Tick, Episode;

    /// <summary>Salt of the tie hash.</summary>
    public uint Salt;

    /// <summary>rank = slot ^ Flip.</summary>
    public int Flip;

    /// <summary>Match within the batch, and the row of its agent 0.</summary>
    public int Env, FirstRow;

    /// <summary>Match <paramref name="env"/> of the batch, with scratch memory of its own.</summary>
    public static MobaMatch Of(in MobaArguments a, int env) => Of(a, env, a.Scratch.Length == 0 ? default : MobaScratch.Of(a.Scratch.Of(env)));

    /// <summary>Match <paramref name="env"/> of the batch, with scratch memory wherever it is.</summary>
    public static MobaMatch Of(in MobaArguments a, int env, in MobaScratch scratch) => new()
    {
        Position = a.State.Position.ContiguousOf(env),
        Hp = a.State.Hp.ContiguousOf(env),
        Mana = a.State.Mana.ContiguousOf(env),
        Respawn = a.State.Respawn.ContiguousOf(env),
        Stun = a.State.Stun.ContiguousOf(env),
        Slow = a.State.Slow.ContiguousOf(env),
        Attack = a.State.Attack.ContiguousOf(env),
        Target = a.State.Target.ContiguousOf(env),
        Flags = a.State.Flags.ContiguousOf(env),
        Level = a.State.Level.ContiguousOf(env),
        Haste = a.State.Haste.ContiguousOf(env),
        Q = a.State.Q.ContiguousOf(env),
        W = a.State.W.ContiguousOf(env),
        E = a.State.E.ContiguousOf(env),
        Grid = a.State.Grid.ContiguousOf(env),
        Xp = a.State.Xp.ContiguousOf(env),
        Counters = a.State.Counters.ContiguousOf(env),
        Occupied = a.State.Occupied.ContiguousOf(env),
        RewardSums = a.State.RewardSums.ContiguousOf(env),
        Scratch = scratch,
        Tick = a.State.Tick[env, 0],
        Episode = a.State.Episode[env, 0],
        Salt = a.State.Salt[env, 0],
        Flip = a.State.Flip[env, 0],
        Env = env,
        FirstRow = env * MobaConstants.Heroes,
    };

    /// <summary>Reads tick, episode and salt again, after they changed.</summary>
    public void ReadClock(in MobaArguments a)
    {
        Tick = a.State.Tick[Env, 0];
        Episode = a.State.Episode[Env, 0];
        Salt = a.State.Salt[Env, 0];
        Flip = a.State.Flip[Env, 0];
    }

    /// <summary>The slot of agent row <paramref name="row"/> of a match: 2·(row mod 5) + row/5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SlotOf(int row) => row < MobaClass.Count ? 2 * row : 2 * (row - MobaClass.Count) + 1;

    /// <summary>The agent row of hero slot <paramref name="slot"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowOf(int slot) => (slot >> 1) + (slot & 1) * MobaClass.Count;

    /// <summary>Cell of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CellOf(uint position) => (int)((position >> 24 << 7) | ((position >> 8) & 0xFF));

    /// <summary>Where a unit of side <paramref name="side"/> stands in the centre of a cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CentreOf(int cell, int side) =>
        (uint)((((cell >> 7) * 256 + 128 - side) << 16) | ((cell & 127) * 256 + 128 - side));

    /// <summary>Distance |Δy| + |Δx| of two positions, in units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Distance(uint a, uint b) =>
        Size((int)(a >> 16) - (int)(b >> 16)) + Size((int)(a & 0xFFFF) - (int)(b & 0xFFFF));

    /// <summary>Whether two positions' cells are within <paramref name="radius"/> rows and columns of each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool InSquare(uint a, uint b, int radius)
    {
        int rows = (int)(a >> 24) - (int)(b >> 24), columns = (int)((a >> 8) & 0xFF) - (int)((b >> 8) & 0xFF);
        return (uint)(rows + radius) <= (uint)(2 * radius) && (uint)(columns + radius) <= (uint)(2 * radius);
    }

    /// <summary>0, 1, or 2 for neutrals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TeamOf(int slot) => (uint)(slot - MobaConstants.FirstNeutral) < MobaConstants.FirstTower - MobaConstants.FirstNeutral ? MobaConstants.NeutralTeam : slot & 1;

    /// <summary>|value|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(int value) => (value ^ (value >> 31)) - (value >> 31);

    /// <summary>The tie hash of a slot in this tick; see <see cref="Priority"/> and <see cref="Hand"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint TieHash(int slot)
    {
        uint h = Salt + 0x9E3779B9u * (uint)(Tick + 1) + 0x85EBCA6Bu * (uint)(slot ^ Flip);
        h ^= h >> 16;
        h *= 0x7FEB352Du;
        h ^= h >> 15;
        h *= 0x846CA68Bu;
        return h ^ (h >> 16);
    }

    /// <summary>Ranks claims of a tick: distinct, the smaller wins, never negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Priority(uint hash, int slot) => (int)((hash & 0x7FFFFF00u) | (uint)(slot ^ Flip));

    /// <summary>0 or 1: which way a blocked unit tries first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Hand(uint hash) => (int)((hash >> 7) & 1);

    /// <summary>Direction of flow field <paramref name="field"/> at <paramref name="cell"/> for a slot of parity <paramref name="side"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Flow(in MobaArguments a, int field, int cell, int side)
    {
        int direction = a.Tables.Fields[field * MobaConstants.Cells + (side == 0 ? cell : MobaConstants.LastCell - cell)];
        return direction == MobaConstants.Stay || side == 0 ? direction : direction ^ 4;
    }

    /// <summary>Whether <paramref name="cell"/> is a wall.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWall(in MobaArguments a, int cell) => ((a.Tables.Walls[cell >> 5] >> (cell & 31)) & 1) != 0;

    /// <summary>Rows of a step in <paramref name="direction"/> 0…8: −1, 0, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepY(int direction) => (int)((0x11A90u >> (2 * direction)) & 3) - 1;

    /// <summary>Columns of a step in <paramref name="direction"/> 0…8: −1, 0, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepX(int direction) => (int)((0x101A9u >> (2 * direction)) & 3) - 1;

    /// <summary>The 24 bits of towers that can be damaged, by the hp as it is now: bit i is slot 202 + i.</summary>
    public readonly int Vulnerable()
    {
        int mask = 0;
        for (int team = 0; team < 2; team++)
        {
            int alive = 0;
            for (int tower = 0; tower <= MobaConstants.Ancient; tower++)
                if (Hp[MobaConstants.FirstTower + 2 * tower + team] != 0) alive |= 1 << tower;
            int fallen = ~alive;
            // Tier 1; 2 and 3 when the one before in the lane fell; 4 when any of tier 3 did; the ancient when both of tier 4 did.
            int open = 0b111 | ((fallen & 0b111111) << 3);
            if ((fallen & 0b111000000) != 0) open |= 0b11 << 9;
            if ((fallen & (0b11 << 9)) == 0b11 << 9) open |= 1 << MobaConstants.Ancient;
            open &= alive;
            for (int tower = 0; tower <= MobaConstants.Ancient; tower++) mask |= ((open >> tower) & 1) << (2 * tower + team);
        }

        return mask;
    }
}
