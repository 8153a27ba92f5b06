using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>Runs the kernels of a game beside its reference, one tick at a time from the kernels' own state.</summary>
/// <remarks>
/// Every tick starts from the same state on both sides, so that rounding never accumulates and a difference points at
/// the tick that made it. Compared are every state column, every output of the step, and the actions of the opponents
/// that the reference judges. It stops at the first difference.
/// </remarks>
public static class Lockstep
{
    /// <summary>Compares <paramref name="plan"/>'s ticks of <see cref="GameOptions.NumEnvs"/> matches.</summary>
    /// <param name="device">Where the kernels run.</param>
    /// <param name="game">The game; it needs a reference.</param>
    /// <param name="options">Its options.</param>
    /// <param name="plan">Seed, ticks, who plays, tolerances.</param>
    /// <param name="progress">Called with the number of ticks done.</param>
    /// <exception cref="UsageException">no reference, bad options, or a drive that names no player.</exception>
    public static LockstepReport Run(IDevice device, IGame game, GameOptions options, LockstepPlan plan, Action<int>? progress = null)
    {
        if (plan.Ticks < 1) throw new UsageException($"--ticks is {plan.Ticks}; allowed are 1 and more.");
        using var run = new LockstepRun(device, game, options, plan);
        return run.Play(progress);
    }
}

/// <summary>One comparison on its way.</summary>
internal sealed class LockstepRun : IDisposable
{
    private readonly IGame game;
    private readonly GameOptions options;
    private readonly LockstepPlan plan;
    private readonly IEnvironment environment;
    private readonly StepBuffers buffers;
    private readonly Driver driver;
    private readonly IMatchReference[] references;
    private readonly Comparer comparer;
    private readonly Dictionary<string, long> reasons = [];
    private readonly uint[] noErrors;
    private long compared;
    private long setApart;
    private long amplified;
    private long episodes;

    public LockstepRun(IDevice device, IGame game, GameOptions options, LockstepPlan plan)
    {
        this.game = game;
        this.options = options;
        this.plan = plan;
        IGameReference reference = References.Find(game.Name);
        environment = game.Create(device, options);
        buffers = new StepBuffers(device, environment.Spec, environment.NumEnvs);
        driver = new Driver(environment, plan);
        references = [.. Enumerable.Range(0, environment.NumEnvs).Select(env =>
            StackedReference.Create(game, reference, options, plan.Seed, options.MatchOffset + env))];
        comparer = new Comparer(environment, plan.Tolerances);
        noErrors = new uint[environment.NumEnvs * environment.Spec.AgentsPerMatch];
    }

    public LockstepReport Play(Action<int>? progress)
    {
        HostCopy untouched = HostCopy.Of(environment, buffers);
        environment.Reset(plan.Seed, buffers.Views);
        HostCopy before = HostCopy.Of(environment, buffers);
        for (int env = 0; env < references.Length; env++)
        {
            // After a reset every row is the first of an episode, and nothing has finished.
            ExpectedTick start = references[env].Reset();
            if (start.NearBoundary is null) comparer.CompareTick(env, before, untouched, start, isReset: true);
            if (comparer.Found is { } found) return Report(found, before, env, -1);
        }

        for (int tick = 0; tick < plan.Ticks; tick++)
        {
            before = PlayTick(tick, before, out LockstepReport? difference);
            if (difference is not null) return difference;
            progress?.Invoke(tick + 1);
        }

        return Report(null, before, 0, plan.Ticks);
    }

    public void Dispose()
    {
        driver.Dispose();
        buffers.Dispose();
        environment.Dispose();
    }

    private HostCopy PlayTick(int tick, HostCopy before, out LockstepReport? difference)
    {
        difference = null;
        // Walks through the reward schedule in a way that does not depend on the number of ticks.
        environment.Progress = tick % 5 / 4f;
        buffers.Errors?.Write(noErrors);
        driver.Act(buffers, tick);
        HostCopy acted = HostCopy.Of(environment, buffers);
        environment.Step(buffers.Views);
        plan.AfterStep?.Invoke(environment, buffers, tick);
        HostCopy after = HostCopy.Of(environment, buffers);
        for (int env = 0; env < references.Length && difference is null; env++)
        {
            CompareOpponents(env, acted);
            if (comparer.Found is null) CompareMatch(env, acted, after);
            if (comparer.Found is { } found) difference = Report(found, acted, env, tick);
        }

        return after;
    }

    private void CompareMatch(int env, HostCopy before, HostCopy after)
    {
        ExpectedTick expected = references[env].Step(before.State(env), before.Actions(env), environment.Progress);
        expected = Outcomes.Choose(expected, outcome => Matches(env, before, after, outcome));
        if (expected.NearBoundary is { } reason)
        {
            SetApart(reason);
            return;
        }

        Compare(comparer, env, before, after, expected);
        compared++;
        if (expected.Amplification > 1) amplified++;
        episodes += comparer.Ended(expected);
    }

    private void SetApart(string reason)
    {
        setApart++;
        reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
    }

    private bool Matches(int env, HostCopy before, HostCopy after, ExpectedTick outcome)
    {
        var attempt = new Comparer(environment, plan.Tolerances);
        Compare(attempt, env, before, after, outcome);
        return attempt.Found is null;
    }

    private static void Compare(Comparer with, int env, HostCopy before, HostCopy after, ExpectedTick expected) =>
        with.CompareTick(env, after, before, expected, isReset: false);

    private void CompareOpponents(int env, HostCopy acted)
    {
        EnvironmentSpec spec = environment.Spec;
        double[] continuous = acted.Buffer("continuousActions", env), discrete = acted.Buffer("discreteActions", env);
        for (int agent = 0; agent < spec.AgentsPerMatch; agent++)
        {
            string player = driver.Players[env * spec.Sides + agent / spec.AgentsPerSide];
            if (player == Driver.Stress || references[env].Act(acted.State(env), agent, player) is not { } expected) continue;
            int floats = spec.Action.Continuous.Count;
            comparer.CompareAction(acted, "continuousActions", agent * floats, expected[..floats], continuous);
            comparer.CompareAction(acted, "discreteActions", agent * (expected.Length - floats), expected[floats..], discrete);
        }
    }

    private LockstepReport Report(FoundDifference? found, HostCopy before, int env, int tick)
    {
        return new LockstepReport
        {
            First = found is null ? null : Describe(found, before.State(env), env, tick),
            Comparisons = comparer.Columns.Sum(column => column.Comparisons),
            TicksCompared = compared,
            TicksSetApart = setApart,
            TicksAmplified = amplified,
            EpisodesFinished = episodes,
            Reasons = reasons,
            Columns = comparer.Columns,
        };
    }

    private Difference Describe(FoundDifference found, IReadOnlyDictionary<string, double[]> before, int env, int tick) => new()
    {
        Game = game.Name,
        Seed = plan.Seed,
        Match = options.MatchOffset + env,
        Tick = tick,
        Episode = (int)(before.TryGetValue("episode", out double[]? episode) ? episode[0] : 0),
        EpisodeTick = (int)(before.TryGetValue("tick", out double[]? episodeTick) ? episodeTick[0] : 0),
        Column = found.Column,
        Element = found.Element,
        Expected = found.Expected,
        Actual = found.Actual,
        Scale = found.Scale,
        Tolerance = found.Tolerance,
        Command = Reproduction.Command(game, options, plan, Math.Max(1, tick + 1), environment.Device.Name),
    };
}
