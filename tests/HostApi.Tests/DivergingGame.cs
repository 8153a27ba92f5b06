using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;

namespace Arena.HostApi.Tests;

/// <summary>The creatures, one of which is thrown out of its simulation in a given step: what a divergence looks like from outside.</summary>
/// <param name="step">Which step after a reset, from 0.</param>
/// <param name="match">Which match of the batch; −1: none.</param>
internal sealed class DivergingGame(int step, int match) : IGame
{
    private readonly CreatureGame inner = new();

    public string Name => inner.Name;

    public string Summary => inner.Summary;

    public GameOptions DefaultOptions => inner.DefaultOptions;

    public IReadOnlyList<GamePreset> Presets => [];

    public TrainingDefaults Training => inner.Training;

    public EnvironmentSpec Describe(GameOptions options) => inner.Describe(options);

    public IEnvironment Create(IDevice device, GameOptions options) => new Diverging(inner.Create(device, options), step, match);

    public void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report) => inner.Report(options, raw, report);

    public double Score(ReadOnlySpan<float> raw) => inner.Score(raw);

    private sealed class Diverging(IEnvironment inner, int step, int match) : IEnvironment
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

        public DivergenceLog? Divergences => inner.Divergences;

        public void Reset(ulong seed, in StepViews views)
        {
            steps = 0;
            inner.Reset(seed, views);
        }

        public void Act(View<byte> controllers, in StepViews views) => inner.Act(controllers, views);

        public void Step(in StepViews views)
        {
            if (steps++ == step && match >= 0) Throw();
            inner.Step(views);
        }

        public void Observe(in StepViews views) => inner.Observe(views);

        public void Draw(int env, Scene scene) => inner.Draw(env, scene);

        public void Dispose() => inner.Dispose();

        // The second body is far up: the solver cannot hold its joint.
        private void Throw()
        {
            StateColumn bodies = inner.State["body"];
            var bytes = new byte[bodies.BytesPerMatch];
            bodies.ReadMatch(match, bytes);
            BitConverter.TryWriteBytes(bytes.AsSpan((CreatureConstants.BodyFloats + 2) * sizeof(float)), 400f);
            bodies.WriteMatch(match, bytes);
        }
    }
}
