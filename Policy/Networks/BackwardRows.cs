using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>
/// The parameter gradients of all layers, summed over the rows of one chunk into its partial sums. One index per chunk;
/// <see cref="ReduceGradients{TVector, TLanes}"/> adds the chunks up.
/// </summary>
internal unsafe struct BackwardRows<TVector, TLanes> : IKernel
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    internal NetworkPlan Plan;

    /// <summary>(rows, O), as in the kept forward.</summary>
    internal float* Observations;

    /// <summary>(rows, L + 1).</summary>
    internal float* OutputGradients;
    internal int Rows;

    /// <inheritdoc/>
    public readonly void Run(int chunk)
    {
        int begin = NetworkPlan.FirstRow(chunk, Rows);
        int end = NetworkPlan.FirstRow(chunk + 1, Rows);
        for (int row = begin; row < end; row += NetworkPlan.RowBlock)
            Block(chunk, row, Math.Min(NetworkPlan.RowBlock, end - row), first: row == begin);
    }

    private readonly void Block(int chunk, int firstRow, int rows, bool first)
    {
        float* partials = Plan.Partials + chunk * Plan.PartialLength;
        float* gradient = Plan.ScratchOf(chunk, Plan.LayerCount - 1);
        PadOutputGradients(firstRow, rows, gradient);
        for (int index = Plan.LayerCount - 1; index > 0; index--)
        {
            Linear* layer = Plan.Layers + index;
            Linear* below = layer - 1;
            float* x = below->Activations + (nint)firstRow * below->PaddedOutputs;
            layer->ParameterGradient<TVector, TLanes>(x, gradient, rows, partials, first, Plan.Zeros, Plan.One);

            float* gradientBelow = Plan.ScratchOf(chunk, index - 1);
            layer->InputGradient<TVector, TLanes>(gradient, rows, gradientBelow, Plan.Zeros);
            long count = (long)rows * below->PaddedOutputs;
            if (Plan.Activation == Activation.Tanh) Tanh.Backward<TVector, TLanes>(gradientBelow, x, count);
            else Relu.Backward<TVector, TLanes>(gradientBelow, x, count);
            gradient = gradientBelow;
        }

        float* observations = Observations + (nint)firstRow * Plan.Layers[0].Inputs;
        Plan.Layers[0].ParameterGradient<TVector, TLanes>(observations, gradient, rows, partials, first, Plan.Zeros, Plan.One);
    }

    private readonly void PadOutputGradients(int firstRow, int rows, float* padded)
    {
        Linear* heads = Plan.Layers + Plan.LayerCount - 1;
        float* source = OutputGradients + (nint)firstRow * heads->Outputs;
        new Span<float>(padded, rows * heads->PaddedOutputs).Clear();
        for (int row = 0; row < rows; row++)
            for (int output = 0; output < heads->Outputs; output++)
                padded[row * heads->PaddedOutputs + output] = source[row * heads->Outputs + output];
    }
}
