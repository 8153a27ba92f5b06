using System.Globalization;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The picture of a creature: three-quarter view from the front right, 30° down, without perspective; the camera follows.</summary>
internal static class CreatureDrawing
{
    private const double Halved = 0.70710678;      // cos 45°
    private const double Lowered = 0.35355339;     // cos 45° · sin 30°
    private const double Upright = 0.8660254;      // cos 30°
    private const double View = 1.15;              // m from the torso to the edges, at least
    private const double OriginStep = 4;           // m
    private const double DiscSpacing = 0.6;        // of their radius

    internal static void Draw(int env, StateColumns state, CreatureTables tables, Scene scene)
    {
        double[] bodies = state["body"].ReadMatch(env), origin = state["origin"].ReadMatch(env);
        (double x, double y) torso = (bodies[0], bodies[1]);
        double view = Math.Max(View, Math.Max(2.2 * tables.Bodies[0].RestZ, 1.5 * tables.Bodies.Max(body => Math.Sqrt(body.RestX * body.RestX + body.RestY * body.RestY) + body.Reach)));
        Point centre = Project(torso.x, torso.y, tables.Bodies[0].RestZ * 0.7);
        scene.Bounds = ((float)(centre.X - view), (float)(centre.Y - 0.75 * view), (float)(centre.X + view), (float)(centre.Y + 0.75 * view));
        Grid(scene, torso, origin, view);
        double[] task = state["task"].ReadMatch(env), goal = state["goal"].ReadMatch(env);
        Goals(scene, env, state, (CreatureTask)(int)task[0], torso, goal);
        Bodies(scene, bodies, state["feet"].ReadMatch(env), tables, (int)task[0] == (int)CreatureTask.Dribble ? state["ball"].ReadMatch(env) : null);
        double[] statistics = state["statistics"].ReadMatch(env);
        double environment = statistics.Skip(CreatureStatistic.Rewards).Take(CreatureReward.Environmental).Sum();
        double agent = statistics.Skip(CreatureStatistic.Rewards + CreatureReward.Environmental).Sum();
        double speed = Math.Sqrt(bodies[CreatureConstants.Velocity] * bodies[CreatureConstants.Velocity] + bodies[CreatureConstants.Velocity + 1] * bodies[CreatureConstants.Velocity + 1]);
        scene.Caption = string.Create(CultureInfo.InvariantCulture,
            $"{tables.File.Name}: {((CreatureTask)(int)task[0]).ToString().ToLowerInvariant()} {task[1]}   {state["tick"].ReadMatch(env)[0] / CreatureConstants.TicksPerSecond:0.0} s   {speed:0.00} m/s   reward {environment:0.0} task {agent:+0.0;-0.0} effort");
    }

    // Lines every metre of the world, so that they scroll as the creature walks.
    private static void Grid(Scene scene, (double X, double Y) torso, double[] origin, double view)
    {
        int reach = (int)Math.Ceiling(1.5 * view) + 1;
        double firstX = Math.Floor(torso.X + OriginStep * origin[0]) - OriginStep * origin[0], firstY = Math.Floor(torso.Y + OriginStep * origin[1]) - OriginStep * origin[1];
        for (int i = -reach; i <= reach; i++)
        {
            Line(scene, Ink.Field, Project(firstX + i, firstY - reach, 0), Project(firstX + i, firstY + reach, 0));
            Line(scene, Ink.Field, Project(firstX - reach, firstY + i, 0), Project(firstX + reach, firstY + i, 0));
        }
    }

    private static void Goals(Scene scene, int env, StateColumns state, CreatureTask task, (double X, double Y) torso, double[] goal)
    {
        if (task == CreatureTask.Run) Arrow(scene, torso, (torso.X + goal[0], torso.Y + goal[1]));
        if (task == CreatureTask.Target) Arrow(scene, torso, (goal[0], goal[1]));
        if (task != CreatureTask.Dribble) return;
        double[] ball = state["ball"].ReadMatch(env);
        Arrow(scene, (ball[0], ball[1]), (goal[2], goal[3]));
        Disc(scene, Ink.SideB, Project(goal[2], goal[3], 0), 0.1f, "G");
    }

