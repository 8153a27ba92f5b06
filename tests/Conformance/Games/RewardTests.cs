using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Rewards, their parts, and the statistics of finished episodes.</summary>
public class RewardTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void The_parts_sum_to_the_reward_in_their_order(string game, string preset) => ConformanceSuite.PartsSum.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Leaving_the_parts_out_changes_nothing_else(string game, string preset) => ConformanceSuite.WithoutParts.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Weights_move_with_progress_and_rewards_stay_finite(string game, string preset) => ConformanceSuite.Progress.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Finished_episodes_report_every_statistic(string game, string preset) => ConformanceSuite.Statistics.Run(Cases.Of(game, preset));
}
