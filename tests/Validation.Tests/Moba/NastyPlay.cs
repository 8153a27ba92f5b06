using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;
using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Kernels beside the reference in positions and under actions that ordinary play hardly meets.</summary>
/// <remarks>
/// Every few ticks a match is put into a made-up position: crowds around towers, units about to die, armed heroes of any level, sieges of both
/// ancients. All start from the same columns, so that whatever follows must be equal too.
/// </remarks>
internal sealed class NastyPlay : IDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
    private readonly IEnvironment environment;
    private readonly StepBuffers buffers;
    private readonly IMatchReference[] references;
    private readonly Comparer comparer;
    private readonly Random random;
    private readonly Terrain map;
    private Func<IReadOnlyDictionary<string, double[]>, IReadOnlyDictionary<string, double[]>> misread = state => state;
    private string misreadColumn = "";

    public NastyPlay(MobaOptions options, int seed)
    {
        IGame game = Registry.Find("moba");
        environment = game.Create(device, options);
        buffers = new StepBuffers(device, environment.Spec, environment.NumEnvs);
        references = [.. Enumerable.Range(0, environment.NumEnvs).Select(env =>
            new MobaMatchReference(new MatchSetup(options, environment.Spec, (ulong)seed, options.MatchOffset + env)))];
        comparer = new Comparer(environment, new Tolerances());
        random = new Random(seed);
        map = Terrain.Of((uint)options.MapSeed);
        environment.Reset((ulong)seed, buffers.Views);
    }

    /// <summary>Units that died, in all matches.</summary>
    public int Deaths { get; private set; }

    /// <summary>Episodes that ended: won, drawn, by the clock.</summary>
    public int Wins { get; private set; }

    public int Draws { get; private set; }

    public int Truncations { get; private set; }

    /// <summary>Actions out of range that were reported.</summary>
    public int Errors { get; private set; }

    /// <summary>Skills that somebody used, as class and key.</summary>
    public HashSet<(int HeroClass, int Key)> Skills { get; } = [];

    public void Dispose()
    {
        buffers.Dispose();
        environment.Dispose();
        device.Dispose();
    }

    /// <summary>Plays ticks, and fails at the first difference.</summary>
    public void Play(int ticks)
    {
        if (FirstDifference(ticks) is { } difference) Assert.Fail(difference);
    }

    /// <summary>
    /// Plays ticks with a reference that misreads one column before every tick; what it says of that column itself does not count.
    /// Returns the first column that differs, or null.
    /// </summary>
    public string? FirstDifference(int ticks, string column, Func<double, double> wrong)
    {
        misreadColumn = column;
        misread = state => state.ToDictionary(known => known.Key, known => known.Key == column ? [.. known.Value.Select(wrong)] : known.Value);
        return FirstDifference(ticks);
    }

    private string? FirstDifference(int ticks)
    {
        int rows = environment.NumEnvs * Slots.Heroes;
        for (int tick = 0; tick < ticks; tick++)
        {
            for (int env = 0; env < environment.NumEnvs; env++)
                if ((tick + env) % 4 == 0) Rearrange(env);
            environment.Observe(buffers.Views);
            environment.Progress = tick % 3 / 2f;
            buffers.Errors!.Write(new uint[rows]);
            buffers.DiscreteActions!.Write([.. Enumerable.Range(0, environment.NumEnvs).SelectMany(env => NastyActions.Of(random, env + (tick / 8)))]);
            HostCopy before = HostCopy.Of(environment, buffers);
            environment.Step(buffers.Views);
            HostCopy after = HostCopy.Of(environment, buffers);
            for (int env = 0; env < environment.NumEnvs; env++)
                if (Compare(env, before, after, tick) is { } difference) return difference;
        }

        return null;
    }

    private string? Compare(int env, HostCopy before, HostCopy after, int tick)
    {
        ExpectedTick expected = references[env].Step(misread(before.State(env)), before.Actions(env), environment.Progress);
        if (misreadColumn.Length > 0)
            expected = expected with { State = new Dictionary<string, ExpectedValues>(expected.State) { [misreadColumn] = ExpectedValues.Exact(after.State(env)[misreadColumn]) } };
        comparer.CompareTick(env, after, before, expected, isReset: false);
        if (comparer.Found is { } found)
            return $"{found.Column} of match {env}, tick {tick}: {found.Element}: expected {found.Expected}, actual {found.Actual}.";
        Count(env, before, expected);
        return null;
    }

    private void Count(int env, HostCopy before, ExpectedTick expected)
    {
        if (expected.Truncated) Truncations++;
        else if (expected.Terminated && expected.EpisodeStatistics!.Values[0] == 0) Draws++;
        else if (expected.Terminated) Wins++;
        Errors += expected.Errors.Count(error => error != 0);
        if (expected.Terminated || expected.Truncated) return;
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            for (int key = 0; key < 3; key++)
            {
                int at = (slot * Counter.Count) + Counter.FirstSkill + key;
                if (expected.State["counters"].Values[at] > before.State(env)["counters"][at]) Skills.Add((slot / 2, key));
            }
        }

        Deaths += before.State(env)["hp"].Zip(expected.State["hp"].Values).Count(pair => pair.First > 0 && pair.Second == 0);
    }

    private void Rearrange(int env)
    {
        MatchModel state = MobaColumns.Read(environment.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(env)), map);
        NastyPositions.Rearrange(random, state);
        foreach ((string name, ExpectedValues values) in MobaColumns.Write(state)) Write(environment.State[name], env, values.Values);
    }

    private static void Write(StateColumn column, int env, double[] values)
    {
        var bytes = new byte[column.BytesPerMatch];
        int size = bytes.Length / values.Length;
        for (int i = 0; i < values.Length; i++)
        {
            byte[] element = column.ElementType == typeof(float) ? BitConverter.GetBytes((float)values[i]) : BitConverter.GetBytes((long)values[i]);
            element.AsSpan(0, size).CopyTo(bytes.AsSpan(i * size));
        }

        column.WriteMatch(env, bytes);
    }
}
