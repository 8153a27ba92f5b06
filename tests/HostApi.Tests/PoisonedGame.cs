using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.HostApi.Tests;

/// <summary>The corridor, until a NaN is planted among its rewards: what a fault of a simulation looks like to a learner.</summary>
public sealed class PoisonedGame : IGame
{
    /// <summary>Steps before the NaN: past the first evaluation.</summary>
    private const int GoodSteps = 600;

    private readonly CorridorGame inner = new();

    public string Name => "poisoned";

    public string Summary => "a corridor whose reward turns NaN";

    public GameOptions DefaultOptions => inner.DefaultOptions;

    public IReadOnlyList<GamePreset> Presets => [];

    public TrainingDefaults Training => inner.Training;

    public EnvironmentSpec Describe(GameOptions options) => inner.Describe(options) with { Game = Name };

    public IEnvironment Create(IDevice device, GameOptions options) => new PoisonedEnvironment(inner.Create(device, options));

    public void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report) => inner.Report(options, raw, report);

    public double Score(ReadOnlySpan<float> raw) => inner.Score(raw);

    private sealed class PoisonedEnvironment(IEnvironment inner) : IEnvironment
    {
        private int steps;

        public EnvironmentSpec Spec => inner.Spec;

        public GameOptions Options => inner.Options;

        public IDevice Device => inner.Device;

        public int NumEnvs => inner.NumEnvs;

        public StateColumns State => inner.State;

        public ulong Seed { get => inner.Seed; set => inner.Seed = value; }

        public float Progress { get => inner.Progress; set => inner.Progress = value; }

        public MatchVariants Variants => inner.Variants;

        public void Reset(ulong seed, in StepViews views)
        {
            steps = 0; // an evaluation resets before it plays so many steps
            inner.Reset(seed, views);
        }

        public void Act(View<byte> controllers, in StepViews views) => inner.Act(controllers, views);

        public void Step(in StepViews views)
        {
            inner.Step(views);
            if (++steps == GoodSteps) views.Rewards[3] = float.NaN;
        }

        public void Observe(in StepViews views) => inner.Observe(views);

        public void Draw(int env, Scene scene) => inner.Draw(env, scene);

        public void Dispose() => inner.Dispose();
    }
}
