using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.SelfPlay;

/// <summary>Score of side 0 in a finished episode, from its raw statistics; <see cref="IGame.Score"/>.</summary>
public delegate double EpisodeScore(ReadOnlySpan<float> raw);

/// <summary>Who plays what in training: the learner, built-in opponents, or a frozen policy: of the pool, or a listed one.</summary>
/// <remarks>
/// <para>
/// The device half of an <see cref="OpponentPool"/>. A share of the matches meets listed opponents for good: some a policy of their own, the others built-in ones,
/// drawn when a game begins. Another share has a home slot in the pool, spread evenly over matches and slots. A game with a home slot is played against the policy there with the
/// slot's weight over the largest one as probability, drawn when the game begins; otherwise, and in all other matches, the
/// learner plays both sides. Since the rows of a slot never change in number, nothing has to be read back during a rollout.
/// </para>
/// <para>
/// Between rollouts <see cref="EndRollout"/> reads what the games gave, admits and seats policies. A slot is overwritten only while no
/// game is played against it; while it waits, games that begin are mirrored ones. After warm-up nothing is allocated but by admissions.
/// </para>
/// </remarks>
public sealed class OpponentSeats : IDisposable
{
    private readonly string opponentNames;
    private readonly int slots; // of the pool
    private readonly IEnvironment environment;
    private readonly EpisodeScore scoreOf;
    private readonly RolloutBuffers rollout;
    private readonly IDevice device;
    private readonly Shard shard;
    private int shareUnits;
    private OpponentList? list;
    private ListedSeats? listed; // stays when the share falls to 0: the last games go on
    private readonly PoolSeats? seats;
    private readonly DeviceBuffer<byte> controllers;
    private readonly DeviceBuffer<int> opponents;
    private readonly DeviceBuffer<int> previous;
    private readonly DeviceBuffer<int> drawn;
    private readonly float[] weights;
    private readonly double[] points;
    private readonly double[] games;
    private readonly ListedScores? scores; // null where one built-in opponent, or none, is met

    /// <summary>Prepares; call <see cref="Reset"/> next.</summary>
    /// <param name="environment">What is played.</param>
    /// <param name="scoreOf">Who won.</param>
    /// <param name="rollout">Where the environment writes.</param>
    /// <param name="learner">The learner's network: opponents have the same.</param>
    /// <param name="opponentShare">Share of matches against <paramref name="opponents"/>, 0..1; of games with two sides.</param>
    /// <param name="opponents">The built-in opponents of those matches, as <see cref="OpponentList"/> reads them.</param>
    /// <param name="pool">The pool's rules; its fraction is the share of matches with a home slot.</param>
    /// <param name="createEngine">Makes a network for at most so many rows.</param>
    /// <param name="shard">Which part of the run's matches these are: results count over all of them, so that every shard's pool decides alike. The whole when null.</param>
    /// <exception cref="UsageException">shares above 1, or opponents that <see cref="OpponentList.Parse"/> refuses.</exception>
    public OpponentSeats(
        IEnvironment environment, EpisodeScore scoreOf, RolloutBuffers rollout, INetworkEngine learner, double opponentShare, string opponents, OpponentPoolConfig pool,
        Func<int, INetworkEngine> createEngine, Shard? shard = null)
    {
        (opponentNames, slots) = (opponents, pool.Slots);
        (this.environment, this.scoreOf, this.rollout) = (environment, scoreOf, rollout);
        device = environment.Device;
        this.shard = shard ?? Shard.Whole;
        EnvironmentSpec spec = environment.Spec;
        int envs = environment.NumEnvs;
        OpponentShare = opponentShare;
        if (spec.Sides == 2 && opponents != new PpoConfig().Opponent) List(); // a wrong name is wrong with a share of 0, too
        int[] homes = spec.Sides < 2 ? [] : HomeSlots.Of(envs, environment.Options.MatchOffset, shareUnits, pool, list), all = AllHomes(homes, pool);
        int policies = list?.Policies.Count ?? 0;
        for (int policy = 0; policy < policies; policy++)
            if (!all.Contains(pool.Slots + policy)) throw Unmet(list!.Policies[policy], all.Length);
        if (list is { Items.Count: > 1 } or { Policies.Count: > 0 }) scores = new ListedScores(list, pool.Slots, this.shard);
        if (Array.Exists(all, home => home >= 0))
            seats = new PoolSeats(environment, rollout, learner, pool, homes, Array.Exists(all, home => home >= 0 && home < pool.Slots), policies, createEngine, this.shard);
        controllers = device.Allocate<byte>((long)envs * spec.Sides, "seats: controllers");
        this.opponents = device.Allocate<int>(envs, "seats: opponents");
        previous = device.Allocate<int>(envs, "seats: previous opponents");
        drawn = device.Allocate<int>(envs, "seats: drawn for");
        weights = new float[learner.Parameters.Length];
        (points, games) = (new double[pool.Slots], new double[pool.Slots]);
    }

