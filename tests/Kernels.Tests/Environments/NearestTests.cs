namespace Arena.Kernels.Tests.Environments;

public class NearestTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("soccer", "socer", 1)]
    [InlineData("flaw", "lawn", 2)]
    public void The_distance_counts_insertions_deletions_and_replacements(string from, string to, int distance)
    {
        Assert.Equal(distance, Nearest.EditDistance(from, to));
        Assert.Equal(distance, Nearest.EditDistance(to, from));
    }

    [Theory]
    [InlineData("socer", " Did you mean 'soccer'?")]
    [InlineData("CORIDOR", " Did you mean 'corridor'?")]
    [InlineData("chess-with-dragons", "")]
    public void A_hint_names_the_closest_or_nothing(string given, string hint) =>
        Assert.Equal(hint, Nearest.Hint(given, ["soccer", "corridor"]));
}
