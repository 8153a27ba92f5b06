using System.Globalization;
using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Creature;

/// <summary>What a skeleton must fulfil as a whole: a tree, masses that the solver can hold, shapes above the ground.</summary>
public static class SkeletonRules
{
    /// <summary>Σ over axes of sin² of half the widest limit, at most: a rotation of 150° in all.</summary>
    public const double MaxRotation = 0.933;

    private const double MaxMassRatio = 100, MinMass = 0.02, MaxMass = 200; // kg
    private const double BelowGround = 1e-3; // m
    private const double AnchorDistance = 0.02; // m

    /// <summary>Checks <paramref name="file"/>.</summary>
    /// <param name="file">A skeleton whose single values are in range.</param>
    /// <param name="source">File name or other origin, for messages.</param>
    /// <exception cref="UsageException">the first rule that is broken.</exception>
    public static void Check(SkeletonFile file, string source)
    {
        CheckTree(file, source);
        CheckMasses(file, source);
        for (int body = 0; body < file.Bodies.Count; body++)
        {
            double lowest = Lowest(file.Bodies[body]);
            if (lowest < -BelowGround) throw Broken(source, $"$.bodies[{body}]", $"reaches {-lowest:0.####} m below the ground (z = 0) in the rest pose; at most 1 mm is allowed. Raise the creature");
        }

        for (int joint = 0; joint < file.Joints.Count; joint++) CheckJoint(file, joint, source);
        CreatureLayout layout = CreatureLayout.Of(file, 0);
        if (layout.Axes > CreatureConstants.MaxAxes) throw Broken(source, "$.joints", $"have {layout.Axes} free axes; at most {CreatureConstants.MaxAxes} are allowed. Lock some with [0, 0] or use hinges");
        if (layout.Points > CreatureConstants.MaxPoints) throw Broken(source, "$.bodies", $"have {layout.Points} contact points; at most {CreatureConstants.MaxPoints} are allowed (capsule 2, sphere 1, box 8)");
        if (layout.Actions == 0) throw Broken(source, "$.joints", "have no driven axis; the creature could not act. Leave out \"driven\": false, or widen a limit");
    }

    /// <summary>What is allowed but will hardly stand.</summary>
    public static IReadOnlyList<string> Warnings(SkeletonFile file)
    {
        var feet = file.Bodies.Where(body => body.Foot).SelectMany(Ends).ToArray();
        if (feet.Length == 0) return [$"'{file.Name}' has no body with \"foot\": true; no contact will be observed."];
        double total = 0, x = 0, y = 0;
        foreach (SkeletonBody body in file.Bodies)
        {
            double mass = SkeletonMass.Of(file, body).Mass;
            total += mass;
            x += mass * body.Middle.X;
            y += mass * body.Middle.Y;
        }

        x /= total;
        y /= total;
        bool inside = x >= feet.Min(p => p.X) && x <= feet.Max(p => p.X) && (file.Planar || (y >= feet.Min(p => p.Y) && y <= feet.Max(p => p.Y)));
        return inside ? [] : [string.Create(CultureInfo.InvariantCulture, $"'{file.Name}': the centre of mass ({x:0.###}, {y:0.###}) lies outside the rectangle around the feet; it will fall over.")];
    }

    private static void CheckTree(SkeletonFile file, string source)
    {
        var seen = new HashSet<string>();
        for (int body = 0; body < file.Bodies.Count; body++)
            if (!seen.Add(file.Bodies[body].Id)) throw Broken(source, $"$.bodies[{body}].id", $"is \"{file.Bodies[body].Id}\", which an earlier body has; ids are unique");
        if (file.Joints.Count != file.Bodies.Count - 1)
            throw Broken(source, "$.joints", $"has {file.Joints.Count} joints for {file.Bodies.Count} bodies; there is exactly one joint fewer than bodies");
        HashSet<string> reached = [file.Bodies[0].Id];
        for (int joint = 0; joint < file.Joints.Count; joint++)
        {
            (string parent, string child) = (file.Joints[joint].Parent, file.Joints[joint].Child);
            foreach ((string key, string id) in new[] { ("parent", parent), ("child", child) })
                if (!seen.Contains(id)) throw Broken(source, $"$.joints[{joint}].{key}", $"is \"{id}\", which is no body.{Nearest.Hint(id, seen)} Bodies: {string.Join(", ", seen)}");
            if (!reached.Contains(parent)) throw Broken(source, $"$.joints[{joint}].parent", $"is \"{parent}\", which no joint has reached yet; joints form a tree from the first body, parents before children");
            if (!reached.Add(child)) throw Broken(source, $"$.joints[{joint}].child", $"is \"{child}\", which hangs on a joint already (or is the first body); joints form a tree");
        }
    }

