using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>Other options for some matches of a batch: up to <see cref="Slots"/> sets of options, and which match plays by which.</summary>
/// <remarks>
/// Slot 0 is what the environment was made with. A match takes up the slot in <see cref="Next"/> when its next episode begins,
/// and keeps it to the end of that episode: nothing changes in mid-game. Both numbers are state columns, so that snapshots carry them;
/// the options in the slots are not, and must be set again before a snapshot is written into a fresh environment. Until the first
/// <see cref="Set"/> there are no such columns and a step does not look at them: a batch without variants costs nothing.
/// </remarks>
public sealed class MatchVariants
{
    /// <summary>Slots of a game that has variants, slot 0 included.</summary>
    public const int MaxSlots = 16;

    /// <summary>State column: the slot that the running episode plays by.</summary>
    public const string RunningColumn = "variant";

    /// <summary>State column: the slot that the next episode will play by.</summary>
    public const string NextColumn = "nextVariant";

    // What belongs to the batch and not to a match.
    private static readonly string[] OfTheBatch = [nameof(GameOptions.NumEnvs), nameof(GameOptions.MatchOffset), nameof(GameOptions.Desync)];

    private readonly StateColumns state;
    private readonly EnvironmentSpec spec;
    private readonly GameOptions?[] slots;
    private Column<byte> running;
    private Column<byte> next;

    /// <summary>For an environment whose matches all play by its own options: every other slot is refused.</summary>
    /// <param name="state">Columns of the environment.</param>
    /// <param name="spec">Its sizes.</param>
    /// <param name="options">Its options.</param>
    public static MatchVariants None(StateColumns state, EnvironmentSpec spec, GameOptions options) => new(state, spec, options, slots: 1);

    internal MatchVariants(StateColumns state, EnvironmentSpec spec, GameOptions options, int slots)
    {
        (this.state, this.spec) = (state, spec);
        this.slots = new GameOptions?[slots];
        this.slots[0] = options;
    }

    /// <summary>Slots, slot 0 included; 1 for a game without variants.</summary>
    public int Slots => slots.Length;

    /// <summary>Whether a slot other than 0 was ever set, or the batch was prepared for it: there are state columns, and kernels look at them.</summary>
    public bool Used { get; private set; }

    /// <summary>(E, 1) byte: the slot that the running episode plays by; written when an episode begins.</summary>
    /// <exception cref="InvalidOperationException">no slot was set.</exception>
    public Column<byte> Running => Used ? running : throw NotUsed();

    /// <summary>(E, 1) byte: the slot that the next episode will play by; written by whoever assigns, <see cref="Assign"/> or a kernel.</summary>
    /// <remarks>Only slots that were set may be written; another number plays by slot 0.</remarks>
    /// <exception cref="InvalidOperationException">no slot was set.</exception>
    public Column<byte> Next => Used ? next : throw NotUsed();

    /// <summary>Tells sizes and names under other options; set where the game makes the environment.</summary>
    internal Func<GameOptions, EnvironmentSpec>? Describe { get; set; }

    /// <summary>Called after a change of the slots.</summary>
    internal Action? Changed { get; set; }

    /// <summary>The options of <paramref name="slot"/>, or null where none were set.</summary>
    public GameOptions? this[int slot] => slots[slot];

