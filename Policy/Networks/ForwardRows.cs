using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>All layers for the rows of one chunk, block by block. One index per chunk.</summary>
internal unsafe struct ForwardRows<TVector, TLanes> : IKernel
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    internal NetworkPlan Plan;

    /// <summary>(rows, O).</summary>
    internal float* Observations;

    /// <summary>(rows, L + 1).</summary>
    internal float* Outputs;
    internal int Rows;

    /// <summary>Whether hidden activations go where a backward pass reads them, or into scratch.</summary>
    internal bool Keep;

    /// <inheritdoc/>
    public readonly void Run(int chunk)
    {
        int end = NetworkPlan.FirstRow(chunk + 1, Rows);
        for (int row = NetworkPlan.FirstRow(chunk, Rows); row < end; row += NetworkPlan.RowBlock)
            Block(chunk, row, Math.Min(NetworkPlan.RowBlock, end - row));
    }

    private readonly void Block(int chunk, int firstRow, int rows)
    {
        float* x = Observations + (nint)firstRow * Plan.Layers[0].Inputs;
        int last = Plan.LayerCount - 1;
        for (int index = 0; index < last; index++)
        {
            Linear* layer = Plan.Layers + index;
            float* y = Keep ? layer->Activations + (nint)firstRow * layer->PaddedOutputs : Plan.ScratchOf(chunk, index);
            layer->Forward<TVector, TLanes>(x, rows, y);
            long count = (long)rows * layer->PaddedOutputs;
            if (Plan.Activation == Activation.Tanh) Tanh.Forward<TVector, TLanes>(y, count);
            else Relu.Forward<TVector, TLanes>(y, count);
            x = y;
        }

        Linear* heads = Plan.Layers + last;
        float* padded = Plan.ScratchOf(chunk, last);
        heads->Forward<TVector, TLanes>(x, rows, padded);
        float* outputs = Outputs + (nint)firstRow * heads->Outputs;
        for (int row = 0; row < rows; row++)
            for (int output = 0; output < heads->Outputs; output++)
                outputs[row * heads->Outputs + output] = padded[row * heads->PaddedOutputs + output];
    }
}
