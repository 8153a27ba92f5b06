using Arena.Policy.Networks;

namespace Arena.HostApi.Serving;

/// <summary>What one message of a game asks: agents that step, and agents that leave. Used again for every message of a socket.</summary>
internal sealed class AgentStep(NetworkSpec network, int mostAgents)
{
    private readonly int choices = network.DiscreteHeads.Sum();
    private readonly List<uint> ids = [];
    private readonly List<bool> starts = [];
    private readonly List<uint> leaving = [];
    private float[] floats = [];
    private byte[] bytes = [];
    private byte[] masks = [];

    internal NetworkSpec Network => network;

    /// <summary>Agents that step.</summary>
    internal int Count => ids.Count;

    internal IReadOnlyList<uint> Ids => ids;

    internal IReadOnlyList<bool> Starts => starts;

    internal IReadOnlyList<uint> Leaving => leaving;

    /// <summary>Where it was put: rows of the served policy, Count of them.</summary>
    internal int[] Rows { get; private set; } = [];

    /// <summary>(Count, A_c), filled in by the batch.</summary>
    internal float[] Components { get; private set; } = [];

    /// <summary>(Count, H), likewise.</summary>
    internal int[] Choices { get; private set; } = [];

    /// <summary>(Count), likewise.</summary>
    internal float[] Values { get; private set; } = [];

    internal void Clear()
    {
        ids.Clear();
        starts.Clear();
        leaving.Clear();
    }

    internal void Leave(uint id)
    {
        if (leaving.Count == mostAgents) throw new FormatException($"more than {mostAgents} agents leave in one message");
        leaving.Add(id);
    }

    /// <summary>One agent more; its observation and mask are then filled in. Everything is legal at first.</summary>
    internal void Add(uint id, bool start)
    {
        if (ids.Count == mostAgents) throw new FormatException($"a message has more than {mostAgents} agents");
        ids.Add(id);
        starts.Add(start);
        if (Rows.Length < ids.Count) Grow(Math.Min(mostAgents, Math.Max(4, 2 * ids.Count)));
        Mask(ids.Count - 1).Fill(1);
    }

    internal Span<float> Floats(int at) => network.ByteObservations ? [] : floats.AsSpan(at * network.Observations, network.Observations);

    internal Span<byte> Bytes(int at) => network.ByteObservations ? bytes.AsSpan(at * network.Observations, network.Observations) : [];

    internal Span<byte> Mask(int at) => masks.AsSpan(at * choices, choices);

    private void Grow(int agents)
    {
        floats = Longer(floats, network.ByteObservations ? 0 : agents * network.Observations);
        bytes = Longer(bytes, network.ByteObservations ? agents * network.Observations : 0);
        masks = Longer(masks, agents * choices);
        Rows = Longer(Rows, agents);
        Components = Longer(Components, agents * network.ContinuousActions);
        Choices = Longer(Choices, agents * network.DiscreteHeads.Count);
        Values = Longer(Values, agents);
    }

    private static T[] Longer<T>(T[] array, int length)
    {
        Array.Resize(ref array, length);
        return array;
    }
}
