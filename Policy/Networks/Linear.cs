namespace Arena.Policy.Networks;

/// <summary>What becomes of the sums of a layer.</summary>
internal enum LayerRole
{
    /// <summary>Normalised if asked for, then the activation.</summary>
    Hidden,

    /// <summary>Gates of the core.</summary>
    Core,

    /// <summary>Outputs of the network.</summary>
    Heads,
}

/// <summary>One linear layer y = x·Wᵀ + b: sizes, and where its parts lie in the engine's memory.</summary>
/// <remarks>
/// K inputs, N outputs; K' and N' are these rounded up to <see cref="Gemm.ColumnBlock"/>. Activations and gradients
/// between layers are (rows, N') with zeros in the padding, so that whole registers can be read and written. The two
/// heads are one layer: its outputs from <see cref="Split"/> on come from a second weight tensor. The outputs of gates come in groups, one per gate, each
/// padded for itself.
/// </remarks>
internal unsafe struct Linear
{
    internal LayerRole Role;
    internal int Inputs;
    internal int Outputs;
    internal int PaddedInputs;

    /// <summary>N': of all groups.</summary>
    internal int PaddedOutputs;

    /// <summary>Outputs that lie together, and the columns they take: N and N' unless the layer has several groups.</summary>
    internal int GroupOutputs;
    internal int GroupColumns;

    /// <summary>Outputs of the first weight tensor; the rest belongs to the second.</summary>
    internal int Split;

    /// <summary>Offsets in the flat parameter vector: W (Split, K), b (Split), and those of the second tensor.</summary>
    internal int WeightOffset;
    internal int BiasOffset;
    internal int SecondWeightOffset;
    internal int SecondBiasOffset;

    /// <summary>Whether the input is the observation: rows without padding, and nobody needs their gradient.</summary>
    internal bool ReadsObservations;

    /// <summary>Whether the weight gradient is summed as (K, N') = Xᵀ·dY, or as (N', K') = dYᵀ·X: see <see cref="SumsTransposed"/>.</summary>
    internal bool PartialTransposed;

    /// <summary>For heads, the column of the network's outputs where this layer's begin.</summary>
    internal int OutputColumn;

    /// <summary>(N') b, zero-padded; zeros for a layer without one, whose BiasOffset is −1.</summary>
    internal float* Bias;

    /// <summary>(K, N') Wᵀ in panels.</summary>
    internal float* PackedTransposed;

    /// <summary>(N', K') W in panels; unused where nobody needs the gradient of the input.</summary>
    internal float* Packed;

    /// <summary>(MaxRows, N') of the last kept forward: hidden layers after their activation, gates after theirs.</summary>
    internal float* Activations;

    /// <summary>(MaxRows, N') what went into the activation in the last kept forward; only for activations whose slope needs it.</summary>
    internal float* PreActivations;

    /// <summary>What comes between the sums and the activation; hidden layers only.</summary>
    internal LayerNorm Norm;

    /// <summary>Where, in floats, a chunk's sums for weights and bias (N') begin.</summary>
    internal long PartialWeights;
    internal long PartialBias;

    /// <summary>Rows and columns of the partial weight gradient.</summary>
    internal readonly int PartialRows => PartialTransposed ? Inputs : Steps;

    internal readonly int PartialColumns => PartialTransposed ? PaddedOutputs : PaddedInputs;

    internal readonly bool HasBias => BiasOffset >= 0;

    /// <summary>Groups of outputs.</summary>
    internal readonly int Groups => Outputs / GroupOutputs;

    // Columns of y that the products with W run over: padding inside is multiplied by zero, padding at the end is left out.
    private readonly int Steps => PaddedOutputs - GroupColumns + GroupOutputs;

    /// <summary>
    /// Rows of the tensor are better sums: they are added to it as they lie. But observations have no padding, so they can only be read
    /// one by one, as rows; and few inputs would waste most of a register's lanes. The sums are the same bits either way.
    /// </summary>
    internal static bool SumsTransposed(int inputs, int outputs, bool readsObservations) =>
        readsObservations || (inputs < Gemm.ColumnBlock && outputs > inputs);

    /// <summary>Column of y that holds <paramref name="output"/>.</summary>
    internal readonly int Column(int output) => output / GroupOutputs * GroupColumns + output % GroupOutputs;

