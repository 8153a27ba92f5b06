using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.GpuCheck;

/// <summary>Plays the same matches of one game on both devices and compares every byte they write.</summary>
/// <remarks>
/// Built-in players act on both devices, and what they choose is compared too; so both play by the same stream of actions. Results and
/// observations are compared after every tick (where they pass a megabyte, every 16 ticks), the state every 64 ticks and at the end. It stops at the first difference.
/// </remarks>
public sealed class GameCheck : IDisposable
{
    private const int StateEvery = 64;
    private const int LargeEvery = 16;
    private const int LargeBytes = 1 << 20;

    private readonly CheckContext context;
    private readonly Side judge;
    private readonly Side tested;
    private readonly int ticks;

    private GameCheck(CheckContext context, IGame game, GameOptions options, int ticks)
    {
        (this.context, this.ticks) = (context, ticks);
        judge = new Side(context.Judge, game, options);
        tested = new Side(context.Tested, game, options);
    }

    /// <summary>All registered games, each in all its forms.</summary>
    public static CheckOutcome Run(CheckContext context)
    {
        var lines = new List<string>();
        CheckOutcome? worst = null;
        foreach (IGame game in Registry.Games)
        {
            CheckOutcome outcome = RunGame(context, game);
            lines.AddRange(outcome.Details);
            if (outcome.State == CheckState.Failed || (outcome.State == CheckState.Incomplete && worst is null)) worst = outcome;
        }

        return worst is null
            ? CheckOutcome.Passed(string.Create(CultureInfo.InvariantCulture, $"{Registry.Games.Count} games in {lines.Count} forms, {context.Plan.Matches} matches x {context.Plan.Ticks:N0} ticks ({context.Plan.FormTicks:N0} of each further form): every byte equal"), lines)
            : worst with { Details = lines };
    }

    /// <summary>One game: by its default options in full length, then its further forms, until <see cref="CheckPlan.GameSeconds"/> are over.</summary>
    public static CheckOutcome RunGame(CheckContext context, IGame game)
    {
        long start = Stopwatch.GetTimestamp();
        var lines = new List<string>();
        CheckOutcome? worst = null;
        foreach ((string form, GameOptions options) in Forms(game))
        {
            int ticks = lines.Count == 0 ? context.Plan.Ticks : context.Plan.FormTicks;
            CheckOutcome outcome = Compare(context, game, form, options, ticks, context.Plan.GameSeconds - Stopwatch.GetElapsedTime(start).TotalSeconds);
            lines.Add(outcome.Summary);
            if (outcome.State == CheckState.Failed || (outcome.State == CheckState.Incomplete && worst is null)) worst = outcome;
        }

        return (worst ?? CheckOutcome.Passed($"{game.Name}: {lines.Count} forms, every byte equal")) with { Details = lines };
    }

    /// <summary>The default options; every preset; every other choice of an option that has names for its values; stacked observations and actions.</summary>
    /// <remarks>Forms run kernels, or branches of kernels, that the default options do not.</remarks>
    public static IEnumerable<(string Name, GameOptions Options)> Forms(IGame game)
    {
        GameOptions options = game.DefaultOptions;
        yield return ("default", options);
        foreach (GamePreset preset in game.Presets)
            if (Settings.Changed(preset.Options, options).Any()) yield return (preset.Name, preset.Options);
        foreach (SettingInfo setting in Settings.Of(options).Where(setting => setting.Type.IsEnum))
            foreach (object value in Enum.GetValues(setting.Type))
                if (!value.Equals(setting.Default) && Settings.With(options, setting.Path, Settings.Format(value)) is var other && Allowed(other))
                    yield return ($"{setting.Path} {Settings.Format(value)}", other);
        yield return ("stacked", options with { FrameStack = 2, ActionStack = 2 });
    }

    // Some choices need others beside them; those are presets.
    private static bool Allowed(GameOptions options)
    {
        try
        {
            options.Validate();
            return true;
        }
        catch (UsageException)
        {
            return false;
        }
    }

    /// <summary>One form of one game; episodes end at different times (<see cref="GameOptions.Desync"/>).</summary>
    /// <param name="context">The devices.</param>
    /// <param name="game">Which.</param>
    /// <param name="form">Name of the form.</param>
    /// <param name="options">Its options.</param>
    /// <param name="ticks">That are compared.</param>
    /// <param name="seconds">After which it is cut short.</param>
    public static CheckOutcome Compare(CheckContext context, IGame game, string form, GameOptions options, int ticks, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        int played = 0;
        string? difference = null;
        if (seconds > 0)
        {
            using var check = new GameCheck(context, game, options with { NumEnvs = context.Plan.Matches, Desync = true }, ticks);
            (played, difference) = check.Play(seconds);
        }

        string summary = string.Create(CultureInfo.InvariantCulture,
            $"{game.Name}, {form}: {context.Plan.Matches} matches x {played:N0} ticks, {difference ?? "every byte equal"} ({Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s)");
        if (difference is not null) return CheckOutcome.Failed(summary);
        return played == ticks ? CheckOutcome.Passed(summary) : CheckOutcome.Incomplete($"{summary}; {ticks - played:N0} of {ticks:N0} ticks were left out for lack of time: --game-seconds gives more");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        judge.Dispose();
        tested.Dispose();
    }

