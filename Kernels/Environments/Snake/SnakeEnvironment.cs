using System.Globalization;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Arenas of snakes side by side on a device.</summary>
public sealed class SnakeEnvironment : GameEnvironment<SnakeOptions>
{
    private readonly SnakeParameters parameters;
    private readonly SnakeState state;
    private readonly DeviceBuffer<int> scratch;

    internal SnakeEnvironment(IDevice device, SnakeOptions options, EnvironmentSpec spec)
        : base(device, options, spec)
    {
        parameters = SnakeParameters.From(options);
        state = SnakeState.Create(State, parameters);
        scratch = device.Allocate<int>((long)options.NumEnvs * ScratchPerArena, "snake scratch: targets and events");
    }

    private int ScratchPerArena => 2 * parameters.Snakes;

    /// <summary>What every kernel of this environment is given; for tests that run the phases one by one.</summary>
    internal SnakeArguments Arguments(in StepViews views) => new()
    {
        State = state,
        Views = views,
        Parameters = parameters,
        Seed = Seed,
        Scratch = new GroupScratch<int>(scratch.View, ScratchPerArena),
    };

    /// <inheritdoc/>
    protected override void LaunchReset(in StepViews views) => Device.Launch(new SnakeReset { Arguments = Arguments(views) }, NumEnvs);

    /// <inheritdoc/>
    public override void Act(View<byte> controllers, in StepViews views) =>
        Device.Launch(new SnakeScript { Arguments = Arguments(views), Controllers = controllers }, NumEnvs * parameters.Snakes);

    /// <inheritdoc/>
    public override void Step(in StepViews views)
    {
        // One thread runs all lanes of an arena on the CPU, so nothing there need be atomic.
        if (Device is CpuDevice) Device.LaunchGroups(new SnakeTick<OwnedAtomics> { Arguments = Arguments(views) }, NumEnvs, parameters.Snakes);
        else Device.LaunchGroups(new SnakeTick<DeviceAtomics> { Arguments = Arguments(views) }, NumEnvs, parameters.Snakes);
    }

    /// <inheritdoc/>
    public override void Observe(in StepViews views) =>
        Device.Launch(new SnakeObserve { Arguments = Arguments(views) }, NumEnvs * parameters.Snakes);

    /// <inheritdoc/>
    public override void Draw(int env, Scene scene)
    {
        scene.Bounds = (-1.5f, -1.5f, parameters.Width + 0.5f, parameters.Height + 0.5f);
        scene.Rectangle(Ink.Field, -1f, -1f, parameters.Width, parameters.Height);
        DrawMeals(env, scene);
        int living = 0, longest = 0;
        double[] length = State["length"].ReadMatch(env), headIndex = State["headIndex"].ReadMatch(env), tail = State["tail"].ReadMatch(env), steps = State["steps"].ReadMatch(env);
        for (int i = 0; i < parameters.Snakes; i++)
        {
            if (length[i] > 0) living++;
            longest = Math.Max(longest, (int)length[i]);
            // From the tail on, so that the head lies on top.
            int at = (int)tail[i];
            for (int k = (int)length[i] - 1; k >= 0; k--)
            {
                DrawSegment(scene, i, k, at);
                int element = ((int)headIndex[i] - k + 1) & (parameters.RingLength - 1);
                at += SnakeArena.Step((int)steps[i * (parameters.RingLength / 4) + element / 4] >> 2 * (element % 4) & 3, parameters);
            }
        }

        scene.Caption = string.Create(CultureInfo.InvariantCulture, $"tick {State["tick"].ReadMatch(env)[0]}   {living} snakes   longest {longest}");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        scratch.Dispose();
        base.Dispose();
    }

    private void DrawMeals(int env, Scene scene)
    {
        double[] grid = State["grid"].ReadMatch(env);
        for (int row = 0; row < parameters.Height; row++)
        {
            for (int column = 0; column < parameters.Width; column++)
            {
                int code = (int)grid[SnakeArena.At(row, column, parameters)] & SnakeCell.Mask;
                if (code == SnakeCell.Food) scene.Cell(Ink.Object, column, Up(row), 0.5f, ".");
                if (code == SnakeCell.Corpse) scene.Cell(Ink.Neutral, column, Up(row), 0.5f, ",");
            }
        }
    }

    private void DrawSegment(Scene scene, int i, int k, int at)
    {
        int hue = i % Scene.Hues, row = at / parameters.Stride - parameters.Vision, column = at % parameters.Stride - SnakeConstants.LeftWall;
        string label = ((char)((k == 0 ? 'A' : 'a') + hue)).ToString();
        scene.Cell(Ink.Hue0 + hue, column, Up(row), 0.5f, label, i);
    }

    // Rows count downwards, drawings upwards.
    private float Up(int row) => parameters.Height - 1 - row;
}
