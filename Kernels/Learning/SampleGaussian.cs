using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>Samples continuous actions from network outputs. One index per row.</summary>
/// <remarks>
/// The sample is stored raw and brought into [−1, 1] only for the environment: clip or tanh is then a fixed map behind the
/// policy, and the loss needs no correction for it. Four components share a Philox block.
/// </remarks>
public struct SampleGaussian : IKernel
{
    /// <summary>(N, OutputLength) float: means first, the value last; in.</summary>
    public View<float> Outputs;

    /// <summary>(A_c) from <see cref="BoundLogStd"/>, or (N, A_c) from <see cref="BoundRowLogStds"/>; in.</summary>
    public View<GaussianScale> Scales;

    /// <summary>(N, A_c) float: raw samples; out.</summary>
    public View<float> Actions;

    /// <summary>(N, A_c) float in [−1, 1]: what the environment plays; NaN stays NaN; out.</summary>
    public View<float> EnvironmentActions;

    /// <summary>(N) float: ln of the density of the raw sample; out.</summary>
    public View<float> LogProbs;

    /// <summary>(N) float: the critic's output, copied; out.</summary>
    public View<float> Values;

    /// <summary>Key of the draws.</summary>
    public ulong Seed;

    /// <summary>update·T + t.</summary>
    public ulong Step;

    /// <summary>(N) global number of every row; empty = adjacent from <see cref="FirstRow"/>; in.</summary>
    public View<uint> RowNumbers;

    /// <summary>Global number of row 0.</summary>
    public uint FirstRow;

    /// <summary>A_c.</summary>
    public int Components;

    /// <summary>L + 1.</summary>
    public int OutputLength;

    /// <summary>Scales from one row to the next: 0 where all rows share them, else A_c.</summary>
    public int ScaleStride;

    /// <summary>What the environment gets of a sample.</summary>
    public ActionSquash Squash;

    /// <summary>1 = take the mean instead of a sample.</summary>
    public int Deterministic;

    /// <summary>What is drawn for: one of <see cref="LearnerPurpose"/>.</summary>
    public uint Purpose;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        float logProb = 0f;
        for (int first = 0; first < Components; first += 4)
        {
            float n0 = 0f, n1 = 0f, n2 = 0f, n3 = 0f;
            if (Deterministic == 0)
            {
                UInt4 words = LearnerRandom.Draw(Seed, RowNumbers.Length > 0 ? RowNumbers[row] : FirstRow + (uint)row, Step, Purpose, (uint)first >> 2);
                (n0, n1) = Gaussian.Pair(words.X, words.Y);
                if (first + 2 < Components) (n2, n3) = Gaussian.Pair(words.Z, words.W);
            }

            logProb += Write(row, first, n0);
            if (first + 1 < Components) logProb += Write(row, first + 1, n1);
            if (first + 2 < Components) logProb += Write(row, first + 2, n2);
            if (first + 3 < Components) logProb += Write(row, first + 3, n3);
        }

        LogProbs[row] = logProb;
        Values[row] = Outputs[(long)row * OutputLength + OutputLength - 1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float Write(int row, int component, float normal)
    {
        ref GaussianScale scale = ref Scales[(long)row * ScaleStride + component];
        float mean = Outputs[(long)row * OutputLength + component];
        float action = mean + scale.Std * normal;
        long at = (long)row * Components + component;
        Actions[at] = action;
        EnvironmentActions[at] = Squash == ActionSquash.Tanh ? MathF.Tanh(action) : Scalar.Clamp(action, -1f, 1f);
        // From the stored action, not from the normal: the loss recomputes exactly this, so the first ratio is 1.
        return Gaussian.LogProb(Gaussian.Score(action, mean, scale), scale);
    }
}
