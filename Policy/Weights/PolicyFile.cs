using System.Globalization;
using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Policy.Weights;

/// <summary>Whose weights they are: everything needed to let them play again.</summary>
/// <param name="Game">Name of the game.</param>
/// <param name="Network">Sizes of the network.</param>
/// <param name="Settings">Settings of the game that decide these sizes, path and value; from <see cref="ShapeSettings"/>.</param>
/// <param name="AgentSteps">Agent-steps of training behind them.</param>
/// <param name="Seed">Seed of that training.</param>
public sealed record PolicyDescription(
    string Game, NetworkSpec Network, IReadOnlyList<KeyValuePair<string, string>> Settings, long AgentSteps, ulong Seed)
{
    /// <summary>What its observations and actions mean beyond their number: <see cref="EnvironmentSpec.Meaning"/>; empty where the file does not say.</summary>
    public string Meaning { get; init; } = "";

    /// <summary>The description of a policy for <paramref name="game"/> with <paramref name="options"/>.</summary>
    public static PolicyDescription Of(IGame game, GameOptions options, NetworkSpec network, long agentSteps, ulong seed) =>
        new(game.Name, network, ShapeSettings.Of(game, options), agentSteps, seed) { Meaning = game.Describe(options).Meaning };
}

/// <summary>A trained policy in one safetensors file: its weights by name, and in the metadata what they belong to.</summary>
/// <remarks>Tensors have the names and shapes of <see cref="ParameterLayout"/>, F32, which PyTorch's Linear layers load as they are.</remarks>
public sealed class PolicyFile
{
    private const string FormatKey = "format";
    private const string FormatName = "arena-policy-1";
    private const string SettingPrefix = "setting.";
    private const string MeaningKey = "meaning";
    private const int LongestAdvice = 80; // characters of a setting that is worth printing; a whole creature is not
    private const string FloatType = "F32";

    private readonly float[] weights;

    private PolicyFile(string path, PolicyDescription description, float[] weights)
    {
        Path = path;
        Description = description;
        this.weights = weights;
    }

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>What it says of itself.</summary>
    public PolicyDescription Description { get; }

    /// <summary>(P) float in the order of the network's <see cref="ParameterLayout"/>.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>Writes a policy under a temporary name, flushes it to disk, and renames it: <paramref name="path"/> is complete or as it was.</summary>
    /// <param name="path">File to write or replace; its folder exists.</param>
    /// <param name="description">Whose weights they are.</param>
    /// <param name="weights">(P) float, flat.</param>
    /// <exception cref="ArgumentException">another number of weights than the network has.</exception>
    /// <exception cref="IOException">the disk is full, or the folder cannot be written.</exception>
    public static void Save(string path, PolicyDescription description, ReadOnlySpan<float> weights) =>
        Safetensors.Write(path, Tensors(description, weights), Metadata(description));

    /// <summary>Writes the same file to <paramref name="stream"/>, whose owner flushes it.</summary>
    /// <exception cref="ArgumentException">another number of weights than the network has.</exception>
    /// <exception cref="IOException">the disk is full.</exception>
    public static void Save(Stream stream, PolicyDescription description, ReadOnlySpan<float> weights) =>
        Safetensors.Write(stream, Tensors(description, weights), Metadata(description));

    /// <summary>Reads and checks a policy.</summary>
    /// <exception cref="UsageException">missing, cut short, not a policy of this program, or damaged; says which and what to do.</exception>
    /// <exception cref="IOException">the disk failed.</exception>
    public static PolicyFile Load(string path) => Check(path, Safetensors.Read(path));

    /// <summary>Checks the contents of a file that was read.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="file">All of it.</param>
    /// <exception cref="UsageException">not a policy of this program, or damaged; says which and what to do.</exception>
    public static PolicyFile Parse(string path, byte[] file) => Check(path, Safetensors.Parse(path, file));

    /// <summary>Can this policy play <paramref name="game"/> with <paramref name="options"/>?</summary>
    /// <exception cref="UsageException">another game, observation size or kind of action: names both, and the settings it was trained with.</exception>
    public void CheckFits(IGame game, GameOptions options)
    {
        NetworkSpec network = Description.Network;
        if (Description.Game != game.Name)
            throw new UsageException(
                $"The policy in '{Path}' plays '{Description.Game}', not '{game.Name}'. Use it with '{Description.Game}', or give a policy that was trained on '{game.Name}'.");
        EnvironmentSpec spec = game.Describe(options);
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        if (bytes != network.ByteObservations)
            throw new UsageException(
                $"The policy in '{Path}' takes {(bytes ? "float" : "byte")} observations, but '{game.Name}' with these settings gives {(bytes ? "bytes" : "floats")}. {Advice(game, options)}");
        if (network.Observations != spec.Observation.Length)
            throw new UsageException(
                $"The policy in '{Path}' takes observations of {network.Observations} numbers, but '{game.Name}' with these settings gives {spec.Observation.Length}. {Advice(game, options)}");
        if (!StemText.Fits(network.Stem, spec.Observation))
            throw new UsageException(
                $"The policy in '{Path}' takes observations of the same length but of another form than '{game.Name}' with these settings gives. {Advice(game, options)}");
        if (network.ContinuousActions != spec.Action.Continuous.Count || !network.DiscreteHeads.SequenceEqual(spec.Action.Discrete.Select(head => head.Size)))
            throw new UsageException(
                $"The policy in '{Path}' chooses {NetworkText.Actions(network)}, but '{game.Name}' with these settings takes {NetworkText.Actions(spec.Action)}. {Advice(game, options)}");
        if (Description.Meaning.Length > 0 && Description.Meaning != spec.Meaning)
            throw new UsageException(
                $"The policy in '{Path}' was trained for another body: {Description.Meaning}. With these settings '{game.Name}' has {spec.Meaning}; the numbers fit, but mean something else. {Advice(game, options)}");
    }

