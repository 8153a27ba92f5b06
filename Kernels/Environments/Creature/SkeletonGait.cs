namespace Arena.Kernels.Environments.Creature;

/// <summary>What the scripted gait does with each action of a skeleton, worked out from its shape.</summary>
internal static class SkeletonGait
{
    private const float SwingShare = 0.6f, LiftShare = 0.6f;
    private const double Useful = 0.05; // m per radian: an axis that moves the foot less does not serve

    /// <summary>Per action. In every leg the axis of the hip that moves the foot forward most swings; the first other axis that raises the foot lifts.</summary>
    internal static CreatureGait[] Of(SkeletonFile file)
    {
        SkeletonJoint[] hips = [.. file.Joints.Where(joint => joint.Parent == file.Bodies[0].Id)];
        Axis[] axes = [.. file.Joints.Where(joint => joint.Driven).SelectMany(joint => Axes(file, joint))];
        var gait = new CreatureGait[axes.Length];
        foreach (SkeletonJoint hip in hips)
        {
            int[] leg = [.. Enumerable.Range(0, axes.Length).Where(axis => axes[axis].Hip == hip)];
            int swing = leg.Where(axis => axes[axis].Joint == hip && Math.Abs(axes[axis].Way.X) > Useful).OrderByDescending(axis => Math.Abs(axes[axis].Way.X)).FirstOrDefault(-1);
            int lift = leg.Where(axis => axis != swing && Math.Abs(axes[axis].Way.Z) > Useful).FirstOrDefault(-1);
            foreach (int axis in leg) gait[axis].Phase = Group(hips, hip) * 0.5f;
            if (swing >= 0) gait[swing].Swing = SwingShare * Math.Sign(axes[swing].Way.X);
            if (lift >= 0) gait[lift].Lift = LiftShare * Math.Sign(axes[lift].Way.Z);
        }

        return gait;
    }

    // Way: of the foot, when the axis turns by one radian; m.
    private static IEnumerable<Axis> Axes(SkeletonFile file, SkeletonJoint joint)
    {
        SkeletonJoint hip = Hip(file, joint);
        SkeletonFrame frame = SkeletonFrame.Of(joint, SkeletonFrame.Of(file.Bodies[file.IndexOf(joint.Child)]));
        foreach (SkeletonAxis axis in Enum.GetValues<SkeletonAxis>().Where(joint.IsFree))
        {
            Double3 about = axis == SkeletonAxis.Twist ? frame.X : axis == SkeletonAxis.Lift ? frame.Y : frame.Z;
            yield return new Axis(hip, joint, Double3.Cross(about, Foot(file, joint.Child) - joint.At));
        }
    }

    private static SkeletonJoint Hip(SkeletonFile file, SkeletonJoint joint)
    {
        SkeletonJoint hip = joint;
        while (SkeletonCompiler.Above(file, hip.Parent) is { } above) hip = above;
        return hip;
    }

    // Neighbours on a side alternate, and so do the two sides: a trot with four legs, a tripod with six.
    private static int Group(SkeletonJoint[] hips, SkeletonJoint hip)
    {
        bool right = hip.At.Y < 0;
        int ahead = hips.Count(other => (other.At.Y < 0) == right && other.At.X > hip.At.X);
        return (ahead + (right ? 1 : 0)) & 1;
    }

    // The lowest end below the joint, in the rest pose.
    private static Double3 Foot(SkeletonFile file, string id)
    {
        SkeletonBody body = file.Bodies[file.IndexOf(id)];
        Double3 lowest = body.Shape == SkeletonShape.Capsule ? body.From.Z < body.To.Z ? body.From : body.To : body.Center;
        foreach (SkeletonJoint below in file.Joints.Where(joint => joint.Parent == id))
        {
            Double3 foot = Foot(file, below.Child);
            if (foot.Z < lowest.Z) lowest = foot;
        }

        return lowest;
    }

    private sealed record Axis(SkeletonJoint Hip, SkeletonJoint Joint, Double3 Way);
}
