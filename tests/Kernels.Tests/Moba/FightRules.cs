using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>A rule that a tick broke, and how.</summary>
internal sealed record Breach(string Rule, string What);

/// <summary>Blows, deaths, experience: what must hold in every tick, from a <see cref="TickLedger"/>.</summary>
internal static class FightRules
{
    internal const string Blows = "blows", Balance = "balance", Deaths = "deaths", Marks = "marks", Towers = "towers", Experience = "experience", Levels = "levels";

    internal static IEnumerable<Breach> All(TickLedger t) =>
        [.. JudgeBlows(t), .. JudgeBalance(t), .. JudgeDeaths(t), .. JudgeMarks(t), .. JudgeTowers(t), .. JudgeExperience(t), .. JudgeLevels(t)];

    // Everybody who acts deals exactly its blow, also who dies in this tick; nobody else deals any.
    private static IEnumerable<Breach> JudgeBlows(TickLedger t)
    {
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            Blow[] expected = [.. Expected(t, slot).OrderBy(blow => blow.Victim)], actual = [.. t.Blows.Where(blow => blow.Source == slot)];
            if (!expected.SequenceEqual(actual)) yield return new Breach(Blows, $"slot {slot} should deal [{Text(expected)}], but deals [{Text(actual)}]");
        }
    }

    private static IEnumerable<Blow> Expected(TickLedger t, int slot)
    {
        if (!t.Acts(slot) || t.Act[slot] == MobaAct.Nothing) return [];
        int level = t.Ready.LevelOf(slot), number = t.SkillOf(slot);
        if (number < 0) return [new Blow(slot, t.Aim[slot], RuleBook.Damage(slot, level), 0)];
        Skill skill = RuleBook.Skills[number];
        int damage = skill.DamageAt(level), heal = skill.HealAt(level);
        if (heal > 0) return Allies(t, slot, skill.Radius).Select(ally => new Blow(slot, ally, 0, heal));
        if (damage == 0) return [];
        return skill.Radius == 0 ? [new Blow(slot, t.Aim[slot], damage, 0)] : Around(t, slot, skill.Radius).Select(victim => new Blow(slot, victim, damage, 0));
    }

    /// <summary>Everybody in a square around a unit whom it may hit.</summary>
    internal static IEnumerable<int> Around(TickLedger t, int slot, int radius) =>
        Enumerable.Range(0, MobaConstants.Slots).Where(unit => t.IsTarget(slot, unit) && t.InSquare(slot, unit, radius));

    private static IEnumerable<int> Allies(TickLedger t, int slot, int radius) =>
        Enumerable.Range(0, MobaConstants.Heroes).Where(hero => hero % 2 == slot % 2 && t.Spawned.Hp[hero] > 0 && t.InSquare(slot, hero, radius));

    // What all deal is what all receive: heroes by their counters, others by the hp they lost, or by what killed them.
    private static IEnumerable<Breach> JudgeBalance(TickLedger t)
    {
        int dealt = 0, received = 0, offered = 0;
        for (int hero = 0; hero < MobaConstants.Heroes; hero++)
        {
            dealt += Counted(t, hero, MobaCounter.Dealt);
            received += Counted(t, hero, MobaCounter.Received);
            offered += Counted(t, hero, MobaCounter.Healing);
        }

        for (int slot = MobaConstants.FirstCreep; slot < MobaConstants.Slots; slot++)
        {
            if (t.Acts(slot) && t.Act[slot] == MobaAct.Attack) dealt += RuleBook.Damage(slot, 0);
            if (t.Ready.Hp[slot] > 0) received += t.Died(slot) ? t.Blows.Where(blow => blow.Victim == slot).Sum(blow => blow.Damage) : t.Ready.Hp[slot] - t.Resolved.Hp[slot];
        }

        if (dealt != received) yield return new Breach(Balance, $"{dealt} damage dealt, {received} received");
        int healed = t.Blows.Sum(blow => blow.Heal);
        if (offered != healed) yield return new Breach(Balance, $"{offered} healing offered, {healed} received");
    }

    private static int Counted(TickLedger t, int hero, int counter) => t.Resolved.Counter(hero, counter) - t.Decided.Counter(hero, counter);

    // hp + heal − damage decides, and nothing else.
    private static IEnumerable<Breach> JudgeDeaths(TickLedger t)
    {
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            int hp = t.Ready.Hp[slot], now = t.Resolved.Hp[slot];
            int left = hp + t.Blows.Where(blow => blow.Victim == slot).Sum(blow => blow.Heal - blow.Damage);
            int expected = hp == 0 ? 0 : Math.Clamp(left, 0, RuleBook.MaxHp(slot, t.Ready.LevelOf(slot)));
            if (now != expected) yield return new Breach(Deaths, $"slot {slot} had {hp} hp, {left} after all blows, and has {now}");
            if (slot < 10 && Counted(t, slot, MobaCounter.Deaths) != (t.Died(slot) ? 1 : 0)) yield return new Breach(Deaths, $"deaths of hero {slot} are not counted right");
        }
    }

    // Stuns and slows: the longest of the tick or what was left, on survivors that are no structures; they are felt from the next tick on.
    private static IEnumerable<Breach> JudgeMarks(TickLedger t)
    {
        var stun = new int[MobaConstants.Slots];
        var slow = new int[MobaConstants.Slots];
        for (int hero = 0; hero < MobaConstants.Heroes; hero++)
        {
            int level = t.Ready.Level[hero], number = t.SkillOf(hero);
            if (number == RuleBook.Stun) Mark(stun, [t.Aim[hero]], 15 + level / 2);
            else if (number == RuleBook.Freeze) Mark(stun, Around(t, hero, 2), 10 + level / 2);
            else if (number == RuleBook.Retreat) Mark(slow, [t.Aim[hero]], 15);
            else if (number == RuleBook.Snare) Mark(slow, [t.Aim[hero]], 20 + level);
        }

        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            if (t.Ready.Hp[slot] == 0 || t.Died(slot)) continue;
            (int Stun, int Slow) expected = (Math.Max(t.Ready.Stun[slot], slot < 202 ? stun[slot] : 0), Math.Max(t.Ready.Slow[slot], slot < 202 ? slow[slot] : 0));
            if (expected != (t.Resolved.Stun[slot], t.Resolved.Slow[slot]))
                yield return new Breach(Marks, $"slot {slot} should have stun and slow {expected}, but has ({t.Resolved.Stun[slot]}, {t.Resolved.Slow[slot]})");
        }
    }

    private static void Mark(int[] longest, IEnumerable<int> victims, int ticks)
    {
        foreach (int victim in victims) longest[victim] = Math.Max(longest[victim], ticks);
    }

    // No structure loses hp before the rule about its predecessors held at the start of the tick.
    private static IEnumerable<Breach> JudgeTowers(TickLedger t)
    {
        for (int slot = MobaConstants.FirstTower; slot < MobaConstants.Slots; slot++)
            if (t.Resolved.Hp[slot] < t.Start.Hp[slot] && !RuleBook.IsOpen(t.Start.Hp, slot)) yield return new Breach(Towers, $"structure {slot} is hit before its turn");
    }

    // Each dead unit's value goes in equal parts to the killer and to the living of its team near the place of death; what is left over is lost.
    private static IEnumerable<Breach> JudgeExperience(TickLedger t)
    {
        foreach (Share share in t.Shares)
            if (!t.Died(share.Victim)) yield return new Breach(Experience, $"slot {share.Victim} lives, and heroes gain from it");
        for (int victim = 0; victim < MobaConstants.Slots; victim++)
        {
            if (!t.Died(victim)) continue;
            int[] gain = t.Shares.Find(share => share.Victim == victim)?.Gain ?? new int[MobaConstants.Heroes];
            int killer = Killer(t, victim), value = killer < 10 ? RuleBook.Value(victim, victim < 10 ? t.Ready.Xp[victim] : 0) : 0;
            int[] sharers = killer < 10 ? [.. Sharers(t, victim, killer)] : [];
            for (int hero = 0; hero < gain.Length; hero++)
                if (gain[hero] != (sharers.Contains(hero) ? value / sharers.Length : 0))
                    yield return new Breach(Experience, $"hero {hero} gains {gain[hero]} from {victim}, killed by {killer}; [{string.Join(", ", sharers)}] share {value}");
            int sum = gain.Sum();
            if (sum > value || sum < value - Math.Max(0, sharers.Length - 1)) yield return new Breach(Experience, $"{sum} of {value} is shared by {sharers.Length}");
        }
    }

    private static IEnumerable<int> Sharers(TickLedger t, int victim, int killer) =>
        Enumerable.Range(0, MobaConstants.Heroes).Where(hero => hero == killer || (hero % 2 == killer % 2 && t.Spawned.Hp[hero] > 0
            && RuleBook.Distance(t.Spawned.Position[hero], t.Spawned.Position[victim]) <= 7 * 256));

    // A hero first, then the largest blow, then the lower rank; 255 if nobody hit it.
    private static int Killer(TickLedger t, int victim) =>
        t.Blows.Where(blow => blow.Victim == victim && blow.Damage > 0).OrderBy(blow => blow.Source < 10 ? 0 : 1).ThenByDescending(blow => blow.Damage).ThenBy(blow => blow.Source ^ t.Flip)
            .FirstOrDefault()?.Source ?? MobaConstants.Nobody;

    private static IEnumerable<Breach> JudgeLevels(TickLedger t)
    {
        for (int hero = 0; hero < MobaConstants.Heroes; hero++)
        {
            int xp = Math.Min(100_000, t.Resolved.Xp[hero] + t.Shares.Sum(share => share.Gain[hero]));
            if (xp != t.Scored.Xp[hero]) yield return new Breach(Levels, $"hero {hero} should have {xp} xp, but has {t.Scored.Xp[hero]}");
            if (RuleBook.Level(xp) != t.Scored.Level[hero]) yield return new Breach(Levels, $"hero {hero} is on level {t.Scored.Level[hero]} with {xp} xp");
        }
    }

    private static string Text(Blow[] blows) => string.Join(", ", blows.Select(blow => $"{blow.Damage - blow.Heal} to {blow.Victim}"));
}
