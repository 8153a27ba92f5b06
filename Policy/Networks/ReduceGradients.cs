using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>
/// Adds the partial sums of all chunks, in order, to the flat gradient. One index per row of a layer's partial weight
/// gradient, and one for its bias.
/// </summary>
internal unsafe struct ReduceGradients<TVector, TLanes> : IKernel
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    internal NetworkPlan Plan;

    /// <summary>(P), added to.</summary>
    internal float* Gradients;
    internal int Chunks;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        Linear* layer = Plan.Layers;
        while (index >= layer->FirstReduction + layer->Reductions) layer++;
        int row = index - layer->FirstReduction;
        if (row == layer->PartialRows) AddBias(layer);
        else AddWeights(layer, row);
    }

    private readonly void AddBias(Linear* layer)
    {
        float* sum = SumOfChunks(layer->PartialBias, layer->PaddedOutputs);
        for (int output = 0; output < layer->Outputs; output++) Gradients[layer->BiasOf(output)] += sum[output];
    }

    private readonly void AddWeights(Linear* layer, int row)
    {
        float* sum = SumOfChunks(layer->PartialWeights + (long)row * layer->PartialColumns, layer->PartialColumns);
        if (layer->PartialTransposed)
        {
            for (int output = 0; output < layer->Outputs; output++) Gradients[layer->WeightRow(output) + row] += sum[output];
        }
        else
        {
            float* gradient = Gradients + layer->WeightRow(row);
            for (int input = 0; input < layer->Inputs; input++) gradient[input] += sum[input];
        }
    }

    // Into the partial sums of chunk 0, which nobody needs afterwards.
    private readonly float* SumOfChunks(long offset, int length)
    {
        float* sum = Plan.Partials + offset;
        for (int column = 0; column < length; column += TLanes.Count)
        {
            TVector total = TLanes.Load(sum + column);
            for (int chunk = 1; chunk < Chunks; chunk++)
                total = TLanes.Add(total, TLanes.Load(sum + column + chunk * Plan.PartialLength));
            TLanes.Store(total, sum + column);
        }

        return sum;
    }
}
