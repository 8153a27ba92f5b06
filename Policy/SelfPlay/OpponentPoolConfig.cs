using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.SelfPlay;

/// <summary>Which frozen opponents are met more often.</summary>
public enum OpponentChoice
{
    /// <summary>Those the learner scores least against: weight (1 − score)², the "hard" curve of AlphaStar (Vinyals et al., Nature 2019).</summary>
    Prioritised,

    /// <summary>All alike; over the whole history this beat playing only the latest (Bansal et al., arXiv 1710.03748).</summary>
    Uniform,

    /// <summary>The newer half alike, the older half not at all.</summary>
    RecentHalf,
}

/// <summary>Size and rules of an <see cref="OpponentPool"/>. The numbers are start values.</summary>
public sealed record OpponentPoolConfig
{
    /// <summary>Share of matches that meet frozen policies; games of one side have none.</summary>
    [Setting("Share of matches that are played against frozen past selves.", Min = 0, Max = 1, Zero = "off", Option = "pool-fraction")]
    public double Fraction { get; init; } = 0.25;

    /// <summary>Frozen policies kept at most.</summary>
    [Setting("Frozen policies kept at most.", Min = 2, Max = 1024, Option = "pool-entries")]
    public int MaxEntries { get; init; } = 64;

    /// <summary>Policies that are played against at the same time.</summary>
    [Setting("Frozen policies that are played against at the same time.", Min = 1, Max = 64, Option = "pool-slots")]
    public int Slots { get; init; } = 8;

    /// <summary>Updates after which the present policy is admitted.</summary>
    [Setting("Updates between two admissions.", Unit = "updates", Min = 1, Max = 1e9, Option = "pool-admit-updates")]
    public long AdmitEveryUpdates { get; init; } = 50;

    /// <summary>Agent-steps after which it is admitted, if they come first.</summary>
    [Setting("Agent-steps between two admissions, if they come first.", Unit = "agent-steps", Min = 1, Max = 1e13, Option = "pool-admit-agent-steps")]
    public long AdmitEveryAgentSteps { get; init; } = 10_000_000;

    /// <summary>Updates after which the opponents at hand are drawn anew; an admission does so at once.</summary>
    [Setting("Updates after which the opponents at hand are drawn anew.", Unit = "updates", Min = 1, Max = 1e9, Option = "pool-renew-updates")]
    public long RenewEveryUpdates { get; init; } = 20;

    /// <summary>Whom to prefer.</summary>
    [Setting("Which opponents are met more often.", Option = "pool-choice")]
    public OpponentChoice Choice { get; init; }

    /// <summary>Part of the choice that ignores strength, so that nobody is forgotten.</summary>
    [Setting("Share of prioritised choices that are made uniformly.", Min = 0, Max = 1, Option = "pool-uniform-share")]
    public double UniformShare { get; init; } = 0.05;

    /// <summary>Games over which a score is averaged: a game counts 1/ScoreGames, older ones fade.</summary>
    [Setting("Games over which the score against an opponent is averaged.", Unit = "games", Min = 1, Max = 1e9, Option = "pool-score-games")]
    public double ScoreGames { get; init; } = 256;

    /// <summary>Checks ranges and that something is left to evict when every slot is taken.</summary>
    /// <exception cref="UsageException">says which.</exception>
    public void Validate()
    {
        Settings.Check(this);
        if (MaxEntries < Slots + OpponentPool.Permanent + 1)
            throw new UsageException(
                $"maxEntries is {MaxEntries} with {Slots} slots; allowed are at least {Slots + OpponentPool.Permanent + 1}: the first policy, the champion and those in " +
                "slots are never evicted, and one more must be. Raise maxEntries or lower slots.");
    }
}
