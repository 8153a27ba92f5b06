namespace Arena.Policy.Networks;

/// <summary>A convolution over the activations of another, by products of matrices without gathering patches.</summary>
/// <remarks>
/// Maps are (rows, cells, C') with zeros in the padding. The cells that one row of a window covers are adjacent, so an output cell
/// is the sum of k products (rows, k·C')·(k·C', C_out'), and of one if the window covers the whole map. Input gradients
/// are gathered: every input cell adds up the taps that cover it, in the order of the taps.
/// </remarks>
internal unsafe struct ConvolutionLayer
{
    internal int Rows;
    internal int Columns;
    internal int OutputRows;
    internal int OutputColumns;
    internal int Kernel;
    internal int Stride;
    internal int Inputs;
    internal int PaddedInputs;
    internal int Outputs;
    internal int PaddedOutputs;

    /// <summary>(C_out') b, zero-padded.</summary>
    internal float* Bias;

    /// <summary>Per segment, (steps, C_out') weights in panels.</summary>
    internal float* Packed;

    /// <summary>Per tap, (C_out, C') weights in panels; of a window over the whole map, one (C_out, k·k·C').</summary>
    internal float* PackedTaps;

    /// <summary>(k·k·C') the weights of one output, while they are packed.</summary>
    internal float* Window;

    /// <summary>Sums of the gradient: one row per tap and input channel.</summary>
    internal PartialTable Sums;

    internal readonly bool Whole => Kernel == Rows && Kernel == Columns;

    internal readonly int OutputCells => OutputRows * OutputColumns;

    /// <summary>C_out' · output cells.</summary>
    internal readonly int OutputWidth => OutputCells * PaddedOutputs;

    /// <summary>C' · cells.</summary>
    internal readonly int InputWidth => Rows * Columns * PaddedInputs;

    /// <summary>k·k·C'.</summary>
    internal readonly int WindowLength => Kernel * Kernel * PaddedInputs;

    private readonly int Segments => Whole ? 1 : Kernel;

    private readonly int Steps => WindowLength / Segments;

    /// <summary>Rebuilds the panels from the flat parameter vector.</summary>
    internal readonly void Refresh<TVector, TLanes>(float* weights)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int steps = Steps;
        for (int output = 0; output < Outputs; output++)
        {
            Bias[output] = weights[Sums.BiasOffset + output];
            float* source = weights + Sums.WeightOffset + (nint)output * Sums.RowLength;
            for (int row = 0; row < Sums.Rows; row++) Window[row] = Sums.Inputs[row] < 0 ? 0f : source[Sums.Inputs[row]];
            for (int segment = 0; segment < Segments; segment++)
                Gemm.PackColumn<TVector, TLanes>(Window + segment * steps, steps, output, Packed + (nint)segment * steps * PaddedOutputs, PaddedOutputs);
            int width = Whole ? WindowLength : PaddedInputs;
            for (int at = 0; at < WindowLength; at += width)
                Gemm.PackStep<TVector, TLanes>(Window + at, output, width, Outputs, PackedTaps + (nint)at * Outputs, width);
        }
    }

    /// <summary>y (rows, output cells, C_out') before the activation, of x (rows, cells, C').</summary>
    internal readonly void Forward<TVector, TLanes>(float* x, int rows, float* y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int steps = Steps;
        for (int cell = 0; cell < OutputCells; cell++)
            for (int segment = 0; segment < Segments; segment++)
            {
                float* sums = y + (nint)cell * PaddedOutputs;
                Gemm.Multiply<TVector, TLanes>(new Product
                {
                    A = x + SegmentStart(cell, segment),
                    ARow = InputWidth,
                    AStep = 1,
                    B = Packed + (nint)segment * steps * PaddedOutputs,
                    Start = segment == 0 ? Bias : sums,
                    StartRow = segment == 0 ? 0 : OutputWidth,
                    C = sums,
                    CRow = OutputWidth,
                    Rows = rows,
                    Steps = steps,
                    Columns = PaddedOutputs,
                });
            }
    }

    /// <summary>dx (rows, cells, C') of dy (rows, output cells, C_out').</summary>
    /// <param name="zeros">At least C' zeros, and k·k·C' for a window over the whole map.</param>
    internal readonly void InputGradient<TVector, TLanes>(float* dy, int rows, float* dx, float* zeros)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (Whole)
        {
            AddTaps<TVector, TLanes>(dy, rows, dx, zeros, 0, WindowLength, PackedTaps);
            return;
        }

        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++)
                CellGradient<TVector, TLanes>(dy, rows, row, column, dx + ((nint)row * Columns + column) * PaddedInputs, zeros);
    }

    /// <summary>Adds the parameters' gradient to a chunk's partial sums, or sets them for its first rows.</summary>
    internal readonly void ParameterGradient<TVector, TLanes>(float* x, float* dy, int rows, float* partials, bool first, float* zeros, float* one)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        int steps = Steps;
        for (int cell = 0; cell < OutputCells; cell++)
            for (int segment = 0; segment < Segments; segment++)
            {
                float* sums = partials + Sums.Weights + (nint)segment * steps * PaddedOutputs;
                bool set = first && cell == 0;
                Gemm.Multiply<TVector, TLanes>(new Product
                {
                    A = x + SegmentStart(cell, segment),
                    ARow = 1,
                    AStep = InputWidth,
                    B = dy + (nint)cell * PaddedOutputs,
                    BRow = OutputWidth,
                    Start = set ? zeros : sums,
                    StartRow = set ? 0 : PaddedOutputs,
                    C = sums,
                    CRow = PaddedOutputs,
                    Rows = steps,
                    Steps = rows,
                    Columns = PaddedOutputs,
                });
            }

        Columnwise.Sum<TVector, TLanes>(dy, rows * OutputCells, PaddedOutputs, partials + Sums.Bias, first, zeros, one);
    }

    private readonly void CellGradient<TVector, TLanes>(float* dy, int rows, int row, int column, float* dx, float* zeros)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        bool covered = false;
        for (int tap = 0; tap < Kernel * Kernel; tap++)
        {
            int down = row - tap / Kernel, right = column - tap % Kernel;
            if (down < 0 || right < 0 || down % Stride != 0 || right % Stride != 0) continue;
            if (down / Stride >= OutputRows || right / Stride >= OutputColumns) continue;
            float* gradient = dy + ((nint)(down / Stride) * OutputColumns + right / Stride) * PaddedOutputs;
            float* packed = PackedTaps + (nint)tap * PaddedInputs * Outputs;
            AddTaps<TVector, TLanes>(gradient, rows, dx, covered ? dx : zeros, covered ? InputWidth : 0, PaddedInputs, packed);
            covered = true;
        }

        if (covered) return;
        for (int at = 0; at < rows; at++) new Span<float>(dx + (nint)at * InputWidth, PaddedInputs).Clear();
    }

    private readonly void AddTaps<TVector, TLanes>(float* dy, int rows, float* dx, float* start, nint startRow, int columns, float* packed)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = dy,
            ARow = OutputWidth,
            AStep = 1,
            B = packed,
            Start = start,
            StartRow = startRow,
            C = dx,
            CRow = InputWidth,
            Rows = rows,
            Steps = Outputs,
            Columns = columns,
        });

    private readonly nint SegmentStart(int cell, int segment) =>
        ((nint)(cell / OutputColumns * Stride + segment) * Columns + cell % OutputColumns * Stride) * PaddedInputs;
}
