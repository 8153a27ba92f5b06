namespace Arena.Kernels.Device;

/// <summary>A kernel: fields are its arguments, <see cref="Run"/> is its body, called once per index.</summary>
/// <remarks>
/// Implemented by structs, so that the CPU's compiler inlines the body into its loop and the GPU's compiles one entry
/// point per kernel. Calls for different indices run in any order and at the same time: one index owns its writes. A
/// kernel allocates nothing, throws nothing and prints nothing (docs/architecture.md, "What a kernel may do").
/// </remarks>
public interface IKernel
{
    /// <summary>The work of one <paramref name="index"/>, 0..count-1.</summary>
    void Run(int index);
}

/// <summary>A kernel in which a group of lanes works on one match, in phases with a barrier between them.</summary>
public interface IPhasedKernel
{
    /// <summary>Number of phases; the same in every group.</summary>
    int PhaseCount { get; }

    /// <summary>
    /// What <paramref name="lane"/> of <paramref name="group"/> does in <paramref name="phase"/>. All lanes of a group
    /// finish a phase before one begins the next; groups are independent. Lanes meet only through
    /// <see cref="IAtomics"/> operations that commute, or through cells that one of them owns.
    /// </summary>
    void Run(int phase, int group, int lane);
}

/// <summary>A phased kernel with a whole-group loop of its own for the CPU, over the same per-lane methods.</summary>
/// <remarks>For cases where a loop over phases and lanes is slow there; a test must hold the two equal, bit for bit.</remarks>
public interface IGroupKernel : IPhasedKernel
{
    /// <summary>All phases and lanes of one group, on one thread.</summary>
    void RunGroup(int group, int lanes);
}

/// <summary>An indexed kernel with a faster loop over a range of indices for the CPU (wide instructions, say).</summary>
/// <remarks>
/// Only <see cref="CpuDevice"/> calls <see cref="RunRange"/>; a GPU compiles <see cref="IKernel.Run"/>. Both must write
/// the same bits: a test holds them equal.
/// </remarks>
public interface IRangeKernel : IKernel
{
    /// <summary>The work of every index in begin..end-1.</summary>
    void RunRange(int begin, int end);
}
