using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>
/// The parameter gradients of all layers, summed over the sequences of one chunk into its partial sums: stretch by stretch, the
/// last slots first. One index per chunk; <see cref="ReduceGradients{TVector, TLanes}"/> adds the chunks up.
/// </summary>
internal unsafe struct BackwardRows<TVector, TLanes> : IKernel
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    internal NetworkPlan Plan;
    internal SequenceBlocks Blocks;

    /// <summary>As in the kept forward.</summary>
    internal PassInput Input;

    /// <summary>(rows, L + 1).</summary>
    internal float* OutputGradients;

    /// <inheritdoc/>
    public readonly void Run(int chunk)
    {
        int begin = Blocks.FirstSequence(chunk), end = Blocks.FirstSequence(chunk + 1);
        int lastSlot = (Blocks.Slots - 1) / Blocks.StretchSlots * Blocks.StretchSlots;
        for (int sequence = begin; sequence < end; sequence += Blocks.Width)
        {
            Plan.Core.ClearCarriedGradient(chunk);
            for (int slot = lastSlot; slot >= 0; slot -= Blocks.StretchSlots)
                Backward(Blocks.StretchOf(chunk, sequence, end, slot), first: sequence == begin && slot == lastSlot);
        }

        if (Plan.Stem != null && begin < end) Plan.Stem->Finish<TVector, TLanes>(Plan.Partials + chunk * Plan.PartialLength);
    }

    private readonly void Backward(in Stretch stretch, bool first)
    {
        float* partials = Plan.Partials + stretch.Chunk * Plan.PartialLength;
        StemRows observed = Plan.Observe<TVector, TLanes>(Input, stretch, keep: false);
        float* gradient = null;
        for (int index = Plan.LayerCount - 1; index >= 0; index--)
        {
            Linear* layer = Plan.Layers + index;
            if (layer->Role == LayerRole.Heads)
            {
                gradient = Plan.ScratchOf(stretch.Chunk, index);
                Read(layer, stretch, gradient);
            }
            else if (layer->Role == LayerRole.Core)
            {
                float* gates = layer->Activations + (nint)stretch.Position * layer->PaddedOutputs;
                gradient = Plan.Core.Backward<TVector, TLanes>(Input, stretch, gates, gradient, partials, first, Plan);
            }
            else
            {
                HiddenStep.Backward<TVector, TLanes>(Plan.Activation, layer, stretch, gradient, partials, first);
            }

            if (layer->ReadsObservations)
            {
                Stem.Backward<TVector, TLanes>(layer, observed, gradient, partials, first, Plan);
                continue;
            }

            float* x = Plan.KeptInput(index, stretch.Position);
            layer->ParameterGradient<TVector, TLanes>(x, layer->PaddedInputs, gradient, stretch.Rows, partials, first, Plan.Zeros, Plan.One);
            float* below = Plan.ScratchOf(stretch.Chunk, index - 1);
            layer->InputGradient<TVector, TLanes>(gradient, stretch.Rows, below, Plan.Zeros);
            gradient = below;
        }

        if (Plan.Stem != null) Plan.Stem->Backward<TVector, TLanes>(observed, gradient, partials, first);
    }

    private readonly void Read(Linear* heads, in Stretch stretch, float* padded)
    {
        new Span<float>(padded, stretch.Rows * heads->PaddedOutputs).Clear();
        for (int row = 0; row < stretch.Rows; row++)
        {
            float* source = OutputGradients + (nint)stretch.RowOf(row) * Plan.Outputs + heads->OutputColumn;
            for (int output = 0; output < heads->Outputs; output++) padded[row * heads->PaddedOutputs + output] = source[output];
        }
    }
}
