using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Built-in players, and what happens to actions that are none.</summary>
public class ActionTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Built_in_players_give_legal_actions(string game, string preset) => ConformanceSuite.BuiltInPlayers.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Rows_played_from_outside_are_left_alone(string game, string preset) => ConformanceSuite.LeftAlone.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_bad_action_sets_the_bit_of_its_row_alone_and_the_game_goes_on(string game, string preset) => ConformanceSuite.BadActions.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.Masked), MemberType = typeof(Cases))]
    public void A_masked_action_sets_the_bit_of_its_row_alone(string game, string preset) => ConformanceSuite.MaskedActions.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Continuous_actions_far_out_of_range_keep_the_game_finite(string game, string preset) => ConformanceSuite.LargeActions.Run(Cases.Of(game, preset));
}
