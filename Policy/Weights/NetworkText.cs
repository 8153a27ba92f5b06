using System.Globalization;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Weights;

/// <summary>Networks in words, for messages and for the text of policy files.</summary>
public static class NetworkText
{
    private const int MaxLayers = 64;
    private const int MaxWidth = 65_536;
    private const long MaxParameters = 1L << 28; // a gibibyte of weights; far above what this engine can train

    /// <summary>"4 continuous actions" or "discrete actions (7, 3)".</summary>
    public static string Actions(NetworkSpec network) => Actions(network.ContinuousActions, network.DiscreteHeads);

    /// <summary>The same for the actions a game takes.</summary>
    public static string Actions(ActionSpec action) => Actions(action.Continuous.Count, [.. action.Discrete.Select(head => head.Size)]);

    /// <summary>"49-64-64, tanh", "64-128-128, relu, lstm of 128".</summary>
    public static string Layers(NetworkSpec network)
    {
        List<string> words = [string.Join('-', network.Hidden.Prepend(network.Observations).Select(Number)), Word(network.Activation)];
        if (network.Stem is GridStem grid) words.Add(grid.Grid is null ? "bytes" : grid.Convolutions.Count > 1 ? "convolutions" : "table");
        if (network.Stem is EntityStem entities) words.Add(entities.AttentionHeads > 0 ? "entities with attention" : "entities");
        if (network.Core != NetworkCore.None) words.Add($"{Word(network.Core)} of {Number(network.CoreWidth)}");
        if (network.LayerNorm) words.Add("layer norm");
        if (network.SeparateCritic) words.Add("separate critic");
        if (network.StateDependentStd) words.Add("log-std per row");
        if (network.NormalizeObservations) words.Add("normalised observations");
        if (network.Squash != ActionSquash.Clip) words.Add($"{Word(network.Squash)} of actions");
        return string.Join(", ", words);
    }

    /// <summary>"49-64-64, tanh, lstm of 32, 4 continuous actions".</summary>
    public static string Describe(NetworkSpec network) => $"{Layers(network)}, {Actions(network)}";

    /// <summary>Are both the same network, every property of it?</summary>
    public static bool Same(NetworkSpec a, NetworkSpec b) =>
        a.Hidden.SequenceEqual(b.Hidden) && a.DiscreteHeads.SequenceEqual(b.DiscreteHeads) && StemText.Same(a.Stem, b.Stem)
        && a == b with { Hidden = a.Hidden, DiscreteHeads = a.DiscreteHeads, Stem = a.Stem };

    /// <summary>The network as entries of a policy file.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Entries(NetworkSpec network) =>
    [
        new("observations", Number(network.Observations)),
        new("hidden", List(network.Hidden)),
        new("activation", Word(network.Activation)),
        new("continuous_actions", Number(network.ContinuousActions)),
        new("discrete_heads", List(network.DiscreteHeads)),
        new("core", Word(network.Core)),
        new("core_width", Number(network.CoreWidth)),
        new("layer_norm", Flag(network.LayerNorm)),
        new("separate_critic", Flag(network.SeparateCritic)),
        new("state_dependent_std", Flag(network.StateDependentStd)),
        new("normalize_observations", Flag(network.NormalizeObservations)),
        new("squash", Word(network.Squash)),
        .. network.Stem is null ? [] : new KeyValuePair<string, string>[] { new("stem", StemText.Write(network.Stem)) },
    ];

