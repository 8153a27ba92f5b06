namespace Arena.Kernels.Environments;

/// <summary>What was made for the latest keys, so that it is not made again: at most so many, the one asked for longest ago goes first. Any thread may ask.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class Remembered<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, (TValue Value, long Asked)> known = [];
    private long asked;

    /// <summary>How many are kept at present.</summary>
    internal int Count
    {
        get
        {
            lock (gate) return known.Count;
        }
    }

    /// <summary>The value of <paramref name="key"/>, made where it is not known; two threads may make the same one at the same time.</summary>
    internal TValue Get(TKey key, Func<TKey, TValue> make)
    {
        lock (gate)
        {
            if (known.TryGetValue(key, out (TValue Value, long Asked) found))
            {
                known[key] = (found.Value, ++asked);
                return found.Value;
            }
        }

        TValue made = make(key); // outside: it may take long, and ask for something else here
        lock (gate)
        {
            if (known.TryGetValue(key, out (TValue Value, long Asked) meanwhile)) return meanwhile.Value;
            if (known.Count >= most) known.Remove(known.MinBy(entry => entry.Value.Asked).Key);
            known[key] = (made, ++asked);
            return made;
        }
    }
}
