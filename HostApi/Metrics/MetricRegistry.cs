using Arena.HostApi.Cli;
using Arena.Kernels;
using static Arena.HostApi.Metrics.MetricReduction;

namespace Arena.HostApi.Metrics;

/// <summary>Every metric there is. What is not listed here cannot be logged; docs/metrics.md is this list.</summary>
public static class MetricRegistry
{
    /// <summary>Entropy of one discrete head.</summary>
    public static readonly MetricInfo HeadEntropy = new("policy/entropy_<head>", "nat", Mean, "entropy of one discrete head", "falls slowly, above 5 % of ln n of its choices", "this head has collapsed: its choices no longer matter, or its reward is exploited");

    /// <summary>Gradient norm of one tensor.</summary>
    public static readonly MetricInfo TensorGradient = new("gradient/norm/<tensor>", "–", Last, "norm of one tensor's gradient in the update's last optimiser step, before clipping; every 50 updates", "never 0", "a dead layer");

    /// <summary>A reward component.</summary>
    public static readonly MetricInfo Reward = new("reward/<component>", "reward", Mean, "sum of one component over an episode, side 0; of episodes that ended in the update", "depends on the game", "one component dominates: it is being exploited");

    /// <summary>A statistic of the game.</summary>
    public static readonly MetricInfo Episode = new("episode/<statistic>", "its own", Mean, "a statistic the game reports, side 0; of episodes that ended in the update", "depends on the game", "the game's README");

    /// <summary>A statistic of the game, of a curriculum's stage.</summary>
    public static readonly MetricInfo OfStage = new("stage/<statistic>", "its own", Last, "a statistic that a condition of the present stage names, side 0; mean over as many of the stage's own episodes as the condition asks for, in the order in which they began; left out while there are fewer; in the update that ends a stage still that stage's", "towards the bound of `advanceWhen`", "the stage is too hard, or too much is rehearsed");

    /// <summary>Points per game of training against a listed opponent.</summary>
    public static readonly MetricInfo ListedScore = new("selfplay/<opponent>/score", "0…1", Mean, "points per game against one that `--opponent` names, where it names several or a policy; of training games that ended in the update", "rises", "it is met too seldom to learn from: raise its weight");

    /// <summary>Points per game against an opponent.</summary>
    public static readonly MetricInfo EvaluationScore = new("eval/<opponent>/score", "0…1", Last, "points per game (win 1, draw ½) in the evaluation after this update; games of one side: mean score", "rises", "rewards do not lead to winning");

    /// <summary>Its lower bound.</summary>
    public static readonly MetricInfo EvaluationLower = new("eval/<opponent>/score_lower", "0…1", Last, "lower end of its 95 % interval", "rises", "too few games: raise `--evaluation-games`");

    /// <summary>The script's own score in games with one side.</summary>
    public static readonly MetricInfo EvaluationScript = new("eval/<opponent>/script_score", "score", Last, "games of one side: mean score of the script on the same seeds", "the same in every evaluation", "–");

    /// <summary>Goals ahead of an opponent.</summary>
    public static readonly MetricInfo EvaluationMargin = new("eval/<opponent>/margin", "goals", Last, "goals for minus goals against, per game; where the game counts goals", "rises", "as for the score");

    private static readonly Dictionary<string, MetricInfo> ByName;

    static MetricRegistry()
    {
        ByName = All.Where(metric => !metric.IsFamily).ToDictionary(metric => metric.Name);
    }

