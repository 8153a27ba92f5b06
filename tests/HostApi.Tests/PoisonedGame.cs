using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.HostApi.Tests;

/// <summary>The corridor, until a NaN is planted among its rewards: what a fault of a simulation looks like to a learner.</summary>
public sealed class PoisonedGame() : WrappedGame(new CorridorGame())
{
    /// <summary>Steps before the NaN: past the first evaluation.</summary>
    private const int GoodSteps = 600;

    public override string Name => "poisoned";

    public override string Summary => "a corridor whose reward turns NaN";

    public override EnvironmentSpec Describe(GameOptions options) => base.Describe(options) with { Game = Name };

    protected override IEnvironment Wrap(IEnvironment environment) => new PoisonedEnvironment(environment);

    private sealed class PoisonedEnvironment(IEnvironment inner) : WrappedEnvironment(inner)
    {
        private int steps;

        public override void Reset(ulong seed, in StepViews views)
        {
            steps = 0; // an evaluation resets before it plays so many steps
            base.Reset(seed, views);
        }

        public override void Step(in StepViews views)
        {
            base.Step(views);
            if (++steps == GoodSteps) views.Rewards[3] = float.NaN;
        }
    }
}
