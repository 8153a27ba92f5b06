using System.Text.Json;

namespace Arena.Validation.Creature;

/// <summary>From the text of a valid skeleton file to a <see cref="CreatureModel"/>.</summary>
/// <remarks>Checks nothing: what a file may not say is the loader's business. Numbers stay double.</remarks>
internal static class ModelReader
{
    private const double Gravity = 9.81;
    private const double DegreesToRadians = Math.PI / 180;

    /// <summary>Reads <paramref name="text"/>.</summary>
    public static CreatureModel Read(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        List<BodyModel> bodies = [.. root.GetProperty("bodies").EnumerateArray().Select((body, index) => Body(root, body, index))];
        List<JointModel> joints = [.. root.GetProperty("joints").EnumerateArray().Select(joint => Joint(joint, bodies))];
        bool planar = root.TryGetProperty("planar", out JsonElement flag) && flag.GetBoolean();
        return WithMotors(root, new CreatureModel { Name = root.GetProperty("name").GetString()!, Planar = planar, Bodies = bodies, Joints = joints });
    }

    private static BodyModel Body(JsonElement root, JsonElement body, int index)
    {
        double density = Number(body, "density") ?? Number(root, "density") ?? 500;
        string shape = body.GetProperty("shape").GetString()!;
        BodyModel solid = shape switch
        {
            "capsule" => Capsule(Vector(body, "from"), Vector(body, "to"), Number(body, "radius")!.Value, density, Number(body, "mass")),
            "sphere" => Sphere(Vector(body, "center"), Number(body, "radius")!.Value, density, Number(body, "mass")),
            _ => Box(Vector(body, "center"), Vector(body, "half"), density, Number(body, "mass")),
        };
        return solid with
        {
            Id = body.GetProperty("id").GetString()!,
            Friction = Number(body, "friction") ?? Number(root, "friction") ?? 0.9,
            Restitution = Number(body, "restitution") ?? Number(root, "restitution") ?? 0,
            Foot = body.TryGetProperty("foot", out JsonElement foot) && foot.GetBoolean(),
            Fatal = body.TryGetProperty("fatal", out JsonElement fatal) ? fatal.GetBoolean() : index == 0,
        };
    }

    // A cylinder and two half balls of the same density; a given mass scales the density.
    private static BodyModel Capsule(Vec3 from, Vec3 to, double radius, double density, double? given)
    {
        double length = (to - from).Length;
        double cylinder = density * Math.PI * radius * radius * length;
        double caps = density * 4 / 3 * Math.PI * radius * radius * radius;
        double scale = given is { } wanted ? wanted / (cylinder + caps) : 1;
        (cylinder, caps) = (cylinder * scale, caps * scale);
        double along = cylinder * radius * radius / 2 + caps * radius * radius * 2 / 5;
        double side = cylinder * (length * length / 12 + radius * radius / 4)
            + caps * (radius * radius * 2 / 5 + length * length / 4 + length * radius * 3 / 8);
        Vec3 x = (to - from).Unit;
        Vec3 across = new Vec3(0, 0, 1).Cross(x);
        Vec3 y = across.Length < 1e-3 ? new Vec3(0, 1, 0).Across(x).Unit : across.Unit;
        var end = new Vec3(length / 2, 0, 0);
        return Solid(ModelShape.Capsule, end, radius, cylinder + caps, new Vec3(along, side, side), (from + to) / 2, [-end, end]) with
        {
            RestTurn = new Mat3(x, y, x.Cross(y)),
        };
    }

    private static BodyModel Sphere(Vec3 center, double radius, double density, double? given)
    {
        double mass = given ?? density * 4 / 3 * Math.PI * radius * radius * radius;
        double inertia = mass * radius * radius * 2 / 5;
        return Solid(ModelShape.Sphere, Vec3.Zero, radius, mass, new Vec3(inertia, inertia, inertia), center, [Vec3.Zero]);
    }

    private static BodyModel Box(Vec3 center, Vec3 half, double density, double? given)
    {
        double mass = given ?? density * 8 * half.X * half.Y * half.Z;
        double Moment(double a, double b) => mass * (a * a + b * b) / 3;
        var corners = new Vec3[8];
        for (int corner = 0; corner < 8; corner++)
            corners[corner] = new Vec3((corner & 1) == 0 ? -half.X : half.X, (corner & 2) == 0 ? -half.Y : half.Y, (corner & 4) == 0 ? -half.Z : half.Z);
        return Solid(ModelShape.Box, half, 0, mass, new Vec3(Moment(half.Y, half.Z), Moment(half.Z, half.X), Moment(half.X, half.Y)), center, corners);
    }

    private static BodyModel Solid(ModelShape shape, Vec3 half, double radius, double mass, Vec3 inertia, Vec3 center, Vec3[] points) => new()
    {
        Id = "",
        Shape = shape,
        Half = half,
        Radius = radius,
        Mass = mass,
        Inertia = inertia,
        Rest = center,
        RestTurn = Mat3.Identity,
        Friction = 0,
        Restitution = 0,
        Foot = false,
        Fatal = false,
        Points = points,
    };

