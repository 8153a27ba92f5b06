using System.Numerics;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Built-in players: random (1), weak (2), normal (3), strong (4). One index per row.</summary>
/// <remarks>They act through the six heads like any policy, from the state before the tick; README.md, "Players", is their definition.</remarks>
public struct MobaScript : IKernel
{
    private const int Random = 1, Weak = 2, Strong = 4;
    private const int Still = 3; // of the velocity heads
    private const int Mid = 1, GatherTick = 10 * MobaConstants.WavePeriod;

    /// <summary>Arguments.</summary>
    public MobaArguments Arguments;

    /// <summary>(E·2) who plays; 0 = outside.</summary>
    public View<byte> Controllers;

    /// <inheritdoc/>
    public void Run(int row)
    {
        int env = row / MobaConstants.Heroes, slot = MobaMatch.SlotOf(row - env * MobaConstants.Heroes);
        int controller = Controllers[2 * env + (slot & 1)];
        if (controller == 0) return;
        MobaMatch match = MobaMatch.Of(Arguments, env, default);
        if (match.Hp[slot] == 0) Write(row, Still, Still, 0, 0);
        else if (controller == Random) Draw(match, row, slot);
        else Play(match, row, slot, controller);
    }

    private readonly void Draw(in MobaMatch match, int row, int slot)
    {
        uint number = (uint)(Arguments.Parameters.MatchOffset + match.Env), episode = (uint)match.Episode, rank = (uint)(slot ^ match.Flip);
        UInt4 first = Philox.Draw(Arguments.Seed, number, episode, (uint)match.Tick, rank, MobaPurpose.RandomPlayer);
        UInt4 more = Philox.Draw(Arguments.Seed, number, episode, (uint)match.Tick, rank, MobaPurpose.RandomPlayerMore);
        int q = Philox.Below(first.W, MobaConstants.PressChoices), w = Philox.Below(more.X, MobaConstants.PressChoices), e = Philox.Below(more.Y, MobaConstants.PressChoices);
        Write(row, Philox.Below(first.X, MobaConstants.VelocityChoices), Philox.Below(first.Y, MobaConstants.VelocityChoices),
            Philox.Below(first.Z, MobaConstants.TargetChoices), q | w << 1 | e << 2);
    }

    private readonly void Play(in MobaMatch match, int row, int slot, int controller)
    {
        int vulnerable = match.Vulnerable();
        int targets = Aim(match, slot, controller, vulnerable, out int target);
        int direction, keys = 0;
        if (controller == Weak)
        {
            bool touches = target != MobaConstants.Nobody && MobaMatch.InSquare(match.Position[slot], match.Position[target], 1);
            if (!touches) targets = 0;
            direction = touches ? MobaConstants.Stay : Chase(match, slot, vulnerable);
        }
        else
        {
            direction = Direction(match, slot, controller, target);
            keys = Keys(match, slot, target);
        }

        direction = Sidestep(match, slot, direction);
        int y = MobaMatch.StepY(direction), x = MobaMatch.StepX(direction), own = (slot & 1) == 0 ? Still : -Still;
        Write(row, Still + own * y, Still + own * x, targets, keys);
    }

    // The targets head, and the unit that it will choose.
    private static int Aim(in MobaMatch match, int slot, int controller, int vulnerable, out int target)
    {
        int any = MobaScan.Nearest(match, slot, MobaConstants.Reach, MobaFilter.Any, vulnerable);
        int hero = MobaScan.Nearest(match, slot, MobaConstants.Reach, MobaFilter.HeroesAndTowers, vulnerable);
        if (controller == Strong && hero < MobaConstants.FirstCreep)
        {
            int damage = MobaStats.HeroDamage(slot >> 1, match.Level[slot]), hp = match.Hp[hero];
            if (hp <= 400 || hp <= damage || match.Hp[any] > damage)
            {
                target = hero;
                return MobaFilter.HeroesAndTowers;
            }
        }

        if (any != MobaConstants.Nobody && MobaMatch.TeamOf(any) != MobaConstants.NeutralTeam)
        {
            target = any;
            return MobaFilter.Any;
        }

        target = hero;
        return hero == MobaConstants.Nobody ? 0 : MobaFilter.HeroesAndTowers;
    }

    // Like a creep: towards what it sees, else along its lane.
    private readonly int Chase(in MobaMatch match, int slot, int vulnerable)
    {
        int seen = MobaScan.Nearest(match, slot, MobaConstants.CreepVision, MobaFilter.NoNeutrals, vulnerable);
        if (seen == MobaConstants.Nobody) return Lane(match, slot, LaneOf(slot >> 1));
        return Towards(MobaMatch.CellOf(match.Position[slot]), MobaMatch.CellOf(match.Position[seen]));
    }

    private readonly int Direction(in MobaMatch match, int slot, int controller, int target)
    {
        int kind = slot >> 1;
        if ((match.Flags[slot] & MobaFlag.Hurt) != 0) return Home(match, slot);
        if (controller == Strong)
        {
            if (UnderTower(match, slot) && !CreepBeside(match, slot)) return Home(match, slot);
            bool ranged = kind is MobaClass.Support or MobaClass.Burst or MobaClass.Carry;
            if (ranged && target < MobaConstants.FirstCreep && match.Attack[slot] != 0 && MobaMatch.InSquare(match.Position[slot], match.Position[target], 2))
                return Home(match, slot);
        }

        return target != MobaConstants.Nobody ? MobaConstants.Stay : Lane(match, slot, controller == Strong && match.Tick >= GatherTick ? Mid : LaneOf(kind));
    }

