namespace Arena.Policy.Networks;

/// <summary>What a hidden layer does to its sums: normalisation if it has one, then the activation.</summary>
internal static unsafe class HiddenStep
{
    /// <summary>y (rows, N') in place of the layer's sums; keeps what the backward pass needs if asked to.</summary>
    internal static void Forward<TVector, TLanes>(Activation activation, Linear* layer, in Stretch stretch, float* y, bool keep)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        long count = (long)stretch.Rows * layer->PaddedOutputs;
        if (layer->Norm.Gain != null) layer->Norm.Forward<TVector, TLanes>(y, stretch.Rows, stretch.Position, keep);
        switch (activation)
        {
            case Activation.Tanh:
                Tanh.Forward<TVector, TLanes>(y, count);
                break;
            case Activation.Relu:
                Relu.Forward<TVector, TLanes>(y, count);
                break;
            default:
                if (keep) new ReadOnlySpan<float>(y, (int)count).CopyTo(new Span<float>(layer->PreActivations + (nint)stretch.Position * layer->PaddedOutputs, (int)count));
                Gelu.Forward<TVector, TLanes>(y, count);
                break;
        }
    }

    /// <summary>Gradient (rows, N') by the layer's sums in place of that by y; adds that of the normalisation to a chunk's partial sums.</summary>
    internal static void Backward<TVector, TLanes>(Activation activation, Linear* layer, in Stretch stretch, float* gradient, float* partials, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        nint kept = (nint)stretch.Position * layer->PaddedOutputs;
        long count = (long)stretch.Rows * layer->PaddedOutputs;
        switch (activation)
        {
            case Activation.Tanh:
                Tanh.Backward<TVector, TLanes>(gradient, layer->Activations + kept, count);
                break;
            case Activation.Relu:
                Relu.Backward<TVector, TLanes>(gradient, layer->Activations + kept, count);
                break;
            default:
                Gelu.Backward<TVector, TLanes>(gradient, layer->PreActivations + kept, count);
                break;
        }

        if (layer->Norm.Gain != null) layer->Norm.Backward<TVector, TLanes>(gradient, stretch.Rows, stretch.Position, partials, first);
    }
}
