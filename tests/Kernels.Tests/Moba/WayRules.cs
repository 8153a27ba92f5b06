using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Ways: nobody goes further than its rule lets it, or through walls, corners or others. From a <see cref="TickLedger"/>.</summary>
internal sealed class WayRules(bool[] walls)
{
    internal const string Ways = "ways";

    private readonly HashSet<int> taken = [];

    internal IEnumerable<Breach> All(TickLedger t)
    {
        // Cells that were not empty when moves began: those of all who still live then.
        taken.Clear();
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
            if (t.Resolved.Hp[slot] > 0) taken.Add(RuleBook.Cell(RuleBook.Point(t.Spawned.Position[slot])));
        for (int slot = 0; slot < MobaConstants.FirstTower; slot++)
        {
            if (t.Resolved.Hp[slot] == 0)
            {
                if (slot < 10 && t.Moved.Position[slot] != t.Start.Position[slot]) yield return new Breach(Ways, $"dead hero {slot} moves");
            }
            else if (t.Moved.Position[slot] != t.Spawned.Position[slot])
            {
                if (!IsAllowed(t, slot)) yield return new Breach(Ways, $"slot {slot} goes from {Place(t.Spawned, slot)} to {Place(t.Moved, slot)}");
            }
            else if (slot < 10 && !StaysForAReason(t, slot))
            {
                yield return new Breach(Ways, $"hero {slot} stays where it is and is not blocked");
            }
        }

        for (int slot = MobaConstants.FirstTower; slot < MobaConstants.Slots; slot++)
            if (t.Moved.Position[slot] != t.Start.Position[slot]) yield return new Breach(Ways, $"structure {slot} moves");
    }

    private static string Place(Frame frame, int slot) => $"({RuleBook.Point(frame.Position[slot]).Y}, {RuleBook.Point(frame.Position[slot]).X})";

    private bool IsAllowed(TickLedger t, int slot)
    {
        if (t.Force[slot] > 0) return Pulls(t, slot).Any(way => Leads(t, slot, way));
        if (!t.Acts(slot)) return false;
        if (slot >= 10) return IsStep(t, slot);
        int number = t.SkillOf(slot);
        if (number is RuleBook.AssassinBlink or RuleBook.Engage) return IsBlink(t, slot);
        if (number == RuleBook.Retreat)
        {
            int units = (t.Ready.Mana[slot] - t.Decided.Mana[slot]) / 25 * (768 + 256 * t.Ready.Level[slot] / 10);
            return Leads(t, slot, Scaled(t, t.Aim[slot], slot, units));
        }

        (int y, int x) = Wanted(t, slot);
        return Leads(t, slot, (y, x)) || Leads(t, slot, (y, 0)) || Leads(t, slot, (0, x));
    }

    // Hooks lead to their caster, engages to their caster's target, at most that far.
    private static IEnumerable<(int Y, int X)> Pulls(TickLedger t, int slot)
    {
        for (int hero = 0; hero < MobaConstants.Heroes; hero++)
        {
            int number = t.SkillOf(hero), units = number < 0 ? 0 : RuleBook.Skills[number].PullAt(t.Ready.Level[hero]);
            if (units == 0) continue;
            int aim = t.Aim[hero], centre = number == RuleBook.Engage ? aim : hero;
            bool meets = number == RuleBook.Engage ? slot != aim && t.IsTarget(hero, slot) && t.InSquare(aim, slot, 4) : slot == aim;
            if (meets) yield return Scaled(t, slot, centre, Math.Min(units, RuleBook.Distance(t.Spawned.Position[slot], t.Spawned.Position[centre])));
        }
    }

    // So many units of the way from one unit to another, or beyond it.
    private static (int Y, int X) Scaled(TickLedger t, int from, int to, int units)
    {
        (int y, int x) = RuleBook.Point(t.Spawned.Position[from]);
        (int toY, int toX) = RuleBook.Point(t.Spawned.Position[to]);
        int distance = Math.Max(1, RuleBook.Distance(t.Spawned.Position[from], t.Spawned.Position[to]));
        return ((toY - y) * units / distance, (toX - x) * units / distance);
    }

