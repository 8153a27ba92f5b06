using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>E matches of a game, stepped together, with Gymnasium's words.</summary>
/// <remarks>
/// E = matches, A = agents per match, N = E·A rows (row = match·A + agent), O = observation length. Matches restart
/// by themselves: after a step with <see cref="Terminated"/> or <see cref="Truncated"/> set, <see cref="Observations"/>
/// is already the first of the next episode, and <see cref="FinalObservations"/> keeps the last one of truncated rows.
/// Spans show the environment's own memory: they change with the next step and must not outlive <see cref="Dispose"/>.
/// A step allocates nothing. One thread at a time.
/// </remarks>
public sealed class VectorEnv : IDisposable
{
    private readonly IDevice? ownDevice;
    private readonly Controllers controllers;
    private readonly StepResults results;
    private readonly StepViews views;
    private readonly BadActions badActions;
    private bool started;
    private bool disposed;

    private VectorEnv(IGame game, GameOptions options, IDevice device, IDevice? ownDevice, BadActions badActions)
    {
        Game = game;
        this.ownDevice = ownDevice;
        this.badActions = badActions;
        Environment = game.Create(device, options);
        Buffers = new StepBuffers(device, Environment.Spec, Environment.NumEnvs);
        views = Buffers.Views;
        results = new StepResults(device, Buffers, Environment.Spec);
        controllers = new Controllers(device, Environment.Spec, Environment.NumEnvs);
    }

    /// <summary>The game, with names for reports.</summary>
    public IGame Game { get; }

    /// <summary>What runs underneath; for snapshots, drawing and rollouts of your own.</summary>
    public IEnvironment Environment { get; }

    /// <summary>The device buffers behind the spans.</summary>
    public StepBuffers Buffers { get; }

    /// <summary>Sizes and names.</summary>
    public EnvironmentSpec Spec => Environment.Spec;

    /// <summary>E.</summary>
    public int NumEnvs => Environment.NumEnvs;

    /// <summary>N = E·A.</summary>
    public int NumRows => Environment.NumEnvs * Spec.AgentsPerMatch;

    /// <summary>(N, O) float: what each row sees; empty for games with byte observations.</summary>
    public ReadOnlySpan<float> Observations => Live(results.Observations);

    /// <summary>(N, O) byte, for games with byte observations.</summary>
    public ReadOnlySpan<byte> ByteObservations => Live(results.ByteObservations);

    /// <summary>(N, O) float: last observation of rows truncated by the last step; other rows hold older values.</summary>
    public ReadOnlySpan<float> FinalObservations => Live(results.FinalObservations);

    /// <summary>(N, O) byte: the same for byte observations.</summary>
    public ReadOnlySpan<byte> FinalByteObservations => Live(results.FinalByteObservations);

    /// <summary>(N) float: reward of the last action.</summary>
    public ReadOnlySpan<float> Rewards => Live(results.Rewards);

    /// <summary>(N, components) float: the reward's weighted parts, in the order of <see cref="EnvironmentSpec.RewardComponents"/>.</summary>
    public ReadOnlySpan<float> RewardParts => Live(results.RewardParts);

    /// <summary>(N) byte: 1 where the rules ended the episode (value after it is 0).</summary>
    public ReadOnlySpan<byte> Terminated => Live(results.Terminated);

    /// <summary>(N) byte: 1 where the clock ended it (bootstrap from <see cref="FinalObservations"/>); never with <see cref="Terminated"/>.</summary>
    public ReadOnlySpan<byte> Truncated => Live(results.Truncated);

    /// <summary>(N) byte: 1 where the observation is the first of an episode.</summary>
    public ReadOnlySpan<byte> EpisodeStart => Live(results.EpisodeStart);

    /// <summary>(N) byte: 1 where the next action counts.</summary>
    public ReadOnlySpan<byte> RowActive => Live(results.RowActive);

    /// <summary>(N, MaskWords) uint: bit l % 32 of word l / 32 is 1 where discrete choice l is legal; empty without masks.</summary>
    public ReadOnlySpan<uint> ActionMasks => Live(results.ActionMasks);

    /// <summary>(N) bits of <see cref="ErrorCode"/>: what was wrong with the actions of the last step.</summary>
    public ReadOnlySpan<uint> Errors => Live(results.Errors);

    /// <summary>(E) int: episodes finished since <see cref="Reset"/>.</summary>
    public ReadOnlySpan<int> EpisodesFinished => Live(results.EpisodesFinished);

    /// <summary>(E, RawStatistics) float: of the last finished episode of each match; <see cref="IGame.Report"/> reads them.</summary>
    public ReadOnlySpan<float> EpisodeStatistics => Live(results.EpisodeStatistics);

    /// <summary>Called in every step when all actions are written, those of built-in opponents too, before they are played; for recording.</summary>
    public Action<VectorEnv>? BeforeStep { get; set; }

    /// <summary>Rows with a bad action since <see cref="Reset"/>, with <see cref="BadActions.Count"/>.</summary>
    public long BadActionCount { get; private set; }

