using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Training;

/// <summary>How long to train, how large a network, and how often to look.</summary>
public sealed record TrainingPlan
{
    /// <summary>What a game's training starts from: the defaults with the game's own changes (<see cref="TrainingDefaults.Plan"/>), as the command line has it.</summary>
    /// <exception cref="UsageException">the game names a setting that does not exist, or a value that is not allowed.</exception>
    public static TrainingPlan For(IGame game) => game.Training.Plan.Aggregate(new TrainingPlan(), (plan, change) => Settings.With(plan, change.Key, change.Value));

    /// <summary>Agent-steps to train for; 0 = the game's own default.</summary>
    [Setting("Agent-steps to train for.", Unit = "agent-steps", Min = 0, Max = 1e13, Zero = "the game's default")]
    public long AgentSteps { get; init; }

    /// <summary>What learns.</summary>
    [Setting("What learns: PPO with a critic, or REINFORCE over whole games.")]
    public Algorithm Algorithm { get; init; }

    /// <summary>REINFORCE: whether each side has a policy of its own.</summary>
    [Setting("REINFORCE: a policy of its own for each side.")]
    public bool TwoPolicies { get; init; } = true;

    /// <summary>Agent-steps between two evaluations; 0 = a twentieth of all, and an eightieth of the game's own length at least: short runs are evaluated less often.</summary>
    [Setting("Agent-steps between two evaluations.", Unit = "agent-steps", Min = 0, Max = 1e13, Zero = "a twentieth of all, in short runs more")]
    public long EvaluateEvery { get; init; }

    /// <summary>Games against each opponent in an evaluation while training.</summary>
    [Setting("Games against each opponent in an evaluation during training.", Unit = "games", Min = 2, Max = 65_536)]
    public int EvaluationGames { get; init; } = 128;

    /// <summary>Games against each opponent in the table at the end.</summary>
    [Setting("Games against each opponent in the final table.", Unit = "games", Min = 2, Max = 65_536)]
    public int FinalGames { get; init; } = 256;

    /// <summary>Games of the gate a policy must pass to become champion; 0 = neither champion nor Elo.</summary>
    [Setting("Games against the champion that decide whether a policy replaces it.", Unit = "games", Min = 0, Max = 65_536, Zero = "no champion, no Elo")]
    public int GateGames { get; init; } = 256;

    /// <summary>Policies kept in pool/, evenly over the run; games with two sides.</summary>
    [Setting("Policies kept for the ladder, evenly over the run.", Min = 0, Max = 1000)]
    public int Snapshots { get; init; } = 16;

    /// <summary>Minutes between two checkpoints.</summary>
    [Setting("Minutes between two checkpoints.", Unit = "min", Min = 0, Max = 1e6, Zero = "after every update")]
    public double CheckpointMinutes { get; init; } = 10;

    /// <summary>Width of the hidden layers.</summary>
    [Setting("Width of the hidden layers.", Min = 1, Max = 4096)]
    public int HiddenWidth { get; init; } = 64;

    /// <summary>Number of hidden layers.</summary>
    [Setting("Number of hidden layers.", Min = 1, Max = 8)]
    public int HiddenLayers { get; init; } = 2;

    /// <summary>Function after every hidden layer.</summary>
    [Setting("Function after every hidden layer.")]
    public Activation Activation { get; init; }

    /// <summary>What turns an observation into features, before the hidden layers.</summary>
    [Setting("What reads the observation: auto takes floats as they are and bytes by a stem that fits them.")]
    public StemChoice Stem { get; init; }

    /// <summary>What remembers, between the hidden layers and the heads.</summary>
    [Setting("Memory behind the hidden layers.")]
    public NetworkCore Core { get; init; }

    /// <summary>Width of the memory; 0 = that of the hidden layers.</summary>
    [Setting("Width of the memory, if there is one.", Min = 0, Max = 4096, Zero = "that of the hidden layers")]
    public int CoreWidth { get; init; }

    /// <summary>Normalise every hidden layer before its activation.</summary>
    [Setting("Normalise every hidden layer over its features before its function.")]
    public bool LayerNorm { get; init; }

    /// <summary>Give the critic hidden layers of its own.</summary>
    [Setting("Give the critic hidden layers of its own; not together with a memory.")]
    public bool SeparateCritic { get; init; }

    /// <summary>Let the network choose the log-std of continuous actions for every row.</summary>
    [Setting("Let the network choose the spread of continuous actions from what it sees.")]
    public bool StateDependentStd { get; init; }

    /// <summary>What the environment plays of a sampled continuous action.</summary>
    [Setting("How a sampled continuous action is brought between -1 and 1.")]
    public ActionSquash Squash { get; init; }

    /// <summary>Normalise observations by their running mean and deviation.</summary>
    [Setting("Normalise observations by their running mean and deviation.")]
    public bool NormalizeObservations { get; init; }

    /// <summary>S: parts of the matches whose gradients are added up in order; 0 = one per process.</summary>
    [Setting("Equal parts of the matches, each learned from by itself; their gradients are added up in order.", Min = 0, Max = 4096, Zero = "one per MPI rank")]
    public int Shards { get; init; }

    /// <summary>Frozen past selves as opponents.</summary>
    public OpponentPoolConfig Pool { get; init; } = new();

    /// <summary>The network for a game.</summary>
    /// <exception cref="UsageException">the game's observations are of a kind that this network does not take, or settings do not go together.</exception>
    public NetworkSpec Network(EnvironmentSpec spec)
    {
        if (Core != NetworkCore.None && SeparateCritic)
            throw new UsageException("--separate-critic is given with --core; a network with a memory shares its hidden layers: leave out one of the two.");
        if ((SeparateCritic || NormalizeObservations) && DefaultStems.Create(Stem, spec, HiddenWidth) is not null)
            throw new UsageException(
                $"{(SeparateCritic ? "--separate-critic" : "--normalize-observations")} is given, but the network reads '{spec.Game}' with a stem, which is shared and takes observations as they are: leave it out.");
        return new NetworkSpec(
            spec.Observation.Length, [.. Enumerable.Repeat(HiddenWidth, HiddenLayers)], Activation, spec.Action.Continuous.Count,
            [.. spec.Action.Discrete.Select(head => head.Size)])
        {
            Stem = DefaultStems.Create(Stem, spec, HiddenWidth),
            Core = Core,
            CoreWidth = Core == NetworkCore.None ? 0 : CoreWidth > 0 ? CoreWidth : HiddenWidth,
            LayerNorm = LayerNorm,
            SeparateCritic = SeparateCritic,
            StateDependentStd = StateDependentStd && spec.Action.Continuous.Count > 0,
            Squash = spec.Action.Continuous.Count > 0 ? Squash : ActionSquash.Clip,
            NormalizeObservations = NormalizeObservations,
        };
    }
}
