using Arena.Kernels.Environments;
using Arena.Kernels.Random;

namespace Arena.Validation.Conformance;

/// <summary>Legal actions as a function of seed, match, tick and agent: the same for every batch that holds the match.</summary>
public static class RecordedActions
{
    private const uint Purpose = 60_000; // no game's own

    /// <summary>Fills the action buffers of every row.</summary>
    public static void Write(GameBatch batch, Func<int, int>? matchOf = null)
    {
        EnvironmentSpec spec = batch.Spec;
        for (int row = 0; row < batch.Rows; row++)
        {
            int env = row / spec.AgentsPerMatch;
            uint match = (uint)(matchOf?.Invoke(env) ?? (batch.Offset + env));
            uint agent = (uint)(row % spec.AgentsPerMatch);
            for (int at = 0; at < spec.Action.Continuous.Count; at++)
                batch.Views.ContinuousActions[row * spec.Action.Continuous.Count + at] = Philox.Symmetric(Word(batch, match, agent, at));
            for (int head = 0; head < spec.Action.Discrete.Count; head++)
                batch.Views.DiscreteActions[row * spec.Action.Discrete.Count + head] = LegalChoice(batch, row, head, Word(batch, match, agent, head));
        }
    }

    /// <summary>Whether the mask allows <paramref name="choice"/> of a head; everything in range is allowed without masks.</summary>
    public static bool IsLegal(GameBatch batch, int row, int head, int choice)
    {
        ActionSpec action = batch.Spec.Action;
        if (choice < 0 || choice >= action.Discrete[head].Size) return false;
        if (!action.HasMasks) return true;
        int bit = action.Discrete.Take(head).Sum(before => before.Size) + choice;
        return (batch.Views.ActionMasks[row * action.MaskWords + (bit >> 5)] >> (bit & 31) & 1) != 0;
    }

    private static int LegalChoice(GameBatch batch, int row, int head, uint word)
    {
        int[] legal = [.. Enumerable.Range(0, batch.Spec.Action.Discrete[head].Size).Where(choice => IsLegal(batch, row, head, choice))];
        Require.True(legal.Length > 0, $"{batch.Here(row / batch.Spec.AgentsPerMatch)}, row {row}, head {head}: the mask forbids everything");
        return legal[Philox.Below(word, legal.Length)];
    }

    private static uint Word(GameBatch batch, uint match, uint agent, int component) =>
        Philox.Draw(batch.Seed, match, 0, (uint)batch.Tick, agent * 64 + (uint)component, Purpose).X;
}
