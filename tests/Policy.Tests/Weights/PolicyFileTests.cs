using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Creature;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Weights;

/// <summary>Trained policies on disk: complete or refused with one paragraph that helps.</summary>
public sealed class PolicyFileTests : IDisposable
{
    private static readonly IGame Corridor = Registry.Find("corridor");
    private static readonly IGame Soccer = Registry.Find("soccer");
    private static readonly NetworkSpec Network = new(12, [8, 4], Activation.Relu, 0, [2]);

    private readonly string folder = Directory.CreateTempSubdirectory("arena-policy-").FullName;
    private readonly float[] weights = Initial(Network);

    private string FilePath => Path.Join(folder, "policy.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_policy_comes_back_with_everything_it_says_of_itself()
    {
        PolicyDescription description = PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 123_456_789_012, ulong.MaxValue);
        PolicyFile.Save(FilePath, description, weights);
        PolicyFile read = PolicyFile.Load(FilePath);
        Assert.Equal(weights, read.Weights);
        Assert.Equal(("corridor", 123_456_789_012L, ulong.MaxValue), (read.Description.Game, read.Description.AgentSteps, read.Description.Seed));
        Assert.Equal([8, 4], read.Description.Network.Hidden);
        Assert.Equal([2], read.Description.Network.DiscreteHeads);
        Assert.Equal((12, 0, Activation.Relu), (read.Description.Network.Observations, read.Description.Network.ContinuousActions, read.Description.Network.Activation));
        Assert.Equal(description.Settings, read.Description.Settings);
        read.CheckFits(Corridor, Corridor.DefaultOptions);
        Assert.Equal([FilePath], Directory.GetFiles(folder));
    }

    [Fact]
    public void Settings_that_fix_the_shape_are_found_in_every_game()
    {
        Assert.Contains(KeyValuePair.Create("teamSize", "3"), ShapeSettings.Of(Soccer, new SoccerOptions { TeamSize = 3 }));
        Assert.Equal(["frameStack", "actionStack", "actions", "observation"], ShapeSettings.Of(Corridor, new CorridorOptions()).Select(setting => setting.Key));
    }

    [Fact]
    public void Another_size_names_both_sizes_and_the_option_to_add()
    {
        var five = new SoccerOptions { TeamSize = 5 };
        EnvironmentSpec spec = Soccer.Describe(five), three = Soccer.Describe(new SoccerOptions { TeamSize = 3 });
        PolicyFile policy = Saved(PolicyDescription.Of(Soccer, five, new NetworkSpec(spec.Observation.Length, [4], Activation.Tanh, 4, []), 1, 1));
        policy.CheckFits(Soccer, five);
        string message = Assert.Throws<UsageException>(() => policy.CheckFits(Soccer, new SoccerOptions { TeamSize = 3 })).Message;
        Assert.Contains($"observations of {spec.Observation.Length} numbers", message);
        Assert.Contains($"gives {three.Observation.Length}", message);
        Assert.Contains("--team-size 5: add that", message);
    }

