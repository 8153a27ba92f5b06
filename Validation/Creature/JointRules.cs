namespace Arena.Validation.Creature;

/// <summary>Steps 2 and 6 of a substep: motors, limits, anchors, damping.</summary>
internal static class JointRules
{
    // Rotations this near a half turn have two nearly equal readings; as the w of a quaternion.
    private const double HalfTurn = 1e-4;

    /// <summary>Step 2a: turns the child towards coordinates <paramref name="target"/>, no harder than the motor can.</summary>
    public static void Drive(World world, int index, Vec3 target, PhysicsSettings settings, SubstepTrace trace)
    {
        JointModel joint = world.Model.Joints[index];
        Vec3 error = Error(world, joint, target, trace);
        if (error.Squared < 1e-14) return;
        Vec3 n = error.Unit;
        double h = settings.Step, compliance = 1 / (joint.Stiffness * h * h);
        double wanted = error.Length / (Resistance(world, joint, n, settings) + compliance);
        double most = joint.Torque * h * h;
        double size = Math.Min(wanted, most);
        TurnPair(world, joint, n * size, settings);
        trace.Torque[index] = size / (h * h);
    }

    /// <summary>Step 2b: back inside the box of limits.</summary>
    public static void Limit(World world, int index, PhysicsSettings settings, SubstepTrace trace)
    {
        JointModel joint = world.Model.Joints[index];
        Vec3 u = world.Relative(joint).Coordinates();
        Vec3 inside = new(Math.Clamp(u.X, joint.Low.X, joint.High.X), Math.Clamp(u.Y, joint.Low.Y, joint.High.Y), Math.Clamp(u.Z, joint.Low.Z, joint.High.Z));
        if (inside == u) return;
        Vec3 error = Error(world, joint, inside, trace);
        if (error.Squared < 1e-14) return;
        Vec3 n = error.Unit;
        TurnPair(world, joint, n * (error.Length / Resistance(world, joint, n, settings)), settings);
    }

    /// <summary>Step 2c: the two anchors meet.</summary>
    public static void Anchor(World world, JointModel joint, PhysicsSettings settings)
    {
        RigidBody parent = world.Bodies[joint.Parent], child = world.Bodies[joint.Child];
        Vec3 parentArm = parent.Turn * joint.ParentAnchor, childArm = child.Turn * joint.ChildAnchor;
        Vec3 apart = parent.Place + parentArm - (child.Place + childArm);
        if (apart.Squared < 1e-16) return;
        Vec3 n = apart.Unit;
        double resistance = Pair.Resistance(child, childArm, n, settings) + Pair.Resistance(parent, parentArm, n, settings);
        Vec3 push = n * (apart.Length / resistance);
        Pair.Push(child, childArm, push, settings);
        Pair.Push(parent, parentArm, -push, settings);
    }

    /// <summary>Step 6: relative spin decays.</summary>
    /// <returns>How fast it was; rad/s.</returns>
    public static double Damp(World world, JointModel joint, PhysicsSettings settings)
    {
        RigidBody parent = world.Bodies[joint.Parent], child = world.Bodies[joint.Child];
        Vec3 difference = parent.Spin - child.Spin;
        if (difference.Squared < 1e-14) return difference.Length;
        Vec3 n = difference.Unit;
        double size = Math.Min(joint.Damping * settings.Step, 1) * difference.Length / Resistance(world, joint, n, settings);
        child.Spin += Pair.Inertia(child, settings) * n * size;
        parent.Spin -= Pair.Inertia(parent, settings) * n * size;
        return difference.Length;
    }

    // The turn that brings the child to the wanted coordinates, as a vector of size 2 sin(θ/2) in world axes.
    private static Vec3 Error(World world, JointModel joint, Vec3 target, SubstepTrace trace)
    {
        Mat3 relative = world.Relative(joint);
        Mat3 wanted = Mat3.FromCoordinates(target) * relative.Transposed;
        if (relative.Quaternion().W < HalfTurn || wanted.Quaternion().W < HalfTurn) trace.Flag("a joint is turned by half a turn");
        return world.ParentAxes(joint) * wanted.Coordinates();
    }

    private static double Resistance(World world, JointModel joint, Vec3 n, PhysicsSettings settings) =>
        n.Dot(Pair.Inertia(world.Bodies[joint.Child], settings) * n) + n.Dot(Pair.Inertia(world.Bodies[joint.Parent], settings) * n);

    private static void TurnPair(World world, JointModel joint, Vec3 push, PhysicsSettings settings)
    {
        RigidBody parent = world.Bodies[joint.Parent], child = world.Bodies[joint.Child];
        Vec3 childTurn = Pair.Inertia(child, settings) * push, parentTurn = Pair.Inertia(parent, settings) * -push;
        child.TurnBy(childTurn);
        parent.TurnBy(parentTurn);
    }
}

/// <summary>What corrections of all kinds share.</summary>
internal static class Pair
{
    /// <summary>World inverse inertia: of the start of the substep, or of this moment.</summary>
    public static Mat3 Inertia(RigidBody body, PhysicsSettings settings) => settings.FrozenInertia ? body.Frozen : body.WorldInverseInertia;

    /// <summary>w of a body at <paramref name="arm"/> along <paramref name="n"/>: how far a unit push moves the point; 1/kg.</summary>
    public static double Resistance(RigidBody body, Vec3 arm, Vec3 n, PhysicsSettings settings)
    {
        Vec3 moment = arm.Cross(n);
        return body.InverseMass + moment.Dot(Inertia(body, settings) * moment);
    }

    /// <summary>Pushes a body by <paramref name="push"/> (kg·m) at <paramref name="arm"/> from its centre.</summary>
    public static void Push(RigidBody body, Vec3 arm, Vec3 push, PhysicsSettings settings)
    {
        body.Move(push * body.InverseMass);
        body.TurnBy(Inertia(body, settings) * arm.Cross(push));
    }

    /// <summary>The same for velocities: an impulse (kg·m/s).</summary>
    public static void Strike(RigidBody body, Vec3 arm, Vec3 impulse, PhysicsSettings settings)
    {
        body.Velocity += impulse * body.InverseMass;
        body.Spin += Inertia(body, settings) * arm.Cross(impulse);
    }
}