    /// <summary>Fills a slot.</summary>
    /// <param name="slot">1..<see cref="Slots"/> − 1; slot 0 is what the environment was made with.</param>
    /// <param name="options">Options that leave the environment's shape as it is.</param>
    /// <exception cref="UsageException">the game has no variants, or the options do not fit: names the setting.</exception>
    /// <exception cref="InvalidOperationException">a match plays by the slot, or will next, and the options differ from those in it.</exception>
    public void Set(int slot, GameOptions options)
    {
        Check(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(slot, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Slots);
        if (options.Equals(slots[slot])) return;
        if (Used)
        {
            Span<int> users = stackalloc int[MaxSlots];
            CountUsers(users);
            if (users[slot] > 0)
                throw new InvalidOperationException(
                    $"Slot {slot} cannot be overwritten: {users[slot]} matches play by it or will in their next episode. Take a slot without users, or wait until they have ended.");
        }

        Use();
        slots[slot] = options;
        Changed?.Invoke();
    }

    /// <summary>Adds the state columns before any slot is set, so that snapshots from now on have them.</summary>
    public void Prepare()
    {
        Use();
        Changed?.Invoke();
    }

    /// <summary>Replaces all slots, whoever uses them: the first half of restoring a snapshot, whose state must be written right afterwards.</summary>
    /// <param name="options">One per slot, null where none is set; slot 0 is ignored. Empty: nothing is changed.</param>
    /// <exception cref="UsageException">options that do not fit.</exception>
    public void Restore(IReadOnlyList<GameOptions?> options)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Count, Slots);
        for (int slot = 1; slot < options.Count; slot++)
            if (options[slot] is { } given) Check(given);
        if (options.Skip(1).Any(given => given is not null)) Use();
        if (!Used) return;
        for (int slot = 1; slot < Slots; slot++) slots[slot] = slot < options.Count ? options[slot] : null;
        Changed?.Invoke();
    }

    /// <summary>Lets the next episode of match <paramref name="env"/> play by <paramref name="slot"/>; the running one goes on as it is.</summary>
    /// <exception cref="ArgumentException">no options were set for the slot.</exception>
    public void Assign(int env, int slot)
    {
        if (slot < 0 || slot >= Slots || slots[slot] is null) throw new ArgumentException($"No options were set for slot {slot}.", nameof(slot));
        if (Used) state[NextColumn].WriteMatch(env, [(byte)slot]);
    }

    /// <summary>How many matches play by each slot or will in their next episode.</summary>
    /// <param name="users">At least <see cref="Slots"/> elements; overwritten.</param>
    public void CountUsers(Span<int> users)
    {
        users.Clear();
        if (!Used)
        {
            users[0] = state.NumEnvs;
            return;
        }

        for (int env = 0; env < state.NumEnvs; env++)
        {
            int now = SlotOf(RunningColumn, env), then = SlotOf(NextColumn, env);
            users[now]++;
            if (then != now) users[then]++;
        }
    }

    /// <summary>The options that the running episode of match <paramref name="env"/> plays by.</summary>
    public GameOptions OptionsOf(int env) => slots[Used ? SlotOf(RunningColumn, env) : 0] ?? slots[0]!;

    /// <summary>Whether a match can play by <paramref name="options"/> in this environment.</summary>
    /// <returns>Sizes and names under these options; the same sizes, and episodes of the same length or shorter.</returns>
    /// <exception cref="UsageException">it cannot: names the setting and why.</exception>
    public EnvironmentSpec Check(GameOptions options)
    {
        GameOptions own = slots[0]!;
        if (Slots == 1)
            throw new UsageException($"'{spec.Game}' plays all matches of a batch by the same options: it has no variants (docs/adding-an-environment.md says what a game does to have them).");
        if (options.GetType() != own.GetType()) throw new UsageException($"'{spec.Game}' takes {own.GetType().Name}, not {options.GetType().Name}.");
        SettingInfo[] changed = [.. Settings.Changed(options, own)];
        foreach (SettingInfo setting in changed)
            if (OfTheBatch.Contains(setting.Path, StringComparer.OrdinalIgnoreCase)) throw Refusal([setting], "belongs to the whole batch");
        EnvironmentSpec described = Described(options);
        if (Misfit(described) is not { } misfit) return described;
        SettingInfo[] guilty = [.. changed.Where(setting => IsMisfit(Settings.With(own, setting.Path, Settings.Format(setting.Default))))];
        throw Refusal(guilty.Length > 0 ? guilty : changed, misfit);
    }

    private bool IsMisfit(GameOptions options)
    {
        try
        {
            return Misfit(Described(options)) is not null;
        }
        catch (UsageException)
        {
            return false; // not a valid set of options by itself, so it says nothing about this setting
        }
    }

    private EnvironmentSpec Described(GameOptions options) =>
        (Describe ?? throw new InvalidOperationException($"'{spec.Game}' was not made by IGame.Create."))(options);

    // What is in the way of playing by these options in memory allocated for slot 0's; null: nothing.
    private string? Misfit(EnvironmentSpec other)
    {
        if (other.Sides != spec.Sides || other.AgentsPerMatch != spec.AgentsPerMatch) return $"makes {other.AgentsPerMatch} agents per match of {spec.AgentsPerMatch}";
        if (other.Observation.Kind != spec.Observation.Kind) return "changes the type of the observations";
        if (other.Observation.Length != spec.Observation.Length) return $"makes observations of {other.Observation.Length} elements instead of {spec.Observation.Length}";
        if (spec.EpisodeLimit != 0 && other.EpisodeLimit == 0) return "takes away the clock that ends an episode";
        if (spec.EpisodeLimit != 0 && other.EpisodeLimit > spec.EpisodeLimit)
            return $"makes episodes of up to {other.EpisodeLimit} ticks, longer than the {spec.EpisodeLimit} that the environment was made for";
        if (!other.Action.Continuous.SequenceEqual(spec.Action.Continuous) || !other.Action.Discrete.SequenceEqual(spec.Action.Discrete) || other.Action.HasMasks != spec.Action.HasMasks)
            return "changes the actions";
        if (other.SharedTables != spec.SharedTables) return "changes the tables that all matches of a batch share";
        if (other.RewardComponents.Count != spec.RewardComponents.Count || other.RawStatistics != spec.RawStatistics) return "changes the reward components or statistics";
        return null;
    }

    private UsageException Refusal(SettingInfo[] settings, string reason)
    {
        string names = string.Join(" and ", settings.Select(setting => $"{setting.Path} = {Settings.Format(setting.Default)}"));
        return new UsageException($"{names} cannot be changed for single matches of '{spec.Game}': it {reason}. Set it for the whole run instead.");
    }

    // Added at the first use: a batch without variants has the state, and the snapshots, of a game that knows none.
    private void Use()
    {
        if (Used) return;
        running = state.Add<byte>(RunningColumn, 1);
        next = state.Add<byte>(NextColumn, 1);
        Used = true;
    }

    private int SlotOf(string column, int env)
    {
        Span<byte> slot = stackalloc byte[1];
        state[column].ReadMatch(env, slot);
        return slot[0] < Slots ? slot[0] : 0;
    }

    private InvalidOperationException NotUsed() => new($"'{spec.Game}' plays all matches by slot 0 here: set another slot first.");
}
