namespace Arena.HostApi.Metrics;

/// <summary>The metrics of one update: names and numbers, in the order in which they were set.</summary>
/// <remarks>Made once and used again and again: filling one allocates nothing, unless it holds more names than usual.</remarks>
public sealed class MetricSample
{
    private readonly MetricNames names;
    private int[] order = new int[MetricNames.Usual];         // (Count) ids as they were set
    private double[] values = new double[MetricNames.Usual]; // by id
    private int[] given = new int[MetricNames.Usual];         // by id: how many values; 0 = not set

    /// <summary>An empty sample that numbers its names by <paramref name="names"/>.</summary>
    public MetricSample(MetricNames names) => this.names = names;

    /// <summary>Number of the update, from 0.</summary>
    public long Update { get; set; }

    /// <summary>Agent-steps so far.</summary>
    public long AgentSteps { get; set; }

    /// <summary>Wall time since the run began; s.</summary>
    public double Seconds { get; set; }

    /// <summary>Wall time since 1970; s.</summary>
    public double UnixSeconds { get; set; }

    /// <summary>Metrics set.</summary>
    public int Count { get; private set; }

    /// <summary>The metric set as number <paramref name="index"/>, 0..Count−1.</summary>
    public (string Name, double Value) this[int index] => (names.Name(order[index]), values[order[index]]);

    /// <summary>The value of <paramref name="name"/>; NaN when it is not set.</summary>
    public double Value(string name)
    {
        for (int i = 0; i < Count; i++)
            if (names.Name(order[i]) == name) return values[order[i]];
        return double.NaN;
    }

    /// <summary>Sets a metric; given again in the same update, the new value replaces the old one.</summary>
    /// <exception cref="ArgumentException"><see cref="MetricRegistry"/> does not know the name.</exception>
    public void Set(string name, double value)
    {
        int id = Place(name);
        values[id] = value;
        given[id] = 1;
    }

    /// <summary>Sets a metric unless the value is NaN, which stands for "there is none here".</summary>
    /// <exception cref="ArgumentException"><see cref="MetricRegistry"/> does not know the name.</exception>
    public void SetKnown(string name, double value)
    {
        if (!double.IsNaN(value)) Set(name, value);
    }

    /// <summary>Joins a value to those of the same update by the metric's <see cref="MetricInfo.Reduction"/>.</summary>
    /// <exception cref="ArgumentException"><see cref="MetricRegistry"/> does not know the name.</exception>
    public void Add(string name, double value)
    {
        int id = Place(name);
        double before = values[id];
        int count = ++given[id];
        values[id] = count == 1 ? value : names.Info(id).Reduction switch
        {
            MetricReduction.Sum => before + value,
            MetricReduction.Mean => before + (value - before) / count,
            MetricReduction.Max => Math.Max(before, value),
            _ => value,
        };
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++) given[order[i]] = 0;
        Count = 0;
        Update = AgentSteps = 0;
        Seconds = UnixSeconds = 0;
    }

    private int Place(string name)
    {
        int id = names.Id(name);
        if (id >= given.Length)
        {
            int length = Math.Max(2 * given.Length, id + 1);
            Array.Resize(ref order, length);
            Array.Resize(ref values, length);
            Array.Resize(ref given, length);
        }

        if (given[id] == 0) order[Count++] = id;
        return id;
    }
}
