using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.SelfPlay;

/// <summary>ladder.json of a run: by which rules, who, every result, and the fit.</summary>
/// <remarks>
/// A rating belongs to the rules it was played by and to the weights that played: the file holds both, and results by other rules are
/// refused, results of other weights under the same name dropped. Written under a temporary name, flushed and renamed.
/// </remarks>
public sealed class LadderFile
{
    /// <summary>Its name in a run directory.</summary>
    public const string FileName = "ladder.json";

    private const string Format = "arena-ladder-1";

    // How many matches run at once and how they begin are no rules.
    private static readonly string[] NoRules = ["numEnvs", "matchOffset", "desync"];

    private readonly IGame game;
    private readonly string[] rules;
    private readonly ulong seed;
    private readonly SortedDictionary<string, string> hashes;

    private LadderFile(string path, IGame game, GameOptions options, ulong seed, IReadOnlyList<Player> snapshots)
    {
        (Path, this.game, this.seed) = (path, game, seed);
        rules = [.. Settings.Of(options).Where(setting => !NoRules.Contains(setting.Path)).Select(setting => $"{setting.Path}={Settings.Format(setting.Default)}")];
        hashes = new SortedDictionary<string, string>(
            snapshots.ToDictionary(player => player.Name, player => PoolEntry.HashOf(player.Policy!.Weights)), StringComparer.Ordinal);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The results in it that still hold; empty where there is no file.</summary>
    public ResultsTable Results { get; private set; } = new();

    /// <summary>Opens the ladder of a run.</summary>
    /// <param name="run">Run directory.</param>
    /// <param name="game">Its game.</param>
    /// <param name="options">Options of the games.</param>
    /// <param name="seed">Seed of the games.</param>
    /// <param name="snapshots">The policies.</param>
    /// <exception cref="UsageException">the file is damaged, or was played by other rules: says which.</exception>
    public static LadderFile Open(string run, IGame game, GameOptions options, ulong seed, IReadOnlyList<Player> snapshots)
    {
        var file = new LadderFile(System.IO.Path.Combine(run, FileName), game, options, seed, snapshots);
        if (File.Exists(file.Path)) file.Read();
        return file;
    }

    /// <summary>Replaces the file.</summary>
    /// <exception cref="IOException">the disk is full; the file is as it was.</exception>
    public void Write(RatingFit fit)
    {
        using ResultFile file = ResultFile.Open(Path)!;
        file.Commit(JsonText.Of(writer =>
        {
            writer.WriteString("format", Format);
            writer.WriteString("game", game.Name);
            writer.WriteStartArray("rules");
            foreach (string rule in rules) writer.WriteStringValue(rule);
            writer.WriteEndArray();
            writer.WriteNumber("seed", seed);
            writer.WriteStartObject("sha256");
            foreach ((string name, string hash) in hashes) writer.WriteString(name, hash);
            writer.WriteEndObject();
            writer.WritePropertyName("results");
            Results.Write(writer);
            WriteFit(writer, fit);
        }));
    }

    /// <summary>The ratings as a property "ratings".</summary>
    internal static void WriteFit(Utf8JsonWriter writer, RatingFit fit)
    {
        writer.WriteString("anchor", fit.Anchor);
        writer.WriteStartArray("ratings");
        foreach (PlayerRating rating in fit.Ratings)
        {
            writer.WriteStartObject();
            writer.WriteString("player", rating.Player);
            writer.WriteDouble("elo", rating.Elo);
            writer.WriteDouble("error", rating.Error);
            writer.WriteString("bound", rating.Bound.ToString().ToLowerInvariant());
            writer.WriteNumber("games", rating.Games);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Read()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path));
            JsonElement root = document.RootElement;
            string? format = root.GetProperty("format").GetString();
            if (format != Format) throw new FormatException($"its format is '{format}', this program reads '{Format}'.");
            CheckRules(root);
            Results = ResultsTable.Read(root.GetProperty("results"));
            foreach (JsonProperty known in root.GetProperty("sha256").EnumerateObject())
            {
                string hash = known.Value.GetString()!;
                if (hashes.TryGetValue(known.Name, out string? present) && present != hash) Results.Remove(known.Name);
                hashes.TryAdd(known.Name, hash); // a snapshot that was deleted: its results still tie the others together
            }
        }
        catch (Exception damage) when (damage is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"'{Path}' is damaged: {damage.Message.TrimEnd('.')}. Remove it, and the games are played again.");
        }
    }

    private void CheckRules(JsonElement root)
    {
        string[] before = [$"game={root.GetProperty("game").GetString()}", $"seed={root.GetProperty("seed").GetUInt64()}", .. root.GetProperty("rules").EnumerateArray().Select(rule => rule.GetString()!)];
        string[] present = [$"game={game.Name}", $"seed={seed}", .. rules], changed = [.. before.Except(present)];
        if (changed.Length > 0 || before.Length != present.Length)
            throw new UsageException(
                $"'{Path}' holds games that were played by other rules: {string.Join(", ", changed.Concat(present.Except(before).Select(rule => $"not {rule}")).Take(4))}. " +
                "Ratings under different rules cannot be compared: remove it, and the games are played again.");
    }
}
