namespace Arena.Policy.SelfPlay;

/// <summary>Ratings from a table of results.</summary>
/// <remarks>
/// Bradley and Terry 1952: player i scores σ(θ_i − θ_j) per game against j, σ(x) = 1/(1 + e^−x); Elo = 400/ln 10 · θ = 173.72·θ. The fit
/// maximises
/// <code>Σ s_ij ln σ(θ_i − θ_j) − Σ θ²/2τ²</code>
/// over all θ but the anchor's, which stays 0; s_ij are i's points against j, a draw half a point to each. The prior τ = 1,000 Elo
/// makes the maximum finite and unique for every table, also where a player never lost or has met nobody the anchor knows; it moves
/// well measured ratings by less than their error. The objective is strictly concave, so Newton's method with step halving finds it from 0. Standard errors are the
/// roots of the diagonal of the inverse of the negative Hessian. Double precision, O(players³); the same table gives the same
/// bits, in whatever order its results came.
/// </remarks>
public static class BradleyTerry
{
    /// <summary>Elo per unit of θ: 400/ln 10.</summary>
    public static readonly double EloPerUnit = 400 / Math.Log(10);

    /// <summary>τ, Elo.</summary>
    public const double PriorElo = 1000;

    /// <summary>The anchor of every game: a player that never changes.</summary>
    public const string RandomPlayer = "random";

    private const int MaxSteps = 200;
    private const double Converged = 1e-10; // of a step in θ: 2e-8 Elo