    /// <summary>The network of these entries, or null where they describe none that could be built.</summary>
    /// <param name="text">The entry of a name that every file has.</param>
    /// <param name="textOr">The entry of a name, or what files mean that lack it.</param>
    internal static NetworkSpec? Parse(Func<string, string> text, Func<string, string, string> textOr)
    {
        if (!Whole(text("observations"), 1, out int inputs) || !Whole(text("continuous_actions"), 0, out int components)) return null;
        if (!ParseList(text("hidden"), out int[] widths) || !ParseList(text("discrete_heads"), out int[] heads)) return null;
        if (!Choice(text("activation"), out Activation activation) || !Choice(textOr("core", "none"), out NetworkCore core)) return null;
        if (!Whole(textOr("core_width", "0"), 0, out int coreWidth) || !Choice(textOr("squash", "clip"), out ActionSquash squash)) return null;
        if (!Flag(textOr("layer_norm", "false"), out bool norm) || !Flag(textOr("separate_critic", "false"), out bool separate)) return null;
        if (!Flag(textOr("state_dependent_std", "false"), out bool rho) || !Flag(textOr("normalize_observations", "false"), out bool normal)) return null;
        if (components == 0 && heads.Length == 0) return null;
        if ((core == NetworkCore.None) != (coreWidth == 0) || (core != NetworkCore.None && separate)) return null;
        var network = new NetworkSpec(inputs, widths, activation, components, heads)
        {
            Core = core,
            CoreWidth = coreWidth,
            LayerNorm = norm,
            SeparateCritic = separate,
            StateDependentStd = rho,
            NormalizeObservations = normal,
            Squash = squash,
        };
        return WithStem(network, textOr("stem", "none")) is { } complete && Parameters(complete) <= MaxParameters ? complete : null;
    }

    // Null where the stem is nonsense, or not one of such a network.
    private static NetworkSpec? WithStem(NetworkSpec network, string text)
    {
        if (text == "none") return network;
        NetworkStem? stem = network.SeparateCritic || network.NormalizeObservations ? null : StemText.Parse(text, network.Observations);
        return stem is null ? null : network with { Stem = stem };
    }

    // In 64 bits: the layout itself counts in 32, and a hostile file may ask for more.
    private static long Parameters(NetworkSpec network)
    {
        long encoder = 0, width = network.Features;
        foreach (StemTensor tensor in network.Stem?.Tensors(hiddenGain: 1) ?? [])
            encoder = Math.Min(MaxParameters + 1, encoder + tensor.Shape.Aggregate(1L, (product, size) => product * size));
        foreach (int next in network.Hidden)
        {
            encoder += (width + (network.LayerNorm ? 3 : 1)) * next;
            width = next;
        }

        long core = network.Core switch
        {
            NetworkCore.Lstm => 4L * network.CoreWidth * (width + network.CoreWidth + 1),
            NetworkCore.MinGru => 2L * network.CoreWidth * (width + 1),
            _ => 0,
        };
        if (network.Core != NetworkCore.None) width = network.CoreWidth;
        long outputs = 1 + network.ContinuousActions * 2L; // at most
        foreach (int head in network.DiscreteHeads) outputs += head;
        return (network.SeparateCritic ? 2 : 1) * encoder + core + (width + 1) * outputs + network.ContinuousActions + 2L * network.Observations;
    }

    private static string Actions(int continuous, IReadOnlyList<int> heads)
    {
        string components = $"{continuous} continuous action{(continuous == 1 ? "" : "s")}", choices = $"discrete actions ({string.Join(", ", heads)})";
        return continuous == 0 ? choices : heads.Count == 0 ? components : $"{components} and {choices}";
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string List(IEnumerable<int> numbers) => string.Join(',', numbers.Select(Number));

    private static string Word<T>(T choice)
        where T : struct, Enum => choice.ToString().ToLowerInvariant();

    private static string Flag(bool flag) => flag ? "true" : "false";

    private static bool Flag(string text, out bool flag)
    {
        flag = text == "true";
        return flag || text == "false";
    }

    // By name only: Enum.Parse would take numbers too.
    private static bool Choice<T>(string text, out T choice)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out choice) && Word(choice) == text.ToLowerInvariant();

    private static bool ParseList(string text, out int[] numbers)
    {
        string[] parts = text.Length == 0 ? [] : text.Split(',');
        numbers = new int[parts.Length];
        if (parts.Length > MaxLayers) return false;
        for (int i = 0; i < parts.Length; i++)
            if (!Whole(parts[i], 1, out numbers[i])) return false;
        return true;
    }

    private static bool Whole(string text, int min, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= MaxWidth;
}
