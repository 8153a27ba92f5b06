using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Moba;

/// <summary>How a tick ends: levels, what everybody is owed, and whether the match is over.</summary>
internal static class ScoreRules
{
    // 2^-20 as a float, exact.
    private const float Fraction = 1f / (1 << 20);

    /// <summary>Levels, the bits of what happened, counters.</summary>
    public static void Levels(MatchTick tick)
    {
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            Turn turn = tick.Turns[slot];
            Unit hero = turn.Unit;
            hero.Xp = Math.Min(Stats.MostXp, hero.Xp + turn.XpGained);
            hero.Level = Stats.LevelOf(hero.Xp);
            if (hero.Alive && hero.Hp * 100 < 30 * hero.MaxHp) hero.Hurt = true;
            if (hero.Alive && hero.Hp * 100 >= 80 * hero.MaxHp) hero.Hurt = false;
            turn.DistanceAfter = BeginRules.ToNearestStructure(tick, hero);
            hero.WasHit = WasHit(turn);
            hero.JustDied = turn.Died;
            hero.GainedXp = turn.XpGained > 0;
            hero.EnemyFell = tick.Fallen(1 - hero.Team, withAncient: true) > 0;
            hero.Counters[Counter.Xp] += turn.XpGained;
            if (!hero.Alive) hero.Counters[Counter.TicksDead]++;
            if (turn.BadAction) hero.Counters[Counter.Invalid]++;
        }

        tick.State.Tick++;
    }

    /// <summary>1 side 0 won, −1 side 1 did, 0 a draw, null: nobody's ancient has fallen.</summary>
    public static int? Winner(MatchModel state)
    {
        bool first = state.Tower(Places.Ancient, 0).Alive, second = state.Tower(Places.Ancient, 1).Alive;
        return first && second ? null : first ? 1 : second ? -1 : 0;
    }

    /// <summary>(10 slots, 6) parts of the reward as floats.</summary>
    public static float[][] Parts(MatchTick tick, int? winner, MobaOptions options, float progress)
    {
        long[] weights = Weights(options.Rewards, progress);
        var raw = new long[Slots.Heroes][];
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            raw[slot] = Counts(tick, slot, winner);
            for (int part = 0; part < Stats.Rewards; part++) raw[slot][part] *= weights[part];
        }

        var parts = new float[Slots.Heroes][];
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            parts[slot] = new float[Stats.Rewards];
            for (int part = 0; part < Stats.Rewards; part++)
                parts[slot][part] = options.ZeroSum ? (float)AgainstEnemies(raw, slot, part) * (0.2f * Fraction) : (float)raw[slot][part] * Fraction;
        }

        return parts;
    }

    /// <summary>Weights as integers: 2^20 to 1, of the distance 2^12, since that is counted in units.</summary>
    public static long[] Weights(MobaRewards rewards, float progress)
    {
        float xp = rewards.Xp + ((rewards.XpFinal - rewards.Xp) * progress);
        float distance = rewards.Distance + ((rewards.DistanceFinal - rewards.Distance) * progress);
        static long Whole(float weight, int one) => (long)Math.Round((double)weight * one, MidpointRounding.AwayFromZero);
        return
        [
            Whole(xp, 1 << 20), Whole(rewards.Death, 1 << 20), Whole(rewards.Tower, 1 << 20),
            Whole(rewards.TowerTeam, 1 << 20), Whole(rewards.Win, 1 << 20), Whole(distance, 1 << 12),
        ];
    }

    // How often each component is due to a hero.
    private static long[] Counts(MatchTick tick, int slot, int? winner)
    {
        Turn turn = tick.Turns[slot];
        int team = turn.Unit.Team;
        int won = winner is null ? 0 : team == 0 ? winner.Value : -winner.Value;
        return
        [
            turn.XpGained, turn.Died ? 1 : 0, turn.TowersTaken, tick.Fallen(1 - team, withAncient: false), won,
            turn.DistanceBefore - turn.DistanceAfter,
        ];
    }

    private static long AgainstEnemies(long[][] raw, int slot, int part)
    {
        long sum = 5 * raw[slot][part];
        for (int enemy = 1 - (slot % 2); enemy < Slots.Heroes; enemy += 2) sum -= raw[enemy][part];
        return sum;
    }

    private static bool WasHit(Turn turn)
    {
        foreach (Effect effect in turn.Suffered)
            if (effect.Damage > 0) return true;
        return false;
    }
}
