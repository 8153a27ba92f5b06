using System.Globalization;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Soccer matches side by side on a device.</summary>
public sealed class SoccerEnvironment : GameEnvironment<SoccerOptions, SoccerParameters>
{
    private readonly SoccerState state;
    private readonly DeviceBuffer<float> moved;
    private readonly Column<float> movedColumn;

    internal SoccerEnvironment(IDevice device, SoccerOptions options, EnvironmentSpec spec)
        : base(device, options, spec)
    {
        state = SoccerState.Create(State, options.TeamSize);
        int slots = spec.AgentsPerMatch * SoccerConstants.BodyFloats;
        moved = device.Allocate<float>(Column<float>.RequiredLength(options.NumEnvs, slots, device.TileShift), "soccer scratch: moved players");
        movedColumn = new Column<float>(moved.View, slots, device.TileShift);
    }

    /// <inheritdoc/>
    protected override void LaunchReset(in StepViews views)
    {
        Device.Launch(new SoccerReset { Arguments = Arguments(views) }, NumEnvs);
        Observe(views);
    }

    /// <inheritdoc/>
    public override void Act(View<byte> controllers, in StepViews views) =>
        Device.Launch(new SoccerScript { Arguments = Arguments(views), Controllers = controllers }, NumEnvs);

    /// <inheritdoc/>
    public override void Step(in StepViews views)
    {
        Device.Launch(new SoccerStep { Arguments = Arguments(views) }, NumEnvs);
        Observe(views);
    }

    /// <inheritdoc/>
    public override void Observe(in StepViews views) =>
        Device.Launch(new SoccerObserve { Arguments = Arguments(views) }, NumEnvs * Spec.AgentsPerMatch);

    /// <inheritdoc/>
    public override void Draw(int env, Scene scene)
    {
        SoccerOptions options = OptionsOf(env);
        SoccerParameters parameters = ParametersOf(options);
        float halfLength = parameters.HalfLength, halfWidth = parameters.HalfWidth, goal = parameters.GoalHalfWidth;
        scene.Bounds = (-halfLength - SoccerConstants.Apron, -halfWidth - SoccerConstants.Apron, halfLength + SoccerConstants.Apron, halfWidth + SoccerConstants.Apron);
        scene.Rectangle(Ink.Field, -halfLength, -halfWidth, halfLength, halfWidth);
        scene.Line(Ink.Field, 0f, -halfWidth, 0f, halfWidth);
        scene.Line(Ink.SideA, -halfLength, -goal, -halfLength, goal);
        scene.Line(Ink.SideB, halfLength, -goal, halfLength, goal);
        double[] player = State["player"].ReadMatch(env);
        double[] ball = State["ball"].ReadMatch(env);
        for (int agent = 0; agent < Spec.AgentsPerMatch; agent++)
        {
            int at = agent * SoccerConstants.BodyFloats;
            bool sideA = agent < GameOptions.TeamSize;
            string label = (agent % GameOptions.TeamSize).ToString(CultureInfo.InvariantCulture);
            scene.Disc(sideA ? Ink.SideA : Ink.SideB, (float)player[at], (float)player[at + 1], options.Physics.PlayerRadius, label, agent);
        }

        scene.Disc(Ink.Object, (float)ball[0], (float)ball[1], options.Physics.BallRadius, "o");
        double[] score = State["score"].ReadMatch(env);
        double tick = State["tick"].ReadMatch(env)[0];
        scene.Caption = string.Create(CultureInfo.InvariantCulture,
            $"A {score[0]} : {score[1]} B   {tick * options.Physics.TimeStepSeconds:0.0} s of {options.MaxTicks * options.Physics.TimeStepSeconds:0.0} s");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        moved.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override SoccerParameters ParametersOf(SoccerOptions options) => SoccerParameters.From(options, Spec, Progress);

    private SoccerArguments Arguments(in StepViews views) =>
        new() { State = state, Views = views, Parameters = Parameters, Variants = VariantViews, Moved = movedColumn, Seed = Seed };
}
