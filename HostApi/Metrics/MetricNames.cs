namespace Arena.HostApi.Metrics;

/// <summary>Numbers for the names of one run's metrics, given in the order of first use.</summary>
/// <remarks>One thread adds; any thread may look up a number it was handed by that thread.</remarks>
public sealed class MetricNames
{
    /// <summary>Names that fit without an allocation; a run of the games here has fewer than half as many.</summary>
    internal const int Usual = 256;

    private readonly Dictionary<string, int> ids = new(Usual);
    private volatile MetricInfo[] infos = new MetricInfo[Usual];
    private volatile string[] names = new string[Usual];

    /// <summary>Names so far.</summary>
    public int Count => ids.Count;

    /// <summary>Number of <paramref name="name"/>; allocates only when there are more than usual.</summary>
    /// <exception cref="ArgumentException"><see cref="MetricRegistry"/> does not know it.</exception>
    public int Id(string name)
    {
        if (ids.TryGetValue(name, out int id)) return id;
        MetricInfo info = MetricRegistry.Find(name);
        id = ids.Count;
        if (id == names.Length) Grow();
        names[id] = name;
        infos[id] = info;
        ids.Add(name, id);
        return id;
    }

    /// <summary>The name with number <paramref name="id"/>.</summary>
    public string Name(int id) => names[id];

    /// <summary>What it is.</summary>
    public MetricInfo Info(int id) => infos[id];

    // Copies, so that a reader keeps an array whose filled part never changes.
    private void Grow()
    {
        string[] moreNames = names;
        MetricInfo[] moreInfos = infos;
        Array.Resize(ref moreNames, 2 * moreNames.Length);
        Array.Resize(ref moreInfos, 2 * moreInfos.Length);
        (infos, names) = (moreInfos, moreNames);
    }
}
