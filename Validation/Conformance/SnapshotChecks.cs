
namespace Arena.Validation.Conformance;

/// <summary>State, seed and progress are all there is: a copy continues as the original would have.</summary>
internal static class SnapshotChecks
{
    internal static void CopiedState(ConformanceCase c)
    {
        const int Matches = 5;
        using var original = c.Batch(Matches, seed: 61, desync: true);
        using var copy = c.Batch(Matches, seed: 61, desync: true, threads: 2, chunk: 1);
        original.Environment.Progress = 0.3f;
        for (int tick = 0; tick < 37; tick++) original.Play();
        copy.Environment.Reset(1234, copy.Views);
        for (int tick = 0; tick < 11; tick++) copy.PlayOpponent(0);

        for (int env = 0; env < Matches; env++) copy.Environment.State.WriteMatch(env, original.Environment.State.ReadMatch(env));
        copy.Environment.Seed = original.Environment.Seed;
        copy.Environment.Progress = original.Environment.Progress;
        copy.Tick = original.Tick;
        copy.Environment.Observe(copy.Views);
        Require.True(original.Environment.State.Hash() == copy.Environment.State.Hash(), $"{original.Here(0)}: the copied state has another hash");
        for (int env = 0; env < Matches; env++)
            Require.SameColumns(original.Results(env).Take(3), copy.Results(env).Take(3), original.Here(env)); // observations and masks

        for (int tick = 0; tick < 200; tick++)
        {
            original.Play();
            copy.Play();
            for (int env = 0; env < Matches; env++)
                Require.SameColumns([.. original.State(env), .. original.Results(env)], [.. copy.State(env), .. copy.Results(env)], original.Here(env));
        }
    }
}
