using Arena.HostApi;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests;

/// <summary>The sample of the documentation, compiled and run.</summary>
public class VectorEnvSample
{
    [Fact]
    public void The_documented_sample_runs()
    {
        // The sample.
        using var env = VectorEnv.Create("soccer", new SoccerOptions { NumEnvs = 64, TeamSize = 3 });
        env.SetController(side: 1, "scripted:normal");          // side 1 is played by a built-in opponent
        env.Reset(seed: 7);

        int perRow = env.Spec.Action.Continuous.Count;          // moveX, moveY, kickX, kickY
        var actions = new float[env.NumRows * perRow];          // (N, 4) in [-1, 1]; row = match * agents + agent
        double returns = 0;                                     // rewards of our players, side 0, over all matches
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
                if (row % env.Spec.AgentsPerMatch < env.Spec.AgentsPerSide) returns += env.Rewards[row]; // the agents of side 0 come first
        }

        int finished = 0;                                       // matches played to their end; the next ones have begun
        foreach (int episodes in env.EpisodesFinished) finished += episodes;
        // End of the sample.

        Assert.Equal(64, finished);
        Assert.Equal(3, env.Spec.AgentsPerSide);
        Assert.True(double.IsFinite(returns));
    }
}
