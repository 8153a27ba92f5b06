using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Export;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Policy;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Export;

/// <summary>A creature's policy leaves with what belongs to it, and computes the same in other hands.</summary>
public sealed class CreatureExportTests : IDisposable
{
    private const int Rows = 20, Steps = 50; // 1,000 observations

    private static readonly IGame Creature = Registry.Find("creature");
    private readonly string folder = Directory.CreateTempSubdirectory("arena-creature-export-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(NetworkCore.None, false)]
    [InlineData(NetworkCore.None, true)]
    [InlineData(NetworkCore.Lstm, true)]
    [InlineData(NetworkCore.MinGru, false)]
    public void The_written_model_gives_the_policys_actions_on_observations_of_play(NetworkCore core, bool normalised)
    {
        var options = new CreatureOptions { NumEnvs = Rows };
        NetworkSpec network = new TrainingPlan { Core = core, NormalizeObservations = normalised }.Network(Creature.Describe(options));
        float[] weights = ExportCases.Weights(network);
        OnnxModel model = OnnxReader.Read(OnnxWriter.Write(OnnxExport.Model(network, weights, new OnnxOptions())));
        float[][] seen = Played(options);
        double largest = Largest(network, weights, model, seen, changed: false);
        Assert.True(largest <= 1e-5, $"{largest}");
        Assert.True(Largest(network, weights, model, seen, changed: true) > 1e-3, "a changed weight went unseen");
    }

    [Fact]
    public void A_model_comes_with_notes_and_a_file_knows_its_creature()
    {
        string skeleton = SkeletonWriter.Write(BuiltinSkeletons.Find("ant")! with { Name = "mine", Strength = 0.5 });
        var options = new CreatureOptions { Skeleton = skeleton, PreviousActions = 1, Actions = CreatureActions.Torque };
        NetworkSpec network = new TrainingPlan().Network(Creature.Describe(options));
        string policy = Path.Combine(folder, "policy.safetensors");
        PolicyFile.Save(policy, PolicyDescription.Of(Creature, options, network, 5, 6), ExportCases.Weights(network));
        using StringWriter output = new(), error = new();
        Assert.True(CommandLine.Run(["export", policy, "--onnx", Path.Combine(folder, "mine.onnx")], output, error) == 0, error.ToString());
        Assert.Contains("mine.json: what a simulation of your own needs", output.ToString());
        using JsonDocument notes = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "mine.json")));
        Assert.Equal(Skeletons.Compiled(skeleton).HashText, notes.RootElement.GetProperty("skeletonHash").GetString());
        Assert.Equal("torque", notes.RootElement.GetProperty("actions").GetProperty("mode").GetString());
        Assert.Equal(network.Observations, notes.RootElement.GetProperty("observation").GetProperty("length").GetInt32());
    }

    private static double Largest(NetworkSpec network, float[] weights, OnnxModel model, float[][] seen, bool changed)
    {
        float[] own = [.. weights];
        if (changed) own[new ParameterLayout(network)["actor.weight"].Offset] += 0.1f;
        using var agent = new PolicyAgent(network, own, new PolicyAgentOptions { Rows = Rows, Deterministic = true });
        var evaluator = new OnnxEvaluator(model);
        var actions = new float[Rows * network.ContinuousActions];
        var state = new OnnxEvaluator.Tensor(new double[Rows * network.StateSize], [Rows, network.StateSize]);
        double largest = 0;
        foreach (float[] observations in seen)
        {
            agent.Step(observations, [], actions, []);
            var input = new OnnxEvaluator.Tensor([.. observations.Select(value => (double)value)], [Rows, network.Observations]);
            Dictionary<string, OnnxEvaluator.Tensor> values = network.StateSize == 0 ? evaluator.Run(("observation", input)) : evaluator.Run(("observation", input), ("state_in", state));
            if (network.StateSize > 0) state = values["state_out"];
            for (int at = 0; at < actions.Length; at++) largest = Math.Max(largest, Math.Abs(values["action"].Values[at] - actions[at]));
        }

        return largest;
    }

    // (Steps) rows of observations, half of the creatures by the gait and half by chance.
    private static float[][] Played(CreatureOptions options)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using IEnvironment environment = Creature.Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, Rows);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(Rows, "controllers");
        controllers.Write([.. Enumerable.Range(0, Rows).Select(row => (byte)(1 + row % 2))]);
        environment.Reset(4, buffers.Views);
        var seen = new float[Steps][];
        for (int step = 0; step < Steps; step++)
        {
            seen[step] = buffers.Observations!.ToArray();
            environment.Act(controllers.View, buffers.Views);
            environment.Step(buffers.Views);
        }

        return seen;
    }
}
