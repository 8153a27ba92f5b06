using System.Globalization;
using System.Text.Json;
using Arena.HostApi.Sweeps;
using Arena.Kernels;
using Arena.Kernels.Environments;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Sweeps;

public sealed class SearchSpaceTests
{
    private static readonly IGame Corridor = Registry.Find("corridor");

    [Fact]
    public void Values_fill_a_trial_and_the_first_trial_has_the_defaults()
    {
        SearchSpace space = Space("""{ "learner": { "learningRate": { "min": 1e-4, "max": 1e-2, "scale": "log" }, "discount": 0.9 }, "settings": { "numEnvs": [32, 64] }, "plan": { "activation": ["relu", "tanh"] } }""");
        Assert.Equal(["learner.learningRate", "settings.numEnvs", "plan.activation"], space.Names);
        Assert.Equal(Settings.Get(Corridor.Training.Options, "numEnvs"), space.Values(1, 0)[1]);
        using JsonDocument config = JsonDocument.Parse(space.Config(1, 3));
        JsonElement learner = config.RootElement.GetProperty("learner");
        Assert.Equal(0.9, learner.GetProperty("discount").GetDouble());
        Assert.Equal(space.Values(1, 3)[0], learner.GetProperty("learningRate").GetDouble().ToString("R", CultureInfo.InvariantCulture));
        Assert.Equal(space.Values(1, 3)[2], config.RootElement.GetProperty("plan").GetProperty("activation").GetString());
        Assert.Equal("corridor", config.RootElement.GetProperty("game").GetString());
    }

    [Fact]
    public void Draws_stay_in_their_range_and_are_the_same_for_everybody()
    {
        SearchSpace space = Space("""{ "learner": { "learningRate": { "min": 1e-4, "max": 1e-2, "scale": "log" }, "clipRange": { "min": 0.1, "max": 0.3 } }, "plan": { "hiddenWidth": { "min": 8, "max": 11 } } }""");
        SearchSpace again = SearchSpace.Parse(Corridor, "again", space.Text);
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), Gen.Choose(1, 1_000_000).ToArbitrary(), (seed, trial) =>
        {
            double[] values = [.. space.Values(seed, trial).Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
            return values[0] is >= 1e-4 and <= 1e-2 && values[1] is >= 0.1 and <= 0.3 && values[2] is 8 or 9 or 10 or 11 && space.Values(seed, trial).SequenceEqual(again.Values(seed, trial));
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void A_setting_of_words_is_searched_as_a_list_and_written_as_text()
    {
        SearchSpace space = Space("""{ "learner": { "opponent": ["random", "weak,strong:3"], "discount": 0.9 } }""");
        Assert.Equal(["random"], space.Values(1, 0));
        string[] seen = [.. Enumerable.Range(1, 20).Select(trial =>
        {
            using JsonDocument config = JsonDocument.Parse(space.Config(1, trial));
            string written = config.RootElement.GetProperty("learner").GetProperty("opponent").GetString()!;
            Assert.Equal(space.Values(1, trial)[0], written);
            return written;
        })];
        Assert.Equal(["random", "weak,strong:3"], seen.Distinct().Order());
    }

    [Fact]
    public void A_log_range_is_even_over_decades_and_whole_numbers_and_choices_are_equally_likely()
    {
        SearchSpace space = Space("""{ "learner": { "learningRate": { "min": 1e-4, "max": 1e-2, "scale": "log" }, "epochs": [1, 2, 4] }, "plan": { "hiddenWidth": { "min": 8, "max": 11 } } }""");
        const int Draws = 12_000;
        string[][] drawn = [.. Enumerable.Range(1, Draws).Select(trial => space.Values(7, trial).ToArray())];
        double lower = drawn.Count(values => double.Parse(values[0], CultureInfo.InvariantCulture) < 1e-3) / (double)Draws;
        Assert.InRange(lower, 0.48, 0.52); // a linear scale would have 9 %
        foreach (string epochs in new[] { "1", "2", "4" }) Assert.InRange(drawn.Count(values => values[1] == epochs) / (double)Draws, 0.31, 0.36);
        foreach (string width in new[] { "8", "9", "10", "11" }) Assert.InRange(drawn.Count(values => values[2] == width) / (double)Draws, 0.235, 0.265); // without the half steps outside, 8 and 11 had 17 %
    }

    [Theory]
    [InlineData("""{ "learner": { "learningRat": [1e-3, 1e-4] } }""", "Did you mean 'learningRate'")]
    [InlineData("""{ "learner": { "learningRate": [1e-3] } }""", "at least two different ones")]
    [InlineData("""{ "learner": { "epochs": [2, 2] } }""", "at least two different ones")]
    [InlineData("""{ "learner": { "learningRate": { "min": 1e-2, "max": 1e-3 } } }""", "min must be below max")]
    [InlineData("""{ "learner": { "learningRate": { "min": 0, "max": 1, "scale": "log" } } }""", "needs min above 0")]
    [InlineData("""{ "learner": { "learningRate": { "min": 0.1, "max": 1, "scale": "exp" } } }""", "allowed are linear and log")]
    [InlineData("""{ "learner": { "discount": { "min": 0.9, "max": 1.5 } } }""", "1.5")]
    [InlineData("""{ "learner": { "opponent": { "min": 1, "max": 3 } } }""", "is no number")]
    [InlineData("""{ "learner": { "discount": { "min": 0.9 } } }""", "needs the numbers min and max")]
    [InlineData("""{ "learner": { "discount": { "min": 0.9, "max": 1, "step": 0.01 } } }""", "has 'step'")]
    [InlineData("""{ "plan": { "activation": { "min": 0, "max": 1 } } }""", "give a list of its values")]
    [InlineData("""{ "plans": { "hiddenWidth": [8, 16] } }""", "Did you mean 'plan'")]
    [InlineData("""{ "learner": { "discount": 0.9 } }""", "nothing to search")]
    [InlineData("""{ "network": ["soccer-mlp", "soccer-mpl"] }""", "Did you mean 'soccer-mlp'")]
    public void What_cannot_be_searched_is_refused(string text, string because)
    {
        string message = Assert.Throws<UsageException>(() => Space(text)).Message;
        Assert.Contains(because, message);
    }

    [Fact]
    public void Networks_are_chosen_by_name()
    {
        SearchSpace space = SearchSpace.Parse(Registry.Find("soccer"), "test", """{ "network": ["soccer-mlp", "soccer-small"] }""");
        Assert.Null(space.Network(1, 0)); // the game's own
        Assert.Equal(2, Enumerable.Range(1, 40).Select(trial => space.Network(1, trial)).Distinct().Count());
        Assert.DoesNotContain("network", space.Config(1, 1));
    }

    private static SearchSpace Space(string text) => SearchSpace.Parse(Corridor, "test", text);
}
