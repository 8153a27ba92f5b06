namespace Arena.Validation.Learning.Networks;

/// <summary>Multi-head attention among the tokens of one row, added to them, in double precision.</summary>
/// <param name="Query">D to D.</param>
/// <param name="Key">D to D.</param>
/// <param name="Value">D to D.</param>
/// <param name="Heads">Each sees D / Heads components.</param>
/// <remarks>P = softmax over present tokens of Q·Kᵀ/√d; output = input + P·V; absent tokens are no keys, and without any key P is 0.</remarks>
public sealed record AttentionReference(LinearLayer Query, LinearLayer Key, LinearLayer Value, int Heads)
{
    private int Width => Query.Outputs;

    private int HeadWidth => Width / Heads;

    /// <summary>(tokens, D) of tokens (tokens, D).</summary>
    public double[] Forward(double[] tokens, bool[] present)
    {
        int count = present.Length;
        ReferenceRows rows = ReferenceRows.Of(count);
        (double[] q, double[] k, double[] v) = (Query.Forward(tokens, rows), Key.Forward(tokens, rows), Value.Forward(tokens, rows));
        double[] output = [.. tokens];
        for (int head = 0; head < Heads; head++)
        {
            double[,] p = Probabilities(q, k, present, head);
            for (int i = 0; i < count; i++)
                for (int j = 0; j < count; j++)
                    for (int c = head * HeadWidth; c < (head + 1) * HeadWidth; c++) output[i * Width + c] += p[i, j] * v[j * Width + c];
        }

        return output;
    }

    /// <summary>Gradients by query, key and value layer; the gradient by the tokens is in none of them but returned first.</summary>
    public (double[] Tokens, ReferenceGradients Query, ReferenceGradients Key, ReferenceGradients Value) Backward(double[] tokens, bool[] present, double[] outputGradient)
    {
        int count = present.Length;
        ReferenceRows rows = ReferenceRows.Of(count);
        (double[] q, double[] k, double[] v) = (Query.Forward(tokens, rows), Key.Forward(tokens, rows), Value.Forward(tokens, rows));
        (var dq, var dk, var dv) = (new double[q.Length], new double[k.Length], new double[v.Length]);
        for (int head = 0; head < Heads; head++)
        {
            double[,] p = Probabilities(q, k, present, head);
            int from = head * HeadWidth, to = from + HeadWidth;
            for (int i = 0; i < count; i++)
            {
                var dp = new double[count];
                for (int j = 0; j < count; j++)
                    for (int c = from; c < to; c++)
                    {
                        dp[j] += outputGradient[i * Width + c] * v[j * Width + c];
                        dv[j * Width + c] += p[i, j] * outputGradient[i * Width + c];
                    }

                double mean = Enumerable.Range(0, count).Sum(j => dp[j] * p[i, j]);
                for (int j = 0; j < count; j++)
                {
                    double ds = p[i, j] * (dp[j] - mean) / Math.Sqrt(HeadWidth);
                    for (int c = from; c < to; c++)
                    {
                        dq[i * Width + c] += ds * k[j * Width + c];
                        dk[j * Width + c] += ds * q[i * Width + c];
                    }
                }
            }
        }

        ReferenceGradients query = Query.Backward(tokens, dq, rows), key = Key.Backward(tokens, dk, rows), value = Value.Backward(tokens, dv, rows);
        double[] all = [.. outputGradient.Select((gradient, i) => gradient + query.Input[i] + key.Input[i] + value.Input[i])];
        return (all, query, key, value);
    }

    private double[,] Probabilities(double[] q, double[] k, bool[] present, int head)
    {
        int count = present.Length;
        var p = new double[count, count];
        if (!present.Contains(true)) return p;
        for (int i = 0; i < count; i++)
        {
            double[] scores = [.. Enumerable.Range(0, count).Select(j => Enumerable.Range(head * HeadWidth, HeadWidth).Sum(c => q[i * Width + c] * k[j * Width + c]) / Math.Sqrt(HeadWidth))];
            double largest = Enumerable.Range(0, count).Where(j => present[j]).Max(j => scores[j]);
            double sum = Enumerable.Range(0, count).Where(j => present[j]).Sum(j => Math.Exp(scores[j] - largest));
            for (int j = 0; j < count; j++) p[i, j] = present[j] ? Math.Exp(scores[j] - largest) / sum : 0;
        }

        return p;
    }
}
