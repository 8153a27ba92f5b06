using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Policy.Tests.Learners;

/// <summary>Continuous and discrete actions in one row, with masks: follow a shown number with two floats, and a shown choice with two heads.</summary>
/// <remarks>Plain loops, no kernels: an environment for tests of learners alone. Masks forbid one choice of head 0 that nobody wants.</remarks>
internal sealed class MixedGame(IDevice device, MixedGame.MixedOptions options) : IEnvironment
{
    internal const int Length = 4, HeadSize = 3;

    private int tick;

    internal sealed record MixedOptions : GameOptions;

    public EnvironmentSpec Spec { get; } = new()
    {
        Game = "mixed",
        Sides = 1,
        AgentsPerMatch = 1,
        EpisodeLimit = 8,
        TickSeconds = 0,
        Observation = new ObservationSpec(ObservationKind.Float, Length, [new("target", 0, 1, -1, 1), new("wanted, one-hot", 1, HeadSize, 0, 1)]),
        Action = new ActionSpec { Continuous = ["a", "b"], Discrete = [new("first", HeadSize), new("second", 2)], HasMasks = true },
        RewardComponents = [new("hit", RewardGrant.Agent, 1, 1)],
        RawStatistics = 1,
        Statistics = [],
        Opponents = [new("random", "none")],
    };

    public GameOptions Options => options;

    public IDevice Device => device;

    public int NumEnvs => options.NumEnvs;

    public StateColumns State { get; } = new(device, options.NumEnvs);

    public MatchVariants Variants => MatchVariants.None(State, Spec, Options);

    public ulong Seed { get; set; }

    public float Progress { get; set; }

    public void Reset(ulong seed, in StepViews views)
    {
        (Seed, tick) = (seed, 0);
        for (int row = 0; row < NumEnvs; row++)
        {
            views.ClearRow(row, 1);
            views.EpisodesFinished[row] = 0;
        }

        Observe(views);
    }

    public void Act(View<byte> controllers, in StepViews views)
    {
    }

    public void Step(in StepViews views)
    {
        bool last = (tick + 1) % Spec.EpisodeLimit == 0;
        for (int row = 0; row < NumEnvs; row++)
        {
            float target = Target(row, tick), first = views.ContinuousActions[row * 2], second = views.ContinuousActions[row * 2 + 1];
            float hit = views.DiscreteActions[row * 2] == Wanted(row, tick) ? 1 : 0;
            hit += views.DiscreteActions[row * 2 + 1] == (target > 0 ? 1 : 0) ? 1 : 0;
            views.Rewards[row] = hit - Math.Abs(first - target) - Math.Abs(second + target);
            if (views.DiscreteActions[row * 2] == Forbidden(row, tick)) views.Errors[row] |= ErrorCode.ActionMasked;
            views.Terminated[row] = (byte)(last ? 1 : 0);
            views.Truncated[row] = 0;
            views.EpisodeStart[row] = (byte)(last ? 1 : 0);
            views.RowActive[row] = 1;
            if (last) views.EpisodesFinished[row]++;
        }

        tick++;
        Observe(views);
    }

    public void Observe(in StepViews views)
    {
        for (int row = 0; row < NumEnvs; row++)
        {
            views.Observations[row * Length] = Target(row, tick);
            for (int i = 0; i < HeadSize; i++) views.Observations[row * Length + 1 + i] = Wanted(row, tick) == i ? 1 : 0;
            views.ActionMasks[row] = 0b11111u & ~(1u << Forbidden(row, tick));
        }
    }

    public void Draw(int env, Scene scene)
    {
    }

    public void Dispose() => State.Dispose();

    private static float Target(int row, int tick) => (row * 7 + tick * 5) % 11 / 5f - 1f;

    private static int Wanted(int row, int tick) => (row + tick) % HeadSize;

    private static int Forbidden(int row, int tick) => (row + tick + 1) % HeadSize;
}