    private (int Ticks, string? Difference) Play(double seconds)
    {
        const ulong Seed = 20_240_817;
        judge.Reset(Seed);
        tested.Reset(Seed);
        string? difference = Compare(0);
        int tick = 0;
        long start = Stopwatch.GetTimestamp();
        while (difference is null && tick < ticks && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            judge.Act();
            tested.Act();
            judge.Step();
            tested.Step();
            tick++;
            difference = Compare(tick);
        }

        return (tick, difference is null ? null : $"first difference in tick {tick}: {difference}");
    }

    private string? Compare(int tick)
    {
        bool last = tick == ticks;
        for (int i = 0; i < judge.Buffers.Count; i++)
        {
            bool due = last || tick % LargeEvery == 0 || judge.Buffers[i].Length < LargeBytes;
            if (due && Difference(judge.Buffers[i], tested.Buffers[i]) is { } found) return found;
        }

        if (!last && tick % StateEvery != 0) return null;
        for (int i = 0; i < judge.State.All.Count; i++)
        {
            StateColumn a = judge.State.All[i], b = tested.State.All[i];
            byte[] expected = new byte[a.Bytes], actual = new byte[b.Bytes];
            a.ReadAll(expected);
            b.ReadAll(actual);
            int at = expected.AsSpan().CommonPrefixLength(actual);
            if (at < expected.Length)
                return $"state column {a.Name}, match {at / a.BytesPerMatch}, {a.ElementName(at % a.BytesPerMatch / Math.Max(1, a.BytesPerMatch / a.Slots))}";
        }

        return null;
    }

    private static string? Difference(HostBytes expected, HostBytes actual)
    {
        ReadOnlySpan<byte> a = expected.Read(), b = actual.Read();
        int at = a.CommonPrefixLength(b);
        return at == a.Length ? null : string.Create(CultureInfo.InvariantCulture, $"{expected.Name}, byte {at:N0} of {a.Length:N0}");
    }

    // A buffer of any type, as bytes on the host.
    private sealed class HostBytes(string name, byte[] bytes, Action<byte[]> refresh)
    {
        internal string Name => name;

        internal int Length => bytes.Length;

        internal ReadOnlySpan<byte> Read()
        {
            refresh(bytes);
            return bytes;
        }

        internal static HostBytes? Of<T>(DeviceBuffer<T>? buffer)
            where T : unmanaged =>
            buffer is null ? null : new HostBytes(buffer.Name, new byte[buffer.Bytes], bytes => buffer.Read(MemoryMarshal.Cast<byte, T>(bytes.AsSpan())));
    }

    // One device's copy of the matches.
    private sealed class Side : IDisposable
    {
        private readonly IEnvironment environment;
        private readonly StepBuffers buffers;
        private readonly Controllers controllers;
        private readonly StepViews views;

        internal Side(IDevice device, IGame game, GameOptions options)
        {
            environment = game.Create(device, options);
            buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
            controllers = new Controllers(device, environment.Spec, options.NumEnvs);
            views = buffers.Views;
            // By match number, so that all players meet.
            for (int match = 0; match < options.NumEnvs; match++)
                for (int side = 0; side < environment.Spec.Sides; side++)
                    controllers.Set(side, environment.Spec.Opponents[(match + 2 * side) % environment.Spec.Opponents.Count].Name, match);
            HostBytes?[] all =
            [
                HostBytes.Of(buffers.ContinuousActions), HostBytes.Of(buffers.DiscreteActions), HostBytes.Of(buffers.Observations), HostBytes.Of(buffers.ByteObservations),
                HostBytes.Of(buffers.FinalObservations), HostBytes.Of(buffers.FinalByteObservations), HostBytes.Of(buffers.ActionMasks), HostBytes.Of(buffers.Rewards),
                HostBytes.Of(buffers.RewardParts), HostBytes.Of(buffers.Terminated), HostBytes.Of(buffers.Truncated), HostBytes.Of(buffers.EpisodeStart), HostBytes.Of(buffers.RowActive),
                HostBytes.Of(buffers.Errors), HostBytes.Of(buffers.EpisodeStatistics), HostBytes.Of(buffers.EpisodesFinished),
            ];
            Buffers = [.. all.OfType<HostBytes>()];
        }

        internal IReadOnlyList<HostBytes> Buffers { get; }

        internal StateColumns State => environment.State;

        internal void Reset(ulong seed) => environment.Reset(seed, views);

        internal void Act() => environment.Act(controllers.View, views);

        internal void Step() => environment.Step(views);

        public void Dispose()
        {
            controllers.Dispose();
            buffers.Dispose();
            environment.Dispose();
        }
    }
}
