using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Marks of episode starts as floats, by time. One index per row.</summary>
public struct StartMarks : IKernel
{
    /// <summary>(M, B) byte: 1 where the slot is the first of an episode; in.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(B, M) float: 1 there, else 0; out.</summary>
    public View<float> Marks;

    /// <summary>M.</summary>
    public int Sequences;

    /// <summary>B.</summary>
    public int Slots;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        int sequence = index / Slots, slot = index - sequence * Slots;
        Marks[(long)slot * Sequences + sequence] = EpisodeStart[index] != 0 ? 1f : 0f;
    }
}
