using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Torch;
using Arena.Policy.Weights;

namespace Arena.Torch.Tests;

/// <summary>Whole training with the torch engine: the toy, a game from the command line, checkpoints from one engine to the other.</summary>
public sealed class TrainingTests : IDisposable
{
    private static readonly EngineChoice Torch = new(EngineKind.Torch, NetworkPrecision.Float32, "the tests ask for it");
    private readonly string folder = Directory.CreateTempSubdirectory("arena-torch-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(CorridorActions.Discrete, NetworkCore.None)]
    [InlineData(CorridorActions.Continuous, NetworkCore.MinGru)]
    public void The_corridor_is_solved_and_no_tensor_lingers(CorridorActions actions, NetworkCore core)
    {
        const int Updates = 60;
        var config = new PpoConfig { Horizon = 32, Epochs = 4, Minibatches = 4, LearningRate = 3e-3, TargetKl = 0, EntropyCoefficient = 1e-3 };
        using var run = new Policy.Tests.Learners.TrainingRun("corridor", new CorridorOptions { NumEnvs = 64, Actions = actions, Desync = true }, config, core: core, choice: Torch);
        long live = 0;
        for (int update = 0; update < Updates; update++)
        {
            run.Update((double)update / Updates);
            if (update == 2) live = TorchEngine.LiveTensors;
        }

        Assert.Equal(live, TorchEngine.LiveTensors);
        run.Collector.Collect();
        float[] statistics = run.Rollout.EpisodeStatistics!.ToArray();
        double score = Enumerable.Range(0, 64).Average(match => (double)statistics[match * CorridorConstants.RawStatistics]);
        Assert.True(score >= 0.95, $"{actions}: mean return {score}, of at most {CorridorGame.OptimalReturn}");
    }

    [Fact]
    public void A_checkpoint_of_one_engine_loads_in_the_other_and_goes_on_alike()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession torch = Session(device, Torch), builtin = Session(device, EngineChoice.Builtin);
        for (int update = 0; update < 3; update++) torch.Update();
        builtin.Load(torch.Save());
        Assert.Equal(torch.CopyWeights(), builtin.CopyWeights());
        torch.Update();
        builtin.Update();
        AssertClose(torch.CopyWeights(), builtin.CopyWeights(), 1e-3f);
        Assert.Equal(torch.Statistics.PolicyLoss, builtin.Statistics.PolicyLoss, 1e-3);
        SavedState saved = builtin.Save();
        torch.Load(saved);
        Assert.Equal(builtin.CopyWeights(), torch.CopyWeights());
        saved.CheckAllRead();
    }

    [Fact]
    public void Soccer_is_trained_from_the_command_line_and_the_run_remembers_its_engine()
    {
        (int code, string output, string error) = Run(
            "train", "soccer", "--engine", "torch", "--network", "soccer-small", "--agent-steps", "4000", "--evaluate-every", "4000", "--envs", "8", "--max-ticks", "60", "--hidden-width", "16",
            "--evaluation-games", "2", "--final-games", "2", "--gate-games", "0", "--threads", "1", "--seed", "2", "--runs", folder);
        Assert.True(code == ExitCode.Success, error + output);
        Assert.Contains("torch engine, float32 products: --engine torch", output);
        string run = Assert.Single(Directory.GetDirectories(folder));
        Assert.Contains("\"engine\": \"torch\"", File.ReadAllText(Path.Join(run, "config.json")));
        Assert.Equal("torch", RunConfig.OfRun(run).Engine.Engine);
    }

    [Fact]
    public void A_probe_times_both_engines()
    {
        (int code, string output, _) = Run("train", "corridor", "--probe", "--threads", "1");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("builtin engine, float32 products: the device is a CPU, where this engine is the faster one", output);
        Assert.Contains("torch engine, float32 products: for comparison", output);
    }

    private static TrainingSession Session(CpuDevice device, EngineChoice engine)
    {
        IGame game = Registry.Find("corridor");
        return new TrainingSession(
            device, game, game.Training.Options with { NumEnvs = 16 }, new PpoConfig { Horizon = 16, Minibatches = 4 }, new TrainingPlan { AgentSteps = 200_000, EvaluationGames = 4 }, 5, engine: engine);
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
