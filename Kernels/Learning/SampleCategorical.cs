using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>Samples discrete actions, head by head, from network outputs. One index per row.</summary>
/// <remarks>
/// One uniform per head, inverse distribution function over the legal choices in order; where rounding leaves the
/// uniform above the sum, the last legal choice. An illegal choice can never be drawn. A head without a legal choice
/// plays 0 with log-prob 0 and is reported in <see cref="EmptyHeads"/>.
/// </remarks>
public struct SampleCategorical : IKernel
{
    /// <summary>(N, L + 1) float: logits of all heads, then the value; in.</summary>
    public View<float> Outputs;

    /// <summary>(N, MaskWords) bits, or empty when everything is legal; in.</summary>
    public View<uint> Masks;

    /// <summary>(H) int: choices per head; in.</summary>
    public View<int> HeadSizes;

    /// <summary>(N, H) int; out.</summary>
    public View<int> Actions;

    /// <summary>(N) float: Σ over heads of ln p; out.</summary>
    public View<float> LogProbs;

    /// <summary>(N) float: the critic's output, copied; out.</summary>
    public View<float> Values;

    /// <summary>(N) int: 1 + the last head that had no legal choice, other rows untouched; out.</summary>
    public View<int> EmptyHeads;

    /// <summary>Key of the draws.</summary>
    public ulong Seed;

    /// <summary>update·T + t.</summary>
    public ulong Step;

    /// <summary>Global number of row 0.</summary>
    public uint FirstRow;

    /// <summary>L: logits of all heads.</summary>
    public int Choices;

    /// <summary>Words of a mask row.</summary>
    public int MaskWords;

    /// <summary>1 = take the most likely legal choice instead of a sample.</summary>
    public int Deterministic;

    /// <summary>1 = draw for <see cref="LearnerPurpose.Evaluation"/> instead of <see cref="LearnerPurpose.ActionSampling"/>.</summary>
    public int Evaluating;

    private readonly uint Purpose => Evaluating != 0 ? LearnerPurpose.Evaluation : LearnerPurpose.ActionSampling;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        float logProb = 0f;
        int firstChoice = 0;
        int heads = (int)HeadSizes.Length;
        for (int index = 0; index < heads; index++)
        {
            var head = new CategoricalHead(Outputs, Choices + 1, Masks, MaskWords, row, firstChoice, HeadSizes[index]);
            int action = 0;
            if (head.LastLegal < 0) EmptyHeads[row] = index + 1;
            else
            {
                action = Deterministic != 0 ? head.Best : Choose(head, Draw(row, index));
                logProb += head.LogProb(action);
            }

            Actions[(long)row * heads + index] = action;
            firstChoice += head.Size;
        }

        LogProbs[row] = logProb;
        Values[row] = Outputs[(long)row * (Choices + 1) + Choices];
    }

    /// <summary>The first legal choice at which the running sum of probabilities passes <paramref name="uniform"/>.</summary>
    public static int Choose(in CategoricalHead head, float uniform)
    {
        float target = uniform * head.Sum;
        float running = 0f;
        for (int choice = 0; choice < head.Size; choice++)
        {
            if (!head.IsLegal(choice)) continue;
            running += head.Exponential(choice);
            if (running > target) return choice;
        }

        return head.LastLegal;
    }

    private readonly float Draw(int row, int head)
    {
        UInt4 words = LearnerRandom.Draw(Seed, FirstRow + (uint)row, Step, Purpose, (uint)head >> 2);
        int word = head & 3;
        return Philox.Uniform(word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W);
    }
}
