using System.Collections.Concurrent;
using Arena.Kernels.Common;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Kernels.Random;

namespace Arena.Validation.Creature;

/// <summary>What one tick brought about.</summary>
internal sealed record TickOutcome
{
    /// <summary>The state at the end of the tick, before any new episode.</summary>
    public required Snapshot Played { get; init; }

    /// <summary>What the kernels must hold: <see cref="Played"/>, or the start of the next episode.</summary>
    public required Snapshot Next { get; init; }

    /// <summary>(components) weighted.</summary>
    public required double[] Parts { get; init; }

    /// <summary>The rules ended the episode.</summary>
    public required bool Terminated { get; init; }

    /// <summary>The clock ended it.</summary>
    public required bool Truncated { get; init; }

    /// <summary>Action components that were not finite.</summary>
    public required int BadActions { get; init; }

    /// <summary>Its substeps.</summary>
    public required IReadOnlyList<SubstepTrace> Traces { get; init; }

    /// <summary>Feet that touch by a hair in the last substep: whether they do is for rounding to say.</summary>
    public IReadOnlyList<int> GrazingFeet { get; init; } = [];

    /// <summary>Why rounding may decide this tick, or null.</summary>
    public required string? Doubt { get; init; }

    /// <summary>The same tick with the contact of one foot read the other way.</summary>
    public TickOutcome WithFoot(int foot)
    {
        Snapshot Flipped(Snapshot state) => state with { Feet = [.. state.Feet.Select((value, i) => i == 2 * foot ? 1 - value : value)] };
        return this with { Played = Flipped(Played), Next = Terminated || Truncated ? Next : Flipped(Next) };
    }
}

/// <summary>One creature's match as pure functions of its state, in double precision.</summary>
internal sealed class CreatureMatch
{
    private const double OriginStep = 4;
    private const double WeightGravity = 9.81;

    private static readonly ConcurrentDictionary<int, BumpTable[]> Banks = new();

    private readonly CreatureOptions options;
    private readonly ulong seed;
    private readonly int match;
    private readonly Lazy<World> settled;
    private readonly IReadOnlyList<BumpTable>? bumps;

    public CreatureMatch(CreatureOptions options, string skeleton, ulong seed, int match)
    {
        (this.options, this.seed, this.match) = (options, seed, match);
        Model = ModelReader.Read(skeleton);
        settled = new Lazy<World>(() => StartingPose.Of(options));
        bumps = options.Ground == CreatureGround.Bumpy && options.Level > 0 ? Tables(options.Level) : null;
        Settings = new PhysicsSettings
        {
            Substeps = options.Substeps,
            Gravity = options.Gravity,
            Ground = options.Ground == CreatureGround.None ? null : new FlatGround(),
            Motors = options.Actions == CreatureActions.Position,
        };
    }

    /// <summary>The creature.</summary>
    public CreatureModel Model { get; }

    /// <summary>Where everything stands in an observation.</summary>
    public CreatureLayout Layout => CreatureLayout.Of(Skeletons.Find(options.Skeleton), options.PreviousActions);

    /// <summary>How the solver runs, over flat ground.</summary>
    public PhysicsSettings Settings { get; }

    /// <summary>The state in which an episode begins.</summary>
    public Snapshot Begin(int episode) => StartRules.Episode(options, settled.Value, bumps, seed, match, episode);

    /// <summary>What is below a creature in <paramref name="state"/>.</summary>
    public IGround? GroundOf(Snapshot state) => bumps is null ? Settings.Ground : new BumpyGround(bumps[state.Bumps], state.Origin);

    /// <summary>What a creature in <paramref name="state"/> sees.</summary>
    public double[] Observe(Snapshot state) => ObservationRules.Row(state, GroundOf(state), options.PreviousActions);

    /// <summary>One tick.</summary>
    /// <param name="before">State at its start.</param>
    /// <param name="actions">(A).</param>
    /// <param name="reading">0 = as it is; else one of the readings of <see cref="LastBits"/>.</param>
    public TickOutcome Play(Snapshot before, IReadOnlyList<float> actions, int reading = 0)
    {
        (double[] clean, int bad) = ActionRules.Clean(actions);
        Snapshot after = before.Copy() with
        {
            Wanted = options.Actions == CreatureActions.Position ? ActionRules.Targets(before.World, clean, before.Wanted, options.Smoothing) : before.Wanted,
            Actions = [clean, .. before.Actions.SkipLast(1)],
            Tick = before.Tick + 1,
        };
        double energy = 0;
        List<SubstepTrace> traces = Move(after, clean, GroundOf(before), reading, ref energy);
        after.Statistics[CreatureStatistic.BadActions] += bad;
        after.Statistics[CreatureStatistic.Ticks]++;
        int guard = GuardRules.Check(after.World);
        GuardRules.Margins(after.World, traces[^1]);
        if (guard != CreatureGuard.None) return Diverged(after, guard, bad, traces);

        SetFeet(after, traces);
        after = after with { Heading = ObservationRules.Heading(after.RootFrame, before.Heading, traces[^1]) };
        return Judge(before, after, clean, bad, energy, traces);
    }

