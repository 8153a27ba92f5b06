using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Each conformance test sees the bug it is for, planted into the sample's game.</summary>
public class PlantedBugTests
{
    private static readonly DeterminismTests Determinism = new();
    private static readonly EpisodeTests Episodes = new();
    private static readonly ObservationTests Observations = new();
    private static readonly ActionTests Actions = new();
    private static readonly RewardTests Rewards = new();
    private static readonly ResourceTests Resources = new();

    private static readonly Dictionary<string, Action<string, string>> Catchers = new()
    {
        ["depends on the batch"] = Determinism.The_number_of_matches_threads_and_chunks_changes_nothing,
        ["depends on the index"] = Determinism.A_match_can_be_replayed_alone_by_its_global_number,
        ["not repeatable"] = Determinism.The_same_seed_gives_the_same_bytes_twice,
        ["parts do not sum"] = Rewards.The_parts_sum_to_the_reward_in_their_order,
        ["both ends"] = Episodes.An_episode_ends_once_within_its_limit_and_the_next_begins,
        ["no episode start"] = Episodes.An_episode_ends_once_within_its_limit_and_the_next_begins,
        ["out of range"] = Observations.Every_element_is_finite_and_in_its_range,
        ["not finite"] = Observations.Every_element_is_finite_and_in_its_range,
        ["not written"] = Observations.Every_result_is_written_in_every_step_and_reset,
        ["final is the next first"] = Episodes.The_last_observation_of_a_truncated_episode_is_kept,
        ["hidden state"] = new SnapshotTests().A_copied_state_continues_identically,
        ["error in the wrong row"] = Actions.A_bad_action_sets_the_bit_of_its_row_alone_and_the_game_goes_on,
        ["allocates"] = Resources.A_step_allocates_nothing_and_copies_nothing,
        ["leaks"] = Resources.All_device_memory_is_returned,
        ["variant in mid-game"] = new VariantTests().A_changed_variant_begins_with_the_next_episode_and_plays_as_a_run_with_its_options,
        ["variant never taken up"] = new VariantTests().A_changed_variant_begins_with_the_next_episode_and_plays_as_a_run_with_its_options,
        ["ends called truncated"] = Episodes.The_last_observation_of_a_truncated_episode_is_kept,
    };

    public static TheoryData<string> Bugs => [.. Catchers.Keys];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_caught_by_its_test(string bug)
    {
        Exception? caught = Record.Exception(() => Catchers[bug](Cases.Sabotaged + bug, "default"));
        Assert.True(caught is Xunit.Sdk.XunitException or ConformanceException, $"{bug}: {caught}");
    }

    [Fact]
    public void Without_a_bug_the_same_tests_pass()
    {
        Assert.All(Catchers.Values.Distinct(), catcher => catcher(Cases.Sabotaged + "none", "default"));
        Assert.Equal(SabotagedGame.Bugs.Keys.Where(bug => bug is not ("none" or "outside a buffer")).Order(), Catchers.Keys.Order());
    }
}
