using System.Globalization;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;

namespace Arena.Policy.SelfPlay;

/// <summary>A built-in opponent to train against.</summary>
/// <param name="Name">As the game calls it: "random", "scripted:strong".</param>
/// <param name="Controller">Its number, 1 for the game's first.</param>
/// <param name="Weight">How often it is met, relative to the others.</param>
public sealed record ListedOpponent(string Name, byte Controller, double Weight);

/// <summary>The built-in opponents of a training: <c>strong</c>, <c>weak,normal,strong</c>, <c>random:1,scripted:strong:3</c>.</summary>
/// <remarks>
/// Commas part the names; a name may lack the "scripted:" of the game's own, and upper and lower case are one. A number behind a colon is a weight, 1 where there is none:
/// games are dealt in proportion to the weights, each by the random word of its match and episode.
/// </remarks>
public sealed class OpponentList
{
    private const string Scripted = "scripted:";
    private const double MinWeight = 0.001, MaxWeight = 1000;
    private const int MaxItems = 64;

    private OpponentList(IReadOnlyList<ListedOpponent> items) => Items = items;

    /// <summary>In the order in which they were named; none twice.</summary>
    public IReadOnlyList<ListedOpponent> Items { get; }

    /// <summary>L, at least 1.</summary>
    public int Count => Items.Count;

    /// <summary>Reads a list.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="spec">The game, which has the opponents.</param>
    /// <exception cref="UsageException">a name that the game does not have (names the nearest), a name twice, a weight that is none, or nothing.</exception>
    public static OpponentList Parse(string text, EnvironmentSpec spec)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > MaxItems) throw new UsageException($"--opponent names {parts.Length} opponents; allowed are at most {MaxItems}.");
        var items = new List<ListedOpponent>(parts.Length);
        foreach (string part in parts)
        {
            ListedOpponent item = ParseItem(part, text, spec);
            if (items.Exists(other => other.Controller == item.Controller))
                throw new UsageException($"--opponent is '{text}', which names '{item.Name}' twice. Name it once, with a weight, as in {item.Name}:2.");
            items.Add(item);
        }

        return new OpponentList(items);
    }

    /// <summary>(L) uint, as <see cref="AssignOpponents.ListedBounds"/>: a uniform 32-bit word is at most Bounds[k] with the share of games of items 0..k as probability.</summary>
    public uint[] Bounds()
    {
        double total = Items.Sum(item => item.Weight), reached = 0;
        var bounds = new uint[Count];
        for (int k = 0; k < Count; k++)
        {
            reached += Items[k].Weight;
            bounds[k] = k == Count - 1 ? uint.MaxValue : (uint)(Math.Round(reached / total * (1L << 32)) - 1); // at least 66: no share is below 0.001 / 63,001
        }

        return bounds;
    }

    // A whole item that is a name is a name, whatever stands behind its colon.
    private static ListedOpponent ParseItem(string part, string text, EnvironmentSpec spec)
    {
        if (part.Length == 0) throw new UsageException($"--opponent is '{text}', in which a name is empty. Give names parted by commas, as in random:1,{Short(spec.Opponents[^1].Name)}:3.");
        if (Find(part, spec) is var whole and >= 0) return Item(whole, 1, spec);
        int colon = part.LastIndexOf(':');
        string name = colon > 0 ? part[..colon].TrimEnd() : part;
        int found = colon > 0 ? Find(name, spec) : -1;
        if (found < 0) throw Unknown(part, spec);
        if (!double.TryParse(part[(colon + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) || !(weight >= MinWeight && weight <= MaxWeight))
            throw new UsageException(
                $"--opponent gives '{name}' the weight '{part[(colon + 1)..]}'; allowed are numbers {MinWeight.ToString(CultureInfo.InvariantCulture)}..{MaxWeight}. Leave out a name that is never to be met.");
        return Item(found, weight, spec);
    }

    private static ListedOpponent Item(int place, double weight, EnvironmentSpec spec) => new(spec.Opponents[place].Name, (byte)(place + 1), weight);

    // The name itself first: a game may have both "strong" and "scripted:strong".
    private static int Find(string name, EnvironmentSpec spec)
    {
        int Place(string wanted) => spec.Opponents.ToList().FindIndex(one => one.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        return Place(name) is var exact and >= 0 ? exact : Place(Scripted + name);
    }

    private static UsageException Unknown(string part, EnvironmentSpec spec)
    {
        string[] names = [.. spec.Opponents.Select(one => one.Name)];
        string[] known = [.. names.Concat(names.Select(Short)).Distinct()];
        return new UsageException(
            $"'{spec.Game}' has no opponent '{part}' to play a share of the matches against.{Nearest.Hint(part, known)} It has: {string.Join(", ", names)}. Give another --opponent, or --opponent-share 0.");
    }

    private static string Short(string name) => name.StartsWith(Scripted, StringComparison.Ordinal) ? name[Scripted.Length..] : name;
}
