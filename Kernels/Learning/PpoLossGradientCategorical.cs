using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>PPO's loss and its gradient at the outputs, for discrete heads with masks. One index per lane.</summary>
/// <remarks>
/// Lane c owns rows c, c + Lanes, … and their sums (<see cref="Reduction"/>). With G = ∂L_policy/∂ℓ:
/// ∂/∂l_j = G·(1[j = a] − p_j) + c_H·p_j·(ln p_j + H) for legal j, exactly 0 for masked ones. A head without a legal
/// choice counts with ℓ = 0, H = 0 and gradient 0.
/// </remarks>
public struct PpoLossGradientCategorical : IRangeKernel
{
    /// <summary>Arguments; Columns = FirstHeadSum + H.</summary>
    public PpoLossArguments Arguments;

    /// <summary>(H) int: choices per head; in.</summary>
    public View<int> HeadSizes;

    /// <summary>Where the logits begin in a row of outputs: behind the Gaussian's, where there are any.</summary>
    public int FirstLogit;

    /// <summary>Column of the first head's Σ H: behind <see cref="LossSum.Count"/> and the gradients of free log-stds.</summary>
    public int FirstHeadSum;

    /// <summary>Words of a mask row.</summary>
    public int MaskWords;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        float inverseWeight = Arguments.InverseWeight();
        Arguments.Clear(lane);
        for (int row = lane; row < Arguments.Rows; row += Reduction.Lanes) Row(lane, row, inverseWeight);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        float inverseWeight = Arguments.InverseWeight();
        for (int lane = begin; lane < end; lane++) Arguments.Clear(lane);
        for (int first = 0; first < Arguments.Rows; first += Reduction.Lanes)
        {
            int last = int.Min(end, Arguments.Rows - first);
            for (int lane = begin; lane < last; lane++) Row(lane, first + lane, inverseWeight);
        }
    }

    private readonly void Row(int lane, int row, float inverseWeight)
    {
        if (Arguments.ClearIgnored(row)) return;
        View<double> sums = Arguments.Sums(lane);
        WriteGradient(row, Arguments.Common(row, LogProb(row), sums, inverseWeight), sums, inverseWeight);
    }

    /// <summary>ℓ of all heads of a row under the present weights.</summary>
    internal readonly float LogProb(int row)
    {
        int heads = (int)HeadSizes.Length;
        float logProb = 0f;
        int firstChoice = 0;
        for (int index = 0; index < heads; index++)
        {
            CategoricalHead head = Head(row, index, firstChoice);
            if (head.LastLegal >= 0) logProb += head.LogProb(Arguments.Minibatch.DiscreteActions[(long)row * heads + index]);
            firstChoice += head.Size;
        }

        return logProb;
    }

    /// <summary>Writes the gradient at the logits of a row of weight 1, and adds its entropies and its share of legal choices.</summary>
    /// <param name="row">Row.</param>
    /// <param name="slope">G.</param>
    /// <param name="sums">The lane's sums.</param>
    /// <param name="inverseWeight">1/W.</param>
    internal readonly void WriteGradient(int row, float slope, View<double> sums, float inverseWeight)
    {
        View<float> gradients = Arguments.GradientRow(row);
        int heads = (int)HeadSizes.Length, firstChoice = 0, legal = 0;
        for (int index = 0; index < heads; index++)
        {
            CategoricalHead head = Head(row, index, firstChoice);
            int action = Arguments.Minibatch.DiscreteActions[(long)row * heads + index];
            float entropy = WriteHead(head, action, gradients.Slice(FirstLogit + firstChoice, head.Size), slope, inverseWeight);
            sums[LossSum.Entropy] += entropy;
            sums[FirstHeadSum + index] += entropy;
            legal += head.Legal;
            firstChoice += head.Size;
        }

        sums[LossSum.Legal] += (float)legal / firstChoice;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly CategoricalHead Head(int row, int index, int firstChoice) =>
        new(Arguments.Outputs, Arguments.OutputLength, FirstLogit, Arguments.Minibatch.ActionMasks, MaskWords, row, firstChoice, HeadSizes[index]);

    // Returns H; while it is being summed, the gradient row holds the probabilities.
    private readonly float WriteHead(in CategoricalHead head, int action, View<float> gradients, float slope, float inverseWeight)
    {
        float entropy = 0f;
        for (int choice = 0; choice < head.Size; choice++)
        {
            float probability = head.LastLegal >= 0 && head.IsLegal(choice) ? head.Exponential(choice) / head.Sum : 0f;
            gradients[choice] = probability;
            if (probability > 0f) entropy -= probability * head.LogProb(choice);
        }

        for (int choice = 0; choice < head.Size; choice++)
        {
            float probability = gradients[choice];
            if (head.LastLegal < 0 || !head.IsLegal(choice)) continue;
            // p·ln p goes to 0 with p, also where p has become 0 by underflow and ln p is out of reach.
            float spread = probability > 0f ? probability * (head.LogProb(choice) + entropy) : 0f;
            float chosen = choice == action ? 1f : 0f;
            gradients[choice] = (slope * (chosen - probability) + Arguments.EntropyCoefficient * spread) * inverseWeight;
        }

        return entropy;
    }
}
