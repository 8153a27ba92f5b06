using System.Text.RegularExpressions;

namespace Arena.Kernels.Environments;

/// <summary>The games that exist. Command line, tests, benches and viewer enumerate it.</summary>
public static partial class Registry
{
    private static readonly Lock Gate = new();
    private static readonly List<IGame> Known =
    [
        new Soccer.SoccerGame(),
        new Corridor.CorridorGame(),
        new Snake.SnakeGame(),
        new Moba.MobaGame(),
        new Creature.CreatureGame(),
    ];

    /// <summary>All games, built-in ones first.</summary>
    public static IReadOnlyList<IGame> Games
    {
        get
        {
            lock (Gate) return [.. Known];
        }
    }

    /// <summary>Adds a game of your own; call it before anything else of this library.</summary>
    /// <exception cref="UsageException">its name is taken, or is not lower-case letters, digits and hyphens.</exception>
    public static void Add<T>()
        where T : IGame, new()
    {
        var game = new T();
        if (!GameName().IsMatch(game.Name))
            throw new UsageException($"'{game.Name}' is not a name for a game; use lower-case letters, digits and hyphens, beginning with a letter.");
        lock (Gate)
        {
            if (Known.Exists(known => known.Name == game.Name && known.GetType() != typeof(T)))
                throw new UsageException($"There is already a game called '{game.Name}'; give yours another name.");
            if (!Known.Exists(known => known.GetType() == typeof(T))) Known.Add(game);
        }
    }

    /// <summary>The game called <paramref name="name"/>.</summary>
    /// <exception cref="UsageException">there is none; names the nearest and lists all.</exception>
    public static IGame Find(string name)
    {
        IReadOnlyList<IGame> games = Games;
        return games.FirstOrDefault(game => game.Name == name)
            ?? throw new UsageException(
                $"There is no game called '{name}'.{Nearest.Hint(name, games.Select(game => game.Name))} " +
                $"The games are: {string.Join(", ", games.Select(game => game.Name))} (see '{ThisProgram.Command("games")}').");
    }

    [GeneratedRegex("^[a-z][a-z0-9-]*$")]
    private static partial Regex GameName();
}
