using Arena.Kernels;

namespace Arena.Policy.SelfPlay;

/// <summary>Past selves as opponents: which are kept, which are at hand, and how the learner does against them. Host side, no device memory.</summary>
/// <remarks>
/// <para>
/// The pool keeps up to <see cref="OpponentPoolConfig.MaxEntries"/> frozen policies; a device half holds the weights of the few
/// that are at hand, one per slot, and plays them. Once per update, between rollouts and in this order:
/// </para>
/// <list type="number">
/// <item><see cref="Report"/> for every slot: what the learner scored in games that ended.</item>
/// <item><see cref="Admit"/> where <see cref="AdmissionDue"/> says so; <see cref="Promote"/> after a passed gate.</item>
/// <item><see cref="AssignSlots"/> with the number of running matches per slot; the slots it returns are to be overwritten with
/// <see cref="SlotEntry"/>'s weights before the next tick.</item>
/// </list>
/// <para>
/// A match draws its slot only when it begins a game, with the probabilities of <see cref="SlotWeight"/> (they need not sum to 1), and
/// keeps it to the end of that game. While no slot has a weight there is no opponent: play both sides with the live policy.
/// The random player is not an entry: it is a built-in opponent, and permanent.
/// </para>
/// <para>
/// Everything is a function of the calls and their arguments: draws are Philox by (seed, update), and <see cref="PoolState"/> saves and
/// restores all of it exactly. <see cref="Report"/> and <see cref="AssignSlots"/> allocate nothing. One thread at a time.
/// </para>
/// </remarks>
public sealed class OpponentPool
{
    /// <summary>Entries that can be permanent besides held-out ones: the first and the champion.</summary>
    internal const int Permanent = 2;

    private readonly List<PoolEntry> entries = []; // by id, so oldest first
    private readonly double[] scores;
    private readonly double[] shares;
    private readonly double[] weights;

