using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>A batch of soccer matches on the CPU with its state and its kernel arguments in the open, for tests that put states in and read them out.</summary>
internal sealed class Pitch : IDisposable
{
    private readonly DeviceBuffer<float> moved;
    private readonly DeviceBuffer<byte> controllers;

    internal Pitch(SoccerOptions options, CpuDeviceOptions? cpu = null)
    {
        Options = options;
        Device = new CpuDevice(cpu ?? new CpuDeviceOptions { Threads = 1 });
        Spec = new SoccerGame().Describe(options);
        Columns = new StateColumns(Device, options.NumEnvs);
        State = SoccerState.Create(Columns, options.TeamSize);
        int slots = Spec.AgentsPerMatch * SoccerConstants.BodyFloats;
        moved = Device.Allocate<float>(Column<float>.RequiredLength(options.NumEnvs, slots, Device.TileShift), "moved players");
        Moved = new Column<float>(moved.View, slots, Device.TileShift);
        controllers = Device.Allocate<byte>(2 * options.NumEnvs, "controllers");
        Buffers = new StepBuffers(Device, Spec, options.NumEnvs);
        Parameters = SoccerParameters.From(options, Spec, 0f);
        Reset(1);
    }

    /// <summary>Numbers of the kernels; a planted bug may change them.</summary>
    internal SoccerParameters Parameters;

    internal SoccerOptions Options { get; }

    internal CpuDevice Device { get; }

    internal EnvironmentSpec Spec { get; }

    internal StateColumns Columns { get; }

    internal SoccerState State { get; }

    internal Column<float> Moved { get; }

    internal StepBuffers Buffers { get; }

    internal ulong Seed { get; set; }

    internal int Matches => Options.NumEnvs;

    internal int TeamSize => Options.TeamSize;

    internal int Agents => 2 * Options.TeamSize;

    internal SoccerArguments Arguments => new() { State = State, Views = Buffers.Views, Parameters = Parameters, Moved = Moved, Seed = Seed };

    internal Span<float> Rewards => Buffers.Rewards!.View.AsSpan();

    internal Span<float> Parts => Buffers.RewardParts!.View.AsSpan();

    internal Span<byte> Terminated => Buffers.Terminated!.View.AsSpan();

    internal Span<byte> Truncated => Buffers.Truncated!.View.AsSpan();

    internal Span<float> Observations => Buffers.Observations!.View.AsSpan();

    internal Span<float> FinalObservations => Buffers.FinalObservations!.View.AsSpan();

    internal void Reset(ulong seed)
    {
        Seed = seed;
        Device.Launch(new SoccerReset { Arguments = Arguments }, Matches);
        Observe();
    }

    internal void Observe() => Device.Launch(new SoccerObserve { Arguments = Arguments }, Matches * Agents);

    /// <summary>Writes the actions of a built-in opponent for both sides of every match.</summary>
    internal void Script(byte sideA, byte sideB)
    {
        for (int i = 0; i < 2 * Matches; i++) controllers.View[i] = i % 2 == 0 ? sideA : sideB;
        Device.Launch(new SoccerScript { Arguments = Arguments, Controllers = controllers.View }, Matches);
    }

    /// <summary>The four action floats of one agent.</summary>
    internal Span<float> Action(int env, int agent) =>
        Buffers.ContinuousActions!.View.AsSpan().Slice((env * Agents + agent) * SoccerConstants.ActionFloats, SoccerConstants.ActionFloats);

    /// <summary>The two discrete choices of one agent.</summary>
    internal Span<int> Choice(int env, int agent) => Buffers.DiscreteActions!.View.AsSpan().Slice((env * Agents + agent) * 2, 2);

    internal void Kick(int env, int agent, float x, float y)
    {
        Action(env, agent)[2] = x;
        Action(env, agent)[3] = y;
    }

    /// <summary>Everybody does nothing.</summary>
    internal void Rest()
    {
        Buffers.ContinuousActions?.View.AsSpan().Clear();
        Buffers.DiscreteActions?.View.AsSpan().Clear();
    }

    internal SoccerBody Player(int env, int agent) => Read(State.Player.Of(env), agent);

    internal SoccerBody Ball(int env) => Read(State.Ball.Of(env), 0);

    internal void PutPlayer(int env, int agent, float x, float y, float vx = 0f, float vy = 0f) => Put(State.Player.Of(env), agent, x, y, vx, vy);

    /// <summary>Puts the ball there, as if it had always been there. Last touch and statistics stay.</summary>
    internal void PutBall(int env, float x, float y, float vx = 0f, float vy = 0f)
    {
        Put(State.Ball.Of(env), 0, x, y, vx, vy);
        for (int entry = 0; entry < SoccerConstants.HistoryLength; entry++) Put(State.BallHistory.Of(env), entry, x, y, vx, vy);
        SoccerReset.FindNearest(env, Arguments);
    }

    /// <summary>Stands all players at rest in two rows behind the side lines, 1 m apart and out of reach of everything.</summary>
    internal void Park(int env)
    {
        float y = Parameters.HalfWidth + SoccerConstants.Apron;
        for (int agent = 0; agent < Agents; agent++)
        {
            float x = agent % TeamSize - (TeamSize - 1) / 2f;
            PutPlayer(env, agent, x, agent < TeamSize ? y : -y);
        }
    }

    /// <summary>Parks everybody, rests all actions, forgets touches, and puts the ball at (x, y).</summary>
    internal void Clear(int env, float x = 0f, float y = 0f, float vx = 0f, float vy = 0f)
    {
        Park(env);
        Rest();
        Touched(env, SoccerConstants.Nobody);
        PutBall(env, x, y, vx, vy);
    }

    /// <summary>Says who touched last.</summary>
    internal void Touched(int env, int agent)
    {
        State.Touch[env, 0] = agent;
        State.Touch[env, 1] = agent < 0 ? 0 : 1;
        State.Touch[env, 2] = 0;
        for (int i = 0; i < 3; i++) State.TouchPlace[env, i] = 0f;
    }

    public void Dispose()
    {
        Columns.Dispose();
        moved.Dispose();
        controllers.Dispose();
        Buffers.Dispose();
        Device.Dispose();
    }

    private static SoccerBody Read(MatchSlots<float> bodies, int body)
    {
        int at = body * SoccerConstants.BodyFloats;
        return new SoccerBody { X = bodies[at], Y = bodies[at + 1], VelocityX = bodies[at + 2], VelocityY = bodies[at + 3] };
    }

    private static void Put(MatchSlots<float> bodies, int body, float x, float y, float vx, float vy)
    {
        int at = body * SoccerConstants.BodyFloats;
        bodies[at] = x;
        bodies[at + 1] = y;
        bodies[at + 2] = vx;
        bodies[at + 3] = vy;
    }
}
