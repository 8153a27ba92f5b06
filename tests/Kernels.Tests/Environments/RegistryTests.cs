using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.Kernels.Tests.Environments;

public class RegistryTests
{
    [Fact]
    public void Every_game_is_found_under_its_name_and_says_what_it_is()
    {
        Assert.Equal(Registry.Games.Count, Registry.Games.Select(game => game.Name).Distinct().Count());
        Assert.All(Registry.Games.Where(game => game is not Renamed), game =>
        {
            Assert.Same(game, Registry.Find(game.Name));
            Assert.Matches("^[a-z][a-z0-9-]*$", game.Name);
            Assert.NotEmpty(game.Summary);
            Assert.Equal("random", game.Describe(game.DefaultOptions).Opponents[0].Name);
            Assert.Equal(game.Presets.Count, game.Presets.Select(preset => preset.Name).Distinct().Count());
            Assert.All(game.Presets, preset => Assert.Equal(game.DefaultOptions.GetType(), preset.Options.GetType()));
        });
    }

    [Fact]
    public void An_unknown_name_gets_a_hint_and_the_list()
    {
        string message = Assert.Throws<UsageException>(() => Registry.Find("soccre")).Message;
        Assert.Contains("no game called 'soccre'", message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'soccer'?", message, StringComparison.Ordinal);
        Assert.Contains("corridor", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_game_is_added_once_and_then_found()
    {
        Registry.Add<AddedGame>();
        Registry.Add<AddedGame>();
        Assert.Single(Registry.Games, game => game is AddedGame);
        Assert.IsType<AddedGame>(Registry.Find("kernels-tests-added"));
    }

    [Fact]
    public void A_taken_name_is_refused() =>
        Assert.Contains("already a game called 'soccer'", Assert.Throws<UsageException>(Registry.Add<Impostor>).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_no_command_line_could_type_is_refused()
    {
        Assert.Contains("'Tag Game'", Assert.Throws<UsageException>(Registry.Add<Shouting>).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(Registry.Add<Numbered>);
        Assert.Throws<UsageException>(Registry.Add<Nameless>);
        Assert.DoesNotContain(Registry.Games, game => game is Shouting or Numbered or Nameless or Impostor);
    }

    [Fact]
    public void Options_of_another_game_are_refused()
    {
        var options = new Kernels.Environments.Soccer.SoccerOptions();
        string message = Assert.Throws<UsageException>(() => Registry.Find("corridor").Describe(options)).Message;
        Assert.Equal("'corridor' takes CorridorOptions, not SoccerOptions.", message);
    }

    [Fact]
    public void Options_that_are_not_valid_never_make_an_environment()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        Assert.Throws<UsageException>(() => Registry.Find("corridor").Create(device, new CorridorOptions { NumEnvs = 0 }));
        Assert.Throws<UsageException>(() => Registry.Find("corridor").Create(device, new CorridorOptions { Masks = true, Memory = true }));
        Assert.Equal(0, device.AllocatedBytes);
    }

    private sealed class AddedGame() : Renamed("kernels-tests-added");

    private sealed class Impostor() : Renamed("soccer");

    private sealed class Shouting() : Renamed("Tag Game");

    private sealed class Numbered() : Renamed("3v3");

    private sealed class Nameless() : Renamed("");

    /// <summary>The corridor under another name.</summary>
    private abstract class Renamed(string name) : IGame
    {
        private readonly CorridorGame corridor = new();

        public string Name => name;

        public string Summary => corridor.Summary;

        public GameOptions DefaultOptions => corridor.DefaultOptions;

        public IReadOnlyList<GamePreset> Presets => [];

        public TrainingDefaults Training => new(DefaultOptions, AgentSteps: 1);

        public EnvironmentSpec Describe(GameOptions options) => corridor.Describe(options);

        public IEnvironment Create(IDevice device, GameOptions options) => corridor.Create(device, options);

        public void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report) => corridor.Report(options, raw, report);

        public double Score(ReadOnlySpan<float> raw) => corridor.Score(raw);
    }
}
