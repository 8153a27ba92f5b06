using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;
using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>A match played by the reference alone.</summary>
internal sealed class ReferencePlay
{
    private readonly MobaMatchReference reference;
    private readonly string[] players;

    public ReferencePlay(MobaOptions options, string first, string second, ulong seed = 3, int match = 4)
    {
        reference = new MobaMatchReference(new MatchSetup(options, null!, seed, match));
        players = [first, second];
        Last = reference.Reset();
    }

    /// <summary>What the last tick (or the reset) left.</summary>
    public ExpectedTick Last { get; private set; }

    /// <summary>A column of the state.</summary>
    public double[] Column(string name) => Last.State[name].Values;

    /// <summary>Plays a tick; rows that <paramref name="change"/> writes are played as written.</summary>
    public ExpectedTick Play(Action<int[]>? change = null)
    {
        var state = Last.State.ToDictionary(column => column.Key, column => column.Value.Values);
        int[] actions = [.. Enumerable.Range(0, 10).SelectMany(row => reference.Act(state, row, players[row / 5])!).Select(head => (int)head)];
        change?.Invoke(actions);
        return Last = reference.Step(state, new MatchActions([], actions), 0);
    }
}
