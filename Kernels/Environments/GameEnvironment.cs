using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>Base of an environment: holds what every game holds, so that a game adds its columns and launches its kernels.</summary>
public abstract class GameEnvironment<TOptions> : IEnvironment
    where TOptions : GameOptions
{
    /// <summary>Makes an empty state for E matches; the derived class adds its columns.</summary>
    protected GameEnvironment(IDevice device, TOptions options, EnvironmentSpec spec)
        : this(device, options, spec, variantSlots: 1)
    {
    }

    private protected GameEnvironment(IDevice device, TOptions options, EnvironmentSpec spec, int variantSlots)
    {
        Device = device;
        GameOptions = options;
        Spec = spec;
        State = new StateColumns(device, options.NumEnvs);
        Variants = new MatchVariants(State, spec, options, variantSlots);
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

    /// <inheritdoc/>
    public MatchVariants Variants { get; }

    /// <inheritdoc/>
    public virtual DivergenceLog? Divergences => null;

    /// <inheritdoc/>
    public virtual bool Survey { get; set; }

    /// <summary>The options by their own type: what matches play by unless <see cref="Variants"/> say otherwise.</summary>
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

    /// <summary>The options that match <paramref name="env"/> plays by at present; host side, for drawings.</summary>
    protected TOptions OptionsOf(int env) => (TOptions)Variants.OptionsOf(env);
}

/// <summary>Base of an environment whose matches may play by different options: it turns options into the numbers of kernels.</summary>
/// <remarks>
/// A game says what the numbers are (<see cref="ParametersOf"/>), hands <see cref="Parameters"/> and <see cref="VariantViews"/> to its kernels,
/// and its kernels ask <see cref="VariantViews{TParameters}"/> once per match. They are made again when <see cref="Progress"/> or a slot changes.
/// </remarks>
/// <typeparam name="TOptions">The game's options.</typeparam>
/// <typeparam name="TParameters">What kernels need of them, as numbers.</typeparam>
public abstract class GameEnvironment<TOptions, TParameters> : GameEnvironment<TOptions>
    where TOptions : GameOptions
    where TParameters : unmanaged
{
    private readonly TParameters[] numbers = new TParameters[MatchVariants.MaxSlots];
    private DeviceBuffer<TParameters>? table;
    private float progress;
    private bool stale = true;

    /// <summary>As the base's.</summary>
    protected GameEnvironment(IDevice device, TOptions options, EnvironmentSpec spec)
        : base(device, options, spec, MatchVariants.MaxSlots)
    {
        Variants.Changed = () => stale = true;
    }

    /// <inheritdoc/>
    public sealed override float Progress
    {
        get => progress;
        set
        {
            progress = Math.Clamp(value, 0f, 1f);
            stale = true;
        }
    }

    /// <summary>The numbers of slot 0 at the present progress.</summary>
    protected TParameters Parameters
    {
        get
        {
            Refresh();
            return numbers[0];
        }
    }

    /// <summary>What kernels see of <see cref="GameEnvironment{TOptions}.Variants"/>.</summary>
    protected VariantViews<TParameters> VariantViews
    {
        get
        {
            Refresh();
            return table is null ? default : new() { Table = table.View, Running = Variants.Running, Next = Variants.Next, Used = 1 };
        }
    }

    /// <summary>The numbers that matches with these options play by at the present <see cref="Progress"/>; allocates nothing.</summary>
    protected abstract TParameters ParametersOf(TOptions options);

    /// <inheritdoc/>
    public override void Dispose()
    {
        table?.Dispose();
        base.Dispose();
    }

    private void Refresh()
    {
        if (!stale) return;
        stale = false;
        for (int slot = 0; slot < Variants.Slots; slot++)
            numbers[slot] = slot == 0 || Variants[slot] is not null ? ParametersOf((TOptions)Variants[slot]!) : numbers[0];
        if (!Variants.Used) return;
        table ??= Device.Allocate<TParameters>(numbers.Length, "variants: numbers of each slot");
        table.Write(numbers);
    }
}
