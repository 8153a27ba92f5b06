namespace Arena.Policy.Networks;

/// <summary>One linear layer y = x·Wᵀ + b: sizes, and where its parts lie in the engine's memory.</summary>
/// <remarks>
/// K inputs, N outputs; K' and N' are these rounded up to <see cref="Gemm.ColumnBlock"/>. Activations and gradients
/// between layers are (rows, N') with zeros in the padding, so that whole registers can be read and written. The two
/// heads are one layer: its outputs from <see cref="Split"/> on come from a second weight tensor.
/// </remarks>
internal unsafe struct Linear
{
    internal int Inputs;
    internal int Outputs;
    internal int PaddedInputs;
    internal int PaddedOutputs;

    /// <summary>Outputs of the first weight tensor; the rest belongs to the second.</summary>
    internal int Split;

    /// <summary>Offsets in the flat parameter vector: W (Split, K), b (Split), and those of the second tensor.</summary>
    internal int WeightOffset;
    internal int BiasOffset;
    internal int SecondWeightOffset;
    internal int SecondBiasOffset;

    /// <summary>Whether the input is the observation: rows without padding, and nobody needs their gradient.</summary>
    internal bool ReadsObservations;

    /// <summary>Whether the weight gradient is summed as (K, N') = Xᵀ·dY, or as (N, K') = dYᵀ·X: see <see cref="SumsTransposed"/>.</summary>
    internal bool PartialTransposed;

    /// <summary>(N') b, zero-padded.</summary>
    internal float* Bias;

    /// <summary>(K, N') Wᵀ in panels.</summary>
    internal float* PackedTransposed;

    /// <summary>(N, K') W in panels; unused where nobody needs the gradient of the input.</summary>
    internal float* Packed;

    /// <summary>(MaxRows, N') outputs after the activation, of the last kept forward; hidden layers only.</summary>
    internal float* Activations;

    /// <summary>Where, in floats, a chunk's sums for weights and bias (N') begin.</summary>
    internal long PartialWeights;
    internal long PartialBias;

    /// <summary>Number of the first job that reduces this layer; a job per row of the partial sums and one for the bias.</summary>
    internal int FirstReduction;

    /// <summary>Rows and columns of the partial weight gradient.</summary>
    internal readonly int PartialRows => PartialTransposed ? Inputs : Outputs;

    internal readonly int PartialColumns => PartialTransposed ? PaddedOutputs : PaddedInputs;

    /// <summary>Jobs of the reduction.</summary>
    internal readonly int Reductions => PartialRows + 1;

    /// <summary>
    /// Few outputs would waste most of a register's lanes, so they become the rows of the sum. Observations have no padding, so
    /// they can only be read one by one: as rows.
    /// </summary>
    internal static bool SumsTransposed(int outputs, bool readsObservations) => readsObservations || outputs >= Gemm.ColumnBlock;

    /// <summary>Where W[output, 0] lies in the flat vector.</summary>
    internal readonly int WeightRow(int output) =>
        output < Split ? WeightOffset + output * Inputs : SecondWeightOffset + (output - Split) * Inputs;

    /// <summary>Where b[output] lies in the flat vector.</summary>
    internal readonly int BiasOf(int output) => output < Split ? BiasOffset + output : SecondBiasOffset + output - Split;

    /// <summary>Rebuilds the packed panels from the flat parameter vector.</summary>
    internal readonly void Refresh<TVector, TLanes>(float* weights)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int output = 0; output < Outputs; output++)
        {
            Bias[output] = weights[BiasOf(output)];
            // One output is one column of Wᵀ, and one step of W, whose panels follow each other after all N steps.
            Gemm.PackColumn<TVector, TLanes>(weights + WeightRow(output), Inputs, output, PackedTransposed, PaddedOutputs);
            if (!ReadsObservations) Gemm.PackStep<TVector, TLanes>(weights + WeightRow(output), output, Inputs, Outputs, Packed, PaddedInputs);
        }
    }

    /// <summary>y (rows, N') = x·Wᵀ + b, before the activation.</summary>
    internal readonly void Forward<TVector, TLanes>(float* x, int rows, float* y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = x,
            ARow = InputStride,
            AStep = 1,
            B = PackedTransposed,
            Start = Bias,
            C = y,
            CRow = PaddedOutputs,
            Rows = rows,
            Steps = Inputs,
            Columns = PaddedOutputs,
        });
    }

    /// <summary>dx (rows, K') = dy·W, where dy is (rows, N').</summary>
    internal readonly void InputGradient<TVector, TLanes>(float* dy, int rows, float* dx, float* zeros)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = dy,
            ARow = PaddedOutputs,
            AStep = 1,
            B = Packed,
            Start = zeros,
            C = dx,
            CRow = PaddedInputs,
            Rows = rows,
            Steps = Outputs,
            Columns = PaddedInputs,
        });
    }

    /// <summary>Adds dyᵀ·x and the column sums of dy to a chunk's partial sums, or sets them for its first rows.</summary>
    /// <param name="partials">The chunk's partial sums.</param>
    /// <param name="zeros">At least N' and K' zeros.</param>
    /// <param name="one">The number 1: the bias gradient is the product of a row of ones and dy.</param>
    internal readonly void ParameterGradient<TVector, TLanes>(float* x, float* dy, int rows, float* partials, bool first, float* zeros, float* one)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* weights = partials + PartialWeights;
        float* bias = partials + PartialBias;
        Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = PartialTransposed ? x : dy,
            ARow = 1,
            AStep = PartialTransposed ? InputStride : PaddedOutputs,
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

    /// <summary>Floats between the rows of the input.</summary>
    internal readonly int InputStride => ReadsObservations ? Inputs : PaddedInputs;
}
