using Arena.HostApi.Measuring;
using Arena.Kernels;

namespace Arena.HostApi.Tests.Measuring;

/// <summary>The arithmetic and the file of <c>Bench check</c>, whose measurements are no test.</summary>
public sealed class StoredRatiosTests
{
    private const string Wide = "X64 with 512-bit vectors", Narrow = "Arm64 with 128-bit vectors";

    private static readonly Dictionary<string, double> Measured = new() { ["soccer, step / draws"] = 0.123456, ["moba, step / draws"] = 2 };

    [Fact]
    public void A_ratio_passes_from_the_least_share_of_the_stored_one_upwards()
    {
        Assert.True(new CheckedRatio("x", 0.75, 1, 0.75).Passed);
        Assert.True(new CheckedRatio("x", 3, 1, 0.75).Passed);
        Assert.False(new CheckedRatio("x", 0.7499, 1, 0.75).Passed);
        Assert.False(new CheckedRatio("x", 1, null, 0.75).Passed); // nothing to hold it against
        Assert.False(new CheckedRatio("x", double.NaN, 1, 0.75).Passed);
        Assert.Equal(0.5, new CheckedRatio("x", 2, 4, 0.75).Share);
    }

    [Fact]
    public void What_is_stored_is_read_again_and_other_machines_stay()
    {
        string text = StoredRatios.Parse("", "new").With(Narrow, "a small machine", new Dictionary<string, double> { ["soccer, step / draws"] = 7 });
        text = StoredRatios.Parse(text, "file").With(Wide, "a large machine", Measured);
        StoredRatios stored = StoredRatios.Parse(text, "file");
        Assert.Equal([Narrow, Wide], stored.Kinds);
        Assert.Equal(7, stored.Of(Narrow)["soccer, step / draws"]);
        Assert.Equal(0.1235, stored.Of(Wide)["soccer, step / draws"]); // four figures
        Assert.Contains("a large machine", text);

        // One game alone may be stored again; what is not measured stays.
        stored = StoredRatios.Parse(stored.With(Wide, "a large machine", new Dictionary<string, double> { ["moba, step / draws"] = 3 }), "file");
        Assert.Equal((0.1235, 3), (stored.Of(Wide)["soccer, step / draws"], stored.Of(Wide)["moba, step / draws"]));
    }

    [Fact]
    public void Slower_and_unknown_figures_are_found()
    {
        StoredRatios stored = StoredRatios.Parse(StoredRatios.Parse("", "new").With(Wide, "machine", Measured), "file");
        IReadOnlyList<CheckedRatio> results = stored.Check(Wide, new Dictionary<string, double> { ["soccer, step / draws"] = 0.1, ["moba, step / draws"] = 1.4, ["chess, step / draws"] = 1 }, 0.75);
        Assert.Equal([true, false, false], results.Select(result => result.Passed));
        Assert.Null(results[2].Stored);
        Assert.Contains($"has no ratios of '{Narrow}'", Assert.Throws<UsageException>(() => stored.Check(Narrow, Measured, 0.75)).Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{ \"a\": 3 }")]
    [InlineData("{ \"a\": { \"machine\": \"m\" } }")]
    [InlineData("{ \"a\": { \"ratios\": { \"x\": \"fast\" } } }")]
    [InlineData("{ \"a\": { \"ratios\": { \"x\": null } } }")]
    [InlineData("{ \"a\": { \"ratios\": { \"x\": 0 } } }")]
    [InlineData("{ \"a\": { \"ratios\": { \"x\": -1 } } }")]
    public void A_damaged_file_is_named(string text) =>
        Assert.StartsWith("'ratios.json' is not a file of ratios: ", Assert.Throws<UsageException>(() => StoredRatios.Parse(text, "ratios.json")).Message);

    [Fact]
    public void The_file_of_the_repository_can_be_read()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gpu.sln"))) folder = folder.Parent!;
        string file = Path.Combine(folder.FullName, "Bench", "Results", "ratios.json");
        StoredRatios stored = StoredRatios.Parse(File.ReadAllText(file), file);
        Assert.NotEmpty(stored.Kinds);
        // Of every game that comes with the program a step and an update.
        foreach (string kind in stored.Kinds)
            Assert.All(new[] { "soccer", "corridor", "snake", "moba", "creature" }, game => Assert.True(stored.Of(kind).ContainsKey($"{game}, step / draws") && stored.Of(kind).ContainsKey($"{game}, training / products")));
    }
}
