using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>One AdamW step with gradient clipping by norm (Loshchilov and Hutter, arXiv 1711.05101). One index per parameter.</summary>
/// <remarks>
/// m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − η·[ m̂/(√v̂ + ε) + λ·θ ], where g is the gradient times
/// min(1, c/(norm + 1e-6)). The norm is read on the device, so nothing waits for the host. A norm that is not finite
/// changes nothing and is counted; nor does a step change anything against which there is a veto.
/// </remarks>
public struct AdamWStep : IRangeKernel
{
    /// <summary>(P) float θ; in and out.</summary>
    public View<float> Weights;

    /// <summary>(P) float; in.</summary>
    public View<float> Gradients;

    /// <summary>(P) float m; in and out.</summary>
    public View<float> FirstMoments;

    /// <summary>(P) float v; in and out.</summary>
    public View<float> SecondMoments;

    /// <summary>(P) float λ of every parameter: 0 for biases and other vectors; in.</summary>
    public View<float> Decays;

    /// <summary>(1) double: Σ gradient²; in.</summary>
    public View<double> SquaredNorm;

    /// <summary>(1) int: steps left out because of a norm that is not finite; in and out.</summary>
    public View<int> Skipped;

    /// <summary>(1) long: −1 = go on, else something in what is learned from is wrong; in; empty = nobody looks.</summary>
    public View<long> Veto;

    /// <summary>η.</summary>
    public float LearningRate;

    /// <summary>β₁.</summary>
    public float Beta1;

    /// <summary>1 − β₁, rounded once from double.</summary>
    public float OneMinusBeta1;

    /// <summary>β₂.</summary>
    public float Beta2;

    /// <summary>1 − β₂.</summary>
    public float OneMinusBeta2;

    /// <summary>1/(1 − β₁ᵏ) in step k = 1, 2, …</summary>
    public float Correction1;

    /// <summary>1/(1 − β₂ᵏ).</summary>
    public float Correction2;

    /// <summary>ε.</summary>
    public float Epsilon;

    /// <summary>c: largest norm of the gradient.</summary>
    public float MaxNorm;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        float scale = Scale(index == 0);
        if (scale >= 0f) Step(index, scale);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        float scale = Scale(begin == 0);
        if (scale < 0f) return;
        int index = begin;
        for (; index + Vector<float>.Count <= end; index += Vector<float>.Count) StepWide(index, scale);
        for (; index < end; index++) Step(index, scale);
    }

    // Factor of the gradient; −1 = leave the step out. Index 0 counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float Scale(bool counts)
    {
        if (Veto.Length > 0 && Veto[0] >= 0) return -1f;
        float norm = MathF.Sqrt((float)SquaredNorm[0]);
        if (norm - norm == 0f) return norm + 1e-6f > MaxNorm ? MaxNorm / (norm + 1e-6f) : 1f;
        if (counts) Skipped[0] += 1;
        return -1f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Step(int i, float scale)
    {
        float gradient = Gradients[i] * scale;
        float first = Beta1 * FirstMoments[i] + OneMinusBeta1 * gradient;
        float second = Beta2 * SecondMoments[i] + OneMinusBeta2 * (gradient * gradient);
        FirstMoments[i] = first;
        SecondMoments[i] = second;
        float direction = first * Correction1 / (MathF.Sqrt(second * Correction2) + Epsilon);
        Weights[i] -= LearningRate * (direction + Decays[i] * Weights[i]);
    }

    // The same operations in the same order, so the same bits.
    private readonly void StepWide(int i, float scale)
    {
        Vector<float> gradient = Load(Gradients, i) * new Vector<float>(scale);
        Vector<float> first = new Vector<float>(Beta1) * Load(FirstMoments, i) + new Vector<float>(OneMinusBeta1) * gradient;
        Vector<float> second = new Vector<float>(Beta2) * Load(SecondMoments, i) + new Vector<float>(OneMinusBeta2) * (gradient * gradient);
        Store(FirstMoments, i, first);
        Store(SecondMoments, i, second);
        Vector<float> direction = first * new Vector<float>(Correction1)
            / (Vector.SquareRoot(second * new Vector<float>(Correction2)) + new Vector<float>(Epsilon));
        Vector<float> weight = Load(Weights, i);
        Store(Weights, i, weight - new Vector<float>(LearningRate) * (direction + Load(Decays, i) * weight));
    }

    private static Vector<float> Load(View<float> view, int at) => MemoryMarshal.Read<Vector<float>>(MemoryMarshal.AsBytes(view.Slice(at, Vector<float>.Count).AsSpan()));

    private static void Store(View<float> view, int at, Vector<float> value) => value.CopyTo(view.Slice(at, Vector<float>.Count).AsSpan());
}
