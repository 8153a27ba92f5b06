namespace Arena.Validation.Moba;

/// <summary>The fifteen skills: when each works, what it costs, what it does.</summary>
internal static class SkillRules
{
    /// <summary>Uses the first pressed skill that works; its number 0..2, or −1 if none did.</summary>
    public static int Use(MatchTick tick, Turn turn, Unit? target)
    {
        bool[] pressed = [turn.Order.Q, turn.Order.W, turn.Order.E];
        for (int key = 0; key < pressed.Length; key++)
        {
            if (!pressed[key] || turn.Unit.SkillTimers[key] > 0) continue;
            Cast? cast = new Caster(tick, turn, target).Find(key);
            if (cast is null || turn.Unit.Mana < cast.Mana) continue;
            turn.Unit.Mana -= cast.Mana;
            turn.Unit.SkillTimers[key] = cast.Timer;
            cast.Do();
            return key;
        }

        return -1;
    }

    /// <summary>A skill whose condition holds.</summary>
    private sealed record Cast(int Mana, int Timer, Action Do);

    private sealed class Caster(MatchTick tick, Turn turn, Unit? target)
    {
        private readonly Unit self = turn.Unit;
        private readonly int level = turn.Unit.Level;

        /// <summary>The skill behind a key, or null where its condition does not hold.</summary>
        public Cast? Find(int key) => (self.Class, key) switch
        {
            (HeroClass.Support, 0) => If(target is { IsStructure: false }, 100, 15, () => Pull(target!, self.Position, 384 + (256 * level / 10))),
            (HeroClass.Support, 1) => If(true, 100, 50, HealFriends),
            (HeroClass.Support, 2) => If(target is not null, 75, 60, () => Strike(target!, 50 + (20 * level), stun: 15 + (level / 2))),
            (HeroClass.Assassin, 0) => If(target is { Kind: Kind.Creep or Kind.Neutral }, 100, 40, () => StrikeAll(3, 100 + (20 * level))),
            (HeroClass.Assassin, 1) => BlinkTo(150, 60, () => Strike(target!, 250 + (50 * level))),
            (HeroClass.Assassin, 2) => If(true, 100, 100, () => self.Haste = 25),
            (HeroClass.Burst, 0) => If(target is not null, 200, 70, () => Strike(target!, 250 + (40 * level))),
            (HeroClass.Burst, 1) => If(Around(2).Count > 0, 100, 40, () => StrikeAll(2, 100 + (40 * level))),
            (HeroClass.Burst, 2) => If(target is not null && Movable(self.Cell, 2).Count > 0, 75, 50, Freeze),
            (HeroClass.Tank, 0) => If(Around(2).Count > 0, 5, 5, () => StrikeAll(2, 25 + (2 * level))),
            (HeroClass.Tank, 1) => If(true, 100, 70, () => Heal(self, 400 + (125 * level))),
            (HeroClass.Tank, 2) => BlinkTo(50, 40, Gather),
            (HeroClass.Carry, 0) => Retreat(),
            (HeroClass.Carry, 1) => If(target is not null, 150, 40, () => Strike(target!, 50 + (20 * level), slow: 20 + level)),
            (HeroClass.Carry, 2) => If(Around(2).Count > 0, 100, 40, () => StrikeAll(2, 100 + (20 * level))),
            _ => throw new ArgumentOutOfRangeException(nameof(key)),
        };

        private static Cast? If(bool condition, int mana, int timer, Action effect) => condition ? new Cast(mana, timer, effect) : null;

        private Cast? BlinkTo(int mana, int timer, Action effect)
        {
            if (target is null || MoveRules.BlinkCell(tick.State, self, target) is not { } cell) return null;
            return new Cast(mana, timer, () =>
            {
                turn.Blink = cell;
                effect();
            });
        }

        private List<Unit> Around(int square) => tick.Targets(self, self.Cell, square);

        private List<Unit> Movable(Cell centre, int square)
        {
            List<Unit> units = tick.Targets(self, centre, square);
            units.RemoveAll(unit => unit.IsStructure);
            return units;
        }

        private void Strike(Unit victim, int damage, int stun = 0, int slow = 0) =>
            tick.Of(victim).Suffered.Add(new Effect(self, victim) { Damage = damage, Stun = stun, Slow = slow });

        private void StrikeAll(int square, int damage)
        {
            foreach (Unit victim in Around(square)) Strike(victim, damage);
        }

        private void Pull(Unit victim, Point to, int units) =>
            tick.Of(victim).Suffered.Add(new Effect(self, victim) { Force = units, ForcePoint = to });

        private void Heal(Unit friend, int amount) => tick.Of(friend).Suffered.Add(new Effect(self, friend) { Heal = amount });

        private void HealFriends()
        {
            for (int slot = 0; slot < Slots.Heroes; slot++)
            {
                Unit friend = tick.State.Hero(slot);
                if (friend.Team == self.Team && tick.Of(friend).WasAlive && self.Cell.Near(friend.Cell, 5)) Heal(friend, 350 + (50 * level));
            }
        }

        private void Freeze()
        {
            foreach (Unit victim in Movable(self.Cell, 2)) Strike(victim, 0, stun: 10 + (level / 2));
        }

        private void Gather()
        {
            foreach (Unit victim in Movable(target!.Cell, 4))
                if (victim != target) Pull(victim, target.Position, 512 + (256 * level / 10));
        }

        // As many hops as mana pays for, decided before it is paid.
        private Cast? Retreat()
        {
            int hops = Math.Min(3, self.Mana / 25);
            return If(target is not null && hops > 0, 25 * hops, 40, () =>
            {
                turn.RetreatFrom = target!.Position;
                turn.Retreat = hops * (768 + (256 * level / 10));
                Strike(target, 0, slow: 15);
            });
        }
    }
}
