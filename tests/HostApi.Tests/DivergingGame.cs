using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;

namespace Arena.HostApi.Tests;

/// <summary>The creatures, one of which is thrown out of its simulation in a given step: what a divergence looks like from outside.</summary>
/// <param name="step">Which step after a reset, from 0.</param>
/// <param name="match">Which match of the batch; −1: none.</param>
internal sealed class DivergingGame(int step, int match) : WrappedGame(new CreatureGame())
{
    protected override IEnvironment Wrap(IEnvironment environment) => new Diverging(environment, step, match);

    private sealed class Diverging(IEnvironment inner, int step, int match) : WrappedEnvironment(inner)
    {
        private int steps;

        public override void Reset(ulong seed, in StepViews views)
        {
            steps = 0;
            base.Reset(seed, views);
        }

        public override void Step(in StepViews views)
        {
            if (steps++ == step && match >= 0) Throw();
            base.Step(views);
        }

        // The second body is far up: the solver cannot hold its joint.
        private void Throw()
        {
            StateColumn bodies = State["body"];
            var bytes = new byte[bodies.BytesPerMatch];
            bodies.ReadMatch(match, bytes);
            BitConverter.TryWriteBytes(bytes.AsSpan((CreatureConstants.BodyFloats + 2) * sizeof(float)), 400f);
            bodies.WriteMatch(match, bytes);
        }
    }
}