    [Fact]
    public void Another_kind_of_action_another_game_and_bytes_are_refused()
    {
        PolicyFile policy = Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 1, 1));
        Assert.Contains("chooses discrete actions (2), but 'corridor' with these settings takes 1 continuous action", Refusal(policy, Corridor, new CorridorOptions { Actions = CorridorActions.Continuous }));
        Assert.Contains("--observation float", Refusal(policy, Corridor, new CorridorOptions { Observation = ObservationKind.Byte }));
        Assert.Contains("plays 'corridor', not 'soccer'", Refusal(policy, Soccer, new SoccerOptions()));
    }

    [Fact]
    public void Every_shorter_file_is_refused_and_so_are_numbers_that_are_not_finite()
    {
        Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 1, 1));
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Contains(FilePath, Assert.Throws<UsageException>(() => PolicyFile.Load(FilePath)).Message);
        }

        Assert.Contains("does not exist", Assert.Throws<UsageException>(() => PolicyFile.Load(Path.Join(folder, "none"))).Message);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            weights[5] = bad;
            Assert.Contains("'encoder.0.weight' holds NaN or infinity", Assert.Throws<UsageException>(() => Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 1, 1))).Message);
        }
    }

    [Theory]
    [InlineData("format", "pt", "is not a policy of this program")]
    [InlineData("hidden", "8", "'encoder.1.weight' is unknown")]
    [InlineData("hidden", "8,5", "'encoder.1.weight' has the shape (4, 8) instead of (5, 8)")]
    [InlineData("hidden", "65536,65536,65536", "a network that cannot be built")]
    [InlineData("hidden", "8,,4", "a network that cannot be built")]
    [InlineData("observations", "-12", "a network that cannot be built")]
    [InlineData("observations", null, "lack 'observations'")]
    [InlineData("activation", "sine", "a network that cannot be built")]
    [InlineData("continuous_actions", "2", "'actor.weight' has the shape (2, 4) instead of (4, 4)")]
    [InlineData("core", "1", "a network that cannot be built")]
    [InlineData("core", "lstm", "a network that cannot be built")] // of width 0
    [InlineData("core_width", "4", "a network that cannot be built")] // of no core
    [InlineData("core_width", "-1", "a network that cannot be built")]
    [InlineData("layer_norm", "yes", "a network that cannot be built")]
    [InlineData("layer_norm", "true", "'encoder.0.norm.weight' is missing")]
    [InlineData("separate_critic", "true", "'critic.encoder.0.weight' is missing")]
    [InlineData("normalize_observations", "true", "'normalizer.mean' is missing")]
    [InlineData("squash", "sine", "a network that cannot be built")]
    [InlineData("agent_steps", "many", "not whole numbers")]
    public void A_foreign_or_hostile_description_is_refused(string key, string? value, string expected)
    {
        Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 1, 1));
        SafetensorsContents contents = Safetensors.Read(FilePath);
        var metadata = new Dictionary<string, string>(contents.Metadata);
        metadata.Remove(key);
        if (value is not null) metadata[key] = value;
        Safetensors.Write(FilePath, contents.Tensors, metadata);
        string message = Assert.Throws<UsageException>(() => PolicyFile.Load(FilePath)).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(NetworkCore.Lstm, 5, true, false)]
    [InlineData(NetworkCore.MinGru, 1, false, false)]
    [InlineData(NetworkCore.None, 0, true, true)]
    public void Every_kind_of_network_comes_back(NetworkCore core, int width, bool flags, bool separate)
    {
        var network = new NetworkSpec(12, [8, 4], Activation.Gelu, 2, [2])
        {
            Core = core,
            CoreWidth = width,
            LayerNorm = flags,
            SeparateCritic = separate,
            StateDependentStd = flags,
            NormalizeObservations = !flags,
            Squash = flags ? ActionSquash.Tanh : ActionSquash.Clip,
        };
        float[] written = Initial(network);
        PolicyFile.Save(FilePath, PolicyDescription.Of(Corridor, Corridor.DefaultOptions, network, 1, 1), written);
        PolicyFile read = PolicyFile.Load(FilePath);
        Assert.True(NetworkText.Same(network, read.Description.Network));
        Assert.Equal(written, read.Weights);
    }

    [Fact]
    public void A_core_too_large_to_build_is_refused_whatever_else_the_file_says()
    {
        Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 1, 1));
        SafetensorsContents contents = Safetensors.Read(FilePath);
        var metadata = new Dictionary<string, string>(contents.Metadata) { ["core"] = "lstm", ["core_width"] = "65536" };
        Safetensors.Write(FilePath, contents.Tensors, metadata);
        Assert.Contains("a network that cannot be built", Assert.Throws<UsageException>(() => PolicyFile.Load(FilePath)).Message);
    }

    [Fact]
    public void A_file_from_before_there_were_cores_is_read()
    {
        Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 1, 1));
        SafetensorsContents contents = Safetensors.Read(FilePath);
        var metadata = new Dictionary<string, string>(contents.Metadata);
        foreach (string key in new[] { "core", "core_width", "layer_norm", "separate_critic", "state_dependent_std", "normalize_observations", "squash" })
            Assert.True(metadata.Remove(key));
        Safetensors.Write(FilePath, contents.Tensors, metadata);
        Assert.True(NetworkText.Same(Network, PolicyFile.Load(FilePath).Description.Network));
    }

    [Fact]
    public void A_policy_of_another_body_is_refused_though_its_sizes_fit()
    {
        IGame creature = Registry.Find("creature");
        var ant = new CreatureOptions();
        EnvironmentSpec spec = creature.Describe(ant);
        var network = new NetworkSpec(spec.Observation.Length, [4], Activation.Tanh, spec.Action.Continuous.Count, []);
        PolicyFile policy = Saved(PolicyDescription.Of(creature, ant, network, 1, 1));
        policy.CheckFits(creature, ant with { Task = CreatureTask.Target, Level = 2, NumEnvs = 3 });

        string heavier = SkeletonWriter.Write(BuiltinSkeletons.Find("ant")! with { Density = 600 });
        string message = Refusal(policy, creature, ant with { Skeleton = heavier });
        Assert.Contains($"trained for another body: skeleton 'ant' ({Skeletons.Compiled("ant").HashText})", message);
        Assert.Contains($"has skeleton 'ant' ({Skeletons.Compiled(heavier).HashText})", message);
        Assert.Contains("--actions position", Refusal(policy, creature, ant with { Actions = CreatureActions.Torque }));

        // One that carries its creature as a text does not print it, and one that says nothing is judged by its sizes.
        PolicyFile own = Saved(PolicyDescription.Of(creature, ant with { Skeleton = heavier }, network, 1, 1));
        Assert.Contains("--skeleton FILE (its run's config.json", Refusal(own, creature, ant));
        SafetensorsContents contents = Safetensors.Read(FilePath);
        var metadata = new Dictionary<string, string>(contents.Metadata);
        Assert.True(metadata.Remove("meaning"));
        Safetensors.Write(FilePath, contents.Tensors, metadata);
        PolicyFile.Load(FilePath).CheckFits(creature, ant);
    }

    [Fact]
    public void A_network_in_words_names_what_it_has()
    {
        Assert.Equal("12-8-4, relu, discrete actions (2)", NetworkText.Describe(Network));
        NetworkSpec large = Network with { Core = NetworkCore.Lstm, CoreWidth = 16, LayerNorm = true, StateDependentStd = true, NormalizeObservations = true, ContinuousActions = 3 };
        Assert.Equal("12-8-4, relu, lstm of 16, layer norm, log-std per row, normalised observations, 3 continuous actions and discrete actions (2)", NetworkText.Describe(large));
        Assert.Equal("12-8-4, relu, separate critic", NetworkText.Layers(Network with { SeparateCritic = true }));
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_file_and_nothing_else()
    {
        Saved(PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 7, 1));
        Assert.Throws<ArgumentException>(() => PolicyFile.Save(FilePath, PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 8, 1), weights.AsSpan(1)));
        Directory.CreateDirectory(Path.Join(folder, "taken.tmp"));
        Assert.ThrowsAny<Exception>(() => PolicyFile.Save(Path.Join(folder, "taken"), PolicyDescription.Of(Corridor, Corridor.DefaultOptions, Network, 8, 1), weights));
        Assert.Equal(7, PolicyFile.Load(FilePath).Description.AgentSteps);
        Assert.Equal([FilePath], Directory.GetFiles(folder));
    }

    private static float[] Initial(NetworkSpec network)
    {
        var layout = new ParameterLayout(network);
        var values = new float[layout.Length];
        Initialisation.Fill(layout, 1, values);
        return values;
    }

    private static string Refusal(PolicyFile policy, IGame game, GameOptions options) => Assert.Throws<UsageException>(() => policy.CheckFits(game, options)).Message;

    private PolicyFile Saved(PolicyDescription description)
    {
        PolicyFile.Save(FilePath, description, description.Network == Network ? weights : Initial(description.Network));
        return PolicyFile.Load(FilePath);
    }
}