    /// <summary>Share of the matches whose games that begin from now on are played against the built-in opponents; in games of one side nothing.</summary>
    /// <remarks>Running games go on as they are. A share above the one at construction takes matches away from the pool.</remarks>
    /// <exception cref="UsageException">the game has no such opponent.</exception>
    public double OpponentShare
    {
        get => (double)shareUnits / AssignOpponents.WholeShare;
        set
        {
            shareUnits = environment.Spec.Sides < 2 ? 0 : (int)Math.Round(value * AssignOpponents.WholeShare);
            if (shareUnits > 0) List();
        }
    }

    /// <summary>The frozen policies; null where no match may meet one.</summary>
    public OpponentPool? Pool => seats is { Pooled: true } ? seats.Pool : null;

    /// <summary>Is there a listed policy without weights? <see cref="LoadPolicies"/> or a checkpoint gives them, before the first rollout.</summary>
    public bool LacksPolicies => seats is { LacksListed: true };

    /// <summary>Present weights of matches against the pool, as an int per match: an <see cref="OpponentSeat"/>.</summary>
    internal View<int> Opponents => opponents.View;

    /// <summary>(E) int: 1 + the episode for which each was drawn.</summary>
    internal View<int> DrawnFor => drawn.View;

    /// <summary>(E·Sides) byte: who plays which side, as the environment takes it.</summary>
    internal View<byte> Controllers => controllers.View;

    internal PoolSeats? Seats => seats;

    /// <summary>How the learner did against each of several listed opponents, or a policy; null otherwise.</summary>
    public ListedScores? Scores => scores;

    /// <summary>Gives the listed policies their weights, for good: a checkpoint carries them.</summary>
    /// <param name="weights">(P) float of the policy with this path, of the learner's network.</param>
    public void LoadPolicies(Func<string, float[]> weights)
    {
        for (int policy = 0; seats is not null && policy < list?.Policies.Count; policy++) seats.LoadListed(policy, weights(list.Policies[policy].Name));
    }

    /// <summary>Begins a run: nobody is seated.</summary>
    public void Reset()
    {
        foreach (DeviceBuffer<int> column in new[] { opponents, previous, drawn }) column.Write(new int[environment.NumEnvs]);
    }

    /// <summary>Before the action of slot <paramref name="t"/>: who plays, and which rows count.</summary>
    /// <param name="t">0..T−1.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <exception cref="InvalidOperationException">a listed policy has no weights.</exception>
    public void Assign(int t, ulong seed)
    {
        if (LacksPolicies) throw new InvalidOperationException("A policy of --opponent has no weights; call LoadPolicies, or load a checkpoint, before the first rollout.");
        EnvironmentSpec spec = environment.Spec;
        device.Launch(
            new AssignOpponents
            {
                EpisodesFinished = rollout.EpisodesFinished.View,
                RowActive = rollout.Slot(rollout.RowActive, t),
                HomeSlots = seats?.HomeSlots ?? default,
                Odds = seats?.Odds ?? default,
                Opponents = opponents.View,
                Previous = previous.View,
                Drawn = drawn.View,
                Controllers = controllers.View,
                RowWeights = rollout.Slot(rollout.RowWeights, t),
                Seed = seed,
                MatchOffset = environment.Options.MatchOffset,
                ShareUnits = shareUnits,
                PoolSlots = slots,
                Listed = listed?.Controllers ?? default,
                ListedBounds = listed?.Bounds ?? default,
                Sides = spec.Sides,
                AgentsPerSide = spec.AgentsPerSide,
            },
            rollout.NumEnvs);
    }

    /// <summary>Overwrites the learner's actions of slot <paramref name="t"/> where somebody else plays.</summary>
    /// <param name="t">0..T−1.</param>
    /// <param name="views">The step's buffers.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="step">Policy step: update·T + t.</param>
    public void Act(int t, in StepViews views, ulong seed, ulong step)
    {
        seats?.Act(t, views, opponents.View, seed, step);
        if (listed is not null) environment.Act(controllers.View, views);
    }

    /// <summary>After the last slot of a rollout: gathers on the device what <see cref="EndRollout"/> wants to know.</summary>
    internal void EndPlay()
    {
        rollout.Episodes.Gather(seats is null && scores is null ? default : new SeatedOpponents(opponents.View, previous.View, drawn.View));
        if (seats is { Pooled: true }) seats.Count(opponents.View);
    }

