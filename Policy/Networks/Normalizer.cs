namespace Arena.Policy.Networks;

/// <summary>Observations with mean and scale per element, limited: clamp((x − mean)·scale, −10, 10). Absent where Scale is null.</summary>
/// <remarks>Both are stored with the weights, are set by whoever measures observations, and have no gradient.</remarks>
internal unsafe struct Normalizer
{
    /// <summary>Tensors of the flat weights.</summary>
    internal const string MeanName = "normalizer.mean", ScaleName = "normalizer.scale";

    internal const float Limit = NetworkSpec.NormalizedLimit;

    internal int MeanOffset;
    internal int ScaleOffset;

    /// <summary>(O padded) −mean and scale, zero-padded.</summary>
    internal float* Shift;
    internal float* Scale;

    /// <summary>Copies both from the flat parameter vector.</summary>
    internal readonly void Refresh(float* weights, int observations)
    {
        for (int i = 0; i < observations; i++) (Shift[i], Scale[i]) = (-weights[MeanOffset + i], weights[ScaleOffset + i]);
    }

    /// <summary>Normalises one row in place. NaN stays NaN.</summary>
    /// <param name="row">(columns), a multiple of <see cref="Gemm.ColumnBlock"/>.</param>
    internal readonly void Apply<TVector, TLanes>(float* row, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector upper = TLanes.Broadcast(Limit), lower = TLanes.Broadcast(-Limit);
        for (int column = 0; column < columns; column += TLanes.Count)
        {
            TVector x = TLanes.Multiply(TLanes.Add(TLanes.Load(row + column), TLanes.Load(Shift + column)), TLanes.Load(Scale + column));
            x = TLanes.SelectGreater(x, upper, upper, x);
            TLanes.Store(TLanes.SelectGreater(lower, x, lower, x), row + column);
        }
    }
}
