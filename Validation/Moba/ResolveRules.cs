namespace Arena.Validation.Moba;

/// <summary>What the tick's effects come to: hp, deaths, experience.</summary>
internal static class ResolveRules
{
    /// <summary>Adds up what a unit suffered; nothing but damage means anything to a structure.</summary>
    public static void Resolve(MatchTick tick, Turn turn)
    {
        Unit unit = turn.Unit;
        if (!turn.WasAlive) return;
        int left = unit.Hp, stun = unit.Stun, slow = unit.Slow;
        foreach (Effect effect in turn.Suffered)
        {
            left += effect.Heal - effect.Damage;
            if (!unit.IsStructure) stun = Math.Max(stun, effect.Stun);
            if (!unit.IsStructure) slow = Math.Max(slow, effect.Slow);
            Count(effect);
        }

        if (left > 0)
        {
            unit.Hp = Math.Min(unit.MaxHp, left);
            unit.Stun = stun;
            unit.Slow = slow;
            return;
        }

        turn.Died = true;
        unit.Hp = 0;
        tick.State.Leave(unit);
        if (unit.Kind == Kind.Hero)
        {
            unit.Respawn = 20 + (4 * unit.Level);
            unit.Counters[Counter.Deaths]++;
        }
    }

    /// <summary>Experience and counters for a unit that died, to whom they are due.</summary>
    public static void Reward(MatchTick tick, Turn turn)
    {
        Unit victim = turn.Unit;
        if (Killer(tick, turn) is not { Kind: Kind.Hero } killer) return;
        var sharers = new List<Unit>();
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            Unit hero = tick.State.Hero(slot);
            if (hero.Team != killer.Team) continue;
            bool near = tick.Of(hero).WasAlive && hero.Position.Distance(victim.Position) <= Stats.ShareDistance;
            if (hero == killer || near) sharers.Add(hero);
        }

        foreach (Unit hero in sharers) tick.Of(hero).XpGained += Stats.XpValue(victim) / sharers.Count;
        if (victim.Kind == Kind.Tower) tick.Of(killer).TowersTaken++;
        int counter = victim.Kind switch
        {
            Kind.Hero => Counter.Kills,
            Kind.Creep => Counter.Creeps,
            Kind.Neutral => Counter.Neutrals,
            Kind.Tower => Counter.Towers,
            _ => -1,
        };
        if (counter >= 0) killer.Counters[counter]++;
    }

    /// <summary>Whose kill it is: heroes before others, then the largest blow, then the lower rank.</summary>
    public static Unit? Killer(MatchTick tick, Turn turn)
    {
        Effect? best = null;
        foreach (Effect effect in turn.Suffered)
            if (effect.Damage > 0 && (best is null || IsBefore(tick, effect, best))) best = effect;
        return best?.Source;
    }

    /// <summary>What a dead unit keeps: a hero all but its timers, a structure its place, the others the bit of their wave.</summary>
    public static void Clear(Unit unit)
    {
        unit.ClearTimers();
        unit.Target = Slots.Nobody;
        unit.Hurt = false;
        if (unit.Kind is Kind.Creep or Kind.Neutral) unit.Position = default;
    }

    private static bool IsBefore(MatchTick tick, Effect a, Effect b)
    {
        bool heroA = a.Source.Kind == Kind.Hero, heroB = b.Source.Kind == Kind.Hero;
        if (heroA != heroB) return heroA;
        return a.Damage != b.Damage ? a.Damage > b.Damage : tick.State.Rank(a.Source) < tick.State.Rank(b.Source);
    }

    private static void Count(Effect effect)
    {
        if (effect.Source.Kind == Kind.Hero) effect.Source.Counters[Counter.Dealt] += effect.Damage;
        if (effect.Source.Kind == Kind.Hero) effect.Source.Counters[Counter.Healing] += effect.Heal;
        if (effect.Victim.Kind == Kind.Hero) effect.Victim.Counters[Counter.Received] += effect.Damage;
    }
}
