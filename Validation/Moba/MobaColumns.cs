using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Moba;

/// <summary>Between the kernels' columns and the reference's units.</summary>
internal static class MobaColumns
{
    // Units are padded to 232 slots, which are 0.
    private const int PaddedSlots = 232;

    private const int Spawned = 1, Hurt = 2, Hit = 4, Died = 8, Gained = 16, Fell = 32;

    /// <summary>A match from its columns; the grid and its bits are made again.</summary>
    public static MatchModel Read(IReadOnlyDictionary<string, double[]> columns, Terrain map)
    {
        var state = new MatchModel(map)
        {
            Tick = (int)columns["tick"][0],
            Episode = (int)columns["episode"][0],
            Salt = (uint)columns["salt"][0],
            Flip = (int)columns["flip"][0],
        };
        foreach (Unit unit in state.Units)
        {
            int slot = unit.Slot;
            int Of(string column) => (int)columns[column][slot];
            uint position = (uint)columns["position"][slot];
            unit.Position = new Point((int)(position / 65536), (int)(position % 65536));
            unit.Hp = Of("hp");
            unit.Stun = Of("stun");
            unit.Slow = Of("slow");
            unit.AttackTimer = Of("attack");
            unit.Target = Of("target");
            unit.Spawned = (Of("flags") & Spawned) != 0;
            if (unit.Kind == Kind.Hero) ReadHero(unit, columns);
        }

        state.FillGrid();
        return state;
    }

    /// <summary>What every column must hold.</summary>
    public static Dictionary<string, ExpectedValues> Write(MatchModel state)
    {
        ExpectedValues Each(Func<Unit, double> value) => ExpectedValues.Exact([.. state.Units.Select(value), .. new double[PaddedSlots - Slots.Count]]);
        ExpectedValues Heroes(Func<Unit, double> value) => ExpectedValues.Exact([.. state.Units.Take(Slots.Heroes).Select(value)]);
        return new Dictionary<string, ExpectedValues>
        {
            ["position"] = Each(unit => (65536.0 * unit.Position.Y) + unit.Position.X),
            ["hp"] = Each(unit => unit.Hp),
            ["stun"] = Each(unit => unit.Stun),
            ["slow"] = Each(unit => unit.Slow),
            ["attack"] = Each(unit => unit.AttackTimer),
            ["target"] = Each(unit => unit.Target),
            ["flags"] = Each(Flags),
            ["xp"] = Heroes(hero => hero.Xp),
            ["mana"] = Heroes(hero => hero.Mana),
            ["respawn"] = Heroes(hero => hero.Respawn),
            ["level"] = Heroes(hero => hero.Level),
            ["haste"] = Heroes(hero => hero.Haste),
            ["q"] = Heroes(hero => hero.SkillTimers[0]),
            ["w"] = Heroes(hero => hero.SkillTimers[1]),
            ["e"] = Heroes(hero => hero.SkillTimers[2]),
            ["counters"] = ExpectedValues.Exact([.. state.Units.Take(Slots.Heroes).SelectMany(hero => hero.Counters.Select(count => (double)count))]),
            ["rewardSums"] = ExpectedValues.Exact([.. state.Units.Take(Slots.Heroes).SelectMany(hero => hero.RewardSums.Select(sum => (double)sum))]),
            ["tick"] = ExpectedValues.Exact(state.Tick),
            ["episode"] = ExpectedValues.Exact(state.Episode),
            ["salt"] = ExpectedValues.Exact(state.Salt),
            ["flip"] = ExpectedValues.Exact(state.Flip),
            ["grid"] = ExpectedValues.Exact(Grid(state)),
            ["occupied"] = ExpectedValues.Exact(Bits(state)),
        };
    }

    /// <summary>Raw statistics of an episode, by the layout of the game's README.</summary>
    public static double[] Statistics(MatchModel state, int? winner, bool truncated)
    {
        var row = new List<double> { winner ?? 0, state.Tick, truncated ? 1 : 0, state.Structures(0), state.Structures(1) };
        for (int side = 0; side < 2; side++) row.Add(Team(state, side).Sum(hero => hero.Level));
        for (int counter = 0; counter < Counter.Count; counter++)
            for (int side = 0; side < 2; side++) row.Add(Team(state, side).Sum(hero => (long)hero.Counters[counter]));
        for (int part = 0; part < Stats.Rewards; part++)
        {
            for (int side = 0; side < 2; side++)
            {
                float sum = 0;
                foreach (Unit hero in Team(state, side)) sum += hero.RewardSums[part];
                row.Add(sum * 0.2f);
            }
        }

        return [.. row];
    }

    private static IEnumerable<Unit> Team(MatchModel state, int side) => state.Units.Take(Slots.Heroes).Where(hero => hero.Side == side);

    private static void ReadHero(Unit hero, IReadOnlyDictionary<string, double[]> columns)
    {
        int Of(string column) => (int)columns[column][hero.Slot];
        int flags = Of("flags");
        hero.Hurt = (flags & Hurt) != 0;
        hero.WasHit = (flags & Hit) != 0;
        hero.JustDied = (flags & Died) != 0;
        hero.GainedXp = (flags & Gained) != 0;
        hero.EnemyFell = (flags & Fell) != 0;
        hero.Xp = Of("xp");
        hero.Mana = Of("mana");
        hero.Respawn = Of("respawn");
        hero.Level = Of("level");
        hero.Haste = Of("haste");
        hero.SkillTimers[0] = Of("q");
        hero.SkillTimers[1] = Of("w");
        hero.SkillTimers[2] = Of("e");
        for (int i = 0; i < Counter.Count; i++) hero.Counters[i] = (int)columns["counters"][(hero.Slot * Counter.Count) + i];
        for (int i = 0; i < Stats.Rewards; i++) hero.RewardSums[i] = (float)columns["rewardSums"][(hero.Slot * Stats.Rewards) + i];
    }

    private static double Flags(Unit unit) =>
        (unit.Spawned ? Spawned : 0) | (unit.Hurt ? Hurt : 0) | (unit.WasHit ? Hit : 0) | (unit.JustDied ? Died : 0)
        | (unit.GainedXp ? Gained : 0) | (unit.EnemyFell ? Fell : 0);

    private static double[] Grid(MatchModel state)
    {
        var grid = new double[Cell.Side * Cell.Side];
        for (int i = 0; i < grid.Length; i++) grid[i] = state.At(Cell.At(i))?.Slot ?? Slots.Nobody;
        return grid;
    }

    // One bit per cell and team, 32 to a word of a signed column.
    private static double[] Bits(MatchModel state)
    {
        const int words = Cell.Side * Cell.Side / 32;
        var bits = new uint[3 * words];
        foreach (Unit unit in state.Units)
            if (unit.Alive) bits[(words * unit.Team) + (unit.Cell.Index / 32)] |= 1u << (unit.Cell.Index % 32);
        return [.. bits.Select(word => (double)unchecked((int)word))];
    }
}