    private readonly int Lane(in MobaMatch match, int slot, int lane) =>
        MobaMatch.Flow(Arguments, lane, MobaMatch.CellOf(match.Position[slot]), slot & 1);

    // As its own side numbers them: 0 top, 1 mid, 2 bottom.
    private static int LaneOf(int kind) => kind == MobaClass.Tank ? 0 : kind is MobaClass.Assassin or MobaClass.Burst ? 1 : 2;

    private readonly int Home(in MobaMatch match, int slot)
    {
        int cell = MobaMatch.CellOf(match.Position[slot]);
        return MobaStatus.IsHome(cell, slot & 1) ? MobaConstants.Stay : MobaMatch.Flow(Arguments, MobaConstants.FountainField, cell, slot & 1);
    }

    // A living enemy tower, no ancient, in square 6.
    private static bool UnderTower(in MobaMatch match, int slot)
    {
        int first = MobaConstants.FirstTower + 1 - (slot & 1);
        for (int tower = 0; tower < MobaConstants.Ancient; tower++)
            if (match.Hp[first + 2 * tower] != 0 && MobaMatch.InSquare(match.Position[slot], match.Position[first + 2 * tower], 6)) return true;
        return false;
    }

    // A living own creep in square 4.
    private static bool CreepBeside(in MobaMatch match, int slot)
    {
        MobaScan.Square square = MobaScan.Around(MobaMatch.CellOf(match.Position[slot]), 4);
        for (int y = square.Top; y <= square.Bottom; y++)
            for (uint bits = MobaScan.Row(match.Occupied, slot & 1, y, square); bits != 0; bits &= bits - 1)
            {
                int other = match.Grid[(y << 7) + square.Left + BitOperations.TrailingZeroCount(bits)];
                if (other >= MobaConstants.FirstCreep && other < MobaConstants.FirstNeutral) return true;
            }

        return false;
    }

    // Bits Q, W, E.
    private static int Keys(in MobaMatch match, int slot, int target)
    {
        int kind = slot >> 1, hp = match.Hp[slot], max = MobaStats.HeroHp(kind, match.Level[slot]);
        bool hurt = (match.Flags[slot] & MobaFlag.Hurt) != 0, hero = target < MobaConstants.FirstCreep;
        switch (kind)
        {
            case MobaClass.Support:
                return Pressed(hero, AllyInNeed(match, slot), hero);
            case MobaClass.Assassin:
                return Pressed(true, hero && 2 * match.Hp[target] < MobaStats.HeroHp(target >> 1, match.Level[target]), hurt);
            case MobaClass.Burst:
                return Pressed(hero, true, hero);
            case MobaClass.Tank:
                return Pressed(match.Mana[slot] >= 60, 2 * hp < max, hero && 10 * hp >= 6 * max && !hurt);
            default:
                return Pressed(hurt && hero, hero, true);
        }
    }

    // An allied living hero in square 5, itself included, with less than 60 % of its hp.
    private static bool AllyInNeed(in MobaMatch match, int slot)
    {
        for (int ally = slot & 1; ally < MobaConstants.Heroes; ally += 2)
        {
            int hp = match.Hp[ally];
            if (hp == 0 || 10 * hp >= 6 * MobaStats.HeroHp(ally >> 1, match.Level[ally])) continue;
            if (MobaMatch.InSquare(match.Position[slot], match.Position[ally], MobaConstants.Reach)) return true;
        }

        return false;
    }

    // Round whatever stands in the way: the first free one of d, d + h, d − h, d + 2h, d − 2h; stay without any.
    private readonly int Sidestep(in MobaMatch match, int slot, int direction)
    {
        if (direction == MobaConstants.Stay) return direction;
        int cell = MobaMatch.CellOf(match.Position[slot]), turn = MobaMatch.Hand(match.TieHash(slot)) == 0 ? 1 : -1;
        for (int tried = 0; tried < 5; tried++)
        {
            int by = tried == 0 ? 0 : ((tried + 1) >> 1) * ((tried & 1) != 0 ? turn : -turn);
            int candidate = (direction + by) & 7;
            if (IsFree(match, cell, candidate)) return candidate;
        }

        return MobaConstants.Stay;
    }

    private readonly bool IsFree(in MobaMatch match, int cell, int direction)
    {
        int rows = MobaMatch.StepY(direction) * MobaConstants.Side, columns = MobaMatch.StepX(direction);
        if (MobaMatch.IsWall(Arguments, cell + rows + columns) || match.Grid[cell + rows + columns] != MobaConstants.Nobody) return false;
        return rows == 0 || columns == 0 || (!MobaMatch.IsWall(Arguments, cell + rows) && !MobaMatch.IsWall(Arguments, cell + columns));
    }

    // Of eight directions, the one with the signs of the difference.
    private static int Towards(int from, int to)
    {
        int rows = (to >> 7) - (from >> 7), columns = (to & 127) - (from & 127);
        if (columns == 0) return rows < 0 ? 0 : 4;
        if (columns > 0) return rows < 0 ? 1 : rows == 0 ? 2 : 3;
        return rows < 0 ? 7 : rows == 0 ? 6 : 5;
    }

    private static int Pressed(bool q, bool w, bool e) => (q ? 1 : 0) | (w ? 2 : 0) | (e ? 4 : 0);

    private readonly void Write(int row, int vertical, int horizontal, int targets, int keys)
    {
        View<int> heads = Arguments.Views.DiscreteActions.Slice((long)row * MobaConstants.Heads, MobaConstants.Heads);
        heads[0] = vertical;
        heads[1] = horizontal;
        heads[2] = targets;
        heads[3] = keys & 1;
        heads[4] = (keys >> 1) & 1;
        heads[5] = keys >> 2;
    }
}
