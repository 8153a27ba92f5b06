using System.Text.Json;
using Arena.Kernels;

namespace Arena.Policy.SelfPlay;

/// <summary>Who scored how much against whom: points and games of every pairing of players, by name.</summary>
/// <remarks>
/// Win 1, draw ½, loss 0, or another multiple of 1/24 (<see cref="GamePairs.Steps"/>). A result counts for both: what one player did not score, the other
/// did. Points are counted in whole 24ths, so sums are exact and neither the order of additions nor the order of names matters.
/// </remarks>
public sealed class ResultsTable
{
    private const double Rounding = 1e-6; // of points that were summed up or written as doubles

    // Key: the two names in ordinal order; points, in 24ths, are those of the first.
    private readonly SortedDictionary<(string First, string Second), (long Steps, long Games)> results = new(
        Comparer<(string First, string Second)>.Create((a, b) =>
            string.CompareOrdinal(a.First, b.First) is var order and not 0 ? order : string.CompareOrdinal(a.Second, b.Second)));

    /// <summary>Everybody with a result, in ordinal order.</summary>
    public IReadOnlyList<string> Players => [.. results.Keys.SelectMany(key => new[] { key.First, key.Second }).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Every pairing once, in ordinal order: players, points of the first, games.</summary>
    public IEnumerable<(string Player, string Opponent, double Points, long Games)> Pairings =>
        results.Select(result => (result.Key.First, result.Key.Second, InPoints(result.Value.Steps), result.Value.Games));

    /// <summary>Adds games of <paramref name="player"/> against <paramref name="opponent"/>.</summary>
    /// <param name="player">Whose points are given.</param>
    /// <param name="opponent">Somebody else.</param>
    /// <param name="points">Wins + draws/2, or the sum of other scores.</param>
    /// <param name="games">How many; 0 changes nothing.</param>
    /// <exception cref="ArgumentException">a player against itself, more points than games, or points that are no multiple of 1/24.</exception>
    public void Add(string player, string opponent, double points, long games)
    {
        ArgumentException.ThrowIfNullOrEmpty(player);
        ArgumentException.ThrowIfNullOrEmpty(opponent);
        ArgumentOutOfRangeException.ThrowIfNegative(games);
        if (player == opponent) throw new ArgumentException($"'{player}' cannot be rated by games against itself.", nameof(opponent));
        double steps = Math.Round(points * GamePairs.Steps);
        if (!(points >= 0 && points <= games && Math.Abs(points * GamePairs.Steps - steps) < Rounding))
            throw new ArgumentOutOfRangeException(nameof(points), points, $"{games} games give 0..{games} points, in multiples of 1/{GamePairs.Steps}.");
        if (games == 0) return;
        bool inOrder = string.CompareOrdinal(player, opponent) < 0;
        (string, string) key = inOrder ? (player, opponent) : (opponent, player);
        (long Steps, long Games) before = results.GetValueOrDefault(key);
        results[key] = (before.Steps + (inOrder ? (long)steps : games * GamePairs.Steps - (long)steps), before.Games + games);
    }

    /// <summary>Adds side-balanced games.</summary>
    /// <inheritdoc cref="Add(string, string, double, long)"/>
    public void Add(string player, string opponent, GamePairs games) => Add(player, opponent, games.Points, games.Games);

    /// <summary>Adds every result of another table.</summary>
    public void Merge(ResultsTable other)
    {
        foreach ((string player, string opponent, double points, long games) in other.Pairings.ToArray()) Add(player, opponent, points, games);
    }

    /// <summary>Forgets a player and all results against it.</summary>
    public void Remove(string player)
    {
        foreach ((string First, string Second) key in results.Keys.Where(key => key.First == player || key.Second == player).ToArray()) results.Remove(key);
    }

    /// <summary>Points of <paramref name="player"/> against <paramref name="opponent"/>; 0 without games.</summary>
    public double Points(string player, string opponent) =>
        InPoints(string.CompareOrdinal(player, opponent) < 0
            ? results.GetValueOrDefault((player, opponent)).Steps
            : Games(player, opponent) * GamePairs.Steps - results.GetValueOrDefault((opponent, player)).Steps);

    /// <summary>Games between the two.</summary>
    public long Games(string player, string opponent) =>
        results.GetValueOrDefault(string.CompareOrdinal(player, opponent) < 0 ? (player, opponent) : (opponent, player)).Games;

    private static double InPoints(long steps) => (double)steps / GamePairs.Steps;

    /// <summary>All games of a player.</summary>
    public long Games(string player) => results.Where(result => result.Key.First == player || result.Key.Second == player).Sum(result => result.Value.Games);

    /// <summary>Score of <paramref name="player"/> against <paramref name="opponent"/> with Wilson's interval.</summary>
    public Interval Score(string player, string opponent) => Wilson.Of(Points(player, opponent), Games(player, opponent));

    /// <summary>Writes an array of pairings.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach ((string player, string opponent, double points, long games) in Pairings)
        {
            writer.WriteStartObject();
            writer.WriteString("player", player);
            writer.WriteString("opponent", opponent);
            writer.WriteNumber("points", points);
            writer.WriteNumber("games", games);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UsageException">it is something else; says what.</exception>
    public static ResultsTable Read(JsonElement array)
    {
        var table = new ResultsTable();
        try
        {
            foreach (JsonElement result in array.EnumerateArray())
                table.Add(result.GetProperty("player").GetString()!, result.GetProperty("opponent").GetString()!, result.GetProperty("points").GetDouble(), result.GetProperty("games").GetInt64());
        }
        catch (Exception damage) when (damage is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new UsageException($"A saved table of results is damaged: {damage.Message.ReplaceLineEndings(" ")} Remove the file it came from and play the games again.");
        }

        return table;
    }
}
