namespace Arena.HostApi.Sweeps;

/// <summary>One training to be done: a trial up to a rung, or a run that confirms.</summary>
/// <param name="Trial">Which settings.</param>
/// <param name="Rung">Up to which rung.</param>
/// <param name="ConfirmSeed">The seed of a run that confirms; null for a trial.</param>
internal sealed record SweepJob(int Trial, int Rung, ulong? ConfirmSeed);

/// <summary>A result of a trial at a rung.</summary>
/// <param name="Lower">Held-out score: mean over the opponents of the 95 % lower bounds (games with one side: lower bound of the mean score); −∞ where the training failed.</param>
/// <param name="Value">The same with the scores themselves.</param>
/// <param name="Seconds">Wall time of its training so far.</param>
/// <param name="AgentSteps">Agent-steps so far.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
internal sealed record RungResult(double Lower, double Value, double Seconds, long AgentSteps, string? Failure);

/// <summary>What is known of a trial, or of a run that confirms.</summary>
/// <param name="Number">Of the trial.</param>
/// <param name="ConfirmSeed">Seed of a confirming run; null for the trial itself.</param>
/// <param name="Results">One per rung reached, in order.</param>
/// <param name="Running">Somebody works on it.</param>
internal sealed record TrialState(int Number, ulong? ConfirmSeed, IReadOnlyList<RungResult> Results, bool Running)
{
    internal bool Failed => Results.Count > 0 && Results[^1].Failure is not null;
}

/// <summary>What to do next, as a function of what is known.</summary>
/// <remarks>
/// Successive halving without waiting (Li et al., "A System for Massively Parallel Hyperparameter Tuning", arXiv 1810.05934, algorithm 2): a free worker
/// takes the highest rung in which a trial is among the best 1/factor of those that have finished it and has not gone on, else begins another trial.
/// Since a sweep here is finite, one thing is added: when nothing else is left, the best trial of the highest rung goes on to the end.
/// </remarks>
internal static class Scheduler
{
    /// <summary>The next job; null where there is none at the moment (somebody works) or at all: <paramref name="done"/>.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="states">What has begun.</param>
    /// <param name="done">Nothing is left and nobody works.</param>
    internal static SweepJob? Next(SweepPlan plan, IReadOnlyList<TrialState> states, out bool done)
    {
        TrialState[] trials = [.. states.Where(state => state.ConfirmSeed is null)];
        done = false;
        // Work that a process left behind comes first: its checkpoints are the nearest to a result.
        if (trials.FirstOrDefault(trial => trial is { Results.Count: 0, Running: false }) is { } left) return new SweepJob(left.Number, 0, null);
        if (Promotion(plan, trials) is { } promoted) return promoted;
        if (trials.Length < plan.Trials) return new SweepJob(Enumerable.Range(0, plan.Trials).First(number => trials.All(trial => trial.Number != number)), 0, null);
        if (trials.Any(trial => trial.Running)) return null;
        if (Unfinished(plan, trials) is { } last) return last;
        if (Confirmation(plan, states, trials) is { } confirming) return confirming;
        done = !states.Any(state => state.Running);
        return null;
    }

    /// <summary>The trial with the best result of the highest rung; null where every trial failed.</summary>
    internal static TrialState? Winner(IEnumerable<TrialState> states)
    {
        TrialState[] good = [.. states.Where(state => state is { ConfirmSeed: null, Failed: false, Results.Count: > 0 })];
        int highest = good.Select(trial => trial.Results.Count).DefaultIfEmpty(0).Max();
        return Ranked(good.Where(trial => trial.Results.Count == highest), highest - 1).FirstOrDefault();
    }

    private static SweepJob? Promotion(SweepPlan plan, TrialState[] trials)
    {
        for (int rung = plan.Rungs - 2; rung >= 0; rung--)
        {
            TrialState[] finished = [.. trials.Where(trial => trial.Results.Count > rung)];
            TrialState[] best = [.. Ranked(finished, rung).Take(finished.Length / plan.Factor)];
            if (Array.Find(best, trial => trial.Results.Count == rung + 1 && !trial.Running && !trial.Failed) is { } next) return new SweepJob(next.Number, rung + 1, null);
        }

        return null;
    }

    private static SweepJob? Unfinished(SweepPlan plan, TrialState[] trials) =>
        Winner(trials) is { } winner && winner.Results.Count < plan.Rungs ? new SweepJob(winner.Number, winner.Results.Count, null) : null;

    private static SweepJob? Confirmation(SweepPlan plan, IReadOnlyList<TrialState> states, TrialState[] trials)
    {
        if (Winner(trials) is not { } winner) return null;
        foreach (int number in winner.Number == 0 ? new[] { 0 } : [winner.Number, 0])
        {
            for (int i = 1; i <= plan.Confirm; i++)
            {
                ulong seed = unchecked(plan.Seed + (ulong)i);
                TrialState? known = states.FirstOrDefault(state => state.Number == number && state.ConfirmSeed == seed);
                if (known is null || known is { Results.Count: 0, Running: false }) return new SweepJob(number, plan.Rungs - 1, seed);
            }
        }

        return null;
    }

    private static IEnumerable<TrialState> Ranked(IEnumerable<TrialState> trials, int rung) =>
        trials.OrderByDescending(trial => trial.Results[rung].Lower).ThenBy(trial => trial.Number);
}
