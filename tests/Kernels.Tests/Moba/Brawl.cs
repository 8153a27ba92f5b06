using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>
/// Fights that ordinary play hardly sees: every few ticks heroes of any level, creeps and neutrals are put close together, many of them about to die, and
/// do what they like. Every tick is judged by all rules.
/// </summary>
internal sealed class Brawl : IDisposable
{
    private static readonly int[] Places =
    [
        MobaLayout.Cell(92, 34), MobaLayout.Cell(100, 27), MobaLayout.Cell(44, 19), MobaLayout.Cell(72, 52), MobaLayout.Cell(64, 64), MobaLayout.Cell(36, 36),
    ];

    private readonly HandMatch match = new();
    private readonly bool[] walls = MobaMap.Of(1).Walls;
    private readonly WayRules ways;
    private readonly System.Random random;
    private readonly HashSet<int> used = [];

    internal Brawl(int seed, PhaseWatch phases)
    {
        random = new System.Random(seed);
        ways = new WayRules(walls);
        Ledger = new TickLedger(phases);
    }

    internal TickLedger Ledger { get; }

    /// <summary>Plays ticks until one breaks a rule; null if none does.</summary>
    internal Breach? FirstBreach(int ticks, Action<TickLedger>? look = null)
    {
        for (int tick = 0; tick < ticks; tick++)
        {
            Tick(tick);
            look?.Invoke(Ledger);
            if (Breaches(Ledger, ways).FirstOrDefault() is { } breach) return breach with { What = $"tick {tick}: {breach.What}" };
        }

        return null;
    }

    /// <summary>Plays ticks and judges none.</summary>
    internal void Play(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++) Tick(tick);
    }

    /// <summary>Plays every tick by its phases and, from the same state, as a whole; what differs first, or null.</summary>
    internal string? FirstDifferenceToTheWhole(int ticks)
    {
        using HandMatch whole = new();
        for (int tick = 0; tick < ticks; tick++)
        {
            Prepare(tick);
            whole.StepAfter(match);
            match.Step(Ledger);
            if (whole.Difference(match) is { } difference) return $"tick {tick}: {difference}";
        }

        return null;
    }

    /// <summary>What a tick broke.</summary>
    internal static IEnumerable<Breach> Breaches(TickLedger ledger, WayRules ways) => [.. FightRules.All(ledger), .. TurnRules.All(ledger), .. ways.All(ledger)];

    public void Dispose() => match.Dispose();

    private void Tick(int tick)
    {
        Prepare(tick);
        match.Step(Ledger);
    }

    private void Prepare(int tick)
    {
        if (tick % 4 == 0) Arrange();
        for (int slot = 0; slot < MobaConstants.Heroes; slot++) match.Press(slot, random.Next(-3, 4), random.Next(-3, 4), random.Next(3), Keys());
    }

    private string Keys() => string.Concat("qwe".Where(_ => random.Next(2) == 0));

    private void Arrange()
    {
        int centre = Places[random.Next(Places.Length)];
        used.Clear();
        match.Set("flip", 0, random.Next(2));
        match.Change<ushort>("hp", hp => Array.Clear(hp));
        for (int slot = MobaConstants.FirstTower; slot < MobaConstants.Slots; slot++) Build(slot);
        for (int slot = 0; slot < MobaConstants.FirstTower; slot++)
        {
            bool comes = slot < 10 ? random.Next(10) > 0 : random.Next(8) == 0;
            if (comes && FreeCell(centre) is { } cell) Put(slot, cell);
        }
    }

    // Most of the structures stand, and many of them not for long.
    private void Build(int slot)
    {
        int cell = MobaLayout.Tower(slot - MobaConstants.FirstTower);
        bool stands = random.Next(4) > 0 || RuleBook.Tier(slot) == 5;
        match.Unit(slot, cell / 128, cell % 128, stands ? random.Next(1, random.Next(2) == 0 ? 200 : RuleBook.MaxHp(slot, 0) + 1) : 0).Set("attack", slot, (byte)random.Next(3));
        if (stands) used.Add(cell);
    }

    private int? FreeCell(int centre)
    {
        for (int attempt = 0; attempt < 30; attempt++)
        {
            int cell = MobaLayout.Cell(centre / 128 + random.Next(-5, 6), centre % 128 + random.Next(-5, 6));
            if (!walls[cell] && used.Add(cell)) return cell;
        }

        return null;
    }

    private void Put(int slot, int cell)
    {
        // Some xp is exactly that of a level's beginning, and some all that there is.
        int xp = random.Next(4) switch { 0 => RuleBook.Threshold(random.Next(1, 31)) - 30, 1 => random.Next(3000), 2 => random.Next(100_000), _ => 99_990 };
        int level = RuleBook.Level(xp = Math.Max(0, xp));
        if (slot < 10) match.Hero(slot, cell / 128, cell % 128).Set("xp", slot, xp).Set("level", slot, (byte)level);
        match.Unit(slot, cell / 128, cell % 128, random.Next(1, (random.Next(2) == 0 ? 250 : RuleBook.MaxHp(slot, level)) + 1));
        match.Set("stun", slot, (byte)(random.Next(8) == 0 ? random.Next(1, 4) : 0)).Set("slow", slot, (byte)(random.Next(5) == 0 ? random.Next(1, 4) : 0));
        match.Set("attack", slot, (byte)random.Next(3));
        if (slot >= 10) return;
        match.Set("position", slot, (uint)((cell / 128 * 256 + random.Next(256)) << 16 | (cell % 128 * 256 + random.Next(256))));
        match.Set("mana", slot, (ushort)random.Next(RuleBook.MaxMana(slot, level) + 1)).Set("haste", slot, (byte)(random.Next(5) == 0 ? 2 : 0));
        foreach (string key in (string[])["q", "w", "e"]) match.Set(key, slot, (byte)(random.Next(3) == 0 ? random.Next(3) : 0));
    }
}
