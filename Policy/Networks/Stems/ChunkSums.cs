namespace Arena.Policy.Networks;

/// <summary>Adds up what the chunks summed by themselves, in the order of the chunks.</summary>
internal static unsafe class ChunkSums
{
    /// <summary>Adds the other chunks' <paramref name="length"/> floats to chunk 0's at <paramref name="sum"/>, which nobody needs afterwards.</summary>
    /// <param name="partialLength">Floats from chunk to chunk.</param>
    internal static void Add<TVector, TLanes>(float* sum, int length, int chunks, long partialLength)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int column = 0; column < length; column += TLanes.Count)
        {
            TVector total = TLanes.Load(sum + column);
            for (int chunk = 1; chunk < chunks; chunk++)
                total = TLanes.Add(total, TLanes.Load(sum + column + chunk * partialLength));
            TLanes.Store(total, sum + column);
        }
    }
}