    // The bank of heights is data; how it lies under a creature is said again here.
    private static BumpTable[] Tables(int level) => Banks.GetOrAdd(level, static amplitude =>
    {
        const int Size = BumpTable.Side * BumpTable.Side;
        float[] shares = CreatureBumps.Make();
        return [.. Enumerable.Range(0, CreatureBumps.Tables).Select(table =>
            new BumpTable([.. shares.AsSpan(table * Size, Size).ToArray().Select(share => (double)share * CreatureBumps.HeightPerLevel * amplitude)]))];
    });

    private List<SubstepTrace> Move(Snapshot state, double[] actions, IGround? ground, int reading, ref double energy)
    {
        PhysicsSettings settings = Settings with { Ground = ground };
        World world = state.World;
        List<SubstepTrace> traces = [];
        for (int substep = 0; substep < settings.Substeps; substep++)
        {
            if (reading > 0) LastBits.Disturb(world, reading, substep);
            Vec3[]? torques = settings.Motors ? null : ActionRules.Torques(world, actions);
            SubstepTrace trace = Solver.Substep(world, ActionRules.Driven(world.Model, state.Wanted), torques, settings);
            for (int joint = 0; joint < world.Model.Joints.Count; joint++)
            {
                if (torques is not null) trace.Torque[joint] = torques[joint].Length;
                energy += trace.Torque[joint] * trace.RelativeSpin[joint] * settings.Step;
            }

            FlagGrazing(world.Model, trace);
            traces.Add(trace);
        }

        return traces;
    }

    // A hair of gap matters where touching is a yes or no: fatal bodies, bounces.
    private static void FlagGrazing(CreatureModel model, SubstepTrace trace)
    {
        foreach (Graze graze in trace.Grazing.Where(graze => graze.Close))
        {
            bool bounces = graze.Body == model.Bodies.Count || model.Bodies[graze.Body].Restitution > 0;
            if (bounces && graze.Fast) trace.Flag("a contact that bounces touches by a hair");
            if (graze.Other < 0 && graze.Body < model.Bodies.Count && model.Bodies[graze.Body].Fatal) trace.Flag("a body whose contact ends the episode touches by a hair");
        }
    }

    private void SetFeet(Snapshot state, List<SubstepTrace> traces)
    {
        for (int foot = 0; foot < Model.Feet.Count; foot++)
        {
            int body = Model.Feet[foot];
            double Sum(SubstepTrace trace) => trace.Contacts.Where(contact => contact.Body == body && contact.Other < 0).Sum(contact => contact.Normal);
            state.Feet[2 * foot] = Sum(traces[^1]) > 0 ? 1 : 0;
            state.Feet[2 * foot + 1] = traces.Average(Sum) / (Settings.Step * Settings.Step) / (Model.Mass * WeightGravity);
        }
    }

    private TickOutcome Judge(Snapshot before, Snapshot after, double[] clean, int bad, double energy, List<SubstepTrace> traces)
    {
        bool fell = traces.Any(trace => trace.Contacts.Any(contact => contact.Other < 0 && contact.Body < Model.Bodies.Count && Model.Bodies[contact.Body].Fatal));
        double[] near = TaskRules.Distances(after);
        bool arrived = Arrived(after, near, traces[^1]);
        var facts = new TickFacts(before, after, clean, traces, near, arrived, fell);
        double[] parts = [.. RewardRules.Raw(facts, Settings).Zip(RewardRules.Weights(options.Rewards), (raw, weight) => raw * weight)];
        bool truncated = !fell && after.Tick >= EpisodeClock.Limit(options.MaxTicks, options.Desync ? 1 : 0, match, after.Episode);
        Count(facts, parts, energy);
        after = after with { Distances = near };
        if (arrived) after = TaskRules.Next(after, Philox.Draw(seed, (uint)match, (uint)after.Episode, (uint)before.Tick, 0, CreaturePurpose.NextGoal));
        after = Shift(after, traces[^1]);
        if (fell || truncated)
        {
            Label(after);
            after.Statistics[CreatureStatistic.Fell] = fell ? 1 : 0;
            after.Statistics[CreatureStatistic.Success] = TaskRules.Success(after, fell, Settings.Tick) ? 1 : 0;
        }

        return new TickOutcome
        {
            Played = after,
            Next = fell || truncated ? Begin(after.Episode + 1) : after,
            Parts = parts,
            Terminated = fell,
            Truncated = truncated,
            BadActions = bad,
            Traces = traces,
            GrazingFeet = [.. Enumerable.Range(0, Model.Feet.Count).Where(foot => traces[^1].Grazing.Any(graze => graze.Body == Model.Feet[foot] && graze.Other < 0))],
            Doubt = traces.Select(trace => trace.Doubt).FirstOrDefault(doubt => doubt is not null),
        };
    }

