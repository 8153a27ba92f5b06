using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Compiles a checked skeleton into the tables of kernels: double precision, rounded at the end.</summary>
public static class SkeletonCompiler
{
    private const double StandardGravity = 9.81;     // m/s², of the motor rule
    private const double FullTorqueError = 0.3;      // rad at which the drive reaches its largest torque
    private const double DefaultDamping = 40;        // 1/s
    private const double ReferenceSubstep = 1.0 / 400;
    private const double SubstepTurn = 0.01;         // rad that full torque turns a free segment in a reference substep, at most
    internal const float NoSpring = 1e30f;            // compliance of a drive without stiffness

    /// <summary>The tables of <paramref name="file"/>.</summary>
    public static CreatureTables Compile(SkeletonFile file)
    {
        SkeletonFrame[] frames = [.. file.Bodies.Select(SkeletonFrame.Of)];
        SkeletonMass[] masses = [.. file.Bodies.Select(body => SkeletonMass.Of(file, body))];
        double total = masses.Sum(mass => mass.Mass);
        double[] torques = [.. file.Joints.Select(joint => joint.Torque ?? file.Strength * total * StandardGravity * LegLength(file, joint))];
        var joints = new CreatureJoint[file.Joints.Count];
        int actions = 0;
        for (int joint = 0; joint < joints.Length; joint++) joints[joint] = Joint(file, file.Joints[joint], frames, torques[joint], ref actions);
        var bodies = new CreatureBody[file.Bodies.Count];
        var points = new List<CreaturePoint>();
        int feet = 0;
        for (int body = 0; body < bodies.Length; body++)
        {
            string id = file.Bodies[body].Id;
            double strongest = file.Joints.Zip(torques).Where(pair => pair.First.Parent == id || pair.First.Child == id).Select(pair => pair.Second).DefaultIfEmpty().Max();
            bodies[body] = Body(file, body, frames[body], masses[body], strongest * ReferenceSubstep * ReferenceSubstep / SubstepTurn);
            bodies[body].Foot = file.Bodies[body].Foot ? feet++ : -1;
            bodies[body].FirstPoint = points.Count;
            points.AddRange(Points(file.Bodies[body]));
            bodies[body].PointCount = points.Count - bodies[body].FirstPoint;
        }

        return new CreatureTables(file, bodies, joints, [.. points], SkeletonGait.Of(file), total);
    }

    /// <summary>Length of the longest chain of bodies from the torso through the joint; m.</summary>
    internal static double LegLength(SkeletonFile file, SkeletonJoint joint)
    {
        double length = Deepest(file, joint.Child);
        for (SkeletonJoint? above = Above(file, joint.Parent); above is not null; above = Above(file, above.Parent)) length += LengthOf(file, above.Child);
        return length;
    }

    /// <summary>The joint that holds the body called <paramref name="id"/>, or null for the torso.</summary>
    internal static SkeletonJoint? Above(SkeletonFile file, string id) => file.Joints.FirstOrDefault(joint => joint.Child == id);

    private static double Deepest(SkeletonFile file, string id) =>
        LengthOf(file, id) + file.Joints.Where(joint => joint.Parent == id).Select(joint => Deepest(file, joint.Child)).DefaultIfEmpty().Max();

    private static double LengthOf(SkeletonFile file, string id)
    {
        SkeletonBody body = file.Bodies[file.IndexOf(id)];
        return body.Shape switch
        {
            SkeletonShape.Capsule => (body.To - body.From).Length,
            SkeletonShape.Sphere => 2 * body.Radius,
            _ => 2 * Math.Max(body.Half.X, Math.Max(body.Half.Y, body.Half.Z)),
        };
    }

