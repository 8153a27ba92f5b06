using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Team soccer, 1v1 to 11v11.</summary>
public sealed class SoccerGame : Game<SoccerOptions>
{
    /// <inheritdoc/>
    public override string Name => "soccer";

    /// <inheritdoc/>
    public override string Summary => "team soccer on a continuous pitch, 1v1 to 11v11";

    /// <inheritdoc/>
    public override IReadOnlyList<GamePreset> Presets { get; } =
    [
        new("1v1", "one player per team", new SoccerOptions { TeamSize = 1 }),
        new("5v5", "five players per team", new SoccerOptions { TeamSize = 5 }),
        new("11v11", "eleven players per team", new SoccerOptions { TeamSize = 11 }),
        new("v1", "all kicks summed, no dead zone", new SoccerOptions { Physics = new SoccerPhysics { KickRule = KickRule.Sum, KickDeadZone = 0f } }),
        new("v2", "all kicks averaged, no dead zone", new SoccerOptions { Physics = new SoccerPhysics { KickRule = KickRule.Average, KickDeadZone = 0f } }),
        new("discrete", "two heads of nine directions", new SoccerOptions { Actions = SoccerActions.Discrete }),
        new("entities", "records of one size, for an entity encoder", new SoccerOptions { Observation = SoccerObservation.Entities }),
    ];

    /// <inheritdoc/>
    /// <remarks>
    /// Half of the episodes start anywhere: from the formation alone, the rare places of a match are learned late. Past selves play in an
    /// eighth of the matches: with a quarter, 40 M agent-steps hold too few mirrored games to learn the same (docs/training.md).
    /// </remarks>
    public override TrainingDefaults Training { get; } =
        new(new SoccerOptions { NumEnvs = 128, RandomStart = 0.5f, Desync = true }, AgentSteps: 40_000_000) { Plan = [new("pool.fraction", "0.125")] };

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> raw) => 0.5 + 0.5 * raw[SoccerStatistic.Winner];

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(SoccerOptions options) => SoccerSpec.Of(Name, options);

    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, SoccerOptions options) => new SoccerEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(SoccerOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        double ticks = Math.Max(1, raw[SoccerStatistic.Ticks]);
        double winner = raw[SoccerStatistic.Winner];
        int at = 0;
        for (int side = 0; side < 2; side++) report[at++] = winner == (side == 0 ? 1 : -1) ? 1 : 0;
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Goals + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Possession + side] / ticks;
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Touches + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Passes + side];
        for (int side = 0; side < 2; side++)
            report[at++] = raw[SoccerStatistic.Passes + side] == 0 ? double.NaN : raw[SoccerStatistic.PassLength + side] / raw[SoccerStatistic.Passes + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Interceptions + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Dribbles + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Shots + side];
        for (int side = 0; side < 2; side++) report[at++] = raw[SoccerStatistic.Distance + side] / options.TeamSize;
        for (int i = 0; i < 2 * SoccerReward.Count; i++) report[at++] = raw[SoccerStatistic.Rewards + i];
        report[at++] = winner == 0 ? 1 : 0;
        report[at++] = raw[SoccerStatistic.Ticks];
        report[at] = Entropy(raw.Slice(SoccerStatistic.BallBins, SoccerConstants.BallBins));
    }

    // Bits; 4 when all 16 bins are equally likely.
    private static double Entropy(ReadOnlySpan<float> bins)
    {
        double total = 0, entropy = 0;
        foreach (float count in bins) total += count;
        foreach (float count in bins)
            if (count > 0) entropy -= count / total * Math.Log2(count / total);
        return entropy;
    }
}
