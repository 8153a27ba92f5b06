namespace Arena.Validation.Learning;

/// <summary>REINFORCE in double precision, as the formulas say (Williams 1992).</summary>
public static class ReinforceReference
{
    /// <summary>G_t = Σ_{k ≥ t} γ^{k−t} r_k, each from its own sum.</summary>
    public static double[] Returns(double[] rewards, double discount) =>
        [.. rewards.Select((_, t) => rewards.Skip(t).Select((reward, ahead) => Math.Pow(discount, ahead) * reward).Sum())];

    /// <summary>Ĝ = (G − mean)/(std + 1e-8) over the ticks of all games.</summary>
    public static double[][] Normalise(double[][] returns)
    {
        double[] all = [.. returns.SelectMany(game => game)];
        double mean = all.Average(), deviation = Math.Sqrt(all.Average(value => (value - mean) * (value - mean)));
        return [.. returns.Select(game => game.Select(value => (value - mean) / (deviation + 1e-8)).ToArray())];
    }

    /// <summary>Reward of side 0 from everybody's: half of what its mean is above the other side's; with one side its mean.</summary>
    public static double SideReward(double[] rewards, int sides)
    {
        int perSide = rewards.Length / sides;
        double own = rewards.Take(perSide).Average();
        return sides == 1 ? own : (own - rewards.Skip(perSide).Average()) / 2;
    }

    /// <summary>−(1/games)·Σ Ĝ·ln π over all ticks and agents: its gradient is the update's.</summary>
    /// <param name="games">Games of the batch.</param>
    /// <param name="steps">Normalised return and ln π of every agent-step.</param>
    public static double Loss(int games, IEnumerable<(double Return, double LogProb)> steps) =>
        -steps.Sum(step => step.Return * step.LogProb) / games;
}
