using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Policy.Learners;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>A corridor played at random under a curriculum, with a learner that only keeps its settings.</summary>
internal sealed class CurriculumRig : IDisposable
{
    internal const int Horizon = 8;
    internal static readonly string[] Metrics = ["score", "episode/success", "stage/success", "stage/length"];

    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
    private readonly DeviceBuffer<byte> controllers;
    private readonly GameOptions[] playedBy;
    private int ended;

    internal CurriculumRig(IReadOnlyList<CurriculumStage> stages, int matches = 8, ulong seed = 5, int offset = 0)
    {
        Environment = new CorridorGame().Create(device, new CorridorOptions { NumEnvs = matches, MatchOffset = offset, Desync = true });
        Buffers = new StepBuffers(device, Environment.Spec, matches);
        controllers = device.Allocate<byte>(matches, "controllers");
        controllers.View.AsSpan().Fill(1);
        Curriculum = new Curriculum(new CurriculumPlan(stages, Environment, Learner, Metrics, Horizon), Environment, Learner, seed);
        Curriculum.Assign(Finished, running: false);
        Environment.Reset(seed, Buffers.Views);
        playedBy = [.. Enumerable.Range(0, matches).Select(Environment.Variants.OptionsOf)];
    }

    internal IEnvironment Environment { get; }

    internal StepBuffers Buffers { get; }

    internal Curriculum Curriculum { get; }

    internal FakeLearner Learner { get; } = new();

    internal View<int> Finished => Buffers.EpisodesFinished!.View;

    /// <summary>Run after every tick; a test plants its bug here.</summary>
    internal Action<MatchVariants>? AfterTick { get; init; }

    /// <summary>The options that the next episode of a match will play by.</summary>
    internal CorridorOptions Coming(int env) => (CorridorOptions)Environment.Variants[Environment.Variants.Used ? Environment.Variants.Next[env, 0] : 0]!;

    /// <summary>Plays, and checks that no match changes its options within an episode.</summary>
    internal void Play(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++)
        {
            Environment.Act(controllers.View, Buffers.Views);
            Environment.Step(Buffers.Views);
            AfterTick?.Invoke(Environment.Variants);
            for (int env = 0; env < playedBy.Length; env++)
            {
                GameOptions now = Environment.Variants.OptionsOf(env);
                if (Buffers.Views.EpisodeStart[env] != 0) playedBy[env] = now;
                else if (!playedBy[env].Equals(now)) throw new MidGameException($"match {env}, tick {tick}: {playedBy[env]} became {now}");
            }
        }
    }

    /// <summary>One update in which every match ends an episode with this success, without playing.</summary>
    internal void Finish(double success)
    {
        ended++;
        for (int env = 0; env < playedBy.Length; env++) Curriculum.Episodes!.Ended(env, ended, [success]);
        Update(1);
    }

    /// <summary>One update of <paramref name="agentSteps"/> without playing.</summary>
    internal void Update(long agentSteps) => Curriculum.AfterUpdate(agentSteps, Finished);

    /// <summary>One evaluation in which "score" has this value.</summary>
    internal void Evaluate(double score) => Curriculum.AfterEvaluation(name => name == "score" ? score : double.NaN);

    /// <summary>Everything that decides how it goes on, besides seed and settings of the run.</summary>
    internal (string Curriculum, byte[][] Matches, int[] Finished) Save() => (
        Curriculum.Save().ToJson(), [.. Enumerable.Range(0, playedBy.Length).Select(Environment.State.ReadMatch)], Buffers.EpisodesFinished!.ToArray());

    /// <summary>Continues from <see cref="Save"/>.</summary>
    internal void Load((string Curriculum, byte[][] Matches, int[] Finished) saved)
    {
        Curriculum.Load(CurriculumState.FromJson(saved.Curriculum));
        for (int env = 0; env < saved.Matches.Length; env++) Environment.State.WriteMatch(env, saved.Matches[env]);
        Buffers.EpisodesFinished!.Write(saved.Finished);
        Environment.Observe(Buffers.Views);
        for (int env = 0; env < playedBy.Length; env++) playedBy[env] = Environment.Variants.OptionsOf(env);
    }

    public void Dispose()
    {
        Curriculum.Dispose();
        controllers.Dispose();
        Buffers.Dispose();
        Environment.Dispose();
        device.Dispose();
    }
}

/// <summary>A match changed its options within an episode.</summary>
internal sealed class MidGameException(string message) : Exception(message);

/// <summary>PPO's settings without a learner.</summary>
internal sealed class FakeLearner : ILiveSettings
{
    internal PpoConfig Config { get; private set; } = new();

    public object Settings => Config;

    public IReadOnlyList<string> Changeable { get; } = ["entropyCoefficient", "learningRate"];

    public void Change(string path, string value) => Config = Kernels.Environments.Settings.With(Config, path, value);
}
