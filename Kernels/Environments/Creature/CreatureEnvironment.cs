using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Creatures side by side on a device.</summary>
public sealed class CreatureEnvironment : GameEnvironment<CreatureOptions, CreatureParameters>
{
    private readonly CreatureTables tables;
    private readonly CreatureState state;
    private readonly DeviceBuffer<CreatureBody> bodies;
    private readonly DeviceBuffer<CreatureJoint> joints;
    private readonly DeviceBuffer<CreaturePoint> points;
    private readonly DeviceBuffer<CreatureGait> gait;
    private readonly DeviceBuffer<float> pose;
    private readonly DeviceBuffer<float> heights;
    private readonly DeviceBuffer<float> scratch;
    private readonly Column<float> scratchColumn;
    private readonly DivergenceLog divergences;
    private DeviceBuffer<float>? survey;

    internal CreatureEnvironment(IDevice device, CreatureOptions options, EnvironmentSpec spec)
        : this(device, options, spec, Skeletons.Compiled(options.Skeleton), null)
    {
    }

    /// <summary>With tables and a starting pose of one's own: how the settled pose is found, and what experiments use.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="options">Options; the skeleton is <paramref name="tables"/>'.</param>
    /// <param name="spec">Sizes.</param>
    /// <param name="tables">The skeleton.</param>
    /// <param name="startPose">(B, 7) position and orientation; null = the settled pose.</param>
    public CreatureEnvironment(IDevice device, CreatureOptions options, EnvironmentSpec spec, CreatureTables tables, float[]? startPose)
        : base(device, options, spec)
    {
        this.tables = tables;
        CreatureLayout layout = tables.Layout with { PreviousActions = options.PreviousActions };
        state = CreatureState.Create(State, layout);
        bodies = Upload(tables.Bodies, "creature bodies");
        joints = Upload(tables.Joints, "creature joints");
        points = Upload(tables.Points, "creature contact points");
        gait = Upload(tables.Gait, "creature gait");
        pose = Upload(startPose ?? SettledPose.Of(tables, options), "creature starting pose");
        heights = Upload(SharedHeights, "creature ground");
        int slots = CreatureScratch.Length(layout);
        scratch = device.Allocate<float>(Column<float>.RequiredLength(options.NumEnvs, slots, device.TileShift), "creature scratch");
        scratchColumn = new Column<float>(scratch.View, slots, device.TileShift);
        divergences = new DivergenceLog(device, options, CreatureGuard.Causes);
    }

    /// <summary>The compiled skeleton.</summary>
    public CreatureTables Tables => tables;

    /// <inheritdoc/>
    public override DivergenceLog Divergences => divergences;

    /// <inheritdoc/>
    /// <remarks>How many pairs of segments overlap.</remarks>
    public override bool Survey
    {
        get => survey is not null;
        set
        {
            survey?.Dispose();
            survey = value ? Device.Allocate<float>((long)NumEnvs * CreatureOverlap.Words, "creature survey") : null;
        }
    }

    private static float[] SharedHeights { get; } = CreatureBumps.Make();

    /// <inheritdoc/>
    public override void Act(View<byte> controllers, in StepViews views) =>
        Device.Launch(new CreatureScript { Arguments = Arguments(views), Controllers = controllers }, NumEnvs);

    /// <inheritdoc/>
    public override void Step(in StepViews views)
    {
        if (survey is not null) Device.Launch(new CreatureOverlap { Arguments = Arguments(views) }, NumEnvs);
        Device.Launch(new CreatureStep { Arguments = Arguments(views) }, NumEnvs);
        Observe(views);
    }

    /// <inheritdoc/>
    public override void Observe(in StepViews views) =>
        Device.Launch(new CreatureObserve { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Draw(int env, Scene scene) => CreatureDrawing.Draw(env, State, tables, scene);

    /// <inheritdoc/>
    public override void Dispose()
    {
        bodies.Dispose();
        joints.Dispose();
        points.Dispose();
        gait.Dispose();
        pose.Dispose();
        heights.Dispose();
        scratch.Dispose();
        divergences.Dispose();
        survey?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void LaunchReset(in StepViews views)
    {
        divergences.Clear();
        Device.Launch(new CreatureReset { Arguments = Arguments(views) }, NumEnvs);
        Observe(views);
    }

    /// <inheritdoc/>
    protected override CreatureParameters ParametersOf(CreatureOptions options) => CreatureParameters.From(options, tables);

    private DeviceBuffer<T> Upload<T>(T[] values, string name)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Device.Allocate<T>(Math.Max(1, values.Length), name);
        buffer.Write(values);
        return buffer;
    }

    internal CreatureArguments Arguments(in StepViews views) => new()
    {
        State = state, Views = views, Parameters = Parameters, Variants = VariantViews,
        Bodies = bodies.View, Joints = joints.View, Points = points.View, Gait = gait.View, Pose = pose.View, Heights = heights.View,
        Scratch = scratchColumn, Divergences = divergences.View, Survey = survey?.View ?? default, Seed = Seed,
    };
}
