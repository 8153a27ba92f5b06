using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using OwnGame;

namespace Arena.Conformance.Support;

/// <summary>The sample's game with one planted bug, to see that the conformance tests catch it. Never registered.</summary>
public sealed class SabotagedGame(string bug) : IGame
{
    private readonly TagGame game = new();

    /// <summary>What can be planted, by name.</summary>
    public static IReadOnlyDictionary<string, Action<SabotagedEnvironment, StepViews>> Bugs { get; } = new Dictionary<string, Action<SabotagedEnvironment, StepViews>>
    {
        ["none"] = (_, _) => { },
        ["depends on the batch"] = (e, v) => v.Observations[0] += e.NumEnvs * 1e-6f,
        ["depends on the index"] = (e, v) => v.Rewards[v.Rewards.Length - 1] += 1e-6f * e.NumEnvs,
        ["not repeatable"] = (_, v) => v.Rewards[0] += Random.Shared.NextSingle(),
        ["parts do not sum"] = (_, v) => v.RewardParts[1] += 1e-6f,
        ["both ends"] = (_, v) => v.Truncated[0] = (byte)(v.Truncated[0] | v.Terminated[0]),
        ["no episode start"] = (_, v) => v.EpisodeStart.AsSpan().Clear(),
        ["out of range"] = (_, v) => v.Observations[5] -= 1.5f,
        ["outside a buffer"] = (_, v) => throw new IndexOutOfRangeException($"A kernel used index {v.Rewards.Length} of a view with {v.Rewards.Length} elements."),
        ["not finite"] = (_, v) => v.Observations[3] = float.NaN,
        ["not written"] = (e, v) => v.Observations[4] = e.Before,
        ["final is the next first"] = (_, v) => v.Observations.AsSpan().CopyTo(v.FinalObservations.AsSpan()),
        ["hidden state"] = (e, v) => v.Rewards[0] = v.RewardParts[0] = v.RewardParts[0] + (e.Steps > 60 ? 1f : 0f),
        ["error in the wrong row"] = (_, v) => (v.Errors[0], v.Errors[v.Errors.Length - 1]) = (v.Errors[v.Errors.Length - 1], v.Errors[0] | v.Errors[v.Errors.Length / 2]),
        ["allocates"] = (e, _) => e.Garbage = new byte[100],
        ["variant in mid-game"] = (e, v) => e.CopyVariants(v, running: true),
        ["variant never taken up"] = (e, v) => e.CopyVariants(v, running: false),
        ["leaks"] = (e, _) => e.Leak(),
        ["ends called truncated"] = (_, v) =>
        {
            for (int row = 0; row < v.Rewards.Length; row++) (v.Truncated[row], v.Terminated[row]) = ((byte)(v.Terminated[row] | v.Truncated[row]), 0);
        },
    };

    public string Name => game.Name;

    public string Summary => game.Summary;

    public GameOptions DefaultOptions => game.DefaultOptions;

    public IReadOnlyList<GamePreset> Presets => [];

    public TrainingDefaults Training => new(DefaultOptions, AgentSteps: 1);

    public EnvironmentSpec Describe(GameOptions options) => game.Describe(options);

    public IEnvironment Create(IDevice device, GameOptions options) => new SabotagedEnvironment(game.Create(device, options), Bugs[bug]);

    public void Report(GameOptions options, ReadOnlySpan<float> raw, Span<double> report) => game.Report(options, raw, report);

    public double Score(ReadOnlySpan<float> raw) => game.Score(raw);
}

/// <summary>Runs the real environment, then the bug, in every step.</summary>
public sealed class SabotagedEnvironment(IEnvironment inner, Action<SabotagedEnvironment, StepViews> bug) : IEnvironment
{
    public EnvironmentSpec Spec => inner.Spec;

    public GameOptions Options => inner.Options;

    public IDevice Device => inner.Device;

    public int NumEnvs => inner.NumEnvs;

    public StateColumns State => inner.State;

    public ulong Seed
    {
        get => inner.Seed;
        set => inner.Seed = value;
    }

    public float Progress
    {
        get => inner.Progress;
        set => inner.Progress = value;
    }

    public MatchVariants Variants => inner.Variants;

    /// <summary>Steps since creation: state that no column holds.</summary>
    public int Steps { get; private set; }

    /// <summary>What stood in the fifth element before the step.</summary>
    public float Before { get; private set; }

    public byte[] Garbage { get; set; } = [];

    public void Leak()
    {
        if (Steps == 1) _ = Device.Allocate<int>(16, "leak");
    }

    /// <summary>Lets matches change what they play by where they are, or forgets what was chosen for their next episode.</summary>
    public void CopyVariants(StepViews views, bool running)
    {
        for (int env = 0; env < NumEnvs && Variants.Used; env++)
        {
            if (running) Variants.Running[env, 0] = Variants.Next[env, 0];
            else if (views.EpisodesFinished[env] == 0) Variants.Next[env, 0] = 0;
        }
    }

    public void Reset(ulong seed, in StepViews views) => inner.Reset(seed, views);

    public void Act(View<byte> controllers, in StepViews views) => inner.Act(controllers, views);

    public void Step(in StepViews views)
    {
        Steps++;
        Before = views.Observations[4];
        inner.Step(views);
        bug(this, views);
    }

    public void Observe(in StepViews views) => inner.Observe(views);

    public void Draw(int env, Scene scene) => inner.Draw(env, scene);

    public void Dispose() => inner.Dispose();
}