    private static (int Y, int X) Wanted(TickLedger t, int hero)
    {
        int at = 6 * (hero / 2 + 5 * (hero % 2)), sign = hero % 2 == 0 ? 1 : -1;
        int[] action = t.Actions[at..(at + 6)];
        bool bad = action.Zip([7, 7, 3, 2, 2, 2]).Any(head => head.First < 0 || head.First >= head.Second);
        return bad ? (0, 0) : RuleBook.Velocity(sign * (action[0] - 3), sign * (action[1] - 3), t.Spawned.Haste[hero] > 0, t.Spawned.Slow[hero] > 0);
    }

    // A hero that acts and wants to walk either walks or is counted as blocked.
    private static bool StaysForAReason(TickLedger t, int hero)
    {
        bool blocked = t.Moved.Counter(hero, MobaCounter.Blocked) > t.Resolved.Counter(hero, MobaCounter.Blocked);
        bool walks = t.Acts(hero) && t.Force[hero] == 0 && t.SkillOf(hero) is not (RuleBook.AssassinBlink or RuleBook.Engage or RuleBook.Retreat) && Wanted(t, hero) != (0, 0);
        return blocked == walks;
    }

    // One cell in any direction; a slowed unit in every second tick only.
    private bool IsStep(TickLedger t, int slot)
    {
        if (t.Spawned.Slow[slot] > 0 && (t.Time + slot / 2) % 2 != 0) return false;
        (int y, int x) = RuleBook.Point(t.Spawned.Position[slot]);
        (int toY, int toX) = RuleBook.Point(t.Moved.Position[slot]);
        (int Y, int X) way = (toY - y, toX - x);
        return way.Y is -256 or 0 or 256 && way.X is -256 or 0 or 256 && Leads(t, slot, way);
    }

    // Beside its target, on the centre of a cell that was empty, in a straight line past no wall.
    private bool IsBlink(TickLedger t, int hero)
    {
        (int Y, int X) from = RuleBook.Point(t.Spawned.Position[hero]), to = RuleBook.Point(t.Moved.Position[hero]);
        int cell = RuleBook.Cell(to);
        bool beside = MobaLayout.Distance(cell, RuleBook.Cell(RuleBook.Point(t.Spawned.Position[t.Aim[hero]]))) == 1;
        bool centred = t.Moved.Position[hero] == MobaMatch.CentreOf(cell, hero % 2);
        return beside && centred && (cell == RuleBook.Cell(from) || !taken.Contains(cell)) && Steps(from, (to.Y - from.Y, to.X - from.X), past: true).LastOrDefault() == to;
    }

    // Whether the unit came to one of the points of a way, past nobody and through no wall or corner. All but heroes stand on centres.
    private bool Leads(TickLedger t, int slot, (int Y, int X) way)
    {
        (int Y, int X) from = RuleBook.Point(t.Spawned.Position[slot]), to = RuleBook.Point(t.Moved.Position[slot]);
        if (slot >= 10 && t.Moved.Position[slot] != MobaMatch.CentreOf(RuleBook.Cell(to), slot % 2)) return false;
        return Steps(from, way, past: false).Any(point => slot < 10 ? point == to : RuleBook.Cell(point) == RuleBook.Cell(to));
    }

    // The points of a way of at most a cell each, until the first that is not allowed.
    private IEnumerable<(int Y, int X)> Steps((int Y, int X) from, (int Y, int X) way, bool past)
    {
        int count = Math.Max(1, (Math.Max(Math.Abs(way.Y), Math.Abs(way.X)) + 255) / 256), own = RuleBook.Cell(from), cell = own;
        for (int step = 1; step <= count; step++)
        {
            (int Y, int X) point = (from.Y + way.Y * step / count, from.X + way.X * step / count);
            int next = RuleBook.Cell(point);
            if (next != cell && (walls[next] || CutsCorner(cell, next) || (!past && next != own && taken.Contains(next)))) yield break;
            cell = next;
            yield return point;
        }
    }

    private bool CutsCorner(int cell, int next)
    {
        bool diagonal = cell / 128 != next / 128 && cell % 128 != next % 128;
        return diagonal && (walls[cell / 128 * 128 + next % 128] || walls[next / 128 * 128 + cell % 128]);
    }
}
