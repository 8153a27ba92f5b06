using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Viewer;

/// <summary>What a person holds at a moment.</summary>
/// <param name="X">Stick, right is positive, −1…1.</param>
/// <param name="Y">Stick, up is positive, −1…1.</param>
/// <param name="Button">Is the button held?</param>
internal sealed record StickInput(float X, float Y, bool Button)
{
    internal static StickInput Rest { get; } = new(0f, 0f, false);
}

/// <summary>One agent of match 0 that a person plays: turns stick and button into an action row, by what the game says.</summary>
internal sealed class PersonSeat
{
    private const float Dead = 0.3f; // a stick closer to its middle counts as at rest, for choices among directions

    private readonly PlayControls controls;
    private readonly int[] last;
    private readonly float[] continuous;
    private volatile StickInput input = StickInput.Rest;

    /// <exception cref="UsageException">no such agent on side 0, or the game does not say how a person plays it.</exception>
    internal PersonSeat(EnvironmentSpec spec, int agent)
    {
        controls = spec.Action.Controls
            ?? throw new UsageException($"'{spec.Game}' with these options does not say how a person plays it (ActionSpec.Controls), so '{ThisProgram.Command("play", spec.Game)}' cannot. Watch it instead: {ThisProgram.Command("watch", spec.Game)}.");
        if (agent >= spec.AgentsPerSide)
            throw new UsageException($"--agent is {agent}; side A of '{spec.Game}' with these options has the agents 0..{spec.AgentsPerSide - 1}.");
        Agent = agent;
        last = new int[controls.Discrete.Count];
        continuous = new float[controls.Continuous.Count];
    }

    /// <summary>The agent, 0..A/Sides−1: a person plays side 0.</summary>
    internal int Agent { get; }

    /// <summary>What the person holds; any thread may set it.</summary>
    internal StickInput Input
    {
        get => input;
        set => input = value;
    }

    /// <summary>Nothing held, nothing remembered.</summary>
    internal void Reset()
    {
        input = StickInput.Rest;
        Array.Clear(last);
    }

    /// <summary>Overwrites the agent's action row of match 0; call when all other actions are written.</summary>
    internal void Write(StepBuffers buffers)
    {
        StickInput held = input;
        for (int i = 0; i < continuous.Length; i++) continuous[i] = Component(controls.Continuous[i], held);
        for (int head = 0; head < last.Length; head++) last[head] = Choice(controls.Discrete[head], held, last[head]);
        Store(buffers.ContinuousActions, continuous);
        Store(buffers.DiscreteActions, last);
    }

    private static float Component(StickUse use, StickInput held)
    {
        bool rest = held.X == 0f && held.Y == 0f;
        return use switch
        {
            StickUse.X => held.X,
            StickUse.Y => held.Y,
            StickUse.XOnButton when held.Button => rest ? 1f : held.X,
            StickUse.YOnButton when held.Button => held.Y,
            _ => 0f,
        };
    }

    private static int Choice(HeadControl head, StickInput held, int before)
    {
        int direction = Direction(held);
        if (head.OnButton) direction = !held.Button ? 0 : Math.Max(1, direction);
        int choice = head.Choices[direction];
        return choice < 0 ? before : choice;
    }

    // 0 at rest, 1…8 counter-clockwise from right.
    private static int Direction(StickInput held)
    {
        if (held.X * held.X + held.Y * held.Y < Dead * Dead) return 0;
        int eighth = (int)Math.Round(Math.Atan2(held.Y, held.X) / (Math.PI / 4));
        return 1 + (eighth + 8) % 8;
    }

    private void Store<T>(DeviceBuffer<T>? buffer, T[] row)
        where T : unmanaged
    {
        for (int i = 0; buffer is not null && i < row.Length; i++) buffer.View[Agent * row.Length + i] = row[i];
    }
}
