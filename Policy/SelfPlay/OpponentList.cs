using System.Globalization;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;

namespace Arena.Policy.SelfPlay;

/// <summary>An opponent to train against.</summary>
/// <param name="Name">Of a built-in one as the game calls it: "random", "scripted:strong"; of a policy its path as it was given.</param>
/// <param name="Controller">Number of a built-in one, 1 for the game's first; 0 = a policy.</param>
/// <param name="Weight">How often it is met, relative to the others.</param>
public sealed record ListedOpponent(string Name, byte Controller, double Weight)
{
    /// <summary>Is it a frozen policy?</summary>
    public bool IsPolicy => Controller == 0;
}

/// <summary>The opponents of a training: <c>strong</c>, <c>weak,normal,strong</c>, <c>random:1,scripted:strong:3</c>, <c>strong,runs/soccer-1</c>.</summary>
/// <remarks>
/// Commas part the names. A name may lack the "scripted:" of the game's own, and upper and lower case are one. What has a slash, a backslash or the ending
/// .safetensors is a policy: a file or a run directory, which is not looked at here. A number behind a colon is a weight, 1 where there is none. Policies get matches of their own in
/// proportion to the weights, since the rows that a network plays must not change in number; games of the other matches are dealt to the built-in ones, each by the random
/// word of its match and episode.
/// </remarks>
public sealed class OpponentList
{
    private const string Scripted = "scripted:", Ending = ".safetensors";
    private const double MinWeight = 0.001, MaxWeight = 1000;
    private const int MaxItems = 64;

    private OpponentList(IReadOnlyList<ListedOpponent> items) =>
        (Items, BuiltIns, Policies) = (items, [.. items.Where(item => !item.IsPolicy)], [.. items.Where(item => item.IsPolicy)]);

    /// <summary>All, in the order in which they were named; none twice.</summary>
    public IReadOnlyList<ListedOpponent> Items { get; }

    /// <summary>(L) the built-in ones.</summary>
    public IReadOnlyList<ListedOpponent> BuiltIns { get; }

    /// <summary>(F) the policies.</summary>
    public IReadOnlyList<ListedOpponent> Policies { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="spec">The game, which has the built-in ones.</param>
    /// <exception cref="UsageException">a name that the game does not have (names the nearest), a name twice, a weight that is none, or nothing.</exception>
    public static OpponentList Parse(string text, EnvironmentSpec spec)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > MaxItems) throw new UsageException($"--opponent names {parts.Length} opponents; allowed are at most {MaxItems}.");
        var items = new List<ListedOpponent>(parts.Length);
        foreach (string part in parts)
        {
            ListedOpponent item = ParseItem(part, text, spec);
            if (items.Exists(other => other.Name == item.Name))
                throw new UsageException($"--opponent is '{text}', which names '{item.Name}' twice. Name it once, with a weight, as in {item.Name}:2.");
            items.Add(item);
        }

        return new OpponentList(items);
    }

    /// <summary>(L) uint, as <see cref="AssignOpponents.ListedBounds"/>: a uniform 32-bit word is at most Bounds[k] with the share of games of built-in opponents 0..k as probability.</summary>
    public uint[] Bounds() => Bounds(BuiltIns, BuiltIns.Sum(item => item.Weight));

    /// <summary>Which policy has the match of the share with this number, counted from 0; −1 = the built-in ones. Every policy has its share of the first n matches, up to a few.</summary>
    /// <remarks>Multiples of the golden ratio, whose parts behind the point lie evenly over every interval (Kronecker's sequence; Knuth, TAOCP 3, 6.4).</remarks>
    public int PolicyOf(long ordinal)
    {
        uint[] bounds = Bounds(Policies, Items.Sum(item => item.Weight));
        return Array.FindIndex(bounds, bound => unchecked((uint)ordinal * 0x9E3779B9u + 0x80000000u) <= bound);
    }

    // At least 66 apart: no share is below 0.001 / 63,001.
    private static uint[] Bounds(IReadOnlyList<ListedOpponent> items, double total)
    {
        double reached = 0;
        var bounds = new uint[items.Count];
        for (int k = 0; k < bounds.Length; k++)
        {
            reached += items[k].Weight;
            bounds[k] = (uint)(Math.Min(Math.Round(reached / total * (1L << 32)), 1L << 32) - 1);
        }

        return bounds;
    }

    // A whole item that is a name is a name, whatever stands behind its colon.
    private static ListedOpponent ParseItem(string part, string text, EnvironmentSpec spec)
    {
        if (part.Length == 0) throw new UsageException($"--opponent is '{text}', in which a name is empty. Give names parted by commas, as in random:1,{Short(spec.Opponents[^1].Name)}:3.");
        if (Find(part, spec) is var whole and >= 0) return Item(whole, 1, spec);
        int colon = part.LastIndexOf(':');
        string name = colon > 0 ? part[..colon].TrimEnd() : part, behind = part[(colon + 1)..];
        bool number = double.TryParse(behind, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) && colon > 0;
        int found = colon > 0 ? Find(name, spec) : -1;
        bool policy = found < 0 && IsPath(part);
        if (policy && !number) return new ListedOpponent(part, 0, 1); // a colon may be part of a path
        if (found < 0 && !policy) throw Unknown(part, spec);
        if (!number || !(weight >= MinWeight && weight <= MaxWeight))
            throw new UsageException(
                $"--opponent gives '{name}' the weight '{behind}'; allowed are numbers {MinWeight.ToString(CultureInfo.InvariantCulture)}..{MaxWeight}. Leave out a name that is never to be met.");
        return policy ? new ListedOpponent(name, 0, weight) : Item(found, weight, spec);
    }

    private static bool IsPath(string part) => part.AsSpan().ContainsAny('/', '\\') || part.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) || part.Contains(Ending + ":", StringComparison.OrdinalIgnoreCase);

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
            $"'{spec.Game}' has no opponent '{part}' to play a share of the matches against.{Nearest.Hint(part, known)} It has: {string.Join(", ", names)}. Give another --opponent, a policy as a path (./run, or a .safetensors file), or --opponent-share 0.");
    }

    private static string Short(string name) => name.StartsWith(Scripted, StringComparison.Ordinal) ? name[Scripted.Length..] : name;
}
