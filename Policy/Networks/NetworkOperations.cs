namespace Arena.Policy.Networks;

/// <summary>How much a network computes, for rates.</summary>
public static class NetworkOperations
{
    /// <summary>Floating-point operations of matrices per row, 2 per multiply-add: forward, and backward.</summary>
    /// <remarks>
    /// Every matrix behind the stem is multiplied with once per row, and twice backward, but for the gradient by an observation, which nobody
    /// computes. What a stem does depends on what it reads, and is not counted.
    /// </remarks>
    public static (double Forward, double Backward) PerRow(NetworkSpec network)
    {
        string[] stem = [.. network.Stem?.Tensors(hiddenGain: 1).Select(tensor => tensor.Name) ?? []];
        ParameterTensor[] matrices = [.. new ParameterLayout(network).Tensors.Where(tensor => tensor.Shape.Count == 2 && !stem.Contains(tensor.Name))];
        string[] first = network.Stem is not null ? []
            : network.Hidden.Count > 0 ? ["encoder.0.weight", "critic.encoder.0.weight"]
            : network.Core == NetworkCore.None ? ["actor.weight", "critic.weight"]
            : ["core.lstm.weight_ih", "core.mingru.weight"];
        double all = 2.0 * matrices.Sum(tensor => (long)tensor.Length);
        return (all, 2 * all - 2.0 * matrices.Where(tensor => first.Contains(tensor.Name)).Sum(tensor => (long)tensor.Length));
    }
}
