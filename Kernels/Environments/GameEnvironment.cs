using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>Base of an environment: holds what every game holds, so that a game adds its columns and launches its kernels.</summary>
public abstract class GameEnvironment<TOptions> : IEnvironment
    where TOptions : GameOptions
{
    /// <summary>Makes an empty state for E matches; the derived class adds its columns.</summary>
    protected GameEnvironment(IDevice device, TOptions options, EnvironmentSpec spec)
    {
        Device = device;
        GameOptions = options;
        Spec = spec;
        State = new StateColumns(device, options.NumEnvs);
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public GameOptions Options => GameOptions;

    /// <inheritdoc/>
    public IDevice Device { get; }

    /// <inheritdoc/>
    public int NumEnvs => GameOptions.NumEnvs;

    /// <inheritdoc/>
    public StateColumns State { get; }

    /// <inheritdoc/>
    public ulong Seed { get; set; }

    /// <inheritdoc/>
    public virtual float Progress { get; set; }

    /// <summary>The options by their own type.</summary>
    protected TOptions GameOptions { get; }

    /// <inheritdoc/>
    public void Reset(ulong seed, in StepViews views)
    {
        Seed = seed;
        LaunchReset(views);
    }

    /// <inheritdoc/>
    public abstract void Act(View<byte> controllers, in StepViews views);

    /// <inheritdoc/>
    public abstract void Step(in StepViews views);

    /// <inheritdoc/>
    public abstract void Observe(in StepViews views);

    /// <inheritdoc/>
    public abstract void Draw(int env, Scene scene);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        State.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="IEnvironment.Reset"/>, with <see cref="Seed"/> set.</summary>
    protected abstract void LaunchReset(in StepViews views);
}
