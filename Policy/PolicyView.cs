using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy;

/// <summary>One row's network outputs in words that people use: value, mean and standard deviation, probabilities.</summary>
/// <param name="Value">The critic's V.</param>
/// <param name="Means">(A_c) mean of each continuous component as the environment plays it: clipped to [−1, 1] or through tanh.</param>
/// <param name="Stds">(A_c) σ of the Gaussian, before clipping or tanh.</param>
/// <param name="Probabilities">(H) per head, the probability of each choice; exactly 0 where it is not legal.</param>
public sealed record PolicyView(float Value, float[] Means, float[] Stds, float[][] Probabilities)
{
    /// <summary>Reads one row.</summary>
    /// <param name="network">Sizes.</param>
    /// <param name="outputs">(L + 1) means, raw log-stds where they depend on the state, logits head by head, the value.</param>
    /// <param name="logStd">(A_c) raw log-stds where they are parameters; otherwise empty.</param>
    /// <param name="masks">Bits of legal choices; empty: all are.</param>
    internal static PolicyView Of(NetworkSpec network, ReadOnlySpan<float> outputs, ReadOnlySpan<float> logStd, ReadOnlySpan<uint> masks)
    {
        int components = network.ContinuousActions;
        float[] means = new float[components], stds = new float[components];
        ReadOnlySpan<float> raw = network.StateDependentStd ? outputs.Slice(components, components) : logStd;
        for (int i = 0; i < components; i++)
        {
            GaussianScale scale = default;
            BoundLogStd.Write(raw[i], ref scale);
            means[i] = network.Squash == ActionSquash.Tanh ? MathF.Tanh(outputs[i]) : Math.Clamp(outputs[i], -1f, 1f);
            stds[i] = scale.Std;
        }

        var probabilities = new float[network.DiscreteHeads.Count][];
        int at = network.GaussianOutputs, choice = 0;
        for (int head = 0; head < probabilities.Length; head++)
        {
            int size = network.DiscreteHeads[head];
            probabilities[head] = Softmax(outputs.Slice(at, size), masks, choice);
            at += size;
            choice += size;
        }

        return new PolicyView(outputs[^1], means, stds, probabilities);
    }

    private static float[] Softmax(ReadOnlySpan<float> logits, ReadOnlySpan<uint> masks, int firstChoice)
    {
        var shares = new float[logits.Length];
        float largest = float.NegativeInfinity;
        for (int i = 0; i < logits.Length; i++)
            if (Legal(masks, firstChoice + i)) largest = Math.Max(largest, logits[i]);
        float sum = 0f;
        for (int i = 0; i < logits.Length; i++)
        {
            if (Legal(masks, firstChoice + i)) shares[i] = MathF.Exp(logits[i] - largest);
            sum += shares[i];
        }

        for (int i = 0; i < shares.Length && sum > 0f; i++) shares[i] /= sum;
        return shares;
    }

    private static bool Legal(ReadOnlySpan<uint> masks, int choice) => masks.Length == 0 || (masks[choice >> 5] >> (choice & 31) & 1) != 0;
}