    private static CreatureBody Body(SkeletonFile file, int index, SkeletonFrame frame, SkeletonMass mass, double floor)
    {
        SkeletonBody body = file.Bodies[index];
        double x = Math.Max(mass.Inertia.X, floor), y = Math.Max(mass.Inertia.Y, floor), z = Math.Max(mass.Inertia.Z, floor);
        double half = (body.To - body.From).Length / 2;
        (double qx, double qy, double qz, double qw) = frame.Quaternion();
        return new CreatureBody
        {
            InverseMass = (float)(1 / mass.Mass),
            InertiaX = (float)x, InertiaY = (float)y, InertiaZ = (float)z,
            InverseX = (float)(1 / x), InverseY = (float)(1 / y), InverseZ = (float)(1 / z),
            Friction = (float)(body.Friction ?? file.Friction),
            Restitution = (float)(body.Restitution ?? file.Restitution),
            Reach = (float)(body.Shape == SkeletonShape.Box ? body.Half.Length : half + body.Radius),
            Radius = (float)body.Radius,
            HalfX = (float)(body.Shape == SkeletonShape.Capsule ? half : body.Half.X), HalfY = (float)body.Half.Y, HalfZ = (float)body.Half.Z,
            RestX = (float)body.Middle.X, RestY = (float)body.Middle.Y, RestZ = (float)body.Middle.Z,
            RestQx = (float)qx, RestQy = (float)qy, RestQz = (float)qz, RestQw = (float)qw,
            Shape = (int)body.Shape,
            Fatal = body.Fatal ?? index == 0 ? 1 : 0,
        };
    }

    private static CreatureJoint Joint(SkeletonFile file, SkeletonJoint joint, SkeletonFrame[] frames, double torque, ref int actions)
    {
        int parent = file.IndexOf(joint.Parent), child = file.IndexOf(joint.Child);
        SkeletonFrame frame = SkeletonFrame.Of(joint, frames[child]);
        Double3 atParent = frames[parent].Local(joint.At - file.Bodies[parent].Middle), atChild = frames[child].Local(joint.At - file.Bodies[child].Middle);
        var inParent = frame.In(frames[parent]).Quaternion();
        var inChild = frame.In(frames[child]).Quaternion();
        SkeletonLimit twist = joint.LimitOf(SkeletonAxis.Twist), lift = joint.LimitOf(SkeletonAxis.Lift), swing = joint.LimitOf(SkeletonAxis.Swing);
        double stiffness = joint.Stiffness ?? torque / FullTorqueError;
        int free = (joint.IsFree(SkeletonAxis.Twist) ? 1 : 0) | (joint.IsFree(SkeletonAxis.Lift) ? 2 : 0) | (joint.IsFree(SkeletonAxis.Swing) ? 4 : 0);
        bool acts = joint.Driven && free != 0;
        var made = new CreatureJoint
        {
            Parent = parent, Child = child,
            ParentX = (float)atParent.X, ParentY = (float)atParent.Y, ParentZ = (float)atParent.Z,
            ChildX = (float)atChild.X, ChildY = (float)atChild.Y, ChildZ = (float)atChild.Z,
            ParentQx = (float)inParent.X, ParentQy = (float)inParent.Y, ParentQz = (float)inParent.Z, ParentQw = (float)inParent.W,
            ChildQx = (float)inChild.X, ChildQy = (float)inChild.Y, ChildQz = (float)inChild.Z, ChildQw = (float)inChild.W,
            LowX = Coordinate(twist.Low), LowY = Coordinate(lift.Low), LowZ = Coordinate(swing.Low),
            HighX = Coordinate(twist.High), HighY = Coordinate(lift.High), HighZ = Coordinate(swing.High),
            Torque = (float)torque,
            Compliance = stiffness > 0 ? (float)(1 / stiffness) : NoSpring,
            Damping = (float)(joint.Damping ?? DefaultDamping),
            Driven = joint.Driven ? 1 : 0,
            Free = free,
            FirstAction = acts ? actions : -1,
        };
        if (acts) actions += (free & 1) + (free >> 1 & 1) + (free >> 2);
        return made;
    }

    private static float Coordinate(double degrees) => (float)(2 * Degrees.CosSin(degrees / 2).Sin);

    private static IEnumerable<CreaturePoint> Points(SkeletonBody body)
    {
        float radius = (float)body.Radius, half = (float)((body.To - body.From).Length / 2);
        return body.Shape switch
        {
            SkeletonShape.Capsule => [new() { X = -half, Radius = radius }, new() { X = half, Radius = radius }],
            SkeletonShape.Sphere => [new() { Radius = radius }],
            _ => Enumerable.Range(0, 8).Select(corner => new CreaturePoint
            {
                X = (float)((corner & 1) == 0 ? -body.Half.X : body.Half.X),
                Y = (float)((corner & 2) == 0 ? -body.Half.Y : body.Half.Y),
                Z = (float)((corner & 4) == 0 ? -body.Half.Z : body.Half.Z),
            }),
        };
    }
}