    /// <summary>An empty pool.</summary>
    /// <param name="config">Sizes and rules.</param>
    /// <param name="parameters">P: weights of every policy in it.</param>
    /// <exception cref="UsageException">settings that do not go together.</exception>
    public OpponentPool(OpponentPoolConfig config, int parameters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters, 1);
        config.Validate();
        (Config, Parameters) = (config, parameters);
        scores = new double[config.MaxEntries];
        shares = new double[config.MaxEntries];
        weights = new double[config.MaxEntries];
        Slots = new PoolSlots(config.Slots);
    }

    /// <summary>Sizes and rules.</summary>
    public OpponentPoolConfig Config { get; }

    /// <summary>P.</summary>
    public int Parameters { get; }

    /// <summary>Every entry, oldest first.</summary>
    public IReadOnlyList<PoolEntry> Entries => entries;

    /// <summary>The last one that was promoted; null before the first.</summary>
    public PoolEntry? Champion => entries.Find(entry => (entry.Flags & PoolFlags.Champion) != 0);

    /// <summary>The learner's mean score against the entries it may meet; NaN without any.</summary>
    public double MeanScore
    {
        get
        {
            double sum = 0;
            int count = 0;
            foreach (PoolEntry entry in entries)
            {
                if (!entry.IsOpponent) continue;
                sum += entry.Score;
                count++;
            }

            return count > 0 ? sum / count : double.NaN;
        }
    }

    /// <summary>Updates since the policies at hand were frozen, mean over the slots that may be met; NaN without any.</summary>
    /// <param name="update">Updates made.</param>
    public double MeanAge(long update)
    {
        double sum = 0;
        int count = 0;
        for (int slot = 0; slot < Slots.Count; slot++)
        {
            if (Slots[slot].Entry is not { } entry || Slots[slot].Weight == 0) continue;
            sum += update - entry.Update;
            count++;
        }

        return count > 0 ? sum / count : double.NaN;
    }

    internal PoolSlots Slots { get; }

    internal int NextId { get; private set; }

    internal long AdmittedUpdate { get; private set; }

    internal long AdmittedAgentSteps { get; private set; }

    internal long? DrawnUpdate { get; private set; }

    /// <summary>Have enough updates or agent-steps gone by since the last admission (at first: since the beginning of the run)?</summary>
    /// <param name="update">Updates made.</param>
    /// <param name="agentSteps">Agent-steps made.</param>
    public bool AdmissionDue(long update, long agentSteps) =>
        update - AdmittedUpdate >= Config.AdmitEveryUpdates || agentSteps - AdmittedAgentSteps >= Config.AdmitEveryAgentSteps;

    /// <summary>Freezes a copy of <paramref name="weights"/>; where the pool is full, another entry is evicted first.</summary>
    /// <remarks>
    /// Never evicted: the first, the champion, held-out ones, and those in a slot. Of the others goes the one whose rating is
    /// nearest to another entry's, since the pool loses least variety; where ratings do not decide, the one whose neighbours in age are nearest.
    /// </remarks>
    /// <param name="update">Updates made.</param>
    /// <param name="agentSteps">Agent-steps made.</param>
    /// <param name="weights">(P) the present weights, all finite; copied.</param>
    /// <param name="rating">Elo if it is known, else NaN.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="ArgumentException">another number of weights, or one that is not finite.</exception>
    public PoolEntry Admit(long update, long agentSteps, ReadOnlySpan<float> weights, double rating = double.NaN)
    {
        PoolEntry added = Add(update, agentSteps, weights, rating, entries.Exists(entry => (entry.Flags & PoolFlags.First) != 0) ? PoolFlags.None : PoolFlags.First);
        (AdmittedUpdate, AdmittedAgentSteps) = (update, agentSteps);
        return added;
    }

    /// <summary>Admits a policy that passed the gate and makes it the champion; the one before becomes an ordinary entry.</summary>
    /// <inheritdoc cref="Admit"/>
    public PoolEntry Promote(long update, long agentSteps, ReadOnlySpan<float> weights, double rating = double.NaN)
    {
        PoolEntry? before = Champion;
        PoolEntry added = Admit(update, agentSteps, weights, rating); // while the old champion is still protected
        if (before is not null) before.Flags &= ~PoolFlags.Champion;
        added.Flags |= PoolFlags.Champion;
        return added;
    }

    /// <summary>Adds a policy of another run that is measured against and never trained against: it gets no slot.</summary>
    /// <exception cref="UsageException">so many that an ordinary entry would find no room.</exception>
    /// <exception cref="ArgumentException">another number of weights, or one that is not finite.</exception>
    public PoolEntry AddHeldOut(long agentSteps, ReadOnlySpan<float> weights, double rating = double.NaN)
    {
        int most = Config.MaxEntries - Config.Slots - Permanent - 1, present = entries.Count(entry => !entry.IsOpponent);
        if (present >= most)
            throw new UsageException(
                $"The pool already has {present} held-out policies; allowed are at most {most} with maxEntries {Config.MaxEntries} and {Config.Slots} slots, so that others find room. Leave some out or raise maxEntries.");
        return Add(0, agentSteps, weights, rating, PoolFlags.HeldOut);
    }

    /// <summary>The entry with this id.</summary>
    /// <exception cref="UsageException">evicted, or never there.</exception>
    public PoolEntry Find(int id) => entries.Find(entry => entry.Id == id)
        ?? throw new UsageException($"The pool has no policy {id}; it has {(entries.Count == 0 ? "none" : string.Join(", ", entries.Select(entry => entry.Id)))}.");

    /// <summary>Notes the Elo of an entry.</summary>
    /// <exception cref="UsageException">no such entry.</exception>
    public void Rate(int id, double rating) => Find(id).Rating = rating;

    /// <summary>Decides who is at hand; call it once per update, between rollouts. It draws anew every <see cref="OpponentPoolConfig.RenewEveryUpdates"/> updates and after an admission.</summary>
    /// <remarks>
    /// A slot changes only while no match plays it. So an entry that was not drawn again <em>retires</em>: its weight is 0 and its games
    /// run out, over several calls; then the slot goes to the next one, or is empty. No entry is in two slots. How the draw gives every opponent the share of games
    /// its score asks for: <see cref="OpponentDraw"/>; exact on average once the slots have caught up with the draw.
    /// </remarks>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="update">Updates made.</param>
    /// <param name="matches">(Slots) matches whose running game is against each slot, counted after the last tick.</param>
    /// <returns>The slots whose contents changed, ascending: load <see cref="SlotEntry"/>'s weights there. Valid until the next call.</returns>
    /// <exception cref="ArgumentException">another number of slots, a negative count, or matches in an empty slot.</exception>
    public ReadOnlySpan<int> AssignSlots(ulong seed, long update, ReadOnlySpan<int> matches)
    {
        if (matches.Length != Slots.Count) throw new ArgumentException($"{matches.Length} counts were given for {Slots.Count} slots.", nameof(matches));
        for (int slot = 0; slot < matches.Length; slot++)
            if (matches[slot] < 0 || (matches[slot] > 0 && Slots[slot].Entry is null))
                throw new ArgumentException($"Slot {slot} holds {(Slots[slot].Entry is null ? "nothing" : "a policy")}, but {matches[slot]} matches are said to play it.", nameof(matches));
        if (DrawnUpdate is not { } drawn || update - drawn >= Config.RenewEveryUpdates || update < drawn) Draw(seed, update);
        return Slots.Seat(matches);
    }

    /// <summary>Who is in a slot, open or retiring; null where nobody has been yet.</summary>
    public PoolEntry? SlotEntry(int slot) => Slots[slot].Entry;

    /// <summary>Relative probability that a game which begins is played against this slot; 0 where it is empty or retiring.</summary>
    public double SlotWeight(int slot) => Slots[slot].Weight;

    /// <summary>Is this slot waiting for its last games to end?</summary>
    public bool SlotRetiring(int slot) => Slots[slot].Retiring;

    /// <summary>Adds finished games of the learner against the policy in a slot; before <see cref="AssignSlots"/>, which may put another one there.</summary>
    /// <remarks>score ← (1 − 1/G)ⁿ·score + (1 − (1 − 1/G)ⁿ)·points/n with G = <see cref="OpponentPoolConfig.ScoreGames"/>: n games at once count as one after the other.</remarks>
    /// <param name="slot">The slot.</param>
    /// <param name="points">The learner's points: wins + draws/2.</param>
    /// <param name="games">n; 0 changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">more points than games, or negative numbers.</exception>
    /// <exception cref="InvalidOperationException">the slot is empty.</exception>
    public void Report(int slot, double points, int games)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(games);
        if (!(points >= 0 && points <= games)) throw new ArgumentOutOfRangeException(nameof(points), points, $"{games} games give 0..{games} points.");
        if (games == 0) return;
        PoolEntry entry = Slots[slot].Entry ?? throw new InvalidOperationException($"Slot {slot} is empty; {games} games cannot have been played against it.");
        double kept = Math.Pow(1 - 1 / Config.ScoreGames, games);
        entry.Score = kept * entry.Score + (1 - kept) * (points / games);
        entry.Games += games;
    }

    /// <summary>Compares every entry's weights with the hash taken when they were frozen.</summary>
    /// <exception cref="InvalidOperationException">one differs: something wrote into a frozen policy; names it.</exception>
    public void Verify()
    {
        foreach (PoolEntry entry in entries) Verify(entry, entry.Weights, "in the pool");
    }

    /// <summary>Compares the device's copy of a slot with the hash of the entry that should be there.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="copy">(P) what the device holds there.</param>
    /// <exception cref="InvalidOperationException">they differ, or the slot is empty.</exception>
    public void VerifySlot(int slot, ReadOnlySpan<float> copy) =>
        Verify(Slots[slot].Entry ?? throw new InvalidOperationException($"Slot {slot} is empty; there is nothing to compare with."), copy, $"in slot {slot}");

    internal void Restore(PoolEntry entry) => entries.Add(entry);

    internal void Restore(int nextId, long admittedUpdate, long admittedAgentSteps, long? drawnUpdate) =>
        (NextId, AdmittedUpdate, AdmittedAgentSteps, DrawnUpdate) = (nextId, admittedUpdate, admittedAgentSteps, drawnUpdate);

    private static void Verify(PoolEntry entry, ReadOnlySpan<float> weights, string where)
    {
        string hash = PoolEntry.HashOf(weights);
        if (hash != entry.Hash)
            throw new InvalidOperationException(
                $"Policy {entry.Id} {where} (frozen at update {entry.Update}) has changed: its hash is {hash[..12]}…, but was {entry.Hash[..12]}… when it was frozen. Something writes into weights that are frozen; stop the run.");
    }

    private PoolEntry Add(long update, long agentSteps, ReadOnlySpan<float> weights, double rating, PoolFlags flags)
    {
        if (weights.Length != Parameters) throw new ArgumentException($"{weights.Length:N0} weights were given; policies of this pool have {Parameters:N0}.", nameof(weights));
        if (weights.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) throw new ArgumentException("A weight is NaN or infinite; such a policy cannot be frozen.", nameof(weights));
        if (entries.Count == Config.MaxEntries) entries.Remove(PoolEviction.Choose(entries, Slots.Holds));
        var entry = new PoolEntry(NextId++, update, agentSteps, weights.ToArray(), PoolEntry.HashOf(weights)) { Rating = rating, Flags = flags };
        entries.Add(entry);
        DrawnUpdate = null; // the next assignment draws anew: it may choose this one, and no longer one that is gone
        return entry;
    }

    private void Draw(ulong seed, long update)
    {
        DrawnUpdate = update;
        Slots.ClearWanted();
        int n = 0;
        for (int i = 0; i < entries.Count; i++)
            if (entries[i].IsOpponent) scores[n++] = entries[i].Score;
        OpponentDraw.Shares(Config.Choice, Config.UniformShare, scores.AsSpan(0, n), shares.AsSpan(0, n));
        OpponentDraw.Sample(shares.AsSpan(0, n), Slots.Count, OpponentDraw.Uniform(seed, update), weights.AsSpan(0, n));
        int at = 0;
        for (int i = 0; i < entries.Count; i++)
            if (entries[i].IsOpponent && weights[at++] is > 0 and var weight) Slots.Want(entries[i], weight);
    }
}
