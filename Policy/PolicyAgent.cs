using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy;

/// <summary>A trained policy for programs that have observations of their own and want actions: no environment, no device, no packages.</summary>
/// <remarks>
/// Rows are agents, numbered 0..Rows-1. A row's memory is zero at first and after <see cref="Reset(int)"/>, which belongs to the start of each
/// episode. A sample depends on seed, row and the number of steps the row has made, not on which rows step together; likewise every output of the
/// network. All memory is taken at construction; a step allocates nothing. Steps of several threads follow one another. A step that is
/// refused changes nothing.
/// </remarks>
public sealed class PolicyAgent : IDisposable
{
    /// <summary>Most rows of one agent.</summary>
    public const int MaxRows = 4096;

    private readonly Lock entry = new();
    private readonly CpuDevice device;
    private readonly List<IDisposable> owned = [];
    private readonly BuiltinEngine engine;
    private readonly ActionHead head;
    private readonly AgentInput input;
    private readonly ulong[] steps;                   // (Rows) steps made
    private readonly bool[] listed;                   // (Rows) whether a list names the row; false between steps
    private readonly ulong seed;
    private readonly DeviceBuffer<uint> rowNumbers;   // (Rows) of the rows that step
    private readonly DeviceBuffer<float>? states;     // (Rows, S) of all rows
    private readonly DeviceBuffer<float>? entering;   // (Rows, S) of the rows that step
    private readonly DeviceBuffer<float> outputs;     // (Rows, L + 1)
    private readonly DeviceBuffer<float>? rawActions; // (Rows, A_c)
    private readonly DeviceBuffer<float>? continuous; // (Rows, A_c), in [-1, 1]
    private readonly DeviceBuffer<int>? discrete;     // (Rows, H)
    private readonly DeviceBuffer<int>? emptyHeads;   // (Rows)
    private readonly DeviceBuffer<float> logProbs;    // (Rows)
    private readonly DeviceBuffer<float> values;      // (Rows)
    private int stepped;

    /// <summary>Takes the memory and copies the weights.</summary>
    /// <param name="network">Sizes of the network.</param>
    /// <param name="weights">(P) float in the order of its <see cref="ParameterLayout"/>.</param>
    /// <param name="options">Rows, threads, sampling.</param>
    /// <exception cref="UsageException">a number of the options is outside its range, or the network cannot be built.</exception>
    /// <exception cref="ArgumentException">another number of weights.</exception>
    /// <exception cref="DeviceMemoryException">it does not fit into memory.</exception>
    public PolicyAgent(NetworkSpec network, ReadOnlySpan<float> weights, PolicyAgentOptions? options = null)
    {
        options ??= new PolicyAgentOptions();
        if (options.Rows is < 1 or > MaxRows)
            throw new UsageException($"Rows is {options.Rows}; a policy agent has 1..{MaxRows} rows. Make several for more.");
        if (options.Threads is < 1 or > 1024) throw new UsageException($"Threads is {options.Threads}; allowed are 1..1024.");
        (Network, Rows, Deterministic, seed) = (network, options.Rows, options.Deterministic, options.Seed);
        steps = new ulong[Rows];
        listed = new bool[Rows];
        device = Own(new CpuDevice(new CpuDeviceOptions { Threads = options.Threads }));
        engine = Own(new BuiltinEngine(device, network, Rows));
        if (weights.Length != engine.Parameters.Length)
            throw new ArgumentException($"{weights.Length:N0} weights were given; the network has {engine.Parameters.Length:N0}.", nameof(weights));
        device.CopyToDevice(weights, engine.Weights);
        engine.RefreshDerived();
        head = Own(ActionHead.Create(device, Action(network), engine, Rows));
        head.Refresh();
        input = Own(new AgentInput(device, network, Rows));
        rowNumbers = Take<uint>(1, "row numbers")!;
        states = Take<float>(network.StateSize, "recurrent states");
        entering = Take<float>(network.StateSize, "recurrent states of a step");
        outputs = Take<float>(network.Outputs, "network outputs")!;
        rawActions = Take<float>(network.ContinuousActions, "raw actions");
        continuous = Take<float>(network.ContinuousActions, "actions");
        discrete = Take<int>(network.DiscreteHeads.Count, "choices");
        emptyHeads = Take<int>(network.DiscreteHeads.Count == 0 ? 0 : 1, "heads without a choice");
        logProbs = Take<float>(1, "log-probs")!;
        values = Take<float>(1, "values")!;
    }

