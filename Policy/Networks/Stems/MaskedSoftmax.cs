namespace Arena.Policy.Networks;

/// <summary>Softmax over the keys that are present, for a register's width of queries at a time.</summary>
/// <remarks>
/// Scores are (keys, queries'): queries lie side by side, so nothing is summed across the lanes of a register. Keys that are absent
/// get probability and gradient 0; without any present key, so do all.
/// </remarks>
internal static unsafe class MaskedSoftmax
{
    /// <summary>scores ← softmax over keys of scale · scores.</summary>
    /// <param name="present">(keys) 1 or 0.</param>
    internal static void Forward<TVector, TLanes>(float* scores, float* present, int keys, int queries, float scale)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int query = 0; query < queries; query += TLanes.Count)
        {
            TVector factor = TLanes.Broadcast(scale);
            TVector largest = TLanes.Broadcast(float.NegativeInfinity);
            for (int key = 0; key < keys; key++)
            {
                if (present[key] == 0f) continue;
                TVector score = TLanes.Load(scores + (nint)key * queries + query);
                largest = TLanes.SelectGreater(score, largest, score, largest);
            }

            TVector sum = TLanes.Broadcast(0f);
            TVector minusOne = TLanes.Broadcast(-1f);
            for (int key = 0; key < keys; key++)
            {
                float* at = scores + (nint)key * queries + query;
                TVector term = TLanes.Broadcast(0f);
                if (present[key] != 0f)
                    term = Exponential.Of<TVector, TLanes>(TLanes.Multiply(factor, TLanes.MultiplyAdd(largest, minusOne, TLanes.Load(at))));
                TLanes.Store(term, at);
                sum = TLanes.Add(sum, term);
            }

            for (int key = 0; key < keys; key++)
            {
                if (present[key] == 0f) continue;
                float* at = scores + (nint)key * queries + query;
                TLanes.Store(TLanes.Divide(TLanes.Load(at), sum), at);
            }
        }
    }

    /// <summary>gradient ← scale · P ⊙ (gradient − Σ over keys of P ⊙ gradient).</summary>
    internal static void Backward<TVector, TLanes>(float* gradient, float* probabilities, float* present, int keys, int queries, float scale)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int query = 0; query < queries; query += TLanes.Count)
        {
            TVector sum = TLanes.Broadcast(0f);
            for (int key = 0; key < keys; key++)
            {
                if (present[key] == 0f) continue;
                nint at = (nint)key * queries + query;
                sum = TLanes.MultiplyAdd(TLanes.Load(probabilities + at), TLanes.Load(gradient + at), sum);
            }

            TVector minusOne = TLanes.Broadcast(-1f);
            for (int key = 0; key < keys; key++)
            {
                nint at = (nint)key * queries + query;
                TVector slope = TLanes.Broadcast(0f);
                if (present[key] != 0f)
                {
                    slope = TLanes.MultiplyAdd(sum, minusOne, TLanes.Load(gradient + at));
                    slope = TLanes.Multiply(TLanes.Multiply(slope, TLanes.Load(probabilities + at)), TLanes.Broadcast(scale));
                }

                TLanes.Store(slope, gradient + at);
            }
        }
    }
}
