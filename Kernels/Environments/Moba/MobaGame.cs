using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Five heroes against five, three lanes, creeps, towers and an ancient per side.</summary>
public sealed class MobaGame : Game<MobaOptions>
{
    /// <inheritdoc/>
    public override string Name => "moba";

    /// <inheritdoc/>
    public override string Summary => "five heroes against five on three lanes with creeps, towers and an ancient per side";

    /// <inheritdoc/>
    public override IReadOnlyList<GamePreset> Presets { get; } =
    [
        new("entities", "the 16 nearest units instead of a window of cells", new MobaOptions { Observation = MobaObservation.Entities }),
    ];

    /// <inheritdoc/>
    /// <remarks>
    /// Half of the matches are played against the script of middle strength, the others against oneself, with the network moba-small. A game between equals
    /// lasts 4,000 ticks, 40,000 agent-steps: evaluations are fewer and smaller than elsewhere, or they would take longer than the training.
    /// </remarks>
    public override TrainingDefaults Training { get; } = new(TrainingOptions, AgentSteps: 40_000_000)
    {
        OnlyInTraining = ["desync"],
        Learner = [new("discount", "0.997"), new("opponentShare", "0.5"), new("opponent", "normal")],
        Plan =
        [
            new("evaluateEvery", "4000000"), new("evaluationGames", "16"), new("finalGames", "128"), new("gateGames", "0"), new("pool.fraction", "0"),
            new("hiddenWidth", "128"), new("hiddenLayers", "1"), new("activation", "relu"), new("stem", "convolutions"), new("core", "lstm"),
        ],
    };

    // Rewards that lead to the ancient: with the game's own, heroes learn to kill and to live, and games end by the clock.
    private static MobaOptions TrainingOptions => new()
    {
        NumEnvs = 64,
        Desync = true,
        Rewards = new MobaRewards { Xp = 0.001f, XpFinal = 0.001f, Death = -0.3f, TowerTeam = 3f, Win = 10f, Distance = 0.1f, DistanceFinal = 0.1f },
    };

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> raw)
    {
        double winner = raw[MobaStatistic.Winner];
        if (winner != 0) return winner > 0 ? 1 : 0;
        return 0.5 * (1 + (raw[MobaStatistic.Structures] - raw[MobaStatistic.Structures + 1]) / (MobaConstants.Towers / 2.0));
    }

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(MobaOptions options) => MobaSpec.Of(Name, options);

    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, MobaOptions options) => new MobaEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(MobaOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        const int HeroesPerSide = MobaConstants.Heroes / 2;
        double winner = raw[MobaStatistic.Winner], ticks = Math.Max(1, raw[MobaStatistic.Ticks]);
        int at = 0;
        for (int side = 0; side < 2; side++) report[at++] = winner == (side == 0 ? 1 : -1) ? 1 : 0;
        for (int side = 0; side < 2; side++) report[at++] = raw[MobaStatistic.Structures + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[MobaStatistic.Levels + side] / HeroesPerSide;
        for (int counter = 0; counter < MobaCounter.Count; counter++)
        {
            double per = counter switch
            {
                MobaCounter.Xp or MobaCounter.Blocked => HeroesPerSide,
                MobaCounter.TicksDead => HeroesPerSide * ticks,
                _ => 1,
            };
            for (int side = 0; side < 2; side++) report[at++] = raw[MobaStatistic.Counters + 2 * counter + side] / per;
        }

        for (int i = 0; i < 2 * MobaReward.Count; i++) report[at++] = raw[MobaStatistic.Rewards + i];
        report[at++] = winner == 0 && raw[MobaStatistic.Truncated] == 0 ? 1 : 0;
        report[at++] = raw[MobaStatistic.Truncated];
        report[at] = raw[MobaStatistic.Ticks];
    }
}
