using System.Collections.Concurrent;
using System.Diagnostics;
using Arena.HostApi.Cli;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Viewer;

/// <summary>The matches that pages look at, played on a thread of their own at the speed of the clock.</summary>
/// <remarks>
/// Pages ask by <see cref="Post"/>; everything else that is not said to be open to any thread belongs to the show's thread. While
/// nobody looks, nothing is played. At most <see cref="FramesPerSecond"/> pictures leave; ticks between two of them are played and not drawn.
/// While the run on the page is training they are <see cref="SparingFramesPerSecond"/>, unless a viewer asks for smooth motion: a page
/// that is drawn sixty times a second on the cores of a training takes up to a quarter of its speed.
/// </remarks>
internal sealed class LiveShow : IDisposable
{
    internal const double MaxSpeed = 1000;
    private const double FramesPerSecond = 60;
    private const double SparingFramesPerSecond = 2;
    private const double DetailsPerSecond = 12;
    private const double TrainingChecksPerSecond = 0.5;
    private const double SecondsWithoutClock = 0.125; // per tick, for games whose ticks have no duration
    private const int IdleMilliseconds = 250;

    private readonly Func<IWatchedMatch> create;
    private readonly Func<bool> isTraining;
    private readonly ConcurrentQueue<Action> requests = new();
    private readonly AutoResetEvent wake = new(false);
    private readonly List<ViewerConnection> viewers = [];
    private readonly FrameWriter frames = new();
    private readonly Thread thread;
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IWatchedMatch match;
    private AgentDetail detail;
    private double speed = 1;
    private bool paused;
    private bool ended;
    private bool cut = true;
    private bool training;
    private bool smooth;
    private uint tick;
    private double nextTick;  // s since the process's clock began
    private double nextFrame;
    private double nextDetail;
    private double nextCheck;
    private volatile bool stopping;

    /// <param name="create">Begins the matches; called again for every restart.</param>
    /// <param name="players">Name of the player of each side.</param>
    /// <param name="person">The agent that a person plays, or null.</param>
    /// <param name="isTraining">Whether a run that is shown beside the matches trains at this moment; null: there is none.</param>
    internal LiveShow(Func<IWatchedMatch> create, IReadOnlyList<string> players, PersonSeat? person, Func<bool>? isTraining = null)
    {
        this.create = create;
        this.isTraining = isTraining ?? (() => false);
        training = this.isTraining();
        Players = players;
        Person = person;
        match = create();
        Spec = match.Environment.Spec;
        Matches = match.Environment.NumEnvs;
        detail = new AgentDetail(match);
        thread = new Thread(Play) { IsBackground = true, Name = "viewer: matches" };
    }

    /// <summary>Faults when the simulation does.</summary>
    internal Task Completion => completion.Task;

    internal EnvironmentSpec Spec { get; }

    internal int Matches { get; }

    internal IReadOnlyList<string> Players { get; }

    internal PersonSeat? Person { get; }

    /// <summary>Times real time; 0 = as fast as possible.</summary>
    internal double Speed
    {
        get => speed;
        set
        {
            speed = value;
            nextTick = Now;
            SendStatus();
        }
    }

    /// <summary>Sixty pictures a second even while the run on the page trains.</summary>
    internal bool Smooth
    {
        get => smooth;
        set
        {
            smooth = value;
            (nextTick, nextFrame) = (Now, Now);
            SendStatus();
        }
    }

    internal void Start() => thread.Start();

    /// <summary>Lets the show's thread do <paramref name="request"/> before its next tick; any thread may call.</summary>
    internal void Post(Action request)
    {
        requests.Enqueue(request);
        wake.Set();
    }

    /// <summary>Is this agent shown? Any thread may ask.</summary>
    internal bool Has(int env, int agent) => (uint)env < (uint)Matches && (uint)agent < (uint)Spec.AgentsPerMatch;

    internal void Join(ViewerConnection viewer)
    {
        viewers.Add(viewer);
        nextTick = Now;
        viewer.SendText(Status());
        cut = true;
        Publish();
    }

    internal void Leave(ViewerConnection viewer)
    {
        viewers.Remove(viewer);
        if (viewers.Count == 0 && Person is not null) Person.Input = StickInput.Rest;
    }

    internal void Pause()
    {
        paused = true;
        SendStatus();
        Publish();
    }