    /// <summary>Between rollouts: notes results, admits the learner's weights where they are due, and seats opponents.</summary>
    /// <param name="learner">Its weights are frozen on admission.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="update">Updates made.</param>
    /// <param name="agentSteps">Agent-steps made.</param>
    public void EndRollout(INetworkEngine learner, ulong seed, long update, long agentSteps)
    {
        if (seats is not { Pooled: true } && scores is null) return;
        ReadResults();
        scores?.End();
        if (seats is not { Pooled: true }) return;
        shard.Sum<double>(points);
        shard.Sum<double>(games);
        for (int slot = 0; slot < games.Length; slot++) seats.Pool.Report(slot, points[slot], (int)games[slot]);
        if (seats.Pool.AdmissionDue(update, agentSteps))
        {
            device.CopyToHost<float>(learner.Weights, weights);
            seats.Pool.Admit(update, agentSteps, weights);
        }

        seats.Seat(seed, update);
    }

    /// <summary>Saves who plays whom, the pool with its weights, and the opponents' recurrent states.</summary>
    public void Save(SavedState state)
    {
        if (environment.Spec.Sides < 2) return;
        state.World.Write("seats/opponents", opponents);
        state.World.Write("seats/previous", previous);
        state.World.Write("seats/drawn", drawn);
        seats?.Save(state);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="UsageException">it is of another game, number of matches or pool.</exception>
    public void Load(SavedState state)
    {
        if (environment.Spec.Sides < 2) return;
        state.World.Read("seats/opponents", opponents);
        state.World.Read("seats/previous", previous);
        state.World.Read("seats/drawn", drawn);
        if (state.World.Has("seats/seen")) state.World.ReadArray<int>("seats/seen"); // of older checkpoints: always the numbers of finished episodes
        int[] seated = opponents.ToArray();
        if (Array.Exists(seated, OpponentSeat.IsBuiltIn)) List();
        if (Array.Find(seated, seat => OpponentSeat.IsBuiltIn(seat) && OpponentSeat.PlaceOf(seat) >= list!.BuiltIns.Count) is not 0 and var seat)
            throw new UsageException(
                $"The checkpoint has a game against built-in opponent {OpponentSeat.PlaceOf(seat) + 1} of a list, and --opponent is '{opponentNames}', which has {list!.BuiltIns.Count}. Resume with the run's own --opponent.");
        seats?.Load(state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        seats?.Dispose();
        listed?.Dispose();
        foreach (IDisposable buffer in new IDisposable[] { controllers, opponents, previous, drawn }) buffer.Dispose();
    }

    // Of all shards: pools are kept by all of them or by none.
    private int[] AllHomes(int[] homes, OpponentPoolConfig pool)
    {
        if (homes.Length == 0 || shard.Count == 1) return homes;
        int first = environment.Options.MatchOffset - shard.Index * homes.Length;
        return HomeSlots.Of(homes.Length * shard.Count, first, shareUnits, pool, list);
    }

    // The last game that ended in each match in the rollout; earlier ones left no statistics.
    private void ReadResults()
    {
        Array.Clear(points);
        Array.Clear(games);
        scores?.Begin();
        for (int i = 0; i < rollout.Episodes.Count; i++)
        {
            (int env, int number, int opponent) = rollout.Episodes.Record(i, out ReadOnlySpan<float> statistics);
            bool pooled = opponent >= OpponentSeat.FirstSlot && opponent < OpponentSeat.FirstSlot + slots;
            if (opponent == OpponentSeat.None || (!pooled && scores is null)) continue;
            double score = scoreOf(statistics);
            if (AssignOpponents.LearnerSide(environment.Options.MatchOffset + env, number - 1) == 1) score = 1 - score;
            if (!pooled)
            {
                scores!.Add(opponent, score);
                continue;
            }

            points[opponent - OpponentSeat.FirstSlot] += score;
            games[opponent - OpponentSeat.FirstSlot]++;
        }
    }

    private void List()
    {
        list ??= OpponentList.Parse(opponentNames, environment.Spec);
        if (list.BuiltIns.Count > 0) listed ??= new ListedSeats(device, list);
    }

    private UsageException Unmet(ListedOpponent policy, int matches) =>
        new($"--opponent names the policy '{policy.Name}' with a weight of {policy.Weight}, which gives it none of the {matches} matches: --opponent-share {OpponentShare:0.###} of them are dealt. " +
            "Raise its weight, --opponent-share or --envs, or name fewer policies.");
}
