using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Random;

namespace Arena.Validation;

/// <summary>Decides who plays which side of which match, and writes the actions of a tick.</summary>
internal sealed class Driver : IDisposable
{
    /// <summary>Name of the drive that mixes ordinary with extreme and bad actions.</summary>
    public const string Stress = "stress";

    // A purpose no game uses: draws of the judge never meet those of a game.
    private const uint StressPurpose = 1000;
    private const byte Outside = 0;

    private readonly IEnvironment environment;
    private readonly DeviceBuffer<byte> controllers;
    private readonly ulong seed;

    /// <exception cref="UsageException">the drive names no player of the game.</exception>
    public Driver(IEnvironment environment, LockstepPlan plan)
    {
        this.environment = environment;
        seed = plan.Seed;
        EnvironmentSpec spec = environment.Spec;
        Players = Assign(spec, plan.Drive, environment.NumEnvs);
        controllers = environment.Device.Allocate<byte>((long)environment.NumEnvs * spec.Sides, "controllers");
        controllers.Write([.. Players.Select(player => (byte)(IndexOf(spec, player) + 1))]);
    }

    /// <summary>(E, Sides) name of the player.</summary>
    public IReadOnlyList<string> Players { get; }

    /// <summary>Writes the actions of every row.</summary>
    public void Act(StepBuffers buffers, int tick)
    {
        ActionSpec actions = environment.Spec.Action;
        int rows = environment.NumEnvs * environment.Spec.AgentsPerMatch;
        if (Players.Contains(Stress))
        {
            if (buffers.ContinuousActions is { } continuous) continuous.Write(StressFloats(rows, actions.Continuous.Count, tick));
            if (buffers.DiscreteActions is { } discrete) discrete.Write(StressChoices(rows, actions, tick));
        }

        environment.Act(controllers.View, buffers.Views);
    }

    /// <inheritdoc/>
    public void Dispose() => controllers.Dispose();

    private static int IndexOf(EnvironmentSpec spec, string player)
    {
        for (int i = 0; i < spec.Opponents.Count; i++)
            if (spec.Opponents[i].Name == player) return i;
        return Outside - 1;
    }

    private static string[] Assign(EnvironmentSpec spec, string drive, int numEnvs)
    {
        string[] known = [.. spec.Opponents.Select(opponent => opponent.Name), Stress];
        var players = new string[numEnvs * spec.Sides];
        string[] named = drive.Split(',');
        if (drive != "mixed" && named.Length != 1 && named.Length != spec.Sides)
            throw new UsageException(
                $"--drive is '{drive}', which names {named.Length} players; {spec.Game} has {spec.Sides} side(s): give one name, or one per side.");
        if (drive != "mixed" && named.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new UsageException(
                $"--drive names '{unknown}', which does not play {spec.Game}.{Nearest.Hint(unknown, known)} Allowed: mixed, {string.Join(", ", known)}.");
        for (int i = 0; i < players.Length; i++)
        {
            int env = i / spec.Sides, side = i % spec.Sides;
            // Every player meets itself and, further on, the others.
            players[i] = drive == "mixed" ? known[(env + side * (env / known.Length)) % known.Length] : named[side % named.Length];
        }

        return players;
    }

    private float[] StressFloats(int rows, int components, int tick)
    {
        var values = new float[rows * components];
        for (int row = 0; row < rows; row++)
        {
            uint kind = Draw(row, 0, tick).X % 12;
            for (int i = 0; i < components; i++)
            {
                UInt4 draw = Draw(row, 1 + i, tick);
                float ordinary = Philox.Symmetric(draw.X);
                values[row * components + i] = kind switch
                {
                    0 => draw.Y % 4 == 0 ? float.NaN : ordinary,
                    1 => draw.Y % 4 == 0 ? float.PositiveInfinity : ordinary,
                    2 => draw.Y % 4 == 0 ? float.NegativeInfinity : ordinary,
                    3 => ordinary < 0 ? -1e30f : 1e30f,
                    4 => 0f,
                    5 => ordinary < 0 ? -1f : 1f,
                    6 => ordinary * 1e-20f,
                    _ => ordinary,
                };
            }
        }

        return values;
    }

    private int[] StressChoices(int rows, ActionSpec actions, int tick)
    {
        int heads = actions.Discrete.Count;
        var values = new int[rows * heads];
        for (int i = 0; i < values.Length; i++)
        {
            UInt4 draw = Draw(i / heads, i % heads, tick);
            int size = actions.Discrete[i % heads].Size;
            values[i] = (draw.X % 24) switch
            {
                0 => -1,
                1 => size,
                2 => int.MaxValue,
                3 => int.MinValue,
                _ => Philox.Below(draw.Y, size),
            };
        }

        return values;
    }

    // By global number of the match, so that one match of a batch can be run alone.
    private UInt4 Draw(int row, int slot, int tick)
    {
        int agents = environment.Spec.AgentsPerMatch;
        uint match = (uint)(environment.Options.MatchOffset + row / agents);
        return Philox.Draw(seed, match, (uint)(row % agents), (uint)tick, (uint)slot, StressPurpose);
    }
}
