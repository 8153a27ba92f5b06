namespace Arena.Kernels.Environments;

/// <summary>Everything about an environment that can be known before one exists: sizes, names, ranges.</summary>
/// <remarks>E = matches, A = agents per match, N = E·A rows, O = observation length. Row of agent a in match e: e·A + a.</remarks>
public sealed record EnvironmentSpec
{
    /// <summary>Name in the registry.</summary>
    public required string Game { get; init; }

    /// <summary>How many sides compete: 2 (agents 0..A/2-1 and A/2..A-1) or 1.</summary>
    public required int Sides { get; init; }

    /// <summary>A: agents per match, all sides together.</summary>
    public required int AgentsPerMatch { get; init; }

    /// <summary>Whose an episode is: the match's, or each agent's own.</summary>
    public EpisodeOwner EpisodesOf { get; init; }

    /// <summary>Ticks after which the clock ends an episode; 0 = no clock, the rules alone end it.</summary>
    public required int EpisodeLimit { get; init; }

    /// <summary>Fewest ticks between two truncations of one row: a rollout keeps one last observation per row. 0 = the clock's limit.</summary>
    public int TruncationSpacing
    {
        get => truncationSpacing == 0 ? EpisodeLimit : truncationSpacing;
        init => truncationSpacing = value;
    }

    /// <summary>
    /// The rules draw random numbers in nearly every tick of a match. Draws know the match's number, so that matches of such a
    /// game cannot change places without changing what happens in them.
    /// </summary>
    public bool DrawsInEveryTick { get; init; }

    /// <summary>What tables that all matches of a batch share are made of, or empty: variants must have the same.</summary>
    public string SharedTables { get; init; } = "";

    /// <summary>
    /// What observations and actions mean beyond their number, or empty where the game's settings change no more than sizes: a policy plays only where it is
    /// the same. Creatures: which skeleton, and whether actions are positions or torques.
    /// </summary>
    public string Meaning { get; init; } = "";

    /// <summary>Duration of a tick; s of game time (0 where a tick has no duration).</summary>
    public required float TickSeconds { get; init; }

    /// <summary>What an agent sees.</summary>
    public required ObservationSpec Observation { get; init; }

    /// <summary>What an agent does.</summary>
    public required ActionSpec Action { get; init; }

    /// <summary>The parts of the reward, in the order of the reward component buffer.</summary>
    public required IReadOnlyList<RewardComponent> RewardComponents { get; init; }

    /// <summary>Numbers kept per finished episode, raw; <see cref="IGame.Report"/> turns them into <see cref="Statistics"/>.</summary>
    public required int RawStatistics { get; init; }

    /// <summary>Statistics of a finished episode that people read.</summary>
    public required IReadOnlyList<StatisticInfo> Statistics { get; init; }

    /// <summary>Which opponents are built in; controller k + 1 plays opponent k (controller 0 = outside).</summary>
    public required IReadOnlyList<OpponentInfo> Opponents { get; init; }

    /// <summary>Games with two sides: what an end without a winner is called and what it is worth.</summary>
    public UndecidedGames Undecided { get; init; } = new("drawn", "draw 1/2");

    /// <summary>What throughput is measured with.</summary>
    public IReadOnlyList<Workload> Workloads { get; init; } = [new("random play", "random")];

    /// <summary>Agents of one side.</summary>
    public int AgentsPerSide => AgentsPerMatch / Sides;

    /// <summary>Episodes that run in a match at the same time: 1, or one per agent. Episode x of match e has the number e·EpisodesPerMatch + x.</summary>
    public int EpisodesPerMatch => EpisodesOf == EpisodeOwner.Agent ? AgentsPerMatch : 1;

    /// <summary>The first agent row of an episode, by its number in the batch.</summary>
    public int RowOfEpisode(int episode) => EpisodesOf == EpisodeOwner.Agent ? episode : episode * AgentsPerMatch;

    private readonly int truncationSpacing;
}

/// <summary>Whose an episode is.</summary>
public enum EpisodeOwner
{
    /// <summary>The match's: all its rows begin and end together.</summary>
    Match,

    /// <summary>Each agent's own (a life), while the match goes on. Only in games with one side.</summary>
    Agent,
}

/// <summary>Words for the games that nobody won; what <see cref="IGame.Score"/> gives for them.</summary>
/// <param name="Name">Head of the column that counts them: "drawn".</param>
/// <param name="Score">What the score counts them for, as it is read after "win 1, ": "draw 1/2".</param>
public sealed record UndecidedGames(string Name, string Score);

/// <summary>Something to measure the speed of.</summary>
/// <param name="Name">"everybody chasing".</param>
/// <param name="Player">The built-in player on all sides.</param>
public sealed record Workload(string Name, string Player);

/// <summary>How observations are stored.</summary>
public enum ObservationKind
{
    /// <summary>32-bit floats.</summary>
    Float,

    /// <summary>Bytes (grids, categories).</summary>
    Byte,
}

/// <summary>The observation row of one agent.</summary>
/// <param name="Kind">Element type.</param>
/// <param name="Length">O: elements per row.</param>
/// <param name="Fields">What stands where; adjacent, in order, covering the whole row.</param>
public sealed record ObservationSpec(ObservationKind Kind, int Length, IReadOnlyList<ObservationField> Fields)
{
    /// <summary>Where the row is a list of equal records, for encoders that treat entities alike; otherwise empty.</summary>
    public IReadOnlyList<EntityGroup> Entities { get; init; } = [];