    /// <summary>Sizes and kinds of what goes in and comes out.</summary>
    public NetworkSpec Network { get; }

    /// <summary>Agents.</summary>
    public int Rows { get; }

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic { get; set; }

    /// <summary>(rows) critic's values of the last step, in its order; valid until the next.</summary>
    public ReadOnlySpan<float> Values => values.View.AsSpan()[..stepped];

    /// <summary>(rows, L + 1) outputs of the network in the last step: distribution parameters, then the value; valid until the next.</summary>
    public ReadOnlySpan<float> Outputs => outputs.View.AsSpan()[..(stepped * Network.Outputs)];

    /// <summary>Reads a policy file, as 'arena train' and 'arena import' write them.</summary>
    /// <exception cref="UsageException">missing, damaged, or not a policy; says which and what to do.</exception>
    public static PolicyAgent Load(string path, PolicyAgentOptions? options = null)
    {
        PolicyFile file = PolicyFile.Load(path);
        return new PolicyAgent(file.Description.Network, file.Weights, options);
    }

    /// <summary>All over again: no row remembers anything, and draws begin anew.</summary>
    public void Reset()
    {
        lock (entry)
        {
            states?.View.AsSpan().Clear();
            Array.Clear(steps);
        }
    }

    /// <summary>Row <paramref name="row"/> begins an episode: it remembers nothing. Its draws go on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">no such row.</exception>
    public void Reset(int row)
    {
        CheckRow(row);
        lock (entry)
            if (states is not null) StateOf(states, row).Clear();
    }

    /// <summary>(S) what row <paramref name="row"/> remembers; empty for a network without memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">no such row.</exception>
    public ReadOnlySpan<float> State(int row)
    {
        CheckRow(row);
        return states is null ? [] : StateOf(states, row);
    }

    /// <summary>Rows 0, 1 … of a policy with continuous actions alone.</summary>
    /// <param name="observations">(rows, O) float.</param>
    /// <param name="actions">(rows, A_c) float in [−1, 1]; out.</param>
    /// <exception cref="ArgumentException">a length or a value does not fit.</exception>
    public void Step(ReadOnlySpan<float> observations, Span<float> actions) => Step(observations, [], actions, []);

    /// <summary>Rows 0, 1 … of a policy with discrete actions alone.</summary>
    /// <param name="observations">(rows, O) float.</param>
    /// <param name="masks">(rows, choices of all heads) byte: 0 = illegal; empty = everything is legal.</param>
    /// <param name="actions">(rows, H) int; out.</param>
    /// <exception cref="ArgumentException">a length or a value does not fit.</exception>
    public void Step(ReadOnlySpan<float> observations, ReadOnlySpan<byte> masks, Span<int> actions) => Step(observations, masks, [], actions);

    /// <summary>The same for observations of bytes.</summary>
    /// <param name="observations">(rows, O) byte.</param>
    /// <param name="masks">(rows, choices of all heads) byte: 0 = illegal; empty = everything is legal.</param>
    /// <param name="actions">(rows, H) int; out.</param>
    /// <exception cref="ArgumentException">a length or a value does not fit.</exception>
    public void Step(ReadOnlySpan<byte> observations, ReadOnlySpan<byte> masks, Span<int> actions) => Step(observations, masks, [], actions);

