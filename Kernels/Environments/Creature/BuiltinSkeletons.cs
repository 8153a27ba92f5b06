namespace Arena.Kernels.Environments.Creature;

/// <summary>The creatures that come with the game.</summary>
public static class BuiltinSkeletons
{
    /// <summary>Names.</summary>
    public const string SixLegs = "six-legs", Ant = "ant", Hopper = "hopper";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Ant, SixLegs, Hopper];

    /// <summary>The creature called <paramref name="name"/>, or null.</summary>
    public static SkeletonFile? Find(string name) => name switch
    {
        SixLegs => MakeSixLegs(),
        Ant => MakeAnt(),
        Hopper => MakeHopper(),
        _ => null,
    };

    /// <summary>A leg of two capsules, as two bodies and two joints.</summary>
    private static void AddLeg(List<SkeletonBody> bodies, List<SkeletonJoint> joints, string name, Double3 hip, Double3 knee, Double3 foot, double upper, double lower, Func<SkeletonJoint, bool, SkeletonJoint> kind)
    {
        bodies.Add(new SkeletonBody { Id = name + "_up", Shape = SkeletonShape.Capsule, From = hip, To = knee, Radius = upper });
        bodies.Add(new SkeletonBody { Id = name + "_lo", Shape = SkeletonShape.Capsule, From = knee, To = foot, Radius = lower, Foot = true });
        joints.Add(kind(new SkeletonJoint { Parent = "torso", Child = name + "_up", At = hip, Type = SkeletonJointType.Ball }, true));
        joints.Add(kind(new SkeletonJoint { Parent = name + "_up", Child = name + "_lo", At = knee, Type = SkeletonJointType.Ball }, false));
    }

    private static SkeletonFile MakeSixLegs()
    {
        List<SkeletonBody> bodies = [new() { Id = "torso", Shape = SkeletonShape.Box, Center = new(0, 0, 0.30), Half = new(0.30, 0.15, 0.06) }];
        List<SkeletonJoint> joints = [];
        foreach (int side in (int[])[1, -1])
        {
            for (int leg = 0; leg < 3; leg++)
            {
                var hip = new Double3(0.25 * (1 - leg), 0.15 * side, 0.30);
                Double3 knee = hip + new Double3(0, 0.20 * side, 0.10), foot = knee + new Double3(0, 0.12 * side, -0.375);
                AddLeg(bodies, joints, $"{(side > 0 ? 'l' : 'r')}{leg + 1}", hip, knee, foot, 0.035, 0.025,
                    (joint, _) => joint with { Twist = new(-30, 30), Lift = new(-55, 55), Swing = new(-45, 45) });
            }
        }

        return new SkeletonFile { Name = SixLegs, Bodies = bodies, Joints = joints };
    }

    private static SkeletonFile MakeAnt()
    {
        List<SkeletonBody> bodies = [new() { Id = "torso", Shape = SkeletonShape.Box, Center = new(0, 0, 0.35), Half = new(0.15, 0.15, 0.06) }];
        List<SkeletonJoint> joints = [];
        foreach (int side in (int[])[1, -1])
        {
            foreach (int end in (int[])[1, -1])
            {
                var hip = new Double3(0.15 * end, 0.15 * side, 0.35);
                Double3 knee = hip + new Double3(0.12 * end, 0.12 * side, 0.06), foot = knee + new Double3(0.08 * end, 0.08 * side, -0.38);
                AddLeg(bodies, joints, $"{(side > 0 ? 'l' : 'r')}{(end > 0 ? 1 : 2)}", hip, knee, foot, 0.04, 0.03, (joint, first) => joint with
                {
                    Type = SkeletonJointType.Hinge,
                    NamedAxis = first ? SkeletonAxis.Swing : SkeletonAxis.Lift,
                    Range = first ? new(-45, 45) : new(-50, 50),
                });
            }
        }

        return new SkeletonFile { Name = Ant, Bodies = bodies, Joints = joints };
    }

    private static SkeletonFile MakeHopper()
    {
        SkeletonBody Part(string id, Double3 from, Double3 to, double radius) => new() { Id = id, Shape = SkeletonShape.Capsule, From = from, To = to, Radius = radius };
        SkeletonJoint Bend(string parent, string child, double height, double low, double high) =>
            new() { Parent = parent, Child = child, At = new(0, 0, height), Type = SkeletonJointType.Hinge, Axis = new(0, 1, 0), Range = new(low, high) };
        return new SkeletonFile
        {
            Name = Hopper,
            Planar = true,
            Bodies =
            [
                Part("torso", new(0, 0, 0.75), new(0, 0, 1.15), 0.07),
                Part("thigh", new(0, 0, 0.75), new(0, 0, 0.42), 0.05),
                Part("shin", new(0, 0, 0.42), new(0, 0, 0.08), 0.04),
                Part("foot", new(-0.08, 0, 0.04), new(0.16, 0, 0.04), 0.04) with { Foot = true },
            ],
            Joints = [Bend("torso", "thigh", 0.75, -60, 30), Bend("thigh", "shin", 0.42, 0, 110), Bend("shin", "foot", 0.06, -40, 40)],
        };
    }
}
