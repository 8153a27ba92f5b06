using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>Adds the partial sums of all chunks, in order, to the flat gradient. One index per row of a <see cref="GradientPart"/>.</summary>
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
        GradientPart* part = Plan.Parts;
        while (index >= part->FirstJob + part->Rows) part++;
        int row = index - part->FirstJob;
        int input = part->InputOfRow == null ? row : part->InputOfRow[row];
        if (input < 0) return;
        float* sum = SumOfChunks(part->Partial + (long)row * part->Stride, part->Columns);
        if (part->ColumnsAreOutputs)
        {
            for (int output = 0; output < part->Columns; output++) Gradients[part->Element(output) + input] += sum[output];
        }
        else
        {
            float* gradient = Gradients + part->Element(row);
            for (int column = 0; column < part->Columns; column++) gradient[column] += sum[column];
        }
    }

    // Into the partial sums of chunk 0, which nobody needs afterwards. Whole registers: rows are padded. A chunk after the other, since
    // their rows lie far apart: each is then read as one stream.
    private readonly float* SumOfChunks(long offset, int length)
    {
        float* sum = Plan.Partials + offset;
        for (int chunk = 1; chunk < Chunks; chunk++)
        {
            float* next = sum + chunk * Plan.PartialLength;
            for (int column = 0; column < length; column += TLanes.Count)
                TLanes.Store(TLanes.Add(TLanes.Load(sum + column), TLanes.Load(next + column)), sum + column);
        }

        return sum;
    }
}
