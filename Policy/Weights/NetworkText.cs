using System.Globalization;
using Arena.Kernels.Environments;
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

    /// <summary>"49-64-64, tanh".</summary>
    public static string Layers(NetworkSpec network) =>
        $"{string.Join('-', network.Hidden.Prepend(network.Observations).Select(width => width.ToString(CultureInfo.InvariantCulture)))}, {network.Activation.ToString().ToLowerInvariant()}";

    /// <summary>"49-64-64, tanh, lstm of 32, 4 continuous actions".</summary>
    public static string Describe(NetworkSpec network)
    {
        string core = network.Core == NetworkCore.None ? "" : $", {network.Core.ToString().ToLowerInvariant()} of {network.CoreWidth}";
        return $"{Layers(network)}{core}, {Actions(network)}";
    }

    /// <summary>Are both the same network, every property of it?</summary>
    public static bool Same(NetworkSpec a, NetworkSpec b) =>
        a.Hidden.SequenceEqual(b.Hidden) && a.DiscreteHeads.SequenceEqual(b.DiscreteHeads) && a == b with { Hidden = a.Hidden, DiscreteHeads = a.DiscreteHeads };

    /// <summary>"64,64"; empty for none.</summary>
    internal static string List(IEnumerable<int> numbers) => string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The network of these texts, or null where they describe none that could be built.</summary>
    internal static NetworkSpec? Parse(string observations, string hidden, string activation, string continuous, string discrete)
    {
        if (!Whole(observations, 1, out int inputs) || !Whole(continuous, 0, out int components)) return null;
        if (!ParseList(hidden, out int[] widths) || !ParseList(discrete, out int[] heads)) return null;
        if (!Enum.GetNames<Activation>().Contains(activation, StringComparer.OrdinalIgnoreCase)) return null;
        if ((components > 0) == (heads.Length > 0)) return null;
        var network = new NetworkSpec(inputs, widths, Enum.Parse<Activation>(activation, ignoreCase: true), components, heads);
        return Parameters(network) <= MaxParameters ? network : null;
    }

    // In 64 bits: the layout itself counts in 32, and a hostile file may ask for more.
    private static long Parameters(NetworkSpec network)
    {
        long sum = 0, width = network.Observations;
        foreach (int next in network.Hidden.Append(network.Outputs))
        {
            sum += (width + 1) * next;
            width = next;
        }

        return sum + network.ContinuousActions;
    }

    private static string Actions(int continuous, IReadOnlyList<int> heads) =>
        continuous > 0 ? $"{continuous} continuous action{(continuous == 1 ? "" : "s")}" : $"discrete actions ({string.Join(", ", heads)})";

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