    /// <summary>Fits.</summary>
    /// <param name="table">Results.</param>
    /// <param name="anchor">Who is 0; where it has no result, the prior alone centres the ratings and all are <see cref="RatingBound.Unknown"/>.</param>
    /// <param name="priorElo">τ, Elo; above 0.</param>
    public static RatingFit Fit(ResultsTable table, string anchor = RandomPlayer, double priorElo = PriorElo)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(priorElo);
        string[] players = [.. table.Players.Append(anchor).Distinct().Order(StringComparer.Ordinal)];
        int fixedAt = Array.IndexOf(players, anchor);
        double[,] points = Points(table, players);
        double precision = Math.Pow(EloPerUnit / priorElo, 2); // 1/τ²
        double[] theta = Maximise(points, fixedAt, precision);
        double[,] covariance = Cholesky.Inverse(Curvature(points, theta, fixedAt, precision));
        for (int i = 0; i < players.Length; i++)
            for (int j = 0; j < players.Length; j++)
                covariance[i, j] = i == fixedAt || j == fixedAt ? 0 : covariance[i, j] * EloPerUnit * EloPerUnit;
        RatingBound[] bounds = Bounds(points, fixedAt);
        return new RatingFit(
            anchor,
            [.. players.Select((player, i) => new PlayerRating(player, theta[i] * EloPerUnit, Math.Sqrt(covariance[i, i]), bounds[i], table.Games(player)))],
            covariance);
    }

    /// <summary>Expected score of a player that is <paramref name="elo"/> stronger: 382 Elo are 90 %.</summary>
    public static double ExpectedScore(double elo) => Sigmoid(elo / EloPerUnit);

    private static double[,] Points(ResultsTable table, string[] players)
    {
        var points = new double[players.Length, players.Length];
        foreach ((string player, string opponent, double scored, long games) in table.Pairings)
        {
            int i = Array.BinarySearch(players, player, StringComparer.Ordinal), j = Array.BinarySearch(players, opponent, StringComparer.Ordinal);
            points[i, j] = scored;
            points[j, i] = games - scored;
        }

        return points;
    }

    private static double[] Maximise(double[,] points, int fixedAt, double precision)
    {
        var theta = new double[points.GetLength(0)];
        double value = Objective(points, theta, precision);
        for (int iteration = 0; iteration < MaxSteps; iteration++)
        {
            double[] step = Cholesky.Solve(Curvature(points, theta, fixedAt, precision), Gradient(points, theta, fixedAt, precision));
            if (step.Max(Math.Abs) < Converged) return theta;
            // A full step may overshoot far from the maximum; near it rounding must not make a good step look bad.
            double share = 1, allowed = value - 1e-12 * Math.Abs(value);
            double[] next = Moved(theta, step, share);
            while (Objective(points, next, precision) < allowed)
            {
                share /= 2;
                next = Moved(theta, step, share);
            }

            theta = next;
            value = Objective(points, theta, precision);
        }

        throw new InvalidOperationException($"The ratings did not settle in {MaxSteps} steps; this objective has one maximum, so this is a fault of the program.");
    }

    private static double[] Moved(double[] theta, double[] step, double share) => [.. theta.Select((value, i) => value + share * step[i])];

    private static double Objective(double[,] points, double[] theta, double precision)
    {
        double sum = 0;
        for (int i = 0; i < theta.Length; i++)
        {
            for (int j = 0; j < theta.Length; j++)
                if (points[i, j] > 0) sum += points[i, j] * LogSigmoid(theta[i] - theta[j]);
            sum -= 0.5 * precision * theta[i] * theta[i];
        }

        return sum;
    }

    // ∂/∂θ_i = Σ_j (s_ij − n_ij·σ(θ_i − θ_j)) − θ_i/τ²
    private static double[] Gradient(double[,] points, double[] theta, int fixedAt, double precision)
    {
        var gradient = new double[theta.Length];
        for (int i = 0; i < theta.Length; i++)
        {
            if (i == fixedAt) continue;
            for (int j = 0; j < theta.Length; j++)
                gradient[i] += points[i, j] - (points[i, j] + points[j, i]) * Sigmoid(theta[i] - theta[j]);
            gradient[i] -= precision * theta[i];
        }

        return gradient;
    }

    // The negative Hessian: n_ij·σ·(1 − σ) summed on the diagonal plus 1/τ², minus it beside. The anchor's row is that of the identity: it does not move.
    private static double[,] Curvature(double[,] points, double[] theta, int fixedAt, double precision)
    {
        int n = theta.Length;
        var curvature = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            curvature[i, i] += i == fixedAt ? 1 : precision;
            for (int j = 0; j < i; j++)
            {
                double share = Sigmoid(theta[i] - theta[j]), weight = (points[i, j] + points[j, i]) * share * (1 - share);
                if (i != fixedAt) curvature[i, i] += weight;
                if (j != fixedAt) curvature[j, j] += weight;
                if (i != fixedAt && j != fixedAt) curvature[i, j] = curvature[j, i] = -weight;
            }
        }

        return curvature;
    }

    // Without the prior a rating is bounded above when a chain of points leads from the anchor to the player (the anchor scored
    // against x, x against y, … against the player), and below when one leads back.
    private static RatingBound[] Bounds(double[,] points, int fixedAt)
    {
        bool[] above = Reached(points.GetLength(0), fixedAt, (from, to) => points[from, to] > 0);
        bool[] below = Reached(points.GetLength(0), fixedAt, (from, to) => points[to, from] > 0);
        return [.. above.Zip(below, (hasUpper, hasLower) => (hasUpper, hasLower) switch
        {
            (true, true) => RatingBound.Estimate,
            (false, true) => RatingBound.AtLeast,
            (true, false) => RatingBound.AtMost,
            _ => RatingBound.Unknown,
        })];
    }

    private static bool[] Reached(int players, int start, Func<int, int, bool> linked)
    {
        var reached = new bool[players];
        var open = new Stack<int>([start]);
        reached[start] = true;
        while (open.TryPop(out int from))
            for (int to = 0; to < players; to++)
            {
                if (reached[to] || !linked(from, to)) continue;
                reached[to] = true;
                open.Push(to);
            }

        return reached;
    }

    private static double Sigmoid(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    // ln σ(x) without overflow or loss: −ln(1 + e^−x) for x ≥ 0, x − ln(1 + e^x) below.
    private static double LogSigmoid(double x) => Math.Min(x, 0) - Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
