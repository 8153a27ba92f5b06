using Arena.HostApi;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests;

/// <summary>The sample of the documentation, compiled and run.</summary>
public class VectorEnvSample
{
    [Fact]
    public void The_documented_sample_runs()
    {
        using var env = VectorEnv.Create("soccer", new SoccerOptions { NumEnvs = 64, TeamSize = 3 });
        env.SetController(side: 1, "scripted:normal");          // side 1 is played by a built-in opponent
        env.Reset(seed: 7);

        int perRow = env.Spec.Action.Continuous.Count;          // moveX, moveY, kickX, kickY
        var actions = new float[env.NumRows * perRow];          // (N, 4) in [-1, 1]; row = match * agents + agent
        double returns = 0;
        int finished = 0;
        for (int t = 0; t < env.Spec.EpisodeLimit; t++)
        {
            ReadOnlySpan<float> observations = env.Observations; // (N, O)
            for (int row = 0; row < env.NumRows; row++)
            {
                ReadOnlySpan<float> seen = observations.Slice(row * env.Spec.Observation.Length, env.Spec.Observation.Length);
                actions[row * perRow] = seen[SoccerFlat.BallOffset];          // run at the ball ...
                actions[row * perRow + 1] = seen[SoccerFlat.BallOffset + 1];
                actions[row * perRow + 2] = 1f;                               // ... and kick it forwards
            }

            env.Step(actions);
            for (int row = 0; row < env.NumRows; row++)
            {
                returns += env.Rewards[row];
                if (env.Terminated[row] != 0 || env.Truncated[row] != 0) finished++; // has already begun its next episode
            }
        }

        Assert.Equal(env.NumRows, finished);
        Assert.True(double.IsFinite(returns));
    }
}