    // The settings that differ, as options that can be pasted.
    private string Advice(IGame game, GameOptions options)
    {
        IReadOnlyList<SettingInfo> known = Settings.Of(options);
        string[] changes = [.. Description.Settings
            .Select(stored => (stored.Value, Setting: known.FirstOrDefault(setting => setting.Path == stored.Key)))
            .Where(pair => pair.Setting is not null && Settings.Format(pair.Setting.Default) != pair.Value)
            .Select(pair => $"{pair.Setting!.OptionName} {(pair.Value.Length <= LongestAdvice ? ThisProgram.Quote(pair.Value) : "FILE (its run's config.json holds the text: --config RUN/config.json)")}")];
        return changes.Length > 0
            ? $"It was trained with {string.Join(' ', changes)}: add that, or give a policy trained with these settings."
            : $"Give a policy trained with these settings, or train one: {ThisProgram.Command("train", game.Name)}.";
    }

    private static PolicyFile Check(string path, SafetensorsContents contents)
    {
        if (!contents.Metadata.TryGetValue(FormatKey, out string? format) || format != FormatName)
            throw new UsageException(
                $"'{path}' holds {contents.Tensors.Count} tensors but is not a policy of this program: its metadata lack format = {FormatName}. " +
                $"Give a run directory, or the policy.safetensors that '{ThisProgram.Command("train")}' wrote there.");
        PolicyDescription description = Describe(path, contents.Metadata);
        var layout = new ParameterLayout(description.Network);
        CheckTensors(path, layout, contents.Tensors);
        var weights = new float[layout.Length];
        foreach (SafetensorsTensor tensor in contents.Tensors)
        {
            ParameterTensor parameter = layout[tensor.Name];
            MemoryMarshal.Cast<byte, float>(tensor.Data.Span).CopyTo(weights.AsSpan(parameter.Offset, parameter.Length));
            if (weights.AsSpan(parameter.Offset, parameter.Length).ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                throw Damaged(path, $"'{tensor.Name}' holds NaN or infinity");
        }

        return new PolicyFile(path, description, weights);
    }

    private static List<SafetensorsTensor> Tensors(PolicyDescription description, ReadOnlySpan<float> weights)
    {
        var layout = new ParameterLayout(description.Network);
        if (weights.Length != layout.Length)
            throw new ArgumentException($"{weights.Length:N0} weights were given; the network has {layout.Length:N0}.", nameof(weights));
        var tensors = new List<SafetensorsTensor>();
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            byte[] data = MemoryMarshal.AsBytes(weights.Slice(tensor.Offset, tensor.Length)).ToArray();
            tensors.Add(new SafetensorsTensor(tensor.Name, FloatType, [.. tensor.Shape.Select(size => (long)size)], data));
        }

        return tensors;
    }

    private static Dictionary<string, string> Metadata(PolicyDescription description)
    {
        var metadata = new Dictionary<string, string>(NetworkText.Entries(description.Network))
        {
            [FormatKey] = FormatName,
            ["game"] = description.Game,
            ["agent_steps"] = description.AgentSteps.ToString(CultureInfo.InvariantCulture),
            ["seed"] = description.Seed.ToString(CultureInfo.InvariantCulture),
        };
        if (description.Meaning.Length > 0) metadata[MeaningKey] = description.Meaning;
        foreach ((string path, string value) in description.Settings) metadata[SettingPrefix + path] = value;
        return metadata;
    }

    private static PolicyDescription Describe(string path, IReadOnlyDictionary<string, string> metadata)
    {
        string Text(string key) => metadata.TryGetValue(key, out string? value) ? value : throw Damaged(path, $"its metadata lack '{key}'");
        NetworkSpec network = NetworkText.Parse(Text, metadata.GetValueOrDefault)
            ?? throw Damaged(path, "its metadata describe a network that cannot be built");
        if (!long.TryParse(Text("agent_steps"), NumberStyles.None, CultureInfo.InvariantCulture, out long steps)
            || !ulong.TryParse(Text("seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            throw Damaged(path, "the agent-steps or the seed in its metadata are not whole numbers");
        return new PolicyDescription(
            Text("game"),
            network,
            [.. metadata.Where(entry => entry.Key.StartsWith(SettingPrefix, StringComparison.Ordinal))
                .Select(entry => KeyValuePair.Create(entry.Key[SettingPrefix.Length..], entry.Value))],
            steps,
            seed)
        { Meaning = metadata.GetValueOrDefault(MeaningKey, "") };
    }

    private static void CheckTensors(string path, ParameterLayout layout, IReadOnlyList<SafetensorsTensor> found)
    {
        var problems = new List<string>();
        foreach (ParameterTensor parameter in layout.Tensors)
        {
            string shape = $"({string.Join(", ", parameter.Shape)})";
            if (found.FirstOrDefault(tensor => tensor.Name == parameter.Name) is not { } tensor) problems.Add($"'{parameter.Name}' is missing");
            else if (tensor.Type != FloatType) problems.Add($"'{tensor.Name}' is {tensor.Type} instead of {FloatType}");
            else if (tensor.ShapeText != shape) problems.Add($"'{tensor.Name}' has the shape {tensor.ShapeText} instead of {shape}");
        }

        problems.AddRange(found.Where(tensor => layout.Tensors.All(parameter => parameter.Name != tensor.Name)).Select(tensor => $"'{tensor.Name}' is unknown"));
        if (problems.Count > 0) throw Damaged(path, string.Join("; ", problems));
    }

    private static UsageException Damaged(string path, string problem) =>
        new($"The policy in '{path}' is damaged: {problem}. Use another copy, or the policy of another run.");
}
