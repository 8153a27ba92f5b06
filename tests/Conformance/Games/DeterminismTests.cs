using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>What a result may depend on: seed, global match number, actions. Nothing else.</summary>
public class DeterminismTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void The_same_seed_gives_the_same_bytes_twice(string game, string preset) => ConformanceSuite.SameSeed.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void The_number_of_matches_threads_and_chunks_changes_nothing(string game, string preset) => ConformanceSuite.OtherBatches.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_match_can_be_replayed_alone_by_its_global_number(string game, string preset) => ConformanceSuite.OneMatchAlone.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Another_seed_gives_another_game(string game, string preset) => ConformanceSuite.AnotherSeed.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.WithoutDrawsInEveryTick), MemberType = typeof(Cases))]
    public void Permuting_matches_permutes_results(string game, string preset) => ConformanceSuite.Permuted.Run(Cases.Of(game, preset));
}
