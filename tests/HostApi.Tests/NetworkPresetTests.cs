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
