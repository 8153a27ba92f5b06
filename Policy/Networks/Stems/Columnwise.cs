namespace Arena.Policy.Networks;

/// <summary>Sums of columns, for the gradient of biases.</summary>
internal static unsafe class Columnwise
{
    /// <summary>Adds the columns of dy (rows, width) to <paramref name="sums"/>, or sets them: the product of a row of ones and dy.</summary>
    internal static void Sum<TVector, TLanes>(float* dy, int rows, int width, float* sums, bool first, float* zeros, float* one)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector> => Gemm.Multiply<TVector, TLanes>(new Product
        {
            A = one,
            B = dy,
            BRow = width,
            Start = first ? zeros : sums,
            C = sums,
            Rows = 1,
            Steps = rows,
            Columns = width,
        });
}
