using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Matches side by side on a device, all on one map.</summary>
public sealed class MobaEnvironment : GameEnvironment<MobaOptions>, IPhaseProfile
{
    private readonly MobaState state;
    private readonly MobaTables tables;
    private readonly MobaDrawing drawing;
    private readonly MobaWorkspace? workspace;
    private MobaParameters parameters;

    internal MobaEnvironment(IDevice device, MobaOptions options, EnvironmentSpec spec)
        : base(device, options, spec)
    {
        state = MobaState.Create(State);
        tables = new MobaTables(device, (uint)options.MapSeed);
        drawing = new MobaDrawing(tables.Map.Walls);
        parameters = ParametersOf(0f);
        if (device is not CpuDevice) workspace = new MobaWorkspace(device, options.NumEnvs);
    }

    /// <inheritdoc/>
    public override float Progress
    {
        get => base.Progress;
        set
        {
            base.Progress = Math.Clamp(value, 0f, 1f);
            parameters = ParametersOf(base.Progress);
        }
    }

    /// <summary>What every kernel of this environment is given; for tests that run the phases one by one.</summary>
    internal MobaArguments Arguments(in StepViews views) => new()
    {
        State = state,
        Views = views,
        Parameters = parameters,
        Tables = tables.Views,
        Seed = Seed,
    };

    /// <inheritdoc/>
    protected override void LaunchReset(in StepViews views)
    {
        Device.Launch(new MobaReset { Arguments = Arguments(views) }, NumEnvs);
        Observe(views);
    }

    /// <inheritdoc/>
    public override void Step(in StepViews views)
    {
        // One thread runs all lanes of a match on the CPU, so nothing there need be atomic.
        if (workspace is null) Device.LaunchGroups(new MobaTick<OwnedAtomics> { Arguments = Arguments(views) }, NumEnvs, MobaTick<OwnedAtomics>.Lanes);
        else Device.LaunchGroups(new MobaTick<DeviceAtomics> { Arguments = workspace.In(Arguments(views)) }, NumEnvs, MobaTick<DeviceAtomics>.Lanes);
    }

    /// <inheritdoc/>
    public override void Act(View<byte> controllers, in StepViews views) =>
        Device.Launch(new MobaScript { Arguments = Arguments(views), Controllers = controllers }, NumEnvs * MobaConstants.Heroes);

    /// <inheritdoc/>
    public override void Observe(in StepViews views) =>
        Device.Launch(new MobaObserveRows { Arguments = Arguments(views) }, NumEnvs * MobaConstants.Heroes);

    /// <inheritdoc/>
    public override void Draw(int env, Scene scene) => drawing.Draw(State, env, scene);

    /// <inheritdoc/>
    public override void Dispose()
    {
        tables.Dispose();
        workspace?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> PhaseNames => MobaLoop.Parts;

    /// <inheritdoc/>
    public unsafe void StepProfiled(in StepViews views, Span<long> elapsed)
    {
        MobaArguments arguments = Arguments(views);
        fixed (long* sums = elapsed)
        {
            var clock = new PhaseClock(sums);
            for (int env = 0; env < NumEnvs; env++) MobaLoop.Run(env, arguments, ref clock);
        }
    }

    // Weights as integers, so that sums of rewards depend on no order: 20 binary places; of distance, which is counted in units, 12.
    private MobaParameters ParametersOf(float progress)
    {
        const float Unit = 1f / (1 << 20);
        MobaRewards rewards = GameOptions.Rewards;
        return new MobaParameters
        {
            EpisodeLimit = GameOptions.EpisodeLimit,
            MatchOffset = GameOptions.MatchOffset,
            Desync = GameOptions.Desync ? 1 : 0,
            ForceFlip = GameOptions.ForceFlip,
            Entities = GameOptions.Observation == MobaObservation.Entities ? 1 : 0,
            ObservationLength = Spec.Observation.Length,
            ZeroSum = GameOptions.ZeroSum ? 1 : 0,
            XpWeight = Fixed(Scheduled(rewards.Xp, rewards.XpFinal, progress), 20),
            DeathWeight = Fixed(rewards.Death, 20),
            TowerWeight = Fixed(rewards.Tower, 20),
            TowerTeamWeight = Fixed(rewards.TowerTeam, 20),
            WinWeight = Fixed(rewards.Win, 20),
            DistanceWeight = Fixed(Scheduled(rewards.Distance, rewards.DistanceFinal, progress), 12),
            RewardScale = GameOptions.ZeroSum ? 0.2f * Unit : Unit,
        };
    }

    private static float Scheduled(float first, float last, float progress) => first + (last - first) * progress;

    private static int Fixed(float weight, int places) => (int)Math.Round(Math.ScaleB((double)weight, places), MidpointRounding.AwayFromZero);
}
