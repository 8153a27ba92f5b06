using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>Base of a game with options of type <typeparamref name="TOptions"/>: checks the options, and stacks observations, in one place.</summary>
public abstract class Game<TOptions> : IGame
    where TOptions : GameOptions, new()
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Summary { get; }

    /// <inheritdoc/>
    public GameOptions DefaultOptions { get; } = new TOptions();

    /// <inheritdoc/>
    public virtual IReadOnlyList<GamePreset> Presets => [];

    /// <inheritdoc/>
    public virtual TrainingDefaults Training => new(DefaultOptions with { Desync = true }, AgentSteps: 10_000_000);

    /// <inheritdoc/>
    public EnvironmentSpec Describe(GameOptions options) => Stacking.Widen(Describe(Checked(options)), options);

    /// <inheritdoc/>
    public IEnvironment Create(IDevice device, GameOptions options)
    {
        IEnvironment environment = Create(device, Checked(options));
        // Stacking lies around the game, so a variant that changes it is given the wider description, which does not fit.
        environment.Variants.Describe = changed =>
            (changed.FrameStack, changed.ActionStack) == (options.FrameStack, options.ActionStack) ? Describe(Checked(changed)) : Describe(changed);
        return Stacking.Wanted(options) ? new StackedEnvironment(environment) : environment;
    }

    /// <inheritdoc/>
    public string? ExportNotes(GameOptions options) => ExportNotes(Checked(options), Describe(options));

    /// <inheritdoc/>
    public void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report) => Report((TOptions)options, raw, report);

    /// <inheritdoc/>
    public abstract double Score(ReadOnlySpan<float> raw);

    /// <summary>As <see cref="IGame.Describe"/>, with valid options; of the game itself, stacking comes on top.</summary>
    protected abstract EnvironmentSpec Describe(TOptions options);

    /// <summary>As <see cref="IGame.ExportNotes"/>, with valid options, and sizes and names as they are with stacking.</summary>
    protected virtual string? ExportNotes(TOptions options, EnvironmentSpec spec) => null;

    /// <summary>As <see cref="IGame.Create"/>, with valid options; of the game itself, stacking comes on top.</summary>
    protected abstract IEnvironment Create(IDevice device, TOptions options);

    /// <summary>As <see cref="IGame.Report"/>.</summary>
    protected abstract void Report(TOptions options, ReadOnlySpan<float> raw, Span<double> report);

    private TOptions Checked(GameOptions options)
    {
        if (options is not TOptions typed)
            throw new UsageException($"'{Name}' takes {typeof(TOptions).Name}, not {options.GetType().Name}.");
        typed.Validate();
        return typed;
    }
}