    private static void CheckMasses(SkeletonFile file, string source)
    {
        double[] masses = [.. file.Bodies.Select(body => SkeletonMass.Of(file, body).Mass)];
        for (int body = 0; body < masses.Length; body++)
            if (!(masses[body] >= MinMass && masses[body] <= MaxMass)) throw Broken(source, $"$.bodies[{body}]", $"has a mass of {masses[body]:0.######} kg; allowed are {MinMass}..{MaxMass} kg. Change its size, density or mass");
        int heavy = Array.IndexOf(masses, masses.Max()), light = Array.IndexOf(masses, masses.Min());
        if (masses[heavy] > MaxMassRatio * masses[light])
            throw Broken(source, $"$.bodies[{heavy}]", $"has {masses[heavy]:0.###} kg, {masses[heavy] / masses[light]:0.#} times the {masses[light]:0.####} kg of $.bodies[{light}]; at most {MaxMassRatio} times is allowed");
    }

    private static void CheckJoint(SkeletonFile file, int index, string source)
    {
        SkeletonJoint joint = file.Joints[index];
        double rotation = 0;
        foreach (SkeletonAxis axis in Enum.GetValues<SkeletonAxis>())
        {
            SkeletonLimit limit = joint.LimitOf(axis);
            double sine = Degrees.CosSin(Math.Max(-limit.Low, limit.High) / 2).Sin;
            rotation += sine * sine;
        }

        if (rotation > MaxRotation) throw Broken(source, $"$.joints[{index}]", $"can turn too far: the squared sines of half its widest limits sum to {rotation:0.###}; at most {MaxRotation} is allowed (150° in all). Narrow its limits");
        foreach ((string role, string id) in new[] { ("parent", joint.Parent), ("child", joint.Child) })
        {
            double distance = Distance(file.Bodies[file.IndexOf(id)], joint.At);
            if (distance > AnchorDistance) throw Broken(source, $"$.joints[{index}].at", $"is {distance:0.####} m from the {role} '{id}'; an anchor lies within 2 cm of both bodies");
        }
    }

    private static IEnumerable<Double3> Ends(SkeletonBody body) => body.Shape switch
    {
        SkeletonShape.Capsule => [body.From, body.To],
        SkeletonShape.Sphere => [body.Center],
        _ => [body.Center - body.Half, body.Center + body.Half],
    };

    private static double Lowest(SkeletonBody body) => Ends(body).Min(end => end.Z) - body.Radius;

    // From a point to the surface; 0 inside.
    private static double Distance(SkeletonBody body, Double3 point)
    {
        if (body.Shape == SkeletonShape.Box)
        {
            Double3 d = point - body.Center;
            return new Double3(Math.Max(0, Math.Abs(d.X) - body.Half.X), Math.Max(0, Math.Abs(d.Y) - body.Half.Y), Math.Max(0, Math.Abs(d.Z) - body.Half.Z)).Length;
        }

        Double3 nearest = body.Center;
        if (body.Shape == SkeletonShape.Capsule)
        {
            Double3 along = body.To - body.From;
            nearest = body.From + along * Math.Clamp(Double3.Dot(point - body.From, along) / along.LengthSquared, 0, 1);
        }

        return Math.Max(0, (point - nearest).Length - body.Radius);
    }

    private static UsageException Broken(string source, string path, FormattableString what) =>
        new($"{source}: {path} {what.ToString(CultureInfo.InvariantCulture)}.");

    private static UsageException Broken(string source, string path, string what) => new($"{source}: {path} {what}.");
}
