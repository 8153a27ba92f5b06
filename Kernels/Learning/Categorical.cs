using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>One discrete head of one row: its logits and which of them are legal.</summary>
/// <remarks>
/// p_j = e^(l_j − max) / Σ over legal k of e^(l_k − max) for legal j, else exactly 0. Illegal logits are never read
/// (Huang and Ontañón, arXiv 2006.14171).
/// </remarks>
public readonly struct CategoricalHead
{
    private readonly View<float> outputs;
    private readonly View<uint> masks;
    private readonly long firstOutput;
    private readonly long firstWord;
    private readonly int firstChoice;

    /// <summary>Head of <paramref name="size"/> choices that starts at choice <paramref name="firstChoice"/> of row <paramref name="row"/>.</summary>
    /// <param name="outputs">(rows, outputLength) float.</param>
    /// <param name="outputLength">L + 1.</param>
    /// <param name="firstLogit">Where the logits of the first head begin in a row.</param>
    /// <param name="masks">(rows, maskWords) bits, or empty.</param>
    /// <param name="maskWords">Words of a mask row.</param>
    /// <param name="row">The row.</param>
    /// <param name="firstChoice">Choices of the heads before.</param>
    /// <param name="size">Choices of this head.</param>
    public CategoricalHead(View<float> outputs, int outputLength, int firstLogit, View<uint> masks, int maskWords, int row, int firstChoice, int size)
    {
        this.outputs = outputs;
        this.masks = masks;
        this.firstChoice = firstChoice;
        firstOutput = (long)row * outputLength + firstLogit + firstChoice;
        firstWord = (long)row * maskWords;
        Size = size;
        LastLegal = -1;
        Legal = 0;
        Best = 0;
        Maximum = 0f;
        for (int choice = 0; choice < size; choice++)
        {
            if (!IsLegal(choice)) continue;
            float logit = Logit(choice);
            if (LastLegal < 0 || logit > Maximum)
            {
                Maximum = logit;
                Best = choice;
            }

            LastLegal = choice;
            Legal++;
        }

        Sum = 0f;
        for (int choice = 0; choice < size; choice++)
            if (IsLegal(choice)) Sum += Exponential(choice);
    }

    /// <summary>Choices, legal or not.</summary>
    public int Size { get; }

    /// <summary>Legal choices.</summary>
    public int Legal { get; }

    /// <summary>The last legal choice; −1 when none is legal.</summary>
    public int LastLegal { get; }

    /// <summary>The legal choice with the largest logit, ties to the lowest; 0 when none is legal.</summary>
    public int Best { get; }

    /// <summary>The largest legal logit.</summary>
    public float Maximum { get; }

    /// <summary>Σ over legal choices of e^(l − max).</summary>
    public float Sum { get; }

    /// <summary>Is <paramref name="choice"/> legal? Without masks everything is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLegal(int choice)
    {
        int bit = firstChoice + choice;
        return masks.Length == 0 || (masks[firstWord + (bit >> 5)] >> (bit & 31) & 1) != 0;
    }

    /// <summary>e^(l − max) of a legal choice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Exponential(int choice) => MathF.Exp(Logit(choice) - Maximum);

    /// <summary>ln p of a legal choice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float LogProb(int choice) => Logit(choice) - Maximum - MathF.Log(Sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Logit(int choice) => outputs[firstOutput + choice];
}