    /// <summary>The grid of cells in a byte row, or null.</summary>
    public ByteGrid? Grid { get; init; }

    /// <summary>Bytes that matter outside the grid of a byte row; the others are padding.</summary>
    public IReadOnlyList<ByteField> ByteFields { get; init; } = [];
}

/// <summary>A grid of cells inside a byte observation: channel c of cell (row, column) at Offset + (row * Columns + column) * Channels.Count + c.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Rows">Rows of cells.</param>
/// <param name="Columns">Cells in a row.</param>
/// <param name="Channels">Bytes of a cell.</param>
public sealed record ByteGrid(int Offset, int Rows, int Columns, IReadOnlyList<ByteChannel> Channels);

/// <summary>One byte per cell. Codes > 0: a code 0..Codes-1, for one-hot encoding; 0: an amount, scaled by 1/255.</summary>
/// <param name="Name">"cell".</param>
/// <param name="Codes">Number of codes, or 0.</param>
public sealed record ByteChannel(string Name, int Codes);

/// <summary>A byte outside the grid. Codes as in <see cref="ByteChannel"/>.</summary>
/// <param name="Name">"heading".</param>
/// <param name="Offset">Which byte.</param>
/// <param name="Codes">Number of codes, or 0.</param>
public sealed record ByteField(string Name, int Offset, int Codes);

/// <summary>A run of elements with one meaning.</summary>
/// <param name="Name">"ball velocity".</param>
/// <param name="Offset">First element.</param>
/// <param name="Length">Elements.</param>
/// <param name="Min">Smallest possible value.</param>
/// <param name="Max">Largest possible value.</param>
/// <param name="Unit">Unit of the value 1: "PlayerMaxSpeed" or empty.</param>
public sealed record ObservationField(string Name, int Offset, int Length, float Min, float Max, string Unit = "")
{
    /// <summary>What the quantity in SI units is multiplied by before it is cut to the range; 0 where the game does not say.</summary>
    public double Scale { get; init; }
}

/// <summary>Records of one kind inside an observation row.</summary>
/// <param name="Name">"opponent".</param>
/// <param name="Offset">First element of the first record.</param>
/// <param name="Count">Records.</param>
/// <param name="RecordLength">Elements of a record; its last one is 1 where the entity is present, else 0.</param>
public sealed record EntityGroup(string Name, int Offset, int Count, int RecordLength);

/// <summary>The action row of one agent: continuous components in [−1, 1], or discrete heads.</summary>
/// <remarks>A game may have both; each is a buffer of its own. Rows of bad values are played as "do nothing" and flagged.</remarks>
public sealed record ActionSpec
{
    /// <summary>Names of the continuous components, or empty.</summary>
    public IReadOnlyList<string> Continuous { get; init; } = [];

    /// <summary>The discrete heads, or empty.</summary>
    public IReadOnlyList<DiscreteHead> Discrete { get; init; } = [];

    /// <summary>What the choices of each head are called, as people read it; empty where the game does not say.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Choices { get; init; } = [];

    /// <summary>Whether the environment says which discrete actions are legal.</summary>
    public bool HasMasks { get; init; }

    /// <summary>How a person plays with a stick and a button; null where the game does not say, and then nobody can.</summary>
    public PlayControls? Controls { get; init; }

    /// <summary>L: discrete choices of all heads together.</summary>
    public int DiscreteChoices
    {
        get
        {
            int choices = 0;
            // By index: rollouts ask in every step, and an enumerator would be an allocation.
            for (int head = 0; head < Discrete.Count; head++) choices += Discrete[head].Size;
            return choices;
        }
    }

    /// <summary>32-bit words of a mask row: bit l % 32 of word l / 32 is 1 when choice l is legal.</summary>
    public int MaskWords => HasMasks ? (DiscreteChoices + 31) / 32 : 0;
}

/// <summary>One discrete choice among <paramref name="Size"/>.</summary>
public sealed record DiscreteHead(string Name, int Size);

/// <summary>Who a reward component is shared with.</summary>
public enum RewardGrant
{
    /// <summary>By what happens in the game; team credit applies.</summary>
    Environment,

    /// <summary>By what this agent did; added after team credit.</summary>
    Agent,
}

/// <summary>A named part of the reward.</summary>
/// <param name="Name">"ballProgress".</param>
/// <param name="Grant">Whether team credit applies.</param>
/// <param name="Weight">Weight at progress 0.</param>
/// <param name="FinalWeight">Weight at progress 1; linear between.</param>
public sealed record RewardComponent(string Name, RewardGrant Grant, float Weight, float FinalWeight);

/// <summary>A statistic of a finished episode.</summary>
/// <param name="Name">"goals".</param>
/// <param name="Unit">"goals per game".</param>
/// <param name="Meaning">One line.</param>
/// <param name="PerSide">Reported once per side (side 0 first), or once per episode.</param>
public sealed record StatisticInfo(string Name, string Unit, string Meaning, bool PerSide);

/// <summary>A built-in opponent.</summary>
/// <param name="Name">"random" or "scripted:normal"; "random" is the first of every game.</param>
/// <param name="Description">One line.</param>
public sealed record OpponentInfo(string Name, string Description);
