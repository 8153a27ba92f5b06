namespace Arena.Policy.Networks;

/// <summary>The first stage of a network: observations of some rows to the first features, before their normalisation and activation.</summary>
/// <remarks>
/// A network is a stem, hidden layers, a core and heads. Everything after the stem sees (rows, N') floats of the first layer and
/// does not know what an observation looks like. Floats that are taken as they are need no more than this; other observations (<see cref="NetworkStem"/>)
/// become features by a <see cref="StemPlan"/>, which the first layer then reads like any other. What a stem needs again in the backward pass it keeps
/// by <see cref="StemRows.Position"/>; nobody asks for the gradient of an observation.
/// </remarks>
internal unsafe struct Stem
{
    /// <summary>features (rows, N') of the first layer of a branch.</summary>
    internal static void Forward<TVector, TLanes>(Linear* layer, in StemRows rows, float* features)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> =>
        layer->Forward<TVector, TLanes>(rows.Observations, rows.Stride, rows.Rows, features);

    /// <summary>Adds the parameter gradients of some rows to a chunk's partial sums, or sets them for its first rows.</summary>
    /// <param name="layer">The first layer of a branch.</param>
    /// <param name="rows">As in the forward pass.</param>
    /// <param name="gradient">(rows, N') of the loss by the features.</param>
    /// <param name="partials">The chunk's partial sums.</param>
    /// <param name="first">Whether to set instead of to add.</param>
    /// <param name="plan">Zeros and the number 1.</param>
    internal static void Backward<TVector, TLanes>(Linear* layer, in StemRows rows, float* gradient, float* partials, bool first, in NetworkPlan plan)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> =>
        layer->ParameterGradient<TVector, TLanes>(rows.Observations, rows.Stride, gradient, rows.Rows, partials, first, plan.Zeros, plan.One);
}

/// <summary>The observations of the rows of a stretch, in its order.</summary>
internal unsafe struct StemRows
{
    /// <summary>The first row's; the caller's own memory where order and values allow it, else the chunk's copy.</summary>
    internal float* Observations;

    /// <summary>The same of a network with byte observations.</summary>
    internal byte* Bytes;

    /// <summary>Which rows of the caller they are.</summary>
    internal Stretch Stretch;

    /// <summary>Elements between rows.</summary>
    internal nint Stride;

    /// <summary>1..<see cref="NetworkPlan.RowBlock"/>.</summary>
    internal int Rows;

    /// <summary>Number of the first row in whatever is kept for the backward pass: 0..MaxRows−1.</summary>
    internal int Position;

    /// <summary>Whose scratch and partial sums may be used.</summary>
    internal int Chunk;

    /// <summary>Whether a backward pass will follow; unused backward.</summary>
    internal bool Keep;
}