    /// <summary>Rebuilds the packed panels, and what else is derived, from the flat parameter vector.</summary>
    internal readonly void Refresh<TVector, TLanes>(float* weights)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (Norm.Gain != null) Norm.Refresh(weights);
        for (int output = 0; output < Outputs; output++)
        {
            bool second = output >= Split;
            int index = second ? output - Split : output, column = Column(output);
            if (HasBias) Bias[column] = weights[(second ? SecondBiasOffset : BiasOffset) + index];
            // One output is one column of Wᵀ, and one step of W, whose panels follow each other after all steps.
            float* row = weights + (second ? SecondWeightOffset : WeightOffset) + (nint)index * Inputs;
            Gemm.PackColumn<TVector, TLanes>(row, Inputs, column, PackedTransposed, PaddedOutputs);
            if (!ReadsObservations) Gemm.PackStep<TVector, TLanes>(row, column, Inputs, Steps, Packed, PaddedInputs);
        }
    }

    /// <summary>y (rows, N') = x·Wᵀ + b, before the activation; x has <paramref name="xRow"/> floats between rows.</summary>
    internal readonly void Forward<TVector, TLanes>(float* x, nint xRow, int rows, float* y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => Products<TVector, TLanes>(x, xRow, rows, y, Bias, 0);

    /// <summary>y (rows, N') += x·Wᵀ.</summary>
    internal readonly void AddForward<TVector, TLanes>(float* x, nint xRow, int rows, float* y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => Products<TVector, TLanes>(x, xRow, rows, y, y, PaddedOutputs);

    /// <summary>dx (rows, K') = dy·W, where dy is (rows, N').</summary>
    internal readonly void InputGradient<TVector, TLanes>(float* dy, int rows, float* dx, float* zeros)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => InputProducts<TVector, TLanes>(dy, rows, dx, zeros, 0);

    /// <summary>dx (rows, K') += dy·W.</summary>
    internal readonly void AddInputGradient<TVector, TLanes>(float* dy, int rows, float* dx)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => InputProducts<TVector, TLanes>(dy, rows, dx, dx, PaddedInputs);

    /// <summary>Adds dyᵀ·x and the column sums of dy to a chunk's partial sums, or sets them for its first rows.</summary>
    /// <param name="x">Inputs, <paramref name="xRow"/> floats between rows.</param>
    /// <param name="partials">The chunk's partial sums.</param>
    /// <param name="zeros">At least N' and K' zeros.</param>
    /// <param name="one">The number 1: the bias gradient is the product of a row of ones and dy.</param>
    internal readonly void ParameterGradient<TVector, TLanes>(
        float* x, nint xRow, float* dy, int rows, float* partials, bool first, float* zeros, float* one)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* weights = partials + PartialWeights;
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = PartialTransposed ? x : dy,
            ARow = 1,
            AStep = PartialTransposed ? xRow : PaddedOutputs,
            B = PartialTransposed ? dy : x,
            BRow = PartialColumns,
            Start = first ? zeros : weights,
            StartRow = first ? 0 : PartialColumns,
            C = weights,
            CRow = PartialColumns,
            Rows = PartialRows,
            Steps = rows,
            Columns = PartialColumns,
        });
        if (!HasBias) return;
        float* bias = partials + PartialBias;
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = one,
            B = dy,
            BRow = PaddedOutputs,
            Start = first ? zeros : bias,
            C = bias,
            Rows = 1,
            Steps = rows,
            Columns = PaddedOutputs,
        });
    }

    private readonly void Products<TVector, TLanes>(float* x, nint xRow, int rows, float* y, float* start, nint startRow)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = x,
            ARow = xRow,
            AStep = 1,
            B = PackedTransposed,
            Start = start,
            StartRow = startRow,
            C = y,
            CRow = PaddedOutputs,
            Rows = rows,
            Steps = Inputs,
            Columns = PaddedOutputs,
        });
    }

    private readonly void InputProducts<TVector, TLanes>(float* dy, int rows, float* dx, float* start, nint startRow)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = dy,
            ARow = PaddedOutputs,
            AStep = 1,
            B = Packed,
            Start = start,
            StartRow = startRow,
            C = dx,
            CRow = PaddedInputs,
            Rows = rows,
            Steps = Steps,
            Columns = PaddedInputs,
        });
    }
}
