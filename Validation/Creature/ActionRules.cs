namespace Arena.Validation.Creature;

/// <summary>Step 1 of a tick: what actions ask of the joints.</summary>
internal static class ActionRules
{
    // |u*|² at most: 150° in all.
    private const double LongestSquared = 3.73;

    /// <summary>Not finite becomes 0; then at most ±1.</summary>
    public static (double[] Clean, int Bad) Clean(IReadOnlyList<float> actions) => (
        [.. actions.Select(action => float.IsFinite(action) ? Math.Clamp((double)action, -1, 1) : 0)],
        actions.Count(action => !float.IsFinite(action)));

    /// <summary>(joints) wanted coordinates: each driven axis by its action, the others as they are.</summary>
    public static Vec3[] Targets(World world, IReadOnlyList<double> actions, IReadOnlyList<Vec3> old, double smoothing)
    {
        var targets = new Vec3[world.Model.Joints.Count];
        int next = 0;
        for (int index = 0; index < targets.Length; index++)
        {
            JointModel joint = world.Model.Joints[index];
            Vec3 present = world.Relative(joint).Coordinates();
            var wanted = new double[3];
            for (int axis = 0; axis < 3; axis++)
            {
                if (joint.Driven && !joint.Free[axis]) continue;
                if (!joint.Driven)
                {
                    wanted[axis] = present[axis];
                    continue;
                }

                double action = actions[next++];
                double asked = action >= 0 ? action * joint.High[axis] : -action * joint.Low[axis];
                wanted[axis] = old[index][axis] + smoothing * (asked - old[index][axis]);
            }

            var target = new Vec3(wanted[0], wanted[1], wanted[2]);
            targets[index] = target.Squared > LongestSquared ? target * Math.Sqrt(LongestSquared / target.Squared) : target;
        }

        return targets;
    }

    /// <summary>The targets of joints with motors; the others are not driven.</summary>
    public static Vec3?[] Driven(CreatureModel model, IReadOnlyList<Vec3> targets) =>
        [.. targets.Select((target, joint) => model.Joints[joint].Driven ? target : (Vec3?)null)];

    /// <summary>(joints) mode torque: each driven axis's share of the largest torque, along the parent's joint axes; N·m, world axes.</summary>
    public static Vec3[] Torques(World world, IReadOnlyList<double> actions)
    {
        var torques = new Vec3[world.Model.Joints.Count];
        int next = 0;
        for (int index = 0; index < torques.Length; index++)
        {
            JointModel joint = world.Model.Joints[index];
            var share = new double[3];
            for (int axis = 0; axis < 3; axis++)
                if (joint.Driven && joint.Free[axis]) share[axis] = actions[next++];
            torques[index] = world.ParentAxes(joint) * new Vec3(share[0], share[1], share[2]) * joint.Torque;
        }

        return torques;
    }
}
