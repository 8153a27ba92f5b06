using Arena.Kernels;
using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>What every engine asks of a network and of the views of a pass.</summary>
internal static class EngineArguments
{
    /// <summary>Checks sizes, and what does not go together.</summary>
    /// <exception cref="UsageException">the first thing wrong.</exception>
    internal static void Check(NetworkSpec spec, int maxRows)
    {
        if (maxRows < 1) throw new UsageException($"The engine was asked for batches of {maxRows} rows; at least 1 is needed.");
        if (spec.Observations < 1) throw new UsageException($"The network has {spec.Observations} observations; at least 1 is needed.");
        if (spec.DistributionOutputs < 1) throw new UsageException("The network has no action: give continuous actions or discrete heads.");
        if (spec.Core != NetworkCore.None && spec.SeparateCritic)
            throw new UsageException("The network has a memory and a critic of its own; hidden layers are shared in a network with memory: leave out one of the two.");
        if (spec.Core != NetworkCore.None && spec.CoreWidth < 1) throw new UsageException($"The core is {spec.CoreWidth} wide; at least 1 is needed.");
        if (spec.Stem?.Problem(spec.Observations) is { } problem) throw new UsageException($"The network's stem cannot be built: {problem}.");
        if (spec.Stem is not null && (spec.SeparateCritic || spec.NormalizeObservations))
            throw new UsageException("A network with a stem has one encoder and takes observations as they are: leave out the separate critic and the normalisation.");
        foreach (int width in spec.Hidden)
            if (width < 1) throw new UsageException($"A hidden layer is {width} wide; at least 1 is needed.");
    }

    /// <summary>Checks the lengths of a forward pass.</summary>
    /// <exception cref="ArgumentException">a view is too short or of the wrong kind, or rows are outside 1..maxRows.</exception>
    internal static void Check(in NetworkInput input, View<float> outputs, NetworkSpec spec, int maxRows)
    {
        int rows = input.Rows;
        if (rows < 1 || rows > maxRows)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"The engine was built for 1..{maxRows:N0} rows.");
        long needed = (long)rows * spec.Observations;
        if (!spec.ByteObservations) CheckLength(input.Observations, needed, "observations");
        else if (input.ByteObservations.Length < needed)
            throw new ArgumentException($"The byte observations are {input.ByteObservations.Length:N0} bytes; {needed:N0} are needed.");
        CheckLength(outputs, (long)rows * spec.Outputs, "outputs");
        if (spec.StateSize > 0) CheckState(input, spec);
    }

    /// <summary>Checks one view.</summary>
    /// <exception cref="ArgumentException">it is too short.</exception>
    internal static void CheckLength(View<float> view, long needed, string name)
    {
        if (view.Length < needed) throw new ArgumentException($"The {name} are {view.Length:N0} floats; {needed:N0} are needed.");
    }

    private static void CheckState(in NetworkInput input, NetworkSpec spec)
    {
        CheckLength(input.State, (long)input.Sequences * spec.StateSize, "states");
        if (input.NextState.Length > 0) CheckLength(input.NextState, (long)input.Sequences * spec.StateSize, "next states");
        if (input.EpisodeStart.Length > 0 && input.EpisodeStart.Length < input.Rows)
            throw new ArgumentException($"The episode starts are {input.EpisodeStart.Length:N0} bytes; {input.Rows:N0} are needed.");
    }
}