    internal void Resume()
    {
        paused = false;
        nextTick = Now;
        SendStatus();
    }

    internal void StepOnce()
    {
        paused = true;
        Tick();
        SendStatus();
        Publish();
    }

    internal void Restart()
    {
        match.Dispose();
        Person?.Reset();
        match = create();
        detail = new AgentDetail(match);
        (tick, ended, cut) = (0, false, true);
        nextTick = Now + SecondsPerTick;
        SendStatus();
        Publish();
    }

    internal void Select(ViewerConnection viewer, int env, int agent)
    {
        viewer.Selection = (env, agent);
        SendDetail(viewer);
    }

    public void Dispose()
    {
        stopping = true;
        wake.Set();
        if (thread.IsAlive) thread.Join();
        match.Dispose();
        wake.Dispose();
    }

    private static double Now => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;

    private bool Sparing => training && !smooth;

    private double SecondsPerFrame => 1 / (Sparing ? SparingFramesPerSecond : FramesPerSecond);

    private double SecondsPerTick => speed <= 0 ? 0 : (Spec.TickSeconds > 0 ? Spec.TickSeconds : SecondsWithoutClock) / speed;

    private void Play()
    {
        try
        {
            while (!stopping)
            {
                while (requests.TryDequeue(out Action? request)) request();
                CheckTraining();
                if (paused || ended || viewers.Count == 0)
                {
                    wake.WaitOne(IdleMilliseconds);
                    continue;
                }

                double wait = Math.Max(nextTick, nextFrame) - Now;
                if (wait > 0) wake.WaitOne(TimeSpan.FromSeconds(wait));
                else PlayDueTicks();
            }

            completion.TrySetResult();
        }
        catch (Exception fault)
        {
            foreach (ViewerConnection viewer in viewers) viewer.SendText(Messages.Error(fault.Message));
            completion.TrySetException(fault); // ends the command, which reports it
        }
    }

    private void CheckTraining()
    {
        double now = Now;
        if (viewers.Count == 0 || now < nextCheck) return;
        nextCheck = now + 1 / TrainingChecksPerSecond;
        bool trains = isTraining();
        if (trains == training) return;
        training = trains;
        SendStatus();
    }

    private void PlayDueTicks()
    {
        double start = Now, until = start + 0.75 / FramesPerSecond;
        do
        {
            Tick();
            nextTick += SecondsPerTick;
        }
        while (!ended && nextTick <= start && Now < until);

        if (nextTick < start || speed <= 0) nextTick = Now; // the machine is slower than asked for: go on from here
        Publish();
    }

    private void Tick()
    {
        if (ended) return;
        detail.BeforeTick();
        if (!match.Step())
        {
            ended = true;
            SendStatus();
            return;
        }

        tick++;
        detail.AfterTick();
    }

    private void Publish()
    {
        if (viewers.Count == 0) return;
        byte flags = (byte)((paused ? FrameWriter.Paused : 0) | (ended ? FrameWriter.Ended : 0) | (cut ? FrameWriter.Cut : 0));
        cut = false;
        byte[] frame = frames.Write(match.Environment, Matches, flags, tick, Sparing ? 0f : (float)Math.Max(SecondsPerTick, 1 / FramesPerSecond));
        double now = Now;
        nextFrame = now + SecondsPerFrame;
        bool details = paused || now >= nextDetail;
        if (details) nextDetail = now + 1 / DetailsPerSecond;
        foreach (ViewerConnection viewer in viewers)
        {
            viewer.Send(frame);
            if (details) SendDetail(viewer);
        }
    }

    private void SendDetail(ViewerConnection viewer)
    {
        if (viewer.Selection is not var (env, agent)) return;
        bool person = Person is not null && env == 0 && agent == Person.Agent;
        viewer.SendText(detail.Json(env, agent, Players[agent / Spec.AgentsPerSide], person));
    }

    private void SendStatus()
    {
        byte[] status = Status();
        foreach (ViewerConnection viewer in viewers) viewer.SendText(status);
    }

    private byte[] Status() => Messages.Json("status", writer =>
    {
        writer.WriteBoolean("paused", paused);
        writer.WriteBoolean("ended", ended);
        writer.WriteNumber("speed", speed);
        writer.WriteBoolean("training", training);
        writer.WriteBoolean("smooth", smooth);
    });
}
