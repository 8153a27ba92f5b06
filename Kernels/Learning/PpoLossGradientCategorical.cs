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
    /// <summary>Arguments; Columns = LossSum.Count + H.</summary>
    public PpoLossArguments Arguments;

    /// <summary>(H) int: choices per head; in.</summary>
    public View<int> HeadSizes;

    /// <summary>L: logits of all heads.</summary>
    public int Choices;

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
        View<float> gradients = Arguments.OutputGradients.Slice((long)row * (Choices + 1), Choices + 1);
        if (Arguments.Minibatch.RowWeights[row] == 0)
        {
            for (int i = 0; i <= Choices; i++) gradients[i] = 0f;
            return;
        }

        View<double> sums = Arguments.Partials.Slice(lane * Arguments.Columns, Arguments.Columns);
        int heads = (int)HeadSizes.Length;
        float logProb = 0f;
        int firstChoice = 0, legal = 0;
        for (int index = 0; index < heads; index++)
        {
            CategoricalHead head = Head(row, index, firstChoice);
            if (head.LastLegal >= 0) logProb += head.LogProb(Arguments.Minibatch.DiscreteActions[(long)row * heads + index]);
            for (int choice = 0; choice < head.Size; choice++) legal += head.IsLegal(choice) ? 1 : 0;
            firstChoice += head.Size;
        }

        float slope = Arguments.Common(row, logProb, sums, inverseWeight);
        sums[LossSum.Legal] += (float)legal / Choices;
        firstChoice = 0;
        for (int index = 0; index < heads; index++)
        {
            CategoricalHead head = Head(row, index, firstChoice);
            int action = Arguments.Minibatch.DiscreteActions[(long)row * heads + index];
            float entropy = WriteHead(head, action, gradients.Slice(firstChoice, head.Size), slope, inverseWeight);
            sums[LossSum.Entropy] += entropy;
            sums[LossSum.Count + index] += entropy;
            firstChoice += head.Size;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly CategoricalHead Head(int row, int index, int firstChoice) =>
        new(Arguments.Outputs, Choices + 1, Arguments.Minibatch.ActionMasks, MaskWords, row, firstChoice, HeadSizes[index]);

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
