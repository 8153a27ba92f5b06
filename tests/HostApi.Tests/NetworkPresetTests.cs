using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Tests;

/// <summary>Named networks: their sizes, and that settings given beside the name win.</summary>
public class NetworkPresetTests
{
    private static readonly EnvironmentSpec Soccer = Registry.Find("soccer").Describe(Registry.Find("soccer").DefaultOptions);

    [Theory]
    [InlineData("soccer-mlp", 49, 4, 7_689)] // with the 4 free log-stds
    [InlineData("soccer-small", 64, 4, 157_577)]
    [InlineData("soccer-large", 64, 4, 610_057)]
    [InlineData("creature-small", 128, 36, 70_857)]
    [InlineData("creature-large", 128, 36, 207_177)]
    public void Parameters_are_as_planned(string name, int observations, int actions, int parameters)
    {
        EnvironmentSpec spec = Soccer with
        {
            Observation = Soccer.Observation with { Length = observations },
            Action = Soccer.Action with { Continuous = [.. Enumerable.Repeat(Soccer.Action.Continuous[0], actions)] },
        };
        NetworkSpec network = NetworkPreset.Find(name).Apply(new TrainingPlan()).Network(spec);
        Assert.Equal(parameters, new ParameterLayout(network).Length);
    }

    [Theory]
    [InlineData("snake-small", 142_085)]
    [InlineData("snake-large", 448_517)]
    public void Tables_over_a_window_are_as_planned(string name, int parameters)
    {
        EnvironmentSpec spec = Soccer with
        {
            Observation = new ObservationSpec(ObservationKind.Byte, 128, [])
            {
                Grid = new ByteGrid(0, 11, 11, [new("cell", 8)]),
                ByteFields = [new("heading", 121, 4), new("length", 122, 0), new("growth", 123, 0), new("hunger", 124, 0)],
            },
            Action = new ActionSpec { Discrete = [new DiscreteHead("turn", 4)] },
        };
        Assert.Equal(parameters, new ParameterLayout(NetworkPreset.Find(name).Apply(new TrainingPlan()).Network(spec)).Length);
        Assert.Contains("a square map", Assert.Throws<UsageException>(() => NetworkPreset.Find(name).Apply(new TrainingPlan()).Network(Soccer)).Message);
    }

    [Fact]
    public void Convolutions_over_the_surroundings_of_a_hero_are_as_planned()
    {
        EnvironmentSpec spec = Soccer with
        {
            Observation = new ObservationSpec(ObservationKind.Byte, 510, [])
            {
                Grid = new ByteGrid(0, 11, 11, [new("tile", 16), new("health", 0), new("mana", 0), new("level", 0)]),
                ByteFields = [.. Enumerable.Range(484, 26).Select(at => new ByteField($"self {at}", at, 0))],
            },
            Action = new ActionSpec { Discrete = [new("y", 7), new("x", 7), new("target", 3), new("q", 2), new("w", 2), new("e", 2)] },
        };
        Assert.Equal(180_056, new ParameterLayout(NetworkPreset.Find("moba-small").Apply(new TrainingPlan()).Network(spec)).Length);
    }

    [Theory]
    [InlineData("moba-small", "grid", 180_056)]
    [InlineData("moba-entities", "entities", 204_504)]
    public void Networks_of_the_lane_game_fit_its_observations(string name, string observation, int parameters)
    {
        IGame game = Registry.Find("moba");
        EnvironmentSpec spec = game.Describe(Settings.With(game.DefaultOptions, "observation", observation));
        NetworkSpec network = NetworkPreset.Find(name).Apply(new TrainingPlan()).Network(spec);
        Assert.Equal(parameters, new ParameterLayout(network).Length);
        TrainingPlan given = TrainingPlan.For(game);
        if (observation == "grid") Assert.Equal(network.ToString(), given.Network(spec).ToString());
    }

    [Fact]
    public void Entities_need_the_observation_that_lists_them()
    {
        TrainingPlan plan = NetworkPreset.Find("soccer-entity").Apply(new TrainingPlan());
        Assert.Contains("--observation entities", Assert.Throws<UsageException>(() => plan.Network(Soccer)).Message);
        IGame game = Registry.Find("soccer");
        EnvironmentSpec entities = game.Describe(Settings.With(game.DefaultOptions, "observation", "entities"));
        Assert.Equal(448, plan.Network(entities).Features);
        Assert.Contains("--normalize-observations", Assert.Throws<UsageException>(() => (plan with { NormalizeObservations = true }).Network(entities)).Message);
    }

    [Fact]
    public void A_preset_replaces_every_setting_of_the_network_and_later_settings_win()
    {
        var before = new TrainingPlan { HiddenLayers = 5, LayerNorm = true, NormalizeObservations = true, SeparateCritic = true, CoreWidth = 3, FinalGames = 20 };
        TrainingPlan plan = NetworkPreset.Find("Soccer-MinGRU").Apply(before);
        Assert.Equal(new TrainingPlan { HiddenWidth = 128, Activation = Activation.Relu, Core = NetworkCore.MinGru, StateDependentStd = true, FinalGames = 20 }, plan);
        NetworkSpec network = Settings.With(Settings.With(plan, "hiddenWidth", "32"), "core", "lstm").Network(Soccer);
        Assert.Equal((NetworkCore.Lstm, 32), (network.Core, network.CoreWidth));
        Assert.Equal(48, (plan with { CoreWidth = 48 }).Network(Soccer).CoreWidth);
    }

    [Fact]
    public void Unknown_names_and_settings_that_do_not_go_together_are_refused()
    {
        string message = Assert.Throws<UsageException>(() => NetworkPreset.Find("soccer-smal")).Message;
        Assert.Contains("soccer-small", message);
        var plan = new TrainingPlan { Core = NetworkCore.Lstm, SeparateCritic = true };
        Assert.Contains("--separate-critic", Assert.Throws<UsageException>(() => plan.Network(Soccer)).Message);
    }
}
