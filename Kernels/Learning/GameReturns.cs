using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Notes what one tick did to every match's first game. One index per match; after every step.</summary>
/// <remarks>
/// The reward of side 0 is half of its agents' mean reward less the other side's: for rewards that cancel out that is its mean
/// reward, and for all others what one side gained over the other. So the sides' returns are exact negations of each other. A match
/// whose game is over plays on, but its later ticks do not count.
/// </remarks>
public struct RecordGameStep : IKernel
{
    /// <summary>(N) float: results of this tick; in.</summary>
    public View<float> Rewards;

    /// <summary>(N) byte; in.</summary>
    public View<byte> Terminated;

    /// <summary>(N) byte; in.</summary>
    public View<byte> Truncated;

    /// <summary>(E) float: reward of side 0 in this tick, 0 after the game; out.</summary>
    public View<float> SideReward;

    /// <summary>(E) byte: 1 where this tick belongs to the game; out.</summary>
    public View<byte> Playing;

    /// <summary>(E) int: 1 + the tick that ended the game, 0 while it goes on; cleared at tick 0; in and out.</summary>
    public View<int> Length;

    /// <summary>(E) int: 1 + the tick in which the clock cut the game, else 0; cleared at tick 0; in and out.</summary>
    public View<int> Cut;

    /// <summary>t.</summary>
    public int Tick;

    /// <summary>Competing sides, 1 or 2.</summary>
    public int Sides;

    /// <summary>Agents per side.</summary>
    public int AgentsPerSide;

    /// <inheritdoc/>
    public readonly void Run(int env)
    {
        if (Tick == 0)
        {
            Length[env] = 0;
            Cut[env] = 0;
        }

        bool playing = Length[env] == 0;
        Playing[env] = playing ? (byte)1 : (byte)0;
        SideReward[env] = 0f;
        if (!playing) return;
        int row = env * Sides * AgentsPerSide;
        float reward = Mean(row);
        SideReward[env] = Sides == 1 ? reward : 0.5f * (reward - Mean(row + AgentsPerSide));
        if (Terminated[row] != 0 || Truncated[row] != 0) Length[env] = Tick + 1;
        if (Truncated[row] != 0) Cut[env] = Tick + 1;
    }

    private readonly float Mean(int firstRow)
    {
        float sum = 0f;
        for (int row = firstRow; row < firstRow + AgentsPerSide; row++) sum += Rewards[row];
        return sum / AgentsPerSide;
    }
}

/// <summary>Discounted return of side 0 from every tick to the end of the game: G_t = r_t + γ·G_{t+1}. One index per match.</summary>
/// <remarks>Source: Williams 1992, reward-to-go; side 1's return is the negation.</remarks>
public struct GameReturns : IKernel
{
    /// <summary>(T, E) float; in.</summary>
    public View<float> SideReward;

    /// <summary>(E) int: ticks of the game, at least 1; in.</summary>
    public View<int> Length;

    /// <summary>(T, E) float; 0 after the game; out.</summary>
    public View<float> Returns;

    /// <summary>E.</summary>
    public int NumEnvs;

    /// <summary>Ticks recorded.</summary>
    public int Ticks;

    /// <summary>γ.</summary>
    public float Discount;

    /// <inheritdoc/>
    public readonly void Run(int env)
    {
        float total = 0f;
        for (int t = Ticks - 1; t >= 0; t--)
        {
            long at = (long)t * NumEnvs + env;
            total = t < Length[env] ? SideReward[at] + Discount * total : 0f;
            Returns[at] = total;
        }
    }
}

/// <summary>Gives every row of one side its normalised return and its weight. One index per row of the side and tick.</summary>
public struct SpreadReturns : IKernel
{
    /// <summary>(T, E) float: normalised, of side 0; in.</summary>
    public View<float> Returns;

    /// <summary>(T, E) byte; in.</summary>
    public View<byte> Playing;

    /// <summary>(T, N / Sides) byte: the agent takes part; in.</summary>
    public View<byte> RowActive;

    /// <summary>(T, N / Sides) float; out.</summary>
    public View<float> Advantages;

    /// <summary>(T, N / Sides) byte: 1 where a row is learned from; out.</summary>
    public View<byte> RowWeights;

    /// <summary>Agents per side.</summary>
    public int AgentsPerSide;

    /// <summary>1 for side 0, −1 for side 1.</summary>
    public float Sign;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        // Rows of a side are adjacent per match, so the row's place among (T, E) is a plain quotient.
        int game = index / AgentsPerSide;
        Advantages[index] = Sign * Returns[game];
        RowWeights[index] = Playing[game] != 0 ? RowActive[index] : (byte)0;
    }
}

/// <summary>Copies which agents of one side take part. One index per row of the side.</summary>
public struct GatherActive : IKernel
{
    /// <summary>Whose rows.</summary>
    public SideRows Side;

    /// <summary>(N) byte; in.</summary>
    public View<byte> RowActive;

    /// <summary>(N / Sides) byte; out.</summary>
    public View<byte> SideActive;

    /// <inheritdoc/>
    public readonly void Run(int row) => SideActive[row] = RowActive[Side.AgentRow(row)];
}