    // The guard fired: the reward is that of a fall alone.
    private TickOutcome Diverged(Snapshot after, int guard, int bad, List<SubstepTrace> traces)
    {
        var parts = new double[CreatureReward.Count];
        parts[CreatureReward.Fall] = options.Rewards.Fall;
        Label(after);
        after.Statistics[CreatureStatistic.Diverged] = guard;
        after.Statistics[CreatureStatistic.Rewards + CreatureReward.Fall] += parts[CreatureReward.Fall];
        return new TickOutcome
        {
            Played = after,
            Next = Begin(after.Episode + 1),
            Parts = parts,
            Terminated = true,
            Truncated = false,
            BadActions = bad,
            Traces = traces,
            Doubt = traces.Select(trace => trace.Doubt).FirstOrDefault(doubt => doubt is not null),
        };
    }

    private static void Label(Snapshot end)
    {
        end.Statistics[CreatureStatistic.Task] = (int)end.Task;
        end.Statistics[CreatureStatistic.Level] = end.Level;
    }

    private static bool Arrived(Snapshot state, double[] near, SubstepTrace trace)
    {
        (double distance, double bound) = state.Task == CreatureTask.Target ? (near[0], TaskRules.ReachDistance) : (near[2], TaskRules.GoalDistance);
        if (state.Task == CreatureTask.Run) return false;
        if (Math.Abs(distance - bound) < ContactRules.Hair) trace.Flag("a goal is reached by a hair");
        if (state.Task == CreatureTask.Dribble && Math.Abs(near[1] - 0.6) < ContactRules.Hair) trace.Flag("the ball is at the very distance where approach ends");
        return distance < bound;
    }

    private static void Count(TickFacts facts, double[] parts, double energy)
    {
        double[] statistics = facts.After.Statistics;
        Flat moved = facts.After.Root - facts.Before.Root;
        if (facts.After.Task == CreatureTask.Run) statistics[CreatureStatistic.Along] += moved.Dot(facts.Before.Goal);
        statistics[CreatureStatistic.Way] += moved.Length;
        if (facts.Event) statistics[CreatureStatistic.Events]++;
        statistics[CreatureStatistic.Energy] += energy;
        double[][] last = facts.Before.Actions;
        if (facts.Before.Tick >= 2 && facts.Actions.Length > 0)
        {
            statistics[CreatureStatistic.Shake] += facts.Actions.Select((action, axis) => Math.Abs(action - 2 * last[0][axis] + last[1][axis])).Average();
            statistics[CreatureStatistic.ShakeTicks]++;
        }

        for (int part = 0; part < parts.Length; part++) statistics[CreatureStatistic.Rewards + part] += parts[part];
    }

    // The origin follows, so that places stay small and floats fine.
    private static Snapshot Shift(Snapshot state, SubstepTrace trace)
    {
        int Steps(double place)
        {
            if (Math.Abs(Math.Abs(place) - OriginStep) < ContactRules.Hair) trace.Flag("the torso is at the very place where the origin moves");
            return place >= OriginStep ? 1 : place <= -OriginStep ? -1 : 0;
        }

        (int x, int y) = (Steps(state.Root.X), Steps(state.Root.Y));
        var by = new Flat(OriginStep * x, OriginStep * y);
        if (x == 0 && y == 0) return state;
        foreach (RigidBody body in state.World.Ball is { } ball ? [.. state.World.Bodies, ball] : state.World.Bodies) body.Place -= new Vec3(by.X, by.Y, 0);
        return state with
        {
            Origin = (state.Origin.X + x, state.Origin.Y + y),
            Goal = state.Task == CreatureTask.Run ? state.Goal : state.Goal - by, // a direction stays
            Gate = state.Gate - by,
            IdleBall = state.Task == CreatureTask.Dribble ? state.IdleBall : [state.IdleBall[0] - by.X, state.IdleBall[1] - by.Y, .. state.IdleBall[2..]],
        };
    }
}
