using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The pose an episode starts from: the rest pose, raised by 5 mm, after 50 ticks with zero action on flat ground.</summary>
/// <remarks>Found by the same kernels on one creature on the CPU, whatever device the batch lives on: the bits are the same everywhere.</remarks>
public static class SettledPose
{
    private const float Raised = 0.005f; // m
    private const int Ticks = 50;

    private const int MostKept = 64;

    private static readonly Remembered<(ulong Hash, int Substeps), float[]> Known = new(MostKept);

    /// <summary>(B, 7) position (m) and orientation of every body, the torso above the origin.</summary>
    public static float[] Of(CreatureTables tables, CreatureOptions options) =>
        Known.Get((tables.Hash, options.Substeps), _ => Settle(tables, options.Substeps));

    /// <summary>Whether the skeleton stands for <paramref name="ticks"/> ticks with zero action on flat ground, without fatal contact or divergence.</summary>
    public static bool Stands(CreatureTables tables, int ticks) => Play(tables, new CreatureOptions().Substeps, ticks, null);

    /// <summary>(B, 7) the rest pose, raised.</summary>
    public static float[] Raise(CreatureTables tables)
    {
        var pose = new float[tables.Bodies.Length * 7];
        for (int body = 0; body < tables.Bodies.Length; body++)
        {
            CreatureBody b = tables.Bodies[body];
            ((ReadOnlySpan<float>)[b.RestX, b.RestY, b.RestZ + Raised, b.RestQx, b.RestQy, b.RestQz, b.RestQw]).CopyTo(pose.AsSpan(7 * body));
        }

        return pose;
    }

    private static float[] Settle(CreatureTables tables, int substeps)
    {
        float[] pose = Raise(tables);
        // A creature that cannot stand begins in its rest pose.
        Play(tables, substeps, Ticks, pose);
        float x = pose[0], y = pose[1];
        for (int body = 0; body < tables.Bodies.Length; body++)
        {
            pose[7 * body] -= x;
            pose[7 * body + 1] -= y;
        }

        return pose;
    }

    private static bool Play(CreatureTables tables, int substeps, int ticks, float[]? result)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new CreatureOptions { NumEnvs = 1, MaxTicks = ticks + 1, Substeps = substeps, PreviousActions = 0 };
        EnvironmentSpec spec = CreatureSpec.Of("creature", options, tables);
        using var environment = new CreatureEnvironment(device, options, spec, tables, Raise(tables));
        using var buffers = new StepBuffers(device, spec, 1);
        environment.Reset(0, buffers.Views);
        Still(environment, tables);
        for (int tick = 0; tick < ticks; tick++)
        {
            environment.Step(buffers.Views);
            if (buffers.Terminated!.ToArray()[0] != 0) return false;
        }

        double[] bodies = environment.State["body"].ReadMatch(0), origin = environment.State["origin"].ReadMatch(0);
        for (int body = 0; result is not null && body < tables.Bodies.Length; body++)
        {
            for (int i = 0; i < 7; i++) result[7 * body + i] = (float)bodies[body * CreatureConstants.BodyFloats + i];
            for (int axis = 0; axis < 2; axis++) result[7 * body + axis] += 4f * (float)origin[axis];
        }

        return true;
    }

    // The start of an episode turns and pushes the creature; here it faces x and is at rest.
    private static void Still(CreatureEnvironment environment, CreatureTables tables)
    {
        float[] pose = Raise(tables);
        var bodies = new float[tables.Bodies.Length * CreatureConstants.BodyFloats];
        for (int body = 0; body < tables.Bodies.Length; body++) pose.AsSpan(7 * body, 7).CopyTo(bodies.AsSpan(body * CreatureConstants.BodyFloats));
        environment.State["body"].WriteMatch(0, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(bodies));
    }
}
