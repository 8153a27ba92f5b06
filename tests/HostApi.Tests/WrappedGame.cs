using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Tests;

/// <summary>A game that is another one but for what a test changes.</summary>
/// <param name="inner">The other.</param>
public abstract class WrappedGame(IGame inner) : IGame
{
    public virtual string Name => inner.Name;

    public virtual string Summary => inner.Summary;

    public GameOptions DefaultOptions => inner.DefaultOptions;

    public IReadOnlyList<GamePreset> Presets => [];

    public TrainingDefaults Training => inner.Training;

    public virtual EnvironmentSpec Describe(GameOptions options) => inner.Describe(options);

    public IEnvironment Create(IDevice device, GameOptions options) => Wrap(inner.Create(device, options));

    public void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report) => inner.Report(options, raw, report);

    public double Score(ReadOnlySpan<float> raw) => inner.Score(raw);

    /// <summary>The environment with what is changed.</summary>
    protected abstract IEnvironment Wrap(IEnvironment environment);
}

/// <summary>An environment that is another one but for what a test changes.</summary>
/// <param name="inner">The other; disposed of with this one.</param>
public abstract class WrappedEnvironment(IEnvironment inner) : IEnvironment
{
    public EnvironmentSpec Spec => inner.Spec;

    public GameOptions Options => inner.Options;

    public IDevice Device => inner.Device;

    public int NumEnvs => inner.NumEnvs;

    public StateColumns State => inner.State;

    public ulong Seed { get => inner.Seed; set => inner.Seed = value; }

    public float Progress { get => inner.Progress; set => inner.Progress = value; }

    public MatchVariants Variants => inner.Variants;

    public DivergenceLog? Divergences => inner.Divergences;

    public virtual void Reset(ulong seed, in StepViews views) => inner.Reset(seed, views);

    public void Act(View<byte> controllers, in StepViews views) => inner.Act(controllers, views);

    public virtual void Step(in StepViews views) => inner.Step(views);

    public void Observe(in StepViews views) => inner.Observe(views);

    public void Draw(int env, Scene scene) => inner.Draw(env, scene);

    public void Dispose()
    {
        inner.Dispose();
        GC.SuppressFinalize(this);
    }
}