    private static void Arrow(Scene scene, (double X, double Y) from, (double X, double Y) to)
    {
        Point end = Project(to.X, to.Y, 0);
        Line(scene, Ink.Object, Project(from.X, from.Y, 0), end);
        Disc(scene, Ink.Object, end, 0.04f, "x");
    }

    // Shadows first, then every piece of every body and the ball, the farthest first.
    private static void Bodies(Scene scene, double[] state, double[] feet, CreatureTables tables, double[]? ball)
    {
        var pieces = new List<(double Depth, Action Draw)>();
        if (ball is not null)
        {
            var centre = new Double3(ball[0], ball[1], ball[2]);
            Patch(scene, ShapeKind.Oval, Ink.Neutral, centre with { Z = 0 }, new Double3(CreatureBall.Radius, 0, 0), new Double3(0, CreatureBall.Radius, 0));
            pieces.Add((Depth(centre), () => Disc(scene, Ink.Object, Project(centre.X, centre.Y, centre.Z), CreatureBall.Radius, "o")));
        }

        for (int index = 0; index < tables.Bodies.Length; index++)
        {
            CreatureBody body = tables.Bodies[index];
            var pose = new Pose(state.AsSpan(index * CreatureConstants.BodyFloats, 7));
            Ink ink = index == 0 ? Ink.SideA : (Ink)((int)Ink.Hue0 + Limb(tables, index) % Scene.Hues);
            Shadow(scene, body, pose);
            if (body.Shape == (int)SkeletonShape.Box) Box(scene, pieces, body, pose, ink);
            else Capsule(scene, pieces, body, pose, ink);
            if (body.Foot < 0 || feet[2 * body.Foot] == 0) continue;
            Double3 end = Lower(body, pose);
            Point touch = Project(end.X, end.Y, 0);
            pieces.Add((Depth(end) - body.Radius, () => Disc(scene, Ink.Object, touch, 0.03f, "*"))); // before its own foot, behind what hides that
        }

        scene.Sorted = true;
        foreach ((double _, Action draw) in pieces.OrderByDescending(piece => piece.Depth)) draw();
    }

    // A row of discs, so close that its edge is straight to a twentieth of their radius: a thick line with round ends, in any viewer.
    private static void Capsule(Scene scene, List<(double, Action)> pieces, CreatureBody body, Pose pose, Ink ink)
    {
        int steps = Math.Max(1, (int)Math.Ceiling(2 * body.HalfX / (DiscSpacing * body.Radius)));
        for (int step = 0; step <= steps; step++)
        {
            Double3 p = pose.World(new Double3(body.HalfX * (2.0 * step / steps - 1), 0, 0));
            Point at = Project(p.X, p.Y, p.Z);
            pieces.Add((Depth(p), () => Disc(scene, ink, at, body.Radius)));
        }
    }

    // The faces that look at the camera: three of six, or fewer.
    private static void Box(Scene scene, List<(double, Action)> pieces, CreatureBody body, Pose pose, Ink ink)
    {
        Double3[] halves = [pose.Turned(new Double3(body.HalfX, 0, 0)), pose.Turned(new Double3(0, body.HalfY, 0)), pose.Turned(new Double3(0, 0, body.HalfZ))];
        var middle = new Double3(pose.X, pose.Y, pose.Z);
        for (int axis = 0; axis < 3; axis++)
        {
            // Seen from the camera, what is farther away has the larger depth.
            Double3 outward = Depth(halves[axis]) < 0 ? halves[axis] : halves[axis] * -1, at = middle + outward;
            Double3 first = halves[(axis + 1) % 3], second = halves[(axis + 2) % 3];
            pieces.Add((Depth(at), () => Patch(scene, ShapeKind.Face, ink, at, first, second)));
        }
    }

    // What hides from a light above: half as long as the body lies, as wide as it is thick.
    private static void Shadow(Scene scene, CreatureBody body, Pose pose)
    {
        bool box = body.Shape == (int)SkeletonShape.Box;
        Double3 along = pose.Turned(new Double3(body.Shape == (int)SkeletonShape.Sphere ? 0 : body.HalfX, 0, 0)) with { Z = 0 }, across = pose.Turned(new Double3(0, body.HalfY, 0)) with { Z = 0 };
        if (!box)
        {
            Double3 unit = along.Length > 1e-6 ? along * (1 / along.Length) : new Double3(1, 0, 0);
            (along, across) = (along + unit * body.Radius, new Double3(-unit.Y, unit.X, 0) * body.Radius);
        }

        Patch(scene, ShapeKind.Oval, Ink.Neutral, new Double3(pose.X, pose.Y, 0), along, across);
    }

