using System.Globalization;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Environments;

public class SettingsTests
{
    public static TheoryData<string, string> EverySetting
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string game in new[] { "soccer", "corridor" }.Union(Registry.Games.Select(game => game.Name).Where(name => !name.StartsWith("kernels-tests", StringComparison.Ordinal))))
                foreach (SettingInfo setting in Settings.Of(Registry.Find(game).DefaultOptions)) data.Add(game, setting.Path);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EverySetting))]
    public void A_value_that_is_set_is_read_back(string game, string path)
    {
        GameOptions options = Registry.Find(game).DefaultOptions;
        SettingInfo setting = Settings.Find(options, path);
        string before = Settings.Get(options, path);
        Prop.ForAll(Value(setting).ToArbitrary(), value =>
        {
            string text = Settings.Format(value);
            GameOptions changed = Settings.With(options, path, text);
            bool readBack = Settings.Get(changed, path) == text && Equals(Settings.Find(changed, path).Default, value);
            bool othersKept = Settings.Of(changed).Where(other => other.Path != path).SequenceEqual(Settings.Of(options).Where(other => other.Path != path));
            bool sameAgain = Settings.With(changed, path, before).Equals(options);
            return readBack && othersKept && sameAgain && Settings.Get(options, path) == before && changed.GetType() == options.GetType();
        }).Check(TestSize.Cases(20, 500));
    }

    [Theory]
    [MemberData(nameof(EverySetting))]
    public void The_limits_of_a_range_are_allowed_and_what_lies_beyond_is_not(string game, string path)
    {
        GameOptions options = Registry.Find(game).DefaultOptions;
        SettingInfo setting = Settings.Find(options, path);
        Assert.NotEmpty(setting.Attribute.Help);
        Assert.NotEmpty(setting.Allowed);
        if (setting.Type == typeof(bool) || setting.Type.IsEnum)
        {
            Assert.Throws<UsageException>(() => Settings.With(options, path, "perhaps"));
            return;
        }

        foreach ((double limit, double beyond) in new[] { (setting.Attribute.Min, -1.0), (setting.Attribute.Max, 1.0) })
        {
            if (double.IsInfinity(limit)) continue;
            string text = limit.ToString("R", CultureInfo.InvariantCulture);
            Settings.Check(Settings.With(options, path, text));
            if (setting.Type == typeof(int) && limit == int.MaxValue) continue;
            string outside = (limit + beyond * Math.Max(1, Math.Abs(limit) * 0.01)).ToString("0.######", CultureInfo.InvariantCulture);
            var refused = Assert.Throws<UsageException>(() => Settings.With(options, path, outside));
            Assert.Contains(setting.OptionName, refused.Message, StringComparison.Ordinal);
            Assert.Contains(setting.Type == typeof(int) && outside.Contains('.') ? "allowed" : setting.Allowed, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("rewards.ballProgress")]
    [InlineData("rewards.ball-progress")]
    [InlineData("Rewards.BallProgress")]
    [InlineData("REWARDS.BALLPROGRESS")]
    public void Paths_ignore_case_and_hyphens(string path)
    {
        SoccerOptions options = Settings.With(new SoccerOptions(), path, "0.25");
        Assert.Equal(0.25f, options.Rewards.BallProgress);
        Assert.Equal("0.25", Settings.Get(options, path));
        Assert.Equal("--rewards.ball-progress", Settings.Find(options, path).OptionName);
    }

    [Fact]
    public void Changing_a_section_leaves_the_original_and_the_other_sections_alone()
    {
        var original = new SoccerOptions();
        SoccerOptions changed = Settings.With(original, "physics.kickRule", "AVERAGE");
        Assert.Equal(KickRule.Average, changed.Physics.KickRule);
        Assert.Equal(KickRule.Nearest, original.Physics.KickRule);
        Assert.Same(original.Rewards, changed.Rewards);
        Assert.Equal(original, Settings.With(changed, "physics.kick-rule", "nearest"));
    }

    [Theory]
    [InlineData("teamSise", "Did you mean 'teamSize'?")]
    [InlineData("team-sise", "Did you mean 'teamSize'?")]
    [InlineData("rewards.gaol", "Did you mean 'rewards.goal'?")]
    public void An_unknown_setting_gets_the_nearest_name(string path, string hint)
    {
        string message = Assert.Throws<UsageException>(() => Settings.With(new SoccerOptions(), path, "1")).Message;
        Assert.Contains($"'{path}'", message, StringComparison.Ordinal);
        Assert.Contains(hint, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("teamSize", "three", "a whole number")]
    [InlineData("teamSize", "2.5", "a whole number")]
    [InlineData("teamSize", "12", "1..11")]
    [InlineData("randomStart", "NaN", "0..1")]
    [InlineData("randomStart", "lots", "a number")]
    [InlineData("endOnGoal", "maybe", "true | false")]
    [InlineData("clock", "1", "truncate | terminate")]
    [InlineData("rewards.goal", "Infinity", "-1000..1000")]
    public void A_bad_value_is_refused_with_what_is_allowed(string path, string value, string allowed)
    {
        string message = Assert.Throws<UsageException>(() => Settings.With(new SoccerOptions(), path, value)).Message;
        Assert.Contains(allowed, message, StringComparison.Ordinal);
        Assert.Contains(value, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("on", true)]
    [InlineData("Yes", true)]
    [InlineData("1", true)]
    [InlineData("TRUE", true)]
    [InlineData("off", false)]
    [InlineData("no", false)]
    [InlineData("0", false)]
    public void Switches_take_the_usual_words(string text, bool expected) =>
        Assert.Equal(expected, Settings.With(new CorridorOptions { Memory = !expected }, "memory", text).Memory);

    [Fact]
    public void Values_set_past_the_reader_are_still_checked()
    {
        Assert.Contains("0..1", Assert.Throws<UsageException>(() => Settings.Check(new SoccerOptions { Difficulty = 1.5f })).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => Settings.Check(new SoccerOptions { Difficulty = float.NaN }));
        Assert.Throws<UsageException>(() => Settings.Check(new SoccerOptions { Clock = (ClockEnd)7 }));
        Assert.Throws<UsageException>(() => Settings.Check(new SoccerOptions { Rewards = new SoccerRewards { Goal = 1e9f } }));
        Settings.Check(new SoccerOptions());
    }

    [Fact]
    public void The_smallest_float_a_range_names_is_inside_it() =>
        Assert.Equal(0.01f, Settings.With(new SoccerOptions(), "physics.ballRadius", "0.01").Physics.BallRadius);

    private static Gen<object> Value(SettingInfo setting)
    {
        if (setting.Type == typeof(string)) return Gen.Elements<object>("ant", "a text with spaces", "{\"json\": [1, 2]}");
        if (setting.Type == typeof(bool)) return Gen.Elements<object>(true, false);
        if (setting.Type.IsEnum) return Gen.Elements(Enum.GetValues(setting.Type).Cast<object>());
        double min = Math.Max(setting.Attribute.Min, -1e6), max = Math.Min(setting.Attribute.Max, setting.Type == typeof(int) ? int.MaxValue : 1e6);
        if (setting.Type == typeof(int)) return Gen.Choose((int)min, (int)max).Select(number => (object)number);
        return Gen.Choose(0, 1 << 30).Select(part => (object)Math.Clamp((float)(min + (max - min) * part / (1 << 30)), (float)min, (float)max));
    }
}