    /// <summary>Rows 0, 1 … of any policy over floats.</summary>
    /// <param name="observations">(rows, O) float.</param>
    /// <param name="masks">(rows, choices of all heads) byte: 0 = illegal; empty = everything is legal.</param>
    /// <param name="components">(rows, A_c) float in [−1, 1]; out.</param>
    /// <param name="choices">(rows, H) int; out.</param>
    /// <param name="rows">Which rows step, in which order, none twice; empty = 0, 1 ….</param>
    /// <exception cref="ArgumentException">a length or a value does not fit.</exception>
    public void Step(ReadOnlySpan<float> observations, ReadOnlySpan<byte> masks, Span<float> components, Span<int> choices, ReadOnlySpan<int> rows = default)
    {
        lock (entry)
        {
            int count = Count(observations.Length, components.Length, choices.Length, rows);
            input.Check(observations);
            input.CheckMasks(masks, count);
            input.Take(observations);
            Run(count, masks, components, choices, rows);
        }
    }

    /// <summary>The same for observations of bytes.</summary>
    /// <param name="observations">(rows, O) byte.</param>
    /// <param name="masks">(rows, choices of all heads) byte: 0 = illegal; empty = everything is legal.</param>
    /// <param name="components">(rows, A_c) float in [−1, 1]; out.</param>
    /// <param name="choices">(rows, H) int; out.</param>
    /// <param name="rows">Which rows step, in which order, none twice; empty = 0, 1 ….</param>
    /// <exception cref="ArgumentException">a length or a value does not fit.</exception>
    public void Step(ReadOnlySpan<byte> observations, ReadOnlySpan<byte> masks, Span<float> components, Span<int> choices, ReadOnlySpan<int> rows = default)
    {
        lock (entry)
        {
            int count = Count(observations.Length, components.Length, choices.Length, rows);
            input.Check(observations);
            input.CheckMasks(masks, count);
            input.Take(observations);
            Run(count, masks, components, choices, rows);
        }
    }

    /// <summary>Looks at one row as <see cref="Step(ReadOnlySpan{float}, ReadOnlySpan{byte}, Span{float}, Span{int}, ReadOnlySpan{int})"/> would.</summary>
    /// <param name="observation">(O) float.</param>
    /// <param name="mask">(choices of all heads) byte, or empty.</param>
    /// <exception cref="ArgumentException">it would be refused; says why.</exception>
    public void Check(ReadOnlySpan<float> observation, ReadOnlySpan<byte> mask)
    {
        input.Check(observation);
        input.CheckMasks(mask, 1);
    }

    /// <summary>The same for an observation of bytes.</summary>
    /// <param name="observation">(O) byte.</param>
    /// <param name="mask">(choices of all heads) byte, or empty.</param>
    /// <exception cref="ArgumentException">it would be refused; says why.</exception>
    public void Check(ReadOnlySpan<byte> observation, ReadOnlySpan<byte> mask)
    {
        input.Check(observation);
        input.CheckMasks(mask, 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable one in owned.AsEnumerable().Reverse()) one.Dispose();
        owned.Clear();
    }

    private void Run(int count, ReadOnlySpan<byte> masks, Span<float> components, Span<int> choices, ReadOnlySpan<int> rows)
    {
        input.TakeMasks(masks, count);
        for (int at = 0; at < count; at++) rowNumbers.View[at] = (uint)(rows.IsEmpty ? at : rows[at]);
        View<float> state = states is null ? default : rows.IsEmpty ? states.View : Gather(rows);
        engine.Forward(
            new NetworkInput
            {
                Observations = input.Observations,
                ByteObservations = input.ByteObservations,
                State = state,
                NextState = state,
                Sequences = count,
                Slots = 1,
            },
            outputs.View,
            keepActivations: false);
        if (states is not null && !rows.IsEmpty) Scatter(rows);
        Sample(count);
        stepped = count;
        continuous?.View.AsSpan()[..components.Length].CopyTo(components);
        discrete?.View.AsSpan()[..choices.Length].CopyTo(choices);
    }

    // Rows that have made equally many steps together: all of them in a program that steps its agents in turn.
    private void Sample(int count)
    {
        for (int first = 0; first < count;)
        {
            ulong step = steps[rowNumbers.View[first]];
            int end = first + 1;
            while (end < count && (Deterministic || steps[rowNumbers.View[end]] == step)) end++;
            Sample(first, end - first, step);
            first = end;
        }

        for (int at = 0; at < count; at++) steps[rowNumbers.View[at]]++;
    }

