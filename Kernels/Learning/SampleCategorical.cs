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
    /// <summary>(N, OutputLength) float: logits of all heads from <see cref="FirstLogit"/> on, the value last; in.</summary>
    public View<float> Outputs;

    /// <summary>(N, MaskWords) bits, or empty when everything is legal; in.</summary>
    public View<uint> Masks;

    /// <summary>(H) int: choices per head; in.</summary>
    public View<int> HeadSizes;

    /// <summary>(N, H) int; out.</summary>
    public View<int> Actions;

    /// <summary>(N) float: Σ over heads of ln p, added to what is there with <see cref="AddsLogProbs"/>; out.</summary>
    public View<float> LogProbs;

    /// <summary>(N) float: the critic's output, copied; out.</summary>
    public View<float> Values;

    /// <summary>(N) int: 1 + the last head that had no legal choice, other rows untouched; out.</summary>
    public View<int> EmptyHeads;

    /// <summary>Key of the draws.</summary>
    public ulong Seed;

    /// <summary>update·T + t.</summary>
    public ulong Step;

    /// <summary>(N) global number of every row; empty = adjacent from <see cref="FirstRow"/>; in.</summary>
    public View<uint> RowNumbers;

    /// <summary>Global number of row 0.</summary>
    public uint FirstRow;

    /// <summary>L + 1.</summary>
    public int OutputLength;

    /// <summary>Where the logits begin in a row: behind the Gaussian's outputs, where there are any.</summary>
    public int FirstLogit;

    /// <summary>1 = the row has continuous actions too, whose log-prob is already in <see cref="LogProbs"/>.</summary>
    public int AddsLogProbs;

    /// <summary>Words of a mask row.</summary>
    public int MaskWords;

    /// <summary>1 = take the most likely legal choice instead of a sample.</summary>
    public int Deterministic;

    /// <summary>First block of draws of a row: behind those of its continuous components.</summary>
    public uint FirstBlock;

    /// <summary>What is drawn for: one of <see cref="LearnerPurpose"/>.</summary>
    public uint Purpose;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        float logProb = AddsLogProbs != 0 ? LogProbs[row] : 0f;
        int firstChoice = 0;
        int heads = (int)HeadSizes.Length;
        for (int index = 0; index < heads; index++)
        {
            var head = new CategoricalHead(Outputs, OutputLength, FirstLogit, Masks, MaskWords, row, firstChoice, HeadSizes[index]);
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
        Values[row] = Outputs[(long)row * OutputLength + OutputLength - 1];
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
        UInt4 words = LearnerRandom.Draw(Seed, RowNumbers.Length > 0 ? RowNumbers[row] : FirstRow + (uint)row, Step, Purpose, FirstBlock + ((uint)head >> 2));
        int word = head & 3;
        return Philox.Uniform(word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W);
    }
}
