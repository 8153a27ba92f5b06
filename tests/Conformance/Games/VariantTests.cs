using Arena.Conformance.Support;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Matches of one batch that play by different options: taken up at the start of an episode, kept to its end, costing nothing elsewhere.</summary>
public class VariantTests
{
    private const int Matches = 5;
    private const int Ticks = 170;         // past the first ends, which desync spreads
    private const int ComparedTicks = 60;  // of the second episode
    private const int Random = 0;          // the built-in opponent that plays: its actions follow from match, episode and tick alone

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_variant_equal_to_slot_0_changes_no_bit(string game, string preset)
    {
        using var plain = Cases.Of(game, preset).Batch(Matches, seed: 81, desync: true);
        using var varied = Cases.Of(game, preset).Batch(Matches, seed: 81, desync: true);
        if (Supports(varied, out _) is null) return;
        varied.Environment.Variants.Set(3, varied.Environment.Options);
        Assign(varied, env => env % 2 == 0 ? 3 : 0);
        varied.Environment.Reset(81, varied.Views);
        plain.Environment.Progress = varied.Environment.Progress = 0.4f;
        for (int tick = 0; tick < Ticks; tick++)
        {
            if (tick == 7) Assign(varied, env => env % 3 == 0 ? 3 : 0);
            plain.Play();
            varied.Play();
            for (int env = 0; env < Matches; env++) Same.Columns(Comparable(plain, env), Comparable(varied, env), varied.Here(env));
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_changed_variant_begins_with_the_next_episode_and_plays_as_a_run_with_its_options(string game, string preset)
    {
        using var plain = Cases.Of(game, preset).Batch(Matches, seed: 82, desync: true);
        using var varied = Cases.Of(game, preset).Batch(Matches, seed: 82, desync: true);
        if (Supports(varied, out GameOptions? changed) is null) return;
        using var whole = new GameBatch(Cases.Of(game, preset), changed!, seed: 82);
        varied.Environment.Variants.Set(1, changed!);
        Assign(varied, _ => 1); // episode 0 has begun and goes on by slot 0
        for (int env = 0; env < Matches; env++) Assert.Equal(0, Running(varied, env));
        var secondEpisode = new bool[Matches];
        var second = new EpisodeTrace(varied, ComparedTicks);
        var reference = new EpisodeTrace(whole, ComparedTicks);
        bool differs = false;
        for (int tick = 0; tick < Ticks; tick++)
        {
            plain.PlayOpponent(Random);
            varied.PlayOpponent(Random);
            whole.PlayOpponent(Random);
            for (int env = 0; env < Matches; env++)
            {
                bool ended = plain.Views.EpisodeStart[env * plain.Spec.AgentsPerMatch] != 0;
                // To the end of the running episode nothing changes; with its last tick the observation is the next one's.
                if (!secondEpisode[env] && !ended) Same.Columns(Comparable(plain, env), Comparable(varied, env), varied.Here(env));
                if (!secondEpisode[env] && ended) Same.Columns(Results(plain, env), Results(varied, env), varied.Here(env));
                secondEpisode[env] |= ended;
                Assert.Equal(secondEpisode[env] ? 1 : 0, Running(varied, env));
                differs |= secondEpisode[env] && GameBatch.Difference(Comparable(plain, env), Comparable(varied, env)) is not null;
            }

            second.Record();
            reference.Record();
        }

        Assert.True(second.CompareWith(reference) > 20, $"{varied.Here(0)}: no second episode was compared");
        Assert.True(differs, $"{varied.Here(0)}: other options changed nothing");
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_snapshot_keeps_what_each_match_plays_by_and_will_play_by(string game, string preset)
    {
        using var original = Cases.Of(game, preset).Batch(Matches, seed: 83, desync: true);
        using var copy = Cases.Of(game, preset).Batch(Matches, seed: 83, desync: true, threads: 2, chunk: 1);
        if (Supports(original, out GameOptions? changed) is null) return;
        original.Environment.Variants.Set(2, changed!);
        Assign(original, env => env % 2 == 0 ? 2 : 0);
        for (int tick = 0; tick < 80; tick++) original.Play();
        Assign(original, env => env % 2 == 1 ? 2 : 0);

        copy.Environment.Variants.Restore([.. Enumerable.Range(0, original.Environment.Variants.Slots).Select(slot => original.Environment.Variants[slot])]);
        for (int env = 0; env < Matches; env++) copy.Environment.State.WriteMatch(env, original.Environment.State.ReadMatch(env));
        copy.Tick = original.Tick;
        copy.Environment.Observe(copy.Views);
        for (int tick = 0; tick < 120; tick++)
        {
            original.Play();
            copy.Play();
            for (int env = 0; env < Matches; env++)
                Same.Columns([.. original.State(env), .. original.Results(env)], [.. copy.State(env), .. copy.Results(env)], original.Here(env));
        }
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Options_that_do_not_fit_are_refused_by_the_name_of_the_setting(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(3, seed: 84);
        MatchVariants variants = batch.Environment.Variants;
        GameOptions own = batch.Environment.Options;
        foreach (GameOptions other in new[] { own with { NumEnvs = 4 }, own with { MatchOffset = 1 }, own with { Desync = true } })
        {
            string name = Assert.Single(Settings.Changed(other, own)).Path;
            Assert.Contains(variants.Slots == 1 ? "no variants" : name, Assert.Throws<UsageException>(() => variants.Set(1, other)).Message);
        }

        if (variants.Slots == 1) return;
        Assert.All(Tunables.Refused(batch.Environment), refused =>
            Assert.True(
                refused.Message.Contains(refused.Setting.Path, StringComparison.Ordinal) || refused.Message.Contains(refused.Setting.OptionName, StringComparison.Ordinal)
                || refused.Message.Contains("allowed", StringComparison.Ordinal),
                $"{refused.Setting.Path}: {refused.Message}"));
        Assert.Throws<ArgumentOutOfRangeException>(() => variants.Set(0, own));
        Assert.Throws<ArgumentOutOfRangeException>(() => variants.Set(variants.Slots, own));
        Assert.False(variants.Used); // a refusal leaves no trace
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_slot_is_overwritten_only_when_no_match_uses_it(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(Matches, seed: 85, desync: true);
        if (Supports(batch, out GameOptions? changed) is null) return;
        MatchVariants variants = batch.Environment.Variants;
        Span<int> users = stackalloc int[MatchVariants.MaxSlots];
        variants.CountUsers(users);
        Assert.Equal(Matches, users[0]);
        variants.Set(1, changed!);
        variants.Set(2, batch.Environment.Options);
        variants.Set(1, batch.Environment.Options); // nobody plays by it
        variants.Set(1, changed!);
        variants.Assign(4, 1);
        variants.CountUsers(users);
        Assert.Equal((Matches, 1, 0), (users[0], users[1], users[2])); // match 4 plays by slot 0 and will by slot 1
        Assert.Contains("1 matches", Assert.Throws<InvalidOperationException>(() => variants.Set(1, batch.Environment.Options)).Message);
        variants.Set(1, changed!); // the same options again are no change
        Assert.Throws<ArgumentException>(() => variants.Assign(0, 3));
        for (int tick = 0; tick < Ticks && Running(batch, 4) == 0; tick++) batch.PlayOpponent(Random);
        variants.Assign(4, 0);
        Assert.Throws<InvalidOperationException>(() => variants.Set(1, batch.Environment.Options)); // still plays by it
        batch.Environment.Reset(85, batch.Views);
        variants.Set(1, batch.Environment.Options);
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_step_with_variants_allocates_nothing_and_copies_nothing(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(3, seed: 86);
        if (Supports(batch, out GameOptions? changed) is null) return;
        batch.Environment.Variants.Set(1, changed!);
        Assign(batch, env => env % 2);
        batch.Environment.Reset(86, batch.Views);
        for (int tick = 0; tick < 3; tick++) batch.PlayOpponent(Random);
        long copied = batch.Device.TransferredBytes;
        Assert.Equal(0, Allocations.Fewest(() =>
        {
            for (int tick = 0; tick < 50; tick++) batch.PlayOpponent(Random);
        }));
        Assert.Equal(copied, batch.Device.TransferredBytes);
    }

    // Null where the game has no variants, or no setting that one could change.
    private static GameBatch? Supports(GameBatch batch, out GameOptions? changed)
    {
        changed = batch.Environment.Variants.Slots > 1 ? Tunables.Changed(batch.Environment) : null;
        return changed is null ? null : batch;
    }

    private static void Assign(GameBatch batch, Func<int, int> slotOf)
    {
        for (int env = 0; env < batch.Matches; env++) batch.Environment.Variants.Assign(env, slotOf(env));
    }

    private static int Running(GameBatch batch, int env) => (int)batch.Environment.State[MatchVariants.RunningColumn].ReadMatch(env)[0];

    private static IEnumerable<(string Name, byte[] Bytes)> Comparable(GameBatch batch, int env) =>
        batch.Everything(env).Where(column => !IsVariant(column.Name));

    // Rewards, parts and ends: what belongs to the tick that was played.
    private static IEnumerable<(string Name, byte[] Bytes)> Results(GameBatch batch, int env) =>
        [.. batch.Results(env).Skip(3), .. batch.Kept(env)];

    private static bool IsVariant(string column) =>
        column.EndsWith(' ' + MatchVariants.RunningColumn, StringComparison.Ordinal) || column.EndsWith(' ' + MatchVariants.NextColumn, StringComparison.Ordinal);

    /// <summary>Episode 1 of every match of a batch, tick by tick from its start.</summary>
    private sealed class EpisodeTrace(GameBatch batch, int length)
    {
        private readonly List<(string Name, byte[] Bytes)[]>[] ticks = [.. Enumerable.Range(0, batch.Matches).Select(_ => new List<(string, byte[])[]>())];

        public void Record()
        {
            for (int env = 0; env < batch.Matches; env++)
            {
                if (batch.Views.EpisodesFinished[env] != 1 || ticks[env].Count >= length) continue;
                // The tick that starts it has the results of the one before.
                IEnumerable<(string, byte[])> seen = batch.State(env).Where(column => !IsVariant(column.Name)).Concat(batch.Results(env).Take(ticks[env].Count == 0 ? 3 : int.MaxValue));
                ticks[env].Add([.. seen]);
            }
        }

        public int CompareWith(EpisodeTrace other)
        {
            int compared = 0;
            for (int env = 0; env < ticks.Length; env++)
            {
                foreach (((string, byte[])[] here, (string, byte[])[] there) in ticks[env].Zip(other.ticks[env]))
                {
                    Same.Columns(there, here, batch.Here(env) + $", tick {compared} of the second episodes");
                    compared++;
                }
            }

            return compared;
        }
    }
}
