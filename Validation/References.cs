using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>The references that exist, by game. A program with a game of its own adds one here.</summary>
public static class References
{
    private static readonly Lock Gate = new();
    private static readonly List<IGameReference> Known = [new Soccer.SoccerReference(), new Corridor.CorridorReference(), new Snake.SnakeReference(), new Moba.MobaReference(), new Creature.CreatureReference()];

    /// <summary>Games that have a reference.</summary>
    public static IReadOnlyList<string> Games
    {
        get
        {
            lock (Gate) return [.. Known.Select(reference => reference.Game)];
        }
    }

    /// <summary>Adds the reference of a game of your own.</summary>
    /// <exception cref="UsageException">the game has another reference already.</exception>
    public static void Add<T>()
        where T : IGameReference, new()
    {
        var reference = new T();
        lock (Gate)
        {
            IGameReference? taken = Known.Find(known => known.Game == reference.Game);
            if (taken is null) Known.Add(reference);
            else if (taken.GetType() != typeof(T))
                throw new UsageException($"The game '{reference.Game}' has a reference already ({taken.GetType().Name}); a game has one reference.");
        }
    }

    /// <summary>The reference of <paramref name="game"/>.</summary>
    /// <exception cref="UsageException">there is none.</exception>
    public static IGameReference Find(string game)
    {
        lock (Gate)
        {
            return Known.Find(known => known.Game == game)
                ?? throw new UsageException(
                    $"The game '{game}' has no reference, so there is nothing to compare it with. Games with a reference: " +
                    $"{string.Join(", ", Known.Select(known => known.Game))}. Write an {nameof(IGameReference)} for it and add it with References.Add<T>().");
        }
    }
}