    /// <summary>All, grouped by what stands before the slash; families stand behind the names they would also match.</summary>
    public static IReadOnlyList<MetricInfo> All { get; } =
    [
        new("progress/update", "count", Last, "updates made; `update` in metrics.jsonl, counted from 0", "rises", "–"),
        new("progress/agent_steps", "count", Last, "agents times ticks so far; `agent_steps` in metrics.jsonl", "rises", "–"),
        new("progress/env_steps", "count", Last, "matches times ticks so far", "rises", "–"),
        new("progress/episodes", "count", Last, "episodes ended so far", "rises", "episodes that never end"),

        new("speed/agent_steps_per_second", "1/s", Last, "over this update, evaluation left out", "steady within 5 %", "other work on the machine, heat"),
        new("speed/share_environment", "0…1", Last, "share of the update's wall time in the environment", "the four sum to 0.97 or more", "a hidden copy or wait"),
        new("speed/share_inference", "0…1", Last, "in forward passes and sampling while collecting", "the same", "a network too large for the rest"),
        new("speed/share_learn", "0…1", Last, "in learning", "the same", "`--epochs`; a network too large for the rest"),
        new("speed/share_evaluate", "0…1", Last, "in evaluation games", "the same; 0 without an evaluation", "evaluations too frequent: raise `--evaluate-every`"),
        new("speed/share_communicate", "0…1", Last, "in sums over the shards of a run, waiting for the slowest included; part of the shares above", "below 0.1", "ranks of unequal speed, or too little work for each"),
        new("speed/allocated_bytes", "B", Last, "managed bytes the training thread allocated in the update", "0 after the first updates", "a closure or boxing in the loop"),
        new("speed/host_bytes_per_agent_step", "B", Last, "traffic between host and device in the update: its metrics in one block, admissions to the pool", "below 1", "a stray read-back"),
        new("time/checkpoint", "s", Last, "time spent on checkpoints so far, in this process", "below 1 % of `time`", "the disk; `--checkpoint-minutes`"),

        new("episode/return", "reward", Mean, "sum of the rewards of an episode, side 0; of episodes that ended in the update", "depends on the game; in self-play it says nothing about strength", "the sign of a reward"),
        new("episode/length", "ticks", Mean, "length of the episodes that ended in the update", "depends on the game", "episodes that never end, or end at once"),
        new("episode/truncated_share", "0…1", Mean, "of the ended episodes, the share that the clock ended", "depends on the game", "as for the length"),
        Episode,
        Reward,

        new("policy/entropy", "nat", Mean, "entropy of the policy, all heads or components together", "falls slowly; discrete: above 5 % of ln n", "collapse: raise `--entropy-coefficient`, lower the rate"),
        HeadEntropy,
        new("policy/std", "–", Mean, "σ of the actions, mean of the components", "0.05…1", "the bound of the log-std; the entropy coefficient"),
        new("policy/clipped_share", "0…1", Mean, "share of sampled components outside [−1, 1], which the environment gets clipped", "below 0.3", "means drift outwards: raise `--bound-coefficient`"),
        new("policy/legal_share", "0…1", Mean, "legal choices / all choices; games with action masks", "depends on the game", "the masks, if 1 or near 0"),

        new("loss/policy", "–", Mean, "−min(rÂ, clip(r)Â)", "small and noisy", "–"),
        new("loss/value", "–", Mean, "½(V − R)²", "falls", "the scale of returns"),
        new("loss/total", "–", Mean, "both, the entropy bonus, the bound penalty and the distance to the past, with their coefficients", "–", "–"),

        new("ppo/kl", "nat", Mean, "r − 1 − ln r in the last epoch: distance between the old and the new policy", "0.002…0.03", "higher: the rate is too high; 0: nothing is learned"),
        new("ppo/past_kl", "nat", Mean, "KL(policy, slow average of its past), mean of the optimiser steps; with `--kl-to-past`", "above 0, below 1", "0: nothing is learned; large and rising: raise `--kl-to-past` or `--past-rate`"),
        new("ppo/clip_share", "0…1", Mean, "rows with |r − 1| > ε", "0.01…0.25", "above 0.4: the rate; 0: a dead policy"),
        new("ppo/first_minibatch_kl", "nat", Last, "the same distance before any step", "below 1e-6", "collecting and learning disagree: state, masks, random numbers"),
        new("ppo/ratio_max", "–", Max, "the largest r", "below 5", "rows of another policy; an update that goes too far"),
        new("ppo/epochs_done", "count", Last, "epochs before the early stop by KL", "all of them", "lower the rate"),

        new("value/explained_variance", "≤ 1", Mean, "1 − Var(R − V)/Var(R)", "0.3…0.99", "below 0: discount, resets, what follows an end; near 0: the critic cannot see what matters"),
        new("value/mean", "reward", Mean, "V", "near the returns", "the scale of values"),
        new("advantage/std", "reward", Mean, "standard deviation of A before it is normalised", "above 1e-4", "no signal: rewards never differ"),

        new("gradient/norm", "–", Mean, "norm of the gradient before clipping, mean of the optimiser steps", "below ten times its median", "the rate; the scale of rewards"),
        new("gradient/clipped_share", "0…1", Mean, "optimiser steps whose gradient was scaled down", "below 0.5", "the same"),
        TensorGradient,
        new("optimizer/learning_rate", "–", Last, "η", "as scheduled", "–"),
        new("optimizer/relative_step", "–", Last, "‖Δθ‖/‖θ‖ of the whole update", "1e-4…1e-2", "the rate"),
        new("recurrent/state_max", "–", Max, "largest |c| of an LSTM, |h| of a MinGRU, behind the last slot", "below 50", "a reset that is missing"),

        new("selfplay/pool_score", "0…1", Mean, "points per game against the pool", "0.5…0.8", "below 0.4: it forgets; above 0.9: the pool is stale"),
        new("selfplay/opponent_age", "updates", Mean, "age of the pool opponents played", "grows", "–"),
        ListedScore,
        new("selfplay/pool_size", "count", Last, "past policies in the pool", "grows to its limit", "–"),
        new("ladder/elo", "Elo", Last, "rating of the present policy; random = 0", "rises", "too few games"),
        new("ladder/elo_error", "Elo", Last, "its standard error", "below 25", "too few games"),
        new("ladder/promoted", "0 or 1", Last, "whether the present policy became the champion", "1 now and then", "0 for long: it no longer improves"),
        EvaluationScore,
        EvaluationLower,
        EvaluationScript,
        EvaluationMargin,
        OfStage,
        new("curriculum/episodes", "count", Last, "finished episodes of the present stage that count in its conditions; with conditions over episodes; in the update that ends a stage still that stage's", "rises", "episodes that never end"),
        new("curriculum/level", "index", Last, "part of the stage's ramp that new episodes play by, 0…15; −1 while no slot is free for the first", "rises", "episodes so long that no slot becomes free"),
        new("curriculum/stage", "index", Last, "stage of the curriculum, from 0", "rises", "its threshold is too high"),

        new("checkpoint/failed", "count", Last, "checkpoints that could not be written so far, in this process", "0", "the disk"),
        new("guard/nonfinite", "count", Sum, "optimiser steps left out because of a NaN or infinity", "0; the run stops otherwise", "the message of the stop"),
        new("guard/diverged", "count", Sum, "episodes that the divergence guard of a simulation ended; of games that have one", "0", "the list at the end of the run: which match, episode and tick"),
        new("guard/error_rows", "count", Sum, "rows whose action the environment could not play", "0; the run stops otherwise", "the message of the stop"),
    ];

    /// <summary>The metric called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">there is none; names the nearest.</exception>
    public static MetricInfo Find(string name)
    {
        if (ByName.TryGetValue(name, out MetricInfo? metric)) return metric;
        // By index: a name may turn up for the first time in the middle of a run, and an enumerator would be an allocation.
        for (int i = 0; i < All.Count; i++)
            if (All[i].IsFamily && All[i].Matches(name)) return All[i];
        throw new ArgumentException(
            $"There is no metric '{name}'.{Nearest.Hint(name, All.Select(known => known.Name))} Add it to {nameof(MetricRegistry)} with unit, healthy range and first suspect.", nameof(name));
    }
}
