using Arena.Conformance.Support;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Observation rows against their specification.</summary>
public class ObservationTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void The_fields_of_a_row_are_adjacent_and_cover_it(string game, string preset) => ConformanceSuite.Fields.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Every_element_is_finite_and_in_its_range(string game, string preset) => ConformanceSuite.Ranges.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Entity_records_lie_inside_the_row_and_say_who_is_present(string game, string preset) => ConformanceSuite.Entities.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Every_result_is_written_in_every_step_and_reset(string game, string preset) => ConformanceSuite.Written.Run(Cases.Of(game, preset));

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void Observing_again_gives_the_same_row_and_mask(string game, string preset) => ConformanceSuite.ObservedAgain.Run(Cases.Of(game, preset));
}
