using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Timers and costs: what must hold in every tick, from a <see cref="TickLedger"/>.</summary>
internal static class TurnRules
{
    internal const string Timers = "timers", Costs = "costs";

    internal static IEnumerable<Breach> All(TickLedger t) => [.. JudgeTimers(t), .. JudgeCosts(t)];

    // All go down by one, and hp and mana of living heroes up, more of it at home.
    private static IEnumerable<Breach> JudgeTimers(TickLedger t)
    {
        static int Less(int timer) => Math.Max(0, timer - 1);
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            if (t.Spawned.Hp[slot] == 0) continue;
            bool right = t.Ready.Stun[slot] == Less(t.Spawned.Stun[slot]) && t.Ready.Slow[slot] == Less(t.Spawned.Slow[slot]) && t.Ready.Attack[slot] == Less(t.Spawned.Attack[slot]);
            int hp = t.Spawned.Hp[slot];
            if (slot < 10)
            {
                right &= t.Ready.Haste[slot] == Less(t.Spawned.Haste[slot]) && Enumerable.Range(0, 3).All(key => t.Ready.Timer(slot, key) == Less(t.Spawned.Timer(slot, key)));
                bool home = IsHome(t, slot);
                hp = Math.Min(RuleBook.MaxHp(slot, t.Spawned.Level[slot]), hp + (home ? 27 : 2));
                right &= t.Ready.Mana[slot] == Math.Min(RuleBook.MaxMana(slot, t.Spawned.Level[slot]), t.Spawned.Mana[slot] + (home ? 17 : 2));
            }

            if (!right || t.Ready.Hp[slot] != hp) yield return new Breach(Timers, $"timers, hp or mana of slot {slot}");
        }
    }

    private static bool IsHome(TickLedger t, int hero)
    {
        int cell = RuleBook.Cell(RuleBook.Point(t.Spawned.Position[hero]));
        return MobaLayout.Distance(hero % 2 == 0 ? cell : 16_383 - cell, MobaLayout.Cell(112, 15)) <= 7;
    }

    // At most one act per tick; its timer was over, its price could be paid, its condition held; and nothing is paid without it.
    private static IEnumerable<Breach> JudgeCosts(TickLedger t)
    {
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            if (t.Spawned.Hp[slot] == 0) continue;
            int act = t.Act[slot], number = t.SkillOf(slot);
            if (!t.Acts(slot) && act != MobaAct.Nothing) yield return new Breach(Costs, $"slot {slot} acts while it is stunned");
            if (!AttackIsRight(t, slot, act)) yield return new Breach(Costs, $"attack timer {t.Ready.Attack[slot]} of slot {slot} became {t.Decided.Attack[slot]} (act {act}, aim {t.Aim[slot]})");
            if (slot >= 10) continue;
            int price = number < 0 ? 0 : RuleBook.Skills[number].Mana * (number == RuleBook.Retreat ? Math.Min(3, t.Ready.Mana[slot] / 25) : 1);
            if (t.Decided.Mana[slot] != t.Ready.Mana[slot] - price) yield return new Breach(Costs, $"hero {slot} pays {t.Ready.Mana[slot] - t.Decided.Mana[slot]} for act {act}");
            if (number >= 0 && !Works(t, slot, number)) yield return new Breach(Costs, $"skill {number} works without what it needs");
            if (t.Decided.Haste[slot] != (number == RuleBook.Haste ? 25 : t.Ready.Haste[slot])) yield return new Breach(Costs, $"haste of hero {slot}");
            for (int key = 0; key < 3; key++)
            {
                bool used = number == slot / 2 * 3 + key;
                if (used && t.Ready.Timer(slot, key) != 0) yield return new Breach(Costs, $"skill {number} is used before its time");
                if (t.Decided.Timer(slot, key) != (used ? RuleBook.Skills[number].Timer : t.Ready.Timer(slot, key))) yield return new Breach(Costs, $"timer of key {key} of hero {slot}");
            }
        }
    }

    private static bool AttackIsRight(TickLedger t, int slot, int act)
    {
        if (act != MobaAct.Attack) return t.Decided.Attack[slot] == t.Ready.Attack[slot];
        int reach = slot is >= 10 and < 202 ? 1 : 5;
        return t.Ready.Attack[slot] == 0 && t.Decided.Attack[slot] == (slot < 10 ? 8 : 5) && t.IsTarget(slot, t.Aim[slot]) && t.InSquare(slot, t.Aim[slot], reach);
    }

    private static bool Works(TickLedger t, int hero, int number)
    {
        int aim = t.Aim[hero];
        bool target = t.IsTarget(hero, aim) && t.InSquare(hero, aim, 5);
        return t.Ready.Mana[hero] >= RuleBook.Skills[number].Mana && RuleBook.Skills[number].Needs switch
        {
            Need.Target => target,
            Need.Unit => target && aim < 202,
            Need.Beast => target && aim is >= 10 and < 202,
            Need.Near => FightRules.Around(t, hero, 2).Any(),
            Need.NearUnit => target && FightRules.Around(t, hero, 2).Any(unit => unit < 202),
            _ => true,
        };
    }
}
