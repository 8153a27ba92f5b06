using System.Collections.Concurrent;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;

namespace Arena.Validation.Creature;

/// <summary>The pose that episodes begin with: the reference's own, or the kernels' where that one is right and rounding makes another of it.</summary>
/// <remarks>
/// A creature on two legs balances, and a heavy one on light legs trembles as it lands: 400 substeps then multiply rounding until poses are a millimetre
/// apart, the reference's own readings as well. So where the two poses differ, the kernels' way from the raised rest pose to theirs is judged tick by tick,
/// each from the kernels' own state and with the tolerance of one tick. Every later tick is then judged from the pose that is played.
/// </remarks>
internal static class StartingPose
{
    /// <summary>Ticks of the way that rounding may decide, of <see cref="StartRules.SettlingTicks"/>.</summary>
    public const int MostSetApart = 3;

    private const int PoseFloats = 7;

    private static readonly CreatureScales Scales = new();
    private static readonly ConcurrentDictionary<(ulong Tables, int Substeps), World> Known = new();

    /// <summary>The pose of the creature that <paramref name="options"/> name; a copy.</summary>
    public static World Of(CreatureOptions options)
    {
        CreatureTables tables = Skeletons.Compiled(options.Skeleton);
        return Known.GetOrAdd((tables.Hash, options.Substeps), _ => Of(options, tables, SettledPose.Of(tables, options))).Copy();
    }

    /// <summary>The pose to expect when <paramref name="tables"/> are played from <paramref name="pose"/> on.</summary>
    /// <param name="options">Skeleton and substeps count.</param>
    /// <param name="tables">The kernels' tables.</param>
    /// <param name="pose">(B, 7) the kernels' pose.</param>
    public static World Of(CreatureOptions options, CreatureTables tables, float[] pose)
    {
        World own = StartRules.Settle(SkeletonWriter.Write(Skeletons.Find(options.Skeleton)), options.Substeps);
        World theirs = Read(own, pose);
        bool same = own.Bodies.Zip(theirs.Bodies).All(pair =>
            (pair.First.Place - pair.Second.Place).Largest <= Allowed(Scales.Place)
            && (pair.First.Turn * pair.Second.Turn.Transposed).Coordinates().Largest <= 2 * Allowed(Scales.Turn));
        return same || !FollowsRules(options, tables, pose) ? own : theirs;
    }

    private static double Allowed(double scale) => scale * new Tolerances().OneStep.ScaledError;

    private static World Read(World own, float[] pose)
    {
        World world = own.Copy();
        for (int body = 0; body < world.Bodies.Length; body++)
        {
            float[] floats = pose[(PoseFloats * body)..(PoseFloats * (body + 1))];
            world.Bodies[body].Place = new Vec3(floats[0], floats[1], floats[2]);
            world.Bodies[body].Turn = Mat3.FromQuaternion(new Vec3(floats[3], floats[4], floats[5]), floats[6]);
        }

        return world;
    }

    // Whether the kernels come to this pose, and by the rules.
    private static bool FollowsRules(CreatureOptions options, CreatureTables tables, float[] pose)
    {
        options = new CreatureOptions { Skeleton = options.Skeleton, Substeps = options.Substeps, NumEnvs = 1, MaxTicks = StartRules.SettlingTicks + 1, PreviousActions = 0 };
        float[] raised = SettledPose.Raise(tables);
        EnvironmentSpec spec = new CreatureGame().Describe(options);
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var environment = new CreatureEnvironment(device, options, spec, tables, raised);
        using var buffers = new StepBuffers(device, spec, 1);
        environment.Reset(0, buffers.Views);
        Put(environment, raised);
        IMatchReference reference = new CreatureReference().Create(new MatchSetup(options, spec, 0, 0));
        int setApart = 0;
        for (int tick = 0; tick < StartRules.SettlingTicks; tick++)
        {
            HostCopy before = HostCopy.Of(environment, buffers);
            environment.Step(buffers.Views);
            HostCopy after = HostCopy.Of(environment, buffers);
            ExpectedTick expected = Outcomes.Choose(
                reference.Step(before.State(0), before.Actions(0), 0), outcome => Differs(outcome) is null);
            if (expected.NearBoundary is not null) setApart++;
            else if (Differs(expected) is not null) return false;
            if (buffers.Terminated!.ToArray()[0] != 0) return false; // what cannot stand begins in its rest pose, which balances nothing

            FoundDifference? Differs(ExpectedTick outcome)
            {
                var comparer = new Comparer(environment, new Tolerances());
                comparer.CompareTick(0, after, before, outcome, isReset: false);
                return comparer.Found;
            }
        }

        return setApart <= MostSetApart && Arrived(environment, pose);
    }

    // The raised rest pose at rest: the reset has turned and pushed it.
    private static void Put(CreatureEnvironment environment, float[] pose)
    {
        StateColumn column = environment.State["body"];
        var bytes = new byte[column.BytesPerMatch];
        for (int i = 0; i < pose.Length; i++)
            BitConverter.TryWriteBytes(bytes.AsSpan((i / PoseFloats * CreatureConstants.BodyFloats + i % PoseFloats) * sizeof(float)), pose[i]);
        column.WriteMatch(0, bytes);
    }

    // To the last bit, the torso over the origin.
    private static bool Arrived(CreatureEnvironment environment, float[] pose)
    {
        float[] bodies = [.. environment.State["body"].ReadMatch(0).Select(value => (float)value)];
        return Enumerable.Range(0, pose.Length).All(i =>
        {
            int slot = i % PoseFloats;
            float value = bodies[i / PoseFloats * CreatureConstants.BodyFloats + slot];
            return pose[i].Equals(slot < 2 ? value - bodies[slot] : value);
        });
    }
}
