namespace Arena.Policy.Networks;

/// <summary>Maximum and mean over the entities of one kind that are present.</summary>
internal static unsafe class EntityPool
{
    /// <summary>pooled (2, width): maximum, mean; zeros without any entity.</summary>
    /// <param name="tokens">(count, width).</param>
    /// <param name="present">(count) 1 or 0.</param>
    internal static void Forward<TVector, TLanes>(float* tokens, float* present, int count, int width, float* pooled)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int there = Present(present, count);
        if (there == 0)
        {
            new Span<float>(pooled, 2 * width).Clear();
            return;
        }

        TVector share = TLanes.Broadcast(1f / there);
        for (int column = 0; column < width; column += TLanes.Count)
        {
            TVector largest = TLanes.Broadcast(float.NegativeInfinity);
            TVector sum = TLanes.Broadcast(0f);
            for (int entity = 0; entity < count; entity++)
            {
                if (present[entity] == 0f) continue;
                TVector token = TLanes.Load(tokens + (nint)entity * width + column);
                largest = TLanes.SelectGreater(token, largest, token, largest);
                sum = TLanes.Add(sum, token);
            }

            TLanes.Store(largest, pooled + column);
            TLanes.Store(TLanes.Multiply(sum, share), pooled + width + column);
        }
    }

    /// <summary>dTokens (count, width) of dPooled (2, width): to the first entity with the maximum, and to all present in equal parts.</summary>
    internal static void Backward<TVector, TLanes>(float* tokens, float* present, int count, int width, float* dPooled, float* dTokens)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int there = Present(present, count);
        TVector share = TLanes.Broadcast(there == 0 ? 0f : 1f / there);
        TVector zero = TLanes.Broadcast(0f);
        for (int column = 0; column < width; column += TLanes.Count)
        {
            TVector winner = Winner<TVector, TLanes>(tokens + column, present, count, width);
            TVector ofMaximum = TLanes.Load(dPooled + column);
            TVector ofMean = TLanes.Multiply(TLanes.Load(dPooled + width + column), share);
            for (int entity = 0; entity < count; entity++)
            {
                TVector gradient = zero;
                if (present[entity] != 0f)
                {
                    TVector number = TLanes.Broadcast(entity);
                    gradient = TLanes.SelectGreater(number, winner, zero, TLanes.SelectGreater(winner, number, zero, ofMaximum));
                    gradient = TLanes.Add(gradient, ofMean);
                }

                TLanes.Store(gradient, dTokens + (nint)entity * width + column);
            }
        }
    }

    // Per lane, the lowest number of an entity with the largest value; −1 without any.
    private static TVector Winner<TVector, TLanes>(float* tokens, float* present, int count, int width)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector largest = TLanes.Broadcast(float.NegativeInfinity);
        TVector winner = TLanes.Broadcast(-1f);
        for (int entity = 0; entity < count; entity++)
        {
            if (present[entity] == 0f) continue;
            TVector token = TLanes.Load(tokens + (nint)entity * width);
            winner = TLanes.SelectGreater(token, largest, TLanes.Broadcast(entity), winner);
            largest = TLanes.SelectGreater(token, largest, token, largest);
        }

        return winner;
    }

    private static int Present(float* present, int count)
    {
        int there = 0;
        for (int entity = 0; entity < count; entity++)
            if (present[entity] != 0f) there++;
        return there;
    }
}
