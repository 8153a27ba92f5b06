using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>Any environment, with rows that also show earlier observations and actions.</summary>
/// <remarks>
/// The environment itself writes the present observation into scratch; one more launch per step shifts the rows and adds it. What a row
/// shows is kept as one more state column, so that snapshots, hashes and resumed runs hold for it like for any other state. Costs, per row
/// and tick: the row is moved once and copied once.
/// </remarks>
public sealed class StackedEnvironment : IEnvironment
{
    /// <summary>Name of the state column that holds every row as it was last shown.</summary>
    public const string ColumnName = "stacked";

    private readonly IEnvironment inner;
    private readonly StackShape shape;
    private readonly Column<float> floats;
    private readonly Column<byte> bytes;
    private readonly DeviceBuffer<float>? observations;
    private readonly DeviceBuffer<float>? finalObservations;
    private readonly DeviceBuffer<byte>? byteObservations;
    private readonly DeviceBuffer<byte>? finalByteObservations;
    private readonly DeviceBuffer<int> headSizes;

    /// <summary>Takes over <paramref name="inner"/>, made with the same options, and disposes of it.</summary>
    internal StackedEnvironment(IEnvironment inner)
    {
        this.inner = inner;
        EnvironmentSpec spec = inner.Spec;
        Spec = Stacking.Widen(spec, inner.Options);
        shape = StackShape.Of(spec, inner.Options);
        long rows = (long)inner.NumEnvs * spec.AgentsPerMatch;
        int slots = spec.AgentsPerMatch * shape.Length;
        headSizes = Device.Allocate<int>(Math.Max(1, spec.Action.Discrete.Count), "stacking: head sizes");
        headSizes.Write([.. spec.Action.Discrete.Select(head => head.Size).DefaultIfEmpty(0)]);
        if (spec.Observation.Kind == ObservationKind.Byte)
        {
            bytes = State.Add<byte>(ColumnName, slots);
            byteObservations = Device.Allocate<byte>(rows * shape.Frame, "stacking: present observations");
            finalByteObservations = Device.Allocate<byte>(rows * shape.Frame, "stacking: last observations");
            return;
        }

        floats = State.Add<float>(ColumnName, slots);
        observations = Device.Allocate<float>(rows * shape.Frame, "stacking: present observations");
        finalObservations = Device.Allocate<float>(rows * shape.Frame, "stacking: last observations");
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public GameOptions Options => inner.Options;

    /// <inheritdoc/>
    public IDevice Device => inner.Device;

    /// <inheritdoc/>
    public int NumEnvs => inner.NumEnvs;

    /// <inheritdoc/>
    public StateColumns State => inner.State;

    /// <inheritdoc/>
    public MatchVariants Variants => inner.Variants;

    /// <inheritdoc/>
    public DivergenceLog? Divergences => inner.Divergences;

    /// <inheritdoc/>
    public bool Survey
    {
        get => inner.Survey;
        set => inner.Survey = value;
    }

    /// <inheritdoc/>
    public ulong Seed
    {
        get => inner.Seed;
        set => inner.Seed = value;
    }

    /// <inheritdoc/>
    public float Progress
    {
        get => inner.Progress;
        set => inner.Progress = value;
    }

    /// <inheritdoc/>
    public void Reset(ulong seed, in StepViews views)
    {
        inner.Reset(seed, Inner(views));
        Launch(views, StackPhase.Begin);
    }

    /// <inheritdoc/>
    public void Act(View<byte> controllers, in StepViews views) => inner.Act(controllers, Inner(views));

    /// <inheritdoc/>
    public void Step(in StepViews views)
    {
        inner.Step(Inner(views));
        Launch(views, StackPhase.Step);
    }

    /// <inheritdoc/>
    public void Observe(in StepViews views)
    {
        inner.Observe(Inner(views));
        Launch(views, StackPhase.Show);
    }

    /// <inheritdoc/>
    public void Draw(int env, Scene scene) => inner.Draw(env, scene);

    /// <inheritdoc/>
    public void Dispose()
    {
        inner.Dispose();
        observations?.Dispose();
        finalObservations?.Dispose();
        byteObservations?.Dispose();
        finalByteObservations?.Dispose();
        headSizes.Dispose();
    }

    private StepViews Inner(StepViews views)
    {
        views.Observations = observations?.View ?? default;
        views.FinalObservations = finalObservations?.View ?? default;
        views.ByteObservations = byteObservations?.View ?? default;
        views.FinalByteObservations = finalByteObservations?.View ?? default;
        return views;
    }

    private void Launch(in StepViews views, StackPhase phase)
    {
        int rows = NumEnvs * Spec.AgentsPerMatch;
        if (observations is null)
            Device.Launch(
                new StackBytes
                {
                    Shape = shape,
                    Views = views,
                    HeadSizes = headSizes.View,
                    Present = byteObservations!.View,
                    Last = finalByteObservations!.View,
                    Stacked = bytes,
                    Phase = phase,
                },
                rows);
        else
            Device.Launch(
                new StackFloats
                {
                    Shape = shape,
                    Views = views,
                    HeadSizes = headSizes.View,
                    Present = observations.View,
                    Last = finalObservations!.View,
                    Stacked = floats,
                    Phase = phase,
                },
                rows);
    }
}
