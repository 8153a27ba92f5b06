using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Training;

/// <summary>How long to train, how large a network, and how often to look.</summary>
public sealed record TrainingPlan
{
    /// <summary>Agent-steps to train for; 0 = the game's own default.</summary>
    [Setting("Agent-steps to train for.", Unit = "agent-steps", Min = 0, Max = 1e13, Zero = "the game's default")]
    public long AgentSteps { get; init; }

    /// <summary>Agent-steps between two evaluations; 0 = a twentieth of all.</summary>
    [Setting("Agent-steps between two evaluations.", Unit = "agent-steps", Min = 0, Max = 1e13, Zero = "a twentieth of all")]
    public long EvaluateEvery { get; init; }

    /// <summary>Games against each opponent in an evaluation while training.</summary>
    [Setting("Games against each opponent in an evaluation during training.", Unit = "games", Min = 2, Max = 65_536)]
    public int EvaluationGames { get; init; } = 128;

    /// <summary>Games against each opponent in the table at the end.</summary>
    [Setting("Games against each opponent in the final table.", Unit = "games", Min = 2, Max = 65_536)]
    public int FinalGames { get; init; } = 256;

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

    /// <summary>Frozen past selves as opponents.</summary>
    public OpponentPoolConfig Pool { get; init; } = new();

    /// <summary>The network for a game.</summary>
    /// <exception cref="UsageException">the game's observations or actions are of a kind that this network does not take.</exception>
    public NetworkSpec Network(EnvironmentSpec spec)
    {
        if (spec.Observation.Kind != ObservationKind.Float)
            throw new UsageException($"'{spec.Game}' has byte observations with these settings; training takes float observations: choose them by --observation.");
        return new NetworkSpec(
            spec.Observation.Length, [.. Enumerable.Repeat(HiddenWidth, HiddenLayers)], Activation, spec.Action.Continuous.Count,
            [.. spec.Action.Discrete.Select(head => head.Size)]);
    }
}
