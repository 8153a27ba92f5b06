using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>All layers for the sequences of one chunk, block by block, stretch by stretch in order of time. One index per chunk.</summary>
internal unsafe struct ForwardRows<TVector, TLanes> : IKernel
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    internal NetworkPlan Plan;
    internal SequenceBlocks Blocks;
    internal PassInput Input;

    /// <summary>(rows, L + 1).</summary>
    internal float* Outputs;

    /// <summary>Whether activations go where a backward pass reads them, or into scratch.</summary>
    internal bool Keep;

    /// <inheritdoc/>
    public readonly void Run(int chunk)
    {
        int end = Blocks.FirstSequence(chunk + 1);
        for (int sequence = Blocks.FirstSequence(chunk); sequence < end; sequence += Blocks.Width)
        {
            for (int slot = 0; slot < Blocks.Slots; slot += Blocks.StretchSlots)
            {
                Stretch stretch = Blocks.StretchOf(chunk, sequence, end, slot);
                if (slot == 0) Plan.Core.Enter(Input, stretch);
                Forward(stretch);
                if (slot + stretch.Slots == Blocks.Slots) Plan.Core.Leave(Input, stretch);
            }
        }
    }

    private readonly void Forward(in Stretch stretch)
    {
        StemRows observed = Plan.Observe<TVector, TLanes>(Input, stretch, Keep);
        float* x = Plan.Stem == null ? null : Plan.Stem->Forward<TVector, TLanes>(observed);
        for (int index = 0; index < Plan.LayerCount; index++)
        {
            Linear* layer = Plan.Layers + index;
            float* y = Keep && layer->Role != LayerRole.Heads
                ? layer->Activations + (nint)stretch.Position * layer->PaddedOutputs
                : Plan.ScratchOf(stretch.Chunk, index);
            if (layer->ReadsObservations) Stem.Forward<TVector, TLanes>(layer, observed, y);
            else layer->Forward<TVector, TLanes>(x, layer->PaddedInputs, stretch.Rows, y);
            x = y;
            if (layer->Role == LayerRole.Hidden) HiddenStep.Forward<TVector, TLanes>(Plan.Activation, layer, stretch, y, Keep);
            else if (layer->Role == LayerRole.Core) x = Plan.Core.Forward<TVector, TLanes>(Input, stretch, y, Keep, Plan.CoreScratch(stretch.Chunk));
            else Write(layer, stretch, y);
        }
    }

    private readonly void Write(Linear* heads, in Stretch stretch, float* padded)
    {
        for (int row = 0; row < stretch.Rows; row++)
        {
            float* outputs = Outputs + (nint)stretch.RowOf(row) * Plan.Outputs + heads->OutputColumn;
            for (int output = 0; output < heads->Outputs; output++) outputs[output] = padded[row * heads->PaddedOutputs + output];
        }
    }
}