    private static JointModel Joint(JsonElement joint, List<BodyModel> bodies)
    {
        int parent = bodies.FindIndex(body => body.Id == joint.GetProperty("parent").GetString());
        int child = bodies.FindIndex(body => body.Id == joint.GetProperty("child").GetString());
        Vec3 at = Vector(joint, "at");
        (Mat3 frame, Vec3 low, Vec3 high) = Axes(joint, bodies[child].RestTurn);
        return new JointModel
        {
            Parent = parent,
            Child = child,
            ParentAnchor = bodies[parent].RestTurn.Into(at - bodies[parent].Rest),
            ChildAnchor = bodies[child].RestTurn.Into(at - bodies[child].Rest),
            ParentTurn = bodies[parent].RestTurn.Transposed * frame,
            ChildTurn = bodies[child].RestTurn.Transposed * frame,
            Low = low,
            High = high,
            Free = [low.X != 0 || high.X != 0, low.Y != 0 || high.Y != 0, low.Z != 0 || high.Z != 0],
            Driven = !joint.TryGetProperty("driven", out JsonElement driven) || driven.GetBoolean(),
            Torque = Number(joint, "torque") ?? double.NaN,
            Stiffness = Number(joint, "stiffness") ?? double.NaN,
            Damping = Number(joint, "damping") ?? 40,
        };
    }

    // Frame of the joint in the rest pose, and the limits as coordinates 2 sin(θ/2).
    private static (Mat3 Frame, Vec3 Low, Vec3 High) Axes(JsonElement joint, Mat3 child)
    {
        if (joint.GetProperty("type").GetString() == "ball")
        {
            JsonElement limits = joint.GetProperty("limits");
            double Of(string axis, int end) => Coordinate(limits.GetProperty(axis)[end].GetDouble());
            return (child, new Vec3(Of("twist", 0), Of("lift", 0), Of("swing", 0)), new Vec3(Of("twist", 1), Of("lift", 1), Of("swing", 1)));
        }

        JsonElement range = joint.GetProperty("range");
        double low = Coordinate(range[0].GetDouble()), high = Coordinate(range[1].GetDouble());
        JsonElement axis = joint.GetProperty("axis");
        if (axis.ValueKind == JsonValueKind.Array) return (About(Vector(joint, "axis").Unit, child.X), new Vec3(0, 0, low), new Vec3(0, 0, high));
        Vec3 free = axis.GetString() switch { "twist" => Mat3.Identity.X, "lift" => Mat3.Identity.Y, _ => Mat3.Identity.Z };
        return (child, free * low, free * high);
    }

    // Z along the axis, X as near to the child's X as that allows.
    private static Mat3 About(Vec3 axis, Vec3 childX)
    {
        Vec3[] candidates = [childX, Mat3.Identity.X, Mat3.Identity.Y];
        Vec3 x = candidates.First(candidate => candidate.Across(axis).Length >= 1e-3).Across(axis).Unit;
        return new Mat3(x, axis.Cross(x), axis);
    }

    // The motor rule: torque in proportion to weight and leg length, stiffness from it, and the floor of the inertia.
    private static CreatureModel WithMotors(JsonElement root, CreatureModel model)
    {
        double strength = Number(root, "strength") ?? 0.4;
        List<JointModel> joints = [];
        foreach (JointModel joint in model.Joints)
        {
            double torque = double.IsNaN(joint.Torque) ? strength * model.Mass * Gravity * LegLength(model, joint) : joint.Torque;
            joints.Add(joint with { Torque = torque, Stiffness = double.IsNaN(joint.Stiffness) ? torque / 0.3 : joint.Stiffness });
        }

        BodyModel[] bodies = [.. model.Bodies];
        foreach (JointModel joint in joints)
        {
            double floor = joint.Torque / (400.0 * 400.0) / 0.01;
            foreach (int body in new[] { joint.Parent, joint.Child })
            {
                Vec3 inertia = bodies[body].Inertia;
                bodies[body] = bodies[body] with { Inertia = new Vec3(Math.Max(inertia.X, floor), Math.Max(inertia.Y, floor), Math.Max(inertia.Z, floor)) };
            }
        }

        return model with { Bodies = bodies, Joints = joints };
    }

    // The longest chain of bodies from the torso through this joint.
    private static double LegLength(CreatureModel model, JointModel joint)
    {
        double Below(int body) => model.Bodies[body].SegmentLength
            + model.Joints.Where(next => next.Parent == body).Select(next => Below(next.Child)).DefaultIfEmpty(0).Max();
        double Above(int body) => body == 0 ? 0 : model.Bodies[body].SegmentLength + Above(model.Joints.First(up => up.Child == body).Parent);
        return Above(joint.Parent) + Below(joint.Child);
    }

    private static double Coordinate(double degrees) => 2 * Math.Sin(degrees * DegreesToRadians / 2);

    private static double? Number(JsonElement parent, string key) => parent.TryGetProperty(key, out JsonElement value) ? value.GetDouble() : null;

    private static Vec3 Vector(JsonElement parent, string key)
    {
        JsonElement value = parent.GetProperty(key);
        return new Vec3(value[0].GetDouble(), value[1].GetDouble(), value[2].GetDouble());
    }
}
