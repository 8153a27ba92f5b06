using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Tests;

/// <summary>Options of the duel.</summary>
public sealed record DuelOptions : GameOptions
{
    /// <summary>Plants a bug: the state depends on the number of matches.</summary>
    [Setting("Plants a bug: the state depends on the number of matches.")]
    public bool Leak { get; init; }

    /// <summary>Plants a bug: matches never end.</summary>
    [Setting("Plants a bug: matches never end.")]
    public bool Endless { get; init; }
}

/// <summary>
/// A two-sided game whose every result is known: both sides name a number 0..2, the higher one wins. Match m ends after
/// 1 + m mod 3 ticks. From its second episode on the lower number wins, which no evaluation may count.
/// </summary>
public sealed class DuelGame : Game<DuelOptions>
{
    private static readonly OpponentInfo[] Players =
        [new("random", "0, 1, 2 in turn by match"), new("scripted:high", "always 2"), new("scripted:low", "always 0"), new("scripted:middle", "always 1")];

    /// <inheritdoc/>
    public override string Name => "duel";

    /// <inheritdoc/>
    public override string Summary => "the higher number wins";

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<float> raw) => raw[0] > raw[1] ? 1 : raw[0] < raw[1] ? 0 : 0.5;

    /// <inheritdoc/>
    protected override EnvironmentSpec Describe(DuelOptions options) => new()
    {
        Game = Name,
        Sides = 2,
        AgentsPerMatch = 2,
        EpisodeLimit = 3,
        TickSeconds = 0.01f,
        Observation = new ObservationSpec(ObservationKind.Float, 1, [new("tick", 0, 1, 0, 3)]),
        Action = new ActionSpec { Discrete = [new DiscreteHead("number", 3)] },
        RewardComponents = [new("win", RewardGrant.Environment, 1, 1)],
        RawStatistics = 3,
        Statistics = [new("goals", "per game", "the number", PerSide: true), new("length", "ticks", "ticks", PerSide: false)],
        Opponents = Players,
    };

    /// <inheritdoc/>
    protected override IEnvironment Create(IDevice device, DuelOptions options) => new DuelEnvironment(device, options, Describe(options));

    /// <inheritdoc/>
    protected override void Report(DuelOptions options, ReadOnlySpan<float> raw, Span<double> report)
    {
        for (int i = 0; i < 3; i++) report[i] = raw[i];
    }

    private sealed class DuelEnvironment : GameEnvironment<DuelOptions>
    {
        private readonly Column<int> tick;
        private readonly Column<int> episode;

        internal DuelEnvironment(IDevice device, DuelOptions options, EnvironmentSpec spec)
            : base(device, options, spec)
        {
            tick = State.Add<int>("tick", 1);
            episode = State.Add<int>("episode", 1);
        }

        protected override void LaunchReset(in StepViews views)
        {
            for (int env = 0; env < NumEnvs; env++)
            {
                tick[env, 0] = GameOptions.Leak ? NumEnvs : 0;
                episode[env, 0] = 0;
                views.EpisodesFinished[env] = 0;
            }
        }

        public override void Act(View<byte> controllers, in StepViews views)
        {
            for (int row = 0; row < 2 * NumEnvs; row++)
            {
                int match = GameOptions.MatchOffset + row / 2;
                if (controllers[row] != 0) views.DiscreteActions[row] = controllers[row] switch { 2 => 2, 3 => 0, 4 => 1, _ => match % 3 };
            }
        }

        public override void Step(in StepViews views)
        {
            for (int env = 0; env < NumEnvs; env++)
            {
                tick[env, 0]++;
                if (GameOptions.Endless || tick[env, 0] < 1 + (GameOptions.MatchOffset + env) % 3) continue;
                bool first = episode[env, 0] == 0;
                for (int side = 0; side < 2; side++)
                {
                    int number = views.DiscreteActions[2 * env + side];
                    views.EpisodeStatistics[3 * env + side] = first ? number : -number;
                }

                views.EpisodeStatistics[3 * env + 2] = tick[env, 0];
                views.EpisodesFinished[env]++;
                episode[env, 0]++;
                tick[env, 0] = 0;
            }
        }

        public override void Observe(in StepViews views)
        {
        }

        public override void Draw(int env, Scene scene)
        {
            scene.Bounds = (0, 0, 2, 1);
            scene.Caption = $"tick {tick[env, 0]}";
        }

    }
}
