using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>The built-in player <c>scripted:gait</c>, worked out anew from the rest pose.</summary>
internal sealed class Gait
{
    private const double Period = 0.24, Lead = 1.0 / 16, Swing = 0.6, Lift = 0.6; // s, periods, shares of the limits
    private const double Useful = 0.05; // m per radian

    private readonly List<Axis> axes = [];

    /// <summary>The gait of <paramref name="model"/>.</summary>
    public Gait(CreatureModel model)
    {
        int[] hips = [.. Enumerable.Range(0, model.Joints.Count).Where(joint => model.Joints[joint].Parent == 0)];
        for (int index = 0; index < model.Joints.Count; index++)
        {
            JointModel joint = model.Joints[index];
            Mat3 turn = model.Bodies[joint.Child].RestTurn * joint.ChildTurn;
            Vec3 arm = Foot(model, joint.Child) - Anchor(model, joint);
            Vec3[] about = [turn.X, turn.Y, turn.Z];
            for (int axis = 0; axis < 3; axis++)
                if (joint.Driven && joint.Free[axis]) axes.Add(new Axis { Leg = Leg(model, index), Joint = index, Way = about[axis].Cross(arm) });
        }

        foreach (int hip in hips) Choose(hip, Late(model, hips, hip));
    }

    /// <summary>(A) the actions of a tick.</summary>
    public double[] Actions(double tick)
    {
        double time = tick / CreatureConstants.TicksPerSecond / Period;
        return [.. axes.Select(axis => Swing * axis.Swings * Wave(time + axis.Phase) + Lift * axis.Lifts * Math.Max(0, Wave(time + axis.Phase + Lead)))];
    }

    // The hip's axis that carries the foot ahead most; then the first other one of the leg that raises it.
    private void Choose(int hip, bool late)
    {
        List<Axis> leg = [.. axes.Where(axis => axis.Leg == hip)];
        Axis? swing = leg.Where(axis => axis.Joint == hip && Math.Abs(axis.Way.X) > Useful).MaxBy(axis => Math.Abs(axis.Way.X));
        Axis? lift = leg.FirstOrDefault(axis => axis != swing && Math.Abs(axis.Way.Z) > Useful);
        swing?.Swings = Math.Sign(swing.Way.X);
        lift?.Lifts = Math.Sign(lift.Way.Z);
        foreach (Axis axis in leg) axis.Phase = late ? 0.5 : 0;
    }

    // Neighbours on a side alternate, and so do the sides.
    private static bool Late(CreatureModel model, int[] hips, int hip)
    {
        Vec3 here = Anchor(model, model.Joints[hip]);
        int ahead = hips.Select(other => Anchor(model, model.Joints[other])).Count(other => other.Y < 0 == here.Y < 0 && other.X > here.X + 1e-12);
        return (ahead % 2 == 1) != here.Y < 0;
    }

    private static Vec3 Anchor(CreatureModel model, JointModel joint) => Place(model.Bodies[joint.Child], joint.ChildAnchor);

    private static Vec3 Place(BodyModel body, Vec3 local) => body.Rest + body.RestTurn * local;

    // The lowest end of a body and all below it; of a level capsule the far one.
    private static Vec3 Foot(CreatureModel model, int body) => Below(model, body)
        .SelectMany(part => part.Shape == ModelShape.Capsule ? part.Points.Reverse().Select(point => Place(part, point)) : [part.Rest]).MinBy(end => Math.Round(end.Z, 9));

    private static IEnumerable<BodyModel> Below(CreatureModel model, int body) =>
        model.Joints.Where(joint => joint.Parent == body).SelectMany(joint => Below(model, joint.Child)).Prepend(model.Bodies[body]);

    private static int Leg(CreatureModel model, int joint)
    {
        while (model.Joints[joint].Parent != 0) joint = model.Joints.ToList().FindIndex(above => above.Child == model.Joints[joint].Parent);
        return joint;
    }

    // Saw teeth from −1 at whole numbers to 1 half-way.
    private static double Wave(double phase) => 1 - 2 * Math.Abs(2 * (phase - Math.Floor(phase)) - 1);

    private sealed class Axis
    {
        public required int Leg { get; init; }

        public required int Joint { get; init; }

        // Of the foot, when the axis turns by one radian; m.
        public required Vec3 Way { get; init; }

        public int Swings { get; set; }

        public int Lifts { get; set; }

        public double Phase { get; set; }
    }
}
