
namespace Arena.Validation.Conformance;

/// <summary>What a result may depend on: seed, global match number, actions. Nothing else.</summary>
internal static class DeterminismChecks
{
    internal static void SameSeedTwice(ConformanceCase c)
    {
        using var first = c.Batch(5, seed: 11);
        using var second = c.Batch(5, seed: 11);
        for (int tick = 0; tick < first.TicksPastAnEpisode; tick++)
        {
            first.Play();
            second.Play();
            for (int env = 0; env < first.Matches; env++) Require.SameMatch(first, env, second, env);
        }

        Require.True(first.Environment.State.Hash() == second.Environment.State.Hash(), $"{first.Here(0)}: the hashes of both states differ");
    }

    internal static void OtherBatches(ConformanceCase c)
    {
        using var reference = c.Batch(4, seed: 12);
        using var larger = c.Batch(9, seed: 12, threads: 3, chunk: 2);
        using var smaller = c.Batch(3, seed: 12, threads: 2, chunk: 1);
        for (int tick = 0; tick < reference.TicksPastAnEpisode; tick++)
        {
            reference.Play();
            larger.Play();
            smaller.Play();
            for (int env = 0; env < reference.Matches; env++) Require.SameMatch(reference, env, larger, env);
            for (int env = 0; env < smaller.Matches; env++) Require.SameMatch(reference, env, smaller, env);
        }

        Require.True(reference.Environment.State.Hash(3) == smaller.Environment.State.Hash(), $"{reference.Here(0)}: the hashes of both states differ");
    }

    internal static void OneMatchAlone(ConformanceCase c)
    {
        using var batch = c.Batch(8, seed: 13, desync: true);
        using var alone = c.Batch(1, seed: 13, offset: 5, desync: true);
        for (int tick = 0; tick < batch.TicksPastAnEpisode; tick++)
        {
            batch.Play();
            alone.Play();
            Require.SameMatch(batch, 5, alone, 0);
        }
    }

    internal static void AnotherSeed(ConformanceCase c)
    {
        using var first = c.Batch(4, seed: 14);
        using var second = c.Batch(4, seed: 15);
        bool differs = false;
        for (int tick = 0; tick < 50 && !differs; tick++)
        {
            first.PlayOpponent(0); // random
            second.PlayOpponent(0);
            differs = Enumerable.Range(0, 4).Any(env => GameBatch.Difference(first.Everything(env), second.Everything(env)) is not null);
        }

        Require.Seen(differs, $"{first.Here(0)}: random play was the same under seeds 14 and 15");
    }

    internal static void Permuted(ConformanceCase c)
    {
        // Draws know the match's number, not its state: so only stretches without a draw can be permuted. Under
        // another seed a third batch shows where a draw mattered; from there on that match is left out.
        const int Matches = 6;
        using var plain = c.Batch(Matches, seed: 16);
        using var permuted = c.Batch(Matches, seed: 16);
        using var otherSeed = c.Batch(Matches, seed: 16);
        for (int tick = 0; tick < 3; tick++) plain.PlayRecorded();
        permuted.Tick = otherSeed.Tick = plain.Tick;
        for (int env = 0; env < Matches; env++)
        {
            permuted.Environment.State.WriteMatch(Moved(env), plain.Environment.State.ReadMatch(env));
            otherSeed.Environment.State.WriteMatch(env, plain.Environment.State.ReadMatch(env));
        }

        otherSeed.Environment.Seed = 99;
        foreach (GameBatch batch in new[] { permuted, otherSeed }) batch.Environment.Observe(batch.Views);
        var drawn = new bool[Matches];
        int compared = 0;
        for (int tick = 0; tick < 60; tick++)
        {
            plain.PlayRecorded();
            permuted.PlayRecorded(env => Unmoved(env));
            otherSeed.PlayRecorded();
            for (int env = 0; env < Matches; env++)
            {
                drawn[env] |= plain.Views.EpisodeStart[env * plain.Spec.AgentsPerMatch] != 0
                    || GameBatch.Difference(plain.State(env), otherSeed.State(env)) is not null;
                if (drawn[env]) continue;
                Require.SameColumns([.. plain.State(env), .. plain.Results(env)], [.. permuted.State(Moved(env)), .. permuted.Results(Moved(env))], plain.Here(env));
                compared++;
            }
        }

        Require.True(compared > 0, $"{plain.Here(0)}: every match drew in its first tick; let the game say DrawsInEveryTick in its description");

        static int Moved(int env) => (env + 2) % Matches;
        static int Unmoved(int env) => (env + Matches - 2) % Matches;
    }
}
