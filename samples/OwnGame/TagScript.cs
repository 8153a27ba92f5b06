using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace OwnGame;

/// <summary>Built-in players: random (1) and greedy (2). One index per match.</summary>
public struct TagScript : IKernel
{
    /// <summary>Arguments.</summary>
    public TagArguments Arguments;

    /// <summary>(E, 2) who plays each side; 0 = outside.</summary>
    public View<byte> Controllers;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        for (int agent = 0; agent < TagConstants.Agents; agent++)
        {
            int row = TagConstants.Agents * env + agent;
            int controller = Controllers[row];
            if (controller == 0) continue;
            Arguments.Views.DiscreteActions[row] = controller == 1 ? RandomMove(env, agent) : GreedyMove(env, agent);
        }
    }

    // Each legal move equally likely.
    private int RandomMove(int env, int agent)
    {
        uint legal = TagEpisode.LegalMoves(env, agent, Arguments);
        int count = 0;
        for (int move = 0; move < TagConstants.Moves; move++) count += (int)(legal >> move & 1);
        uint word = Philox.Draw(Arguments.Seed, (uint)(Arguments.Parameters.MatchOffset + env), (uint)Arguments.State.Episode[env, 0],
            (uint)Arguments.State.Tick[env, 0], (uint)agent, TagConstants.RandomPolicyPurpose).X;
        int left = Philox.Below(word, count);
        for (int move = 0; move < TagConstants.Moves; move++)
        {
            if ((legal >> move & 1) == 0) continue;
            if (left == 0) return move;
            left--;
        }

        return 0;
    }

    // The chaser takes the legal move that brings it nearest, the runner the one that takes it farthest; ties: lowest number.
    private int GreedyMove(int env, int agent)
    {
        MatchSlots<int> cell = Arguments.State.Cell.Of(env);
        uint legal = TagEpisode.LegalMoves(env, agent, Arguments);
        int best = 0, bestValue = int.MinValue;
        for (int move = 0; move < TagConstants.Moves; move++)
        {
            if ((legal >> move & 1) == 0) continue;
            int rows = Distance(cell[2 * agent] + TagConstants.RowStep(move), cell[2 - 2 * agent]);
            int columns = Distance(cell[2 * agent + 1] + TagConstants.ColumnStep(move), cell[3 - 2 * agent]);
            // Moves off a corner count too: of equal sums, prefer the even split for the runner, the uneven for the chaser.
            int value = 4 * (rows + columns) + Scalar.Min(rows, columns);
            if (agent == 0) value = -value;
            if (value <= bestValue) continue;
            best = move;
            bestValue = value;
        }

        return best;
    }

    private static int Distance(int a, int b) => a < b ? b - a : a - b;
}