    private static void Patch(Scene scene, ShapeKind kind, Ink ink, Double3 middle, Double3 first, Double3 second)
    {
        Point at = Project(middle.X, middle.Y, middle.Z), a = Project(first.X, first.Y, first.Z), b = Project(second.X, second.Y, second.Z);
        (float minX, float minY, float maxX, float maxY) = scene.Bounds;
        float wide = Math.Abs(a.X) + Math.Abs(b.X), high = Math.Abs(a.Y) + Math.Abs(b.Y);
        if (at.X - wide >= minX && at.X + wide <= maxX && at.Y - high >= minY && at.Y + high <= maxY) scene.Patch(kind, ink, at.X, at.Y, (a.X, a.Y), (b.X, b.Y));
    }

    private static Double3 Lower(CreatureBody body, Pose pose)
    {
        Double3 a = pose.World(new Double3(-body.HalfX, 0, 0)), b = pose.World(new Double3(body.HalfX, 0, 0));
        return a.Z < b.Z ? a : b;
    }

    // Which of the torso's limbs a body belongs to.
    private static int Limb(CreatureTables tables, int body)
    {
        while (true)
        {
            int above = Array.FindIndex(tables.Joints, joint => joint.Child == body);
            if (tables.Joints[above].Parent == 0) return tables.Joints.Take(above).Count(joint => joint.Parent == 0);
            body = tables.Joints[above].Parent;
        }
    }

    // The part inside the picture (Liang and Barsky 1984): what share of the line each edge leaves.
    private static void Line(Scene scene, Ink ink, Point from, Point to)
    {
        (float minX, float minY, float maxX, float maxY) = scene.Bounds;
        float start = 0, end = 1, dx = to.X - from.X, dy = to.Y - from.Y;
        foreach ((float way, float room) in new[] { (-dx, from.X - minX), (dx, maxX - from.X), (-dy, from.Y - minY), (dy, maxY - from.Y) })
        {
            if (way == 0 && room < 0) return;
            if (way < 0) start = Math.Max(start, room / way);
            if (way > 0) end = Math.Min(end, room / way);
        }

        if (start >= end) return;
        float Inside(float value, float min, float max) => Math.Clamp(value, min, max); // against rounding at the edge
        scene.Line(ink, Inside(from.X + start * dx, minX, maxX), Inside(from.Y + start * dy, minY, maxY), Inside(from.X + end * dx, minX, maxX), Inside(from.Y + end * dy, minY, maxY));
    }

    private static void Disc(Scene scene, Ink ink, Point at, float radius, string? label = null)
    {
        (float minX, float minY, float maxX, float maxY) = scene.Bounds;
        if (at.X - radius >= minX && at.X + radius <= maxX && at.Y - radius >= minY && at.Y + radius <= maxY) scene.Disc(ink, at.X, at.Y, radius, label);
    }

    private static Point Project(double x, double y, double z) => new((float)(Halved * (x + y)), (float)(Lowered * (y - x) + Upright * z));

    private static double Depth(Double3 p) => 0.6124 * (p.Y - p.X) - 0.5 * p.Z;

    private readonly record struct Point(float X, float Y);

    private readonly ref struct Pose(ReadOnlySpan<double> s)
    {
        private readonly double qx = s[3], qy = s[4], qz = s[5], qw = s[6];

        internal double X { get; } = s[0];

        internal double Y { get; } = s[1];

        internal double Z { get; } = s[2];

        internal Double3 World(Double3 local) => new Double3(X, Y, Z) + Turned(local);

        internal Double3 Turned(Double3 local)
        {
            var axis = new Double3(qx, qy, qz);
            Double3 t = Double3.Cross(axis, local) * 2;
            return local + t * qw + Double3.Cross(axis, t);
        }
    }
}