    private void Sample(int first, int count, ulong step) => head.Sample(new SampleViews
    {
        Outputs = Part(outputs, Network.Outputs, first, count),
        ActionMasks = input.Masks.Length == 0 ? default : input.Masks.Slice((long)first * input.MaskWords, (long)count * input.MaskWords),
        ContinuousActions = Part(rawActions, Network.ContinuousActions, first, count),
        EnvironmentActions = Part(continuous, Network.ContinuousActions, first, count),
        DiscreteActions = Part(discrete, Network.DiscreteHeads.Count, first, count),
        EmptyHeads = Part(emptyHeads, 1, first, count),
        LogProbs = Part(logProbs, 1, first, count),
        Values = Part(values, 1, first, count),
        Seed = seed,
        Step = step,
        RowNumbers = Part(rowNumbers, 1, first, count),
        Rows = count,
        Deterministic = Deterministic,
        Purpose = LearnerPurpose.Evaluation,
    });

    private int Count(int observed, int components, int choices, ReadOnlySpan<int> rows)
    {
        int count = observed / Network.Observations;
        if (count < 1 || count > Rows || count * Network.Observations != observed)
            throw new ArgumentException($"Observations of {observed:N0} elements were given; {Network.Observations} per row are needed, for 1..{Rows} rows.");
        if (components != count * Network.ContinuousActions || choices != count * Network.DiscreteHeads.Count)
            throw new ArgumentException(
                $"There is room for {components} continuous and {choices} discrete actions; {count} rows of {NetworkText.Actions(Network)} need {count * Network.ContinuousActions} and {count * Network.DiscreteHeads.Count}.");
        if (!rows.IsEmpty) CheckRows(rows, count);
        return count;
    }

    private void CheckRows(ReadOnlySpan<int> rows, int count)
    {
        if (rows.Length != count) throw new ArgumentException($"{rows.Length} rows are listed, but {count} observations were given.", nameof(rows));
        int good = 0;
        while (good < count && (uint)rows[good] < (uint)Rows && !listed[rows[good]]) listed[rows[good++]] = true;
        for (int at = 0; at < good; at++) listed[rows[at]] = false;
        if (good < count) throw new ArgumentException($"Row {rows[good]} is listed twice, or is not one of 0..{Rows - 1}.", nameof(rows));
    }

    private void CheckRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
    }

    private View<float> Gather(ReadOnlySpan<int> rows)
    {
        for (int at = 0; at < rows.Length; at++) StateOf(states!, rows[at]).CopyTo(StateOf(entering!, at));
        return entering!.View;
    }

    private void Scatter(ReadOnlySpan<int> rows)
    {
        for (int at = 0; at < rows.Length; at++) StateOf(entering!, at).CopyTo(StateOf(states!, rows[at]));
    }

    private Span<float> StateOf(DeviceBuffer<float> buffer, int row) => buffer.View.AsSpan().Slice(row * Network.StateSize, Network.StateSize);

    private static View<T> Part<T>(DeviceBuffer<T>? buffer, int width, int first, int count)
        where T : unmanaged => buffer is null ? default : buffer.View.Slice((long)first * width, (long)count * width);

    // Names mean nothing to a network.
    private static ActionSpec Action(NetworkSpec network) => new()
    {
        Continuous = [.. Enumerable.Range(0, network.ContinuousActions).Select(component => $"component {component}")],
        Discrete = [.. network.DiscreteHeads.Select((size, index) => new DiscreteHead($"head {index}", size))],
        HasMasks = network.DiscreteHeads.Count > 0,
    };

    private DeviceBuffer<T>? Take<T>(int width, string name)
        where T : unmanaged => width == 0 ? null : Own(device.Allocate<T>((long)Rows * width, $"agent: {name}"));

    private T Own<T>(T one)
        where T : IDisposable
    {
        owned.Add(one);
        return one;
    }
}
