namespace Arena.Policy.SelfPlay;

/// <summary>Small symmetric positive definite systems, in double.</summary>
internal static class Cholesky
{
    /// <summary>x with matrix·x = right.</summary>
    internal static double[] Solve(double[,] matrix, double[] right) => Substitute(Factor(matrix), right);

    /// <summary>The inverse.</summary>
    internal static double[,] Inverse(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        double[,] factor = Factor(matrix), inverse = new double[n, n];
        for (int column = 0; column < n; column++)
        {
            var unit = new double[n];
            unit[column] = 1;
            double[] solved = Substitute(factor, unit);
            for (int row = 0; row < n; row++) inverse[row, column] = solved[row];
        }

        return inverse;
    }

    // Lower triangular: factor·factorᵀ = matrix.
    private static double[,] Factor(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        var factor = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++) sum -= factor[i, k] * factor[j, k];
                factor[i, j] = i == j ? Math.Sqrt(sum) : sum / factor[j, j];
            }

        return factor;
    }

    private static double[] Substitute(double[,] factor, double[] right)
    {
        int n = right.Length;
        double[] x = [.. right];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++) x[i] -= factor[i, k] * x[k];
            x[i] /= factor[i, i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++) x[i] -= factor[k, i] * x[k];
            x[i] /= factor[i, i];
        }

        return x;
    }
}
