using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Legged creatures from a data file, a generator or a built-in name, in 3D.</summary>
public sealed class CreatureGame : Game<CreatureOptions>
{
    /// <inheritdoc/>
    public override string Name => "creature";

    /// <inheritdoc/>
    public override string Summary => "legged creatures learn to walk, reach points and push a ball, in 3D";

    /// <inheritdoc/>
    public override IReadOnlyList<GamePreset> Presets { get; } =
    [
        new("ant", "four legs, eight hinges", new CreatureOptions()),
        new("six-legs", "six legs of two ball joints, 36 axes", new CreatureOptions { Skeleton = BuiltinSkeletons.SixLegs }),
        new("hopper", "one leg, confined to a plane", new CreatureOptions { Skeleton = BuiltinSkeletons.Hopper }),
        new("target", "reach one point after the other", new CreatureOptions { Task = CreatureTask.Target, Level = 1 }),
        new("dribble", "push a ball to one gate after the other", new CreatureOptions { Task = CreatureTask.Dribble, Level = 1 }),
        new("bumpy", "six legs over bumps", new CreatureOptions { Skeleton = BuiltinSkeletons.SixLegs, Ground = CreatureGround.Bumpy, Level = 2 }),
        new("torque", "actions are torques", new CreatureOptions { Actions = CreatureActions.Torque }),
        new("gae", "rewards of the published form: costs of torque and impact", new CreatureOptions { Rewards = CreatureRewards.Gae }),
        new("bare", "rewards without any cost of effort, for comparison", new CreatureOptions { Rewards = CreatureRewards.Bare }),
    ];

    /// <inheritdoc/>
    /// <remarks>
    /// Returns reach a hundred and more, so that without normalising them every gradient is cut to the largest norm by the critic's error alone. An episode is
    /// 1,000 ticks: evaluations are smaller than elsewhere. What the settings rest on: docs/creatures.md, "Learning".
    /// </remarks>
    public override TrainingDefaults Training { get; } =
        new(new CreatureOptions { NumEnvs = 256, Desync = true, SlowestCommand = 0.5f }, AgentSteps: 4_000_000)
        {
            Learner = [new("horizon", "32"), new("epochs", "4"), new("normalizeReturns", "true"), new("entropyCoefficient", "0")],
            Plan = [new("evaluationGames", "32")],
        };

    /// <inheritdoc/>
    /// <remarks>Metres along the commanded direction, or points and gates: says more about a beginner than success, which is a statistic.</remarks>
    public override double Score(ReadOnlySpan<float> raw) =>
        raw[CreatureStatistic.Task] == (int)CreatureTask.Run ? raw[CreatureStatistic.Along] : raw[CreatureStatistic.Events];

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(CreatureOptions options) => CreatureSpec.Of(Name, options);

    /// <inheritdoc/>
    protected override string ExportNotes(CreatureOptions options, EnvironmentSpec spec) => CreatureExport.Write(options, spec);

    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, CreatureOptions options) => new CreatureEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(CreatureOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        double ticks = Math.Max(1, raw[CreatureStatistic.Ticks]), way = raw[CreatureStatistic.Way];
        int at = 0;
        report[at++] = raw[CreatureStatistic.Success];
        report[at++] = raw[CreatureStatistic.Fell];
        report[at++] = raw[CreatureStatistic.Diverged] > 0 ? 1 : 0;
        report[at++] = (raw[CreatureStatistic.Task] == (int)CreatureTask.Run ? raw[CreatureStatistic.Along] : way) / ticks * CreatureConstants.TicksPerSecond;
        report[at++] = way;
        report[at++] = raw[CreatureStatistic.Events];
        report[at++] = raw[CreatureStatistic.ShakeTicks] > 0 ? raw[CreatureStatistic.Shake] / raw[CreatureStatistic.ShakeTicks] : double.NaN;
        report[at++] = way > 0 ? raw[CreatureStatistic.Energy] / way : double.NaN;
        report[at++] = raw[CreatureStatistic.OverlapTicks] > 0 ? raw[CreatureStatistic.Overlap] / raw[CreatureStatistic.OverlapTicks] : double.NaN;
        report[at++] = raw[CreatureStatistic.Ticks];
        report[at++] = Sum(raw, 0, CreatureReward.Environmental);
        report[at++] = Sum(raw, CreatureReward.Environmental, CreatureReward.Count);
        for (int component = 0; component < CreatureReward.Count; component++) report[at++] = raw[CreatureStatistic.Rewards + component];
    }

    private static double Sum(ReadOnlySpan<float> raw, int first, int end)
    {
        double sum = 0;
        for (int component = first; component < end; component++) sum += raw[CreatureStatistic.Rewards + component];
        return sum;
    }
}
