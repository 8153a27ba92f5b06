using System.Numerics;
using System.Runtime.Intrinsics;
using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>The launches of an engine, for one width of register.</summary>
internal abstract unsafe class NetworkKernels
{
    /// <summary>The launches for <paramref name="microKernel"/>, which is not Auto.</summary>
    internal static NetworkKernels For(MicroKernel microKernel) => microKernel switch
    {
        MicroKernel.Avx512 => new Wide<Vector512<float>, Lanes512>(),
        MicroKernel.Avx2 => new Wide<Vector256<float>, Lanes256>(),
        _ => new Wide<Vector<float>, LanesPortable>(),
    };

    /// <summary>Observations to outputs; one launch.</summary>
    internal abstract void Forward(IDevice device, in NetworkPlan plan, in SequenceBlocks blocks, in PassInput input, float* outputs, bool keep);

    /// <summary>Output gradients to parameter gradients; one launch for the rows, one that adds up the chunks.</summary>
    internal abstract void Backward(
        IDevice device, in NetworkPlan plan, in SequenceBlocks blocks, in PassInput input, float* outputGradients, float* gradients);

    /// <summary>Rebuilds the panels of all layers.</summary>
    internal abstract void Refresh(in NetworkPlan plan, float* weights);

    private sealed class Wide<TVector, TLanes> : NetworkKernels
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        internal override void Forward(IDevice device, in NetworkPlan plan, in SequenceBlocks blocks, in PassInput input, float* outputs, bool keep)
        {
            var kernel = new ForwardRows<TVector, TLanes> { Plan = plan, Blocks = blocks, Input = input, Outputs = outputs, Keep = keep };
            device.Launch(kernel, blocks.Chunks);
        }

        internal override void Backward(
            IDevice device, in NetworkPlan plan, in SequenceBlocks blocks, in PassInput input, float* outputGradients, float* gradients)
        {
            var kernel = new BackwardRows<TVector, TLanes> { Plan = plan, Blocks = blocks, Input = input, OutputGradients = outputGradients };
            device.Launch(kernel, blocks.Chunks);
            device.Launch(new ReduceGradients<TVector, TLanes> { Plan = plan, Gradients = gradients, Chunks = blocks.Chunks }, plan.Reductions);
        }

        internal override void Refresh(in NetworkPlan plan, float* weights)
        {
            for (int layer = 0; layer < plan.LayerCount; layer++) plan.Layers[layer].Refresh<TVector, TLanes>(weights);
            if (plan.Stem != null) plan.Stem->Refresh<TVector, TLanes>(weights);
            if (plan.Normalizer.Scale != null) plan.Normalizer.Refresh(weights, plan.Observations);
            if (plan.Core.Kind == NetworkCore.Lstm) plan.Core.Recurrent.Refresh<TVector, TLanes>(weights);
        }
    }
}
