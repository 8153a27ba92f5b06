using System.Globalization;

namespace Arena.Validation.Tests.Creature;

/// <summary>Skeleton files for experiments, written as a person would write them.</summary>
internal static class Bodies
{
    /// <summary>Two equal boxes in one place, held together: slides, falls and rests like one of 0.4 × 0.4 × 0.04 m.</summary>
    public static string Block(double friction, double height = 0.02) => Create(
        "block",
        [Box("torso", 0, 0, height, 0.2, 0.2, 0.02, friction), Box("twin", 0, 0, height, 0.2, 0.2, 0.02, friction)],
        [Hinge("torso", "twin", (0, 0, height), "swing", -1, 1, "\"driven\": false, \"torque\": 0.001")]);

    /// <summary>Two equal spheres in one place, held together: bounces like one of radius 0.1 m.</summary>
    public static string Sphere(double restitution, double height = 0.1) => Create(
        "sphere",
        [
            Invariant($$"""{ "id": "torso", "shape": "sphere", "center": [0, 0, {{height}}], "radius": 0.1, "mass": 2, "restitution": {{restitution}}, "fatal": false }"""),
            Invariant($$"""{ "id": "twin", "shape": "sphere", "center": [0, 0, {{height}}], "radius": 0.1, "mass": 2, "restitution": {{restitution}}, "fatal": false }"""),
        ],
        [Hinge("torso", "twin", (0, 0, height), "swing", -1, 1, "\"driven\": false, \"torque\": 0.001")]);

    /// <summary>A block with a capsule of 1 m hung beside it, swinging in the x-z plane about y.</summary>
    public static string Pendulum() => Create(
        "pendulum",
        [
            """{ "id": "torso", "shape": "box", "center": [0, 0, 0.7], "half": [1, 1, 0.7], "mass": 69, "friction": 2, "fatal": false }""",
            """{ "id": "bob", "shape": "capsule", "from": [0, 1, 1.35], "to": [0, 1, 0.35], "radius": 0.03, "mass": 0.7, "fatal": false }""",
        ],
        ["""{ "parent": "torso", "child": "bob", "at": [0, 1, 1.35], "type": "hinge", "axis": [0, 1, 0], "range": [-60, 60], "torque": 0.001, "damping": 0, "driven": false }"""]);

    /// <summary>Five capsules in a row with ball joints.</summary>
    /// <param name="driven">With motors and damping, or free of both.</param>
    public static string Chain(bool driven) => Create(
        "chain",
        [.. Enumerable.Range(0, 5).Select(i => Capsule($"link{i}", (0.3 * i, 0, 1), (0.3 * (i + 1), 0, 1), 0.04))],
        [.. Enumerable.Range(0, 4).Select(i => Ball($"link{i}", $"link{i + 1}", (0.3 * (i + 1), 0, 1), 60, driven ? "\"driven\": true" : "\"driven\": false, \"damping\": 0"))]);

    /// <summary>The six-legged built-in, from its geometry.</summary>
    public static string SixLegs()
    {
        List<string> bodies = [Box("torso", 0, 0, 0.30, 0.30, 0.15, 0.06, 0.9, fatal: true)];
        List<string> joints = [];
        foreach (int side in new[] { 1, -1 })
        {
            foreach (double x in new[] { 0.25, 0, -0.25 })
            {
                string leg = $"leg{bodies.Count}";
                (double X, double Y, double Z) hip = (x, side * 0.15, 0.30), knee = (x, side * 0.35, 0.40), foot = (x, side * 0.47, 0.025);
                bodies.Add(Capsule(leg + "u", hip, knee, 0.035));
                bodies.Add(Capsule(leg + "l", knee, foot, 0.025, foot: true));
                joints.Add(Limits("torso", leg + "u", hip));
                joints.Add(Limits(leg + "u", leg + "l", knee));
            }
        }

        return Create("six", bodies, joints);

        static string Limits(string parent, string child, (double X, double Y, double Z) at) =>
            Invariant($$"""{ "parent": "{{parent}}", "child": "{{child}}", "at": [{{at.X}}, {{at.Y}}, {{at.Z}}], "type": "ball", "limits": { "twist": [-30, 30], "lift": [-55, 55], "swing": [-45, 45] } }""");
    }

    private static string Create(string name, IEnumerable<string> bodies, IEnumerable<string> joints) =>
        $$"""{ "format": "creature-1", "name": "{{name}}", "bodies": [ {{string.Join(", ", bodies)}} ], "joints": [ {{string.Join(", ", joints)}} ] }""";

    private static string Box(string id, double x, double y, double z, double halfX, double halfY, double halfZ, double friction, bool fatal = false) =>
        Invariant($$"""{ "id": "{{id}}", "shape": "box", "center": [{{x}}, {{y}}, {{z}}], "half": [{{halfX}}, {{halfY}}, {{halfZ}}], "friction": {{friction}}, "fatal": {{(fatal ? "true" : "false")}} }""");

    private static string Capsule(string id, (double X, double Y, double Z) from, (double X, double Y, double Z) to, double radius, bool foot = false) =>
        Invariant($$"""{ "id": "{{id}}", "shape": "capsule", "from": [{{from.X}}, {{from.Y}}, {{from.Z}}], "to": [{{to.X}}, {{to.Y}}, {{to.Z}}], "radius": {{radius}}, "foot": {{(foot ? "true" : "false")}}, "fatal": false }""");

    private static string Ball(string parent, string child, (double X, double Y, double Z) at, double degrees, string more) =>
        Invariant($$"""{ "parent": "{{parent}}", "child": "{{child}}", "at": [{{at.X}}, {{at.Y}}, {{at.Z}}], "type": "ball", "limits": { "twist": [-{{degrees}}, {{degrees}}], "lift": [-{{degrees}}, {{degrees}}], "swing": [-{{degrees}}, {{degrees}}] }, {{more}} }""");

    private static string Hinge(string parent, string child, (double X, double Y, double Z) at, string axis, double low, double high, string more) =>
        Invariant($$"""{ "parent": "{{parent}}", "child": "{{child}}", "at": [{{at.X}}, {{at.Y}}, {{at.Z}}], "type": "hinge", "axis": "{{axis}}", "range": [{{low}}, {{high}}], {{more}} }""");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
