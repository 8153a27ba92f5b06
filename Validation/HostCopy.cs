using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>Everything an environment and its step buffers hold at one moment, on the host.</summary>
internal sealed class HostCopy
{
    private readonly EnvironmentSpec spec;
    private readonly Dictionary<string, double[]>[] state;

    private HostCopy(EnvironmentSpec spec, Dictionary<string, double[]>[] state, Dictionary<string, double[]> buffers)
    {
        this.spec = spec;
        this.state = state;
        Buffers = buffers;
    }

    /// <summary>Whole step buffers by name; absent ones left out.</summary>
    private Dictionary<string, double[]> Buffers { get; }

    /// <summary>Copies everything.</summary>
    public static HostCopy Of(IEnvironment environment, StepBuffers buffers)
    {
        environment.Device.Synchronize();
        var state = new Dictionary<string, double[]>[environment.NumEnvs];
        for (int env = 0; env < state.Length; env++)
            state[env] = environment.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(env));

        var copies = new Dictionary<string, double[]>();
        void Add<T>(string name, DeviceBuffer<T>? buffer, Func<T, double> convert)
            where T : unmanaged
        {
            if (buffer is not null) copies[name] = Array.ConvertAll(buffer.ToArray(), value => convert(value));
        }

        Add("observations", buffers.Observations, value => value);
        Add("observations", buffers.ByteObservations, value => value);
        Add("finalObservations", buffers.FinalObservations, value => value);
        Add("finalObservations", buffers.FinalByteObservations, value => value);
        Add("actionMasks", buffers.ActionMasks, value => value);
        Add("rewards", buffers.Rewards, value => value);
        Add("rewardParts", buffers.RewardParts, value => value);
        Add("terminated", buffers.Terminated, value => value);
        Add("truncated", buffers.Truncated, value => value);
        Add("episodeStart", buffers.EpisodeStart, value => value);
        Add("rowActive", buffers.RowActive, value => value);
        Add("errors", buffers.Errors, value => value);
        Add("episodeStatistics", buffers.EpisodeStatistics, value => value);
        Add("episodesFinished", buffers.EpisodesFinished, value => value);
        Add("continuousActions", buffers.ContinuousActions, value => value);
        Add("discreteActions", buffers.DiscreteActions, value => value);
        return new HostCopy(environment.Spec, state, copies);
    }

    /// <summary>State columns of one match.</summary>
    public IReadOnlyDictionary<string, double[]> State(int env) => state[env];

    /// <summary>One match's elements of a step buffer; empty where there is no such buffer.</summary>
    public double[] Buffer(string name, int env)
    {
        if (!Buffers.TryGetValue(name, out double[]? all)) return [];
        int perMatch = all.Length / state.Length;
        return all[(env * perMatch)..((env + 1) * perMatch)];
    }

    /// <summary>What the agents of one match did.</summary>
    public MatchActions Actions(int env) => new(
        Array.ConvertAll(Buffer("continuousActions", env), value => (float)value),
        Array.ConvertAll(Buffer("discreteActions", env), value => (int)value));

    /// <summary>What an element of a step buffer is, for messages.</summary>
    public string ElementName(string buffer, int index)
    {
        int perMatch = Buffers[buffer].Length / state.Length;
        if (buffer is "episodeStatistics" or "episodesFinished")
        {
            int perEpisode = perMatch / spec.EpisodesPerMatch;
            string number = perEpisode == 1 ? "" : $"[{index % perEpisode}]";
            return spec.EpisodesPerMatch == 1 ? buffer + number : $"{buffer}[agent {index / perEpisode}]{number}";
        }

        int perAgent = perMatch / spec.AgentsPerMatch;
        int element = index % perAgent;
        string what = buffer switch
        {
            "observations" or "finalObservations" => Field(element),
            "rewardParts" => $" {spec.RewardComponents[element].Name}",
            "continuousActions" => $" {spec.Action.Continuous[element]}",
            "discreteActions" => $" {spec.Action.Discrete[element].Name}",
            _ => perAgent == 1 ? "" : $" word {element}",
        };
        return $"{buffer}[agent {index / perAgent}]{what}";
    }

    private string Field(int element)
    {
        foreach (ObservationField field in spec.Observation.Fields)
            if (element >= field.Offset && element < field.Offset + field.Length)
                return $" element {element} ({field.Name}, {element - field.Offset} of {field.Length})";
        return $" element {element}";
    }
}
