using Arena.Kernels.Environments.Creature;

namespace Arena.Validation.Creature;

/// <summary>What a creature sees of a state.</summary>
internal static class ObservationRules
{
    private const double Bound = 5;

    /// <summary>(O) one row.</summary>
    /// <param name="state">After the tick.</param>
    /// <param name="ground">What it stands on.</param>
    /// <param name="previous">k: how many past actions are seen.</param>
    public static double[] Row(Snapshot state, IGround? ground, int previous)
    {
        World world = state.World;
        Mat3 root = state.RootFrame;
        RigidBody torso = state.Torso;
        double under = ground?.At(state.Root.X, state.Root.Y).Height ?? 0;
        List<double> row = [(torso.Place.Z - under) / world.Model.Bodies[0].Rest.Z];
        Add(row, root.Into(new Vec3(0, 0, 1)));
        Add(row, InHeading(state, torso.Velocity) / 2);
        Add(row, root.Into(torso.Spin) / 5);
        for (int task = 0; task < CreatureConstants.Tasks; task++) row.Add((int)state.Task == task ? 1 : 0);
        AddTarget(row, state);
        AddJoints(row, world);
        row.AddRange(state.Feet);
        foreach (double[] actions in state.Actions.Take(previous)) row.AddRange(actions);
        AddBall(row, state);
        AddHeights(row, state, ground, under);
        return [.. row.Select(entry => Math.Clamp(entry, -Bound, Bound))];
    }

    /// <summary>Direction of the torso's forward axis over the ground, or <paramref name="last"/> while it points up or down.</summary>
    public static Flat Heading(Mat3 root, Flat last, SubstepTrace trace)
    {
        var forward = Flat.Of(root.X);
        double squared = forward.Dot(forward);
        if (Math.Abs(squared - 1e-4) < 2e-6) trace.Flag("the torso's forward axis is at the angle where the heading is kept");
        return squared < 1e-4 ? last : forward * (1 / forward.Length);
    }

    /// <summary>A world vector in the heading frame: x ahead, y left, z up.</summary>
    private static Vec3 InHeading(Snapshot state, Vec3 v)
    {
        Flat flat = InHeading(state, Flat.Of(v));
        return new Vec3(flat.X, flat.Y, v.Z);
    }

    private static Flat InHeading(Snapshot state, Flat v) => new(v.Dot(state.Heading), v.Dot(state.Heading.Turned(Math.PI / 2)));

    // Direction in the heading frame, distance, commanded speed.
    private static void AddTarget(List<double> row, Snapshot state)
    {
        (Flat direction, double distance) = state.Task switch
        {
            CreatureTask.Run => (InHeading(state, state.Goal), double.PositiveInfinity),
            CreatureTask.Target => Towards(state, state.Root, state.Goal),
            _ => Towards(state, state.Root, Flat.Of(state.World.Ball!.Place)),
        };
        row.AddRange([direction.X, direction.Y, Math.Min(1, distance / 10), state.Command / 2]);
    }

    private static (Flat Direction, double Distance) Towards(Snapshot state, Flat from, Flat to)
    {
        double distance = (to - from).Length;
        return (distance < 1e-3 ? new Flat(1, 0) : InHeading(state, (to - from) * (1 / distance)), distance);
    }

    private static void AddJoints(List<double> row, World world)
    {
        List<double> rates = [];
        foreach (JointModel joint in world.Model.Joints)
        {
            Vec3 u = world.Relative(joint).Coordinates();
            Vec3 rate = world.ParentAxes(joint).Into(world.Bodies[joint.Child].Spin - world.Bodies[joint.Parent].Spin) / 10;
            for (int axis = 0; axis < 3; axis++)
            {
                if (!joint.Free[axis]) continue;
                row.Add(u[axis]);
                rates.Add(rate[axis]);
            }
        }

        row.AddRange(rates);
    }

    private static void AddBall(List<double> row, Snapshot state)
    {
        if (state.Task != CreatureTask.Dribble)
        {
            row.AddRange(new double[9]);
            return;
        }

        RigidBody ball = state.World.Ball!;
        Add(row, InHeading(state, ball.Place - state.Torso.Place) / 5);
        Add(row, InHeading(state, ball.Velocity - state.Torso.Velocity) / 5);
        (Flat direction, double distance) = Towards(state, Flat.Of(ball.Place), state.Gate);
        row.AddRange([direction.X, direction.Y, Math.Min(1, distance / 10)]);
    }

    // Eight points around the torso, from straight ahead to the left.
    private static void AddHeights(List<double> row, Snapshot state, IGround? ground, double under)
    {
        for (int i = 0; i < CreatureConstants.HeightSamples; i++)
        {
            Flat at = state.Root + state.Heading.Turned(i * Math.PI / 4) * 0.5;
            row.Add(((ground?.At(at.X, at.Y).Height ?? 0) - under) / 0.1);
        }
    }

    private static void Add(List<double> row, Vec3 v) => row.AddRange([v.X, v.Y, v.Z]);
}
