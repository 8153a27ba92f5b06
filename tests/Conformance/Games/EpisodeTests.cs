using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>How episodes begin and end.</summary>
public class EpisodeTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_reset_is_a_fresh_episode(string game, string preset) => ConformanceSuite.FreshReset.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void An_episode_ends_once_within_its_limit_and_the_next_begins(string game, string preset) => ConformanceSuite.Ends.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.Clocked), MemberType = typeof(Cases))]
    public void Desync_cuts_first_episodes_by_the_formula_and_no_others(string game, string preset) => ConformanceSuite.Desync.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.Clocked), MemberType = typeof(Cases))]
    public void The_last_observation_of_a_truncated_episode_is_kept(string game, string preset) => ConformanceSuite.FinalObservation.Run(Cases.Of(game, preset));
}
