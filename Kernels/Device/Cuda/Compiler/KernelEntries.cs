using ILGPU;

namespace Arena.Kernels.Device.Cuda.Compiler;

/// <summary>The entry points of kernels on a GPU, compiled once per kernel struct.</summary>
internal static class KernelEntries
{
    /// <summary>One index per thread; the compiler adds the count in front and the check against it.</summary>
    internal static void Indexed<TKernel>(Index1D index, TKernel kernel)
        where TKernel : unmanaged, IKernel => kernel.Run(index);

    /// <summary>One group per row of threads, a barrier after each phase.</summary>
    /// <remarks>All groups have the same number of phases, so groups that share a block may share its barrier.</remarks>
    internal static void Phased<TKernel>(TKernel kernel, int groups, int lanes)
        where TKernel : unmanaged, IPhasedKernel
    {
        int group = Grid.IdxX * Group.DimY + Group.IdxY;
        int phases = kernel.PhaseCount;
        for (int phase = 0; phase < phases; phase++)
        {
            if (group < groups)
            {
                for (int lane = Group.IdxX; lane < lanes; lane += Group.DimX) kernel.Run(phase, group, lane);
            }

            Group.Barrier();
        }
    }
}