    /// <summary>Makes the matches; call <see cref="Reset"/> next.</summary>
    /// <param name="game">Name in <see cref="Registry"/>: "soccer".</param>
    /// <param name="options">The game's options; its defaults when null.</param>
    /// <param name="device">Where to run; all cores of this machine when null. A device given stays the caller's.</param>
    /// <param name="badActions">What to do about actions the game cannot play.</param>
    /// <exception cref="UsageException">unknown game, options of another game, or invalid options.</exception>
    /// <exception cref="DeviceMemoryException">so many matches do not fit.</exception>
    public static VectorEnv Create(string game, GameOptions? options = null, IDevice? device = null, BadActions badActions = BadActions.Throw)
    {
        IGame found = Registry.Find(game);
        options ??= found.DefaultOptions;
        found.Describe(options); // checks the options before threads are started
        IDevice? own = device is null ? new CpuDevice() : null;
        try
        {
            return new VectorEnv(found, options, device ?? own!, own, badActions);
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    /// <summary>Lets a built-in opponent play a side, or gives it back with "outside"; takes effect with the next step.</summary>
    /// <param name="side">0..Sides-1.</param>
    /// <param name="opponent">"random", "scripted:normal" … (<see cref="EnvironmentSpec.Opponents"/>), or "outside".</param>
    /// <param name="match">One match, or −1 for all.</param>
    /// <exception cref="UsageException">no such opponent.</exception>
    /// <exception cref="ArgumentOutOfRangeException">no such side or match.</exception>
    public void SetController(int side, string opponent, int match = -1)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        controllers.Set(side, opponent, match);
    }

    /// <summary>Starts episode 0 in every match. The same seed gives the same bytes, on any number of threads.</summary>
    public void Reset(ulong seed = 0)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Environment.Reset(seed, views);
        BadActionCount = 0;
        started = true;
        results.ClearErrors();
        results.Refresh();
    }

    /// <summary>One tick, with continuous actions.</summary>
    /// <param name="actions">(N, components) float in [−1, 1]; rows of sides with a built-in opponent are ignored.</param>
    /// <exception cref="ArgumentException">another length; names both.</exception>
    /// <exception cref="InvalidOperationException">before <see cref="Reset"/>, or the game takes discrete actions.</exception>
    /// <exception cref="BadActionException">NaN or infinite; after the step was made.</exception>
    public void Step(ReadOnlySpan<float> actions)
    {
        CheckReady();
        DeviceBuffer<float> buffer = Buffers.ContinuousActions
            ?? throw new InvalidOperationException(
                $"'{Spec.Game}' with these options takes discrete actions ({Spec.Action.Discrete.Count} per agent): give Step a span of int.");
        CheckLength(actions.Length, Spec.Action.Continuous.Count, "components");
        buffer.Write(actions);
        StepOnce();
    }

    /// <summary>One tick, with discrete actions.</summary>
    /// <param name="actions">(N, heads) int, each from 0 to below its head's size; rows of sides with a built-in opponent are ignored.</param>
    /// <exception cref="ArgumentException">another length; names both.</exception>
    /// <exception cref="InvalidOperationException">before <see cref="Reset"/>, or the game takes continuous actions.</exception>
    /// <exception cref="BadActionException">out of range or masked; after the step was made.</exception>
    public void Step(ReadOnlySpan<int> actions)
    {
        CheckReady();
        DeviceBuffer<int> buffer = Buffers.DiscreteActions
            ?? throw new InvalidOperationException(
                $"'{Spec.Game}' with these options takes continuous actions ({Spec.Action.Continuous.Count} per agent): give Step a span of float.");
        CheckLength(actions.Length, Spec.Action.Discrete.Count, "heads");
        buffer.Write(actions);
        StepOnce();
    }

    /// <summary>One tick with the actions that lie in <see cref="Buffers"/>: a policy wrote them there, or built-in opponents play all sides.</summary>
    public void Step()
    {
        CheckReady();
        StepOnce();
    }

    /// <summary>Frees all memory, and the device if <see cref="Create"/> made it.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        controllers.Dispose();
        Buffers.Dispose();
        Environment.Dispose();
        ownDevice?.Dispose();
    }

    private void StepOnce()
    {
        results.ClearErrors();
        if (controllers.Any) Environment.Act(controllers.View, views);
        BeforeStep?.Invoke(this);
        Environment.Step(views);
        results.Refresh();
        long rows = results.CountErrors(out int first);
        if (rows == 0) return;
        if (results.AnyNonFiniteState())
            throw new NonFiniteException(
                $"The state of '{Spec.Game}' is no longer finite (seed {Environment.Seed}). This is a fault of the simulation: please report it with the options and the seed.");
        BadActionCount += rows;
        if (badActions == BadActions.Throw)
            throw new BadActionException(first / Spec.AgentsPerMatch, first % Spec.AgentsPerMatch, results.Errors.Span[first], rows);
    }

    private void CheckReady()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!started) throw new InvalidOperationException("Step was called before Reset; call env.Reset(seed) first.");
    }

    private void CheckLength(int length, int perRow, string what)
    {
        if (length == NumRows * perRow) return;
        throw new ArgumentException(
            $"{length} actions were given; {NumEnvs} matches × {Spec.AgentsPerMatch} agents × {perRow} {what} are {NumRows * perRow}.", "actions");
    }

    private ReadOnlySpan<T> Live<T>(HostColumn<T> column)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return column.Span;
    }
}
