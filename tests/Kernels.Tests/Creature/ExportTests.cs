using System.Globalization;
using System.Text.Json;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Creature;

/// <summary>What leaves with a policy: the map of axes, and the notes beside a model.</summary>
public sealed class ExportTests
{
    private static readonly CreatureGame Game = new();

    // R(map q)(map p) = map(R(q) p), both by the same formula for turning a vector.
    [Fact]
    public void The_axes_of_Unity_turn_what_ours_turn() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            double[] q = [.. Enumerable.Range(0, 4).Select(_ => 2 * random.NextDouble() - 1)];
            double length = Math.Sqrt(q.Sum(x => x * x));
            (double X, double Y, double Z, double W) turn = (q[0] / length, q[1] / length, q[2] / length, q[3] / length);
            var point = new Double3(4 * random.NextDouble() - 2, 4 * random.NextDouble() - 2, 4 * random.NextDouble() - 2);
            Double3 ours = UnityAxes.Vector(Turn(turn, point)), theirs = Turn(UnityAxes.Rotation(turn.X, turn.Y, turn.Z, turn.W), UnityAxes.Vector(point));
            var mapped = UnityAxes.Rotation(turn.X, turn.Y, turn.Z, turn.W);
            bool back = UnityAxes.VectorFrom(UnityAxes.Vector(point)) == point && UnityAxes.RotationFrom(mapped.X, mapped.Y, mapped.Z, mapped.W) == turn;
            // The planted bug: the vector part mapped without the negation turns the other way.
            Double3 wrong = Turn((-mapped.X, -mapped.Y, -mapped.Z, mapped.W), UnityAxes.Vector(point));
            return back && (ours - theirs).Length < 1e-6 && ((ours - wrong).Length > 1e-6 || Math.Abs(turn.W) < 1e-3 || length < 1e-3);
        }).Check(TestSize.Cases(200, 5000));

    [Fact]
    public void Forward_left_and_up_become_Unitys_forward_left_and_up()
    {
        Assert.Equal(new Double3(0, 0, 1), UnityAxes.Vector(new Double3(1, 0, 0)));
        Assert.Equal(new Double3(-1, 0, 0), UnityAxes.Vector(new Double3(0, 1, 0)));
        Assert.Equal(new Double3(0, 1, 0), UnityAxes.Vector(new Double3(0, 0, 1)));
    }

    [Theory]
    [InlineData("ant", CreatureActions.Position)]
    [InlineData("six-legs", CreatureActions.Torque)]
    [InlineData("generated:legs=5,segments=3,plan=ring,seed=1", CreatureActions.Position)]
    public void The_notes_hold_the_creature_its_drives_and_its_observation(string skeleton, CreatureActions actions)
    {
        var options = new CreatureOptions { Skeleton = skeleton, Actions = actions, PreviousActions = 3, Smoothing = 0.5f };
        EnvironmentSpec spec = Game.Describe(options);
        CreatureTables tables = Skeletons.Compiled(skeleton);
        using JsonDocument notes = JsonDocument.Parse(((IGame)Game).ExportNotes(options)!);
        JsonElement root = notes.RootElement;
        Assert.Equal(tables.HashText, root.GetProperty("skeletonHash").GetString());
        Assert.Equal(tables.Hash, SkeletonCompiler.Compile(SkeletonReader.Read(root.GetProperty("skeleton").GetRawText(), "notes")).Hash);
        Assert.Equal((3, 0.02, 0.5), (root.GetProperty("previousActions").GetInt32(), root.GetProperty("tickSeconds").GetDouble(), root.GetProperty("actions").GetProperty("smoothing").GetDouble()));
        Assert.Equal(spec.Action.Continuous, root.GetProperty("actions").GetProperty("components").EnumerateArray().Select(one => one.GetString()!));

        int next = 0;
        foreach (JsonElement field in root.GetProperty("observation").GetProperty("fields").EnumerateArray())
        {
            Assert.Equal(next, field.GetProperty("first").GetInt32());
            next += field.GetProperty("length").GetInt32();
            string unit = field.GetProperty("unitOfOne").GetString()!;
            if (unit.Length > 0 && char.IsDigit(unit[0])) // "2 m/s" is 1
                Assert.Equal(1, field.GetProperty("scale").GetDouble() * double.Parse(unit.Split(' ')[0], CultureInfo.InvariantCulture), 12);
        }

        Assert.Equal(spec.Observation.Length, next);
        int action = 0;
        foreach ((JsonElement joint, int at) in root.GetProperty("joints").EnumerateArray().Select((joint, at) => (joint, at)))
        {
            CreatureJoint table = tables.Joints[at];
            Assert.Equal(table.Torque, joint.GetProperty("torque").GetSingle());
            Assert.Equal(1 / table.Compliance, joint.GetProperty("stiffness").GetSingle(), 1e-3f / table.Compliance);
            Assert.Equal(table.HighZ, joint.GetProperty("high")[2].GetSingle());
            foreach (JsonElement axis in joint.GetProperty("free").EnumerateArray())
                Assert.Equal($"{joint.GetProperty("child").GetString()} {axis.GetProperty("axis").GetString()}", spec.Action.Continuous[axis.GetProperty("action").GetInt32() is var number && number == action++ ? number : -1]);
        }

        Assert.Equal(spec.Action.Continuous.Count, action);
        Assert.Equal(tables.Mass, root.GetProperty("bodies").EnumerateArray().Sum(body => body.GetProperty("mass").GetDouble()), 1e-3);
    }

    // Scales against what the kernels show.
    [Fact]
    public void A_quantity_times_its_scale_is_what_is_observed()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 1, PreviousActions = 0 });
        for (int tick = 0; tick < 20; tick++) herd.Play(2);
        IReadOnlyList<ObservationField> fields = herd.Environment.Spec.Observation.Fields;
        float[] body = herd.Floats("body"), heading = herd.Floats("heading"), feet = herd.Floats("feet"), row = herd.Buffers.Observations!.ToArray();
        double Seen(string name, int at = 0) => row[fields.First(field => field.Name == name).Offset + at] / fields.First(field => field.Name == name).Scale;
        Assert.Equal(body[2], Seen("height"), 1e-5);
        Assert.Equal(body[7] * heading[0] + body[8] * heading[1], Seen("velocity"), 1e-4);
        Assert.Equal(herd.Floats("command")[0], Seen("commanded speed"), 1e-5);
        Assert.Equal(feet[1] * herd.Environment.Tables.Mass * 9.81, Seen(fields.First(field => field.Unit == "weight").Name), 1e-3);
    }

    [Fact]
    public void Skeletons_and_ways_to_act_mean_different_things()
    {
        string ant = Game.Describe(new CreatureOptions()).Meaning;
        Assert.NotEqual(ant, Game.Describe(new CreatureOptions { Actions = CreatureActions.Torque }).Meaning);
        string softer = SkeletonWriter.Write(BuiltinSkeletons.Find("ant")! with { Friction = 0.8 });
        Assert.NotEqual(ant, Game.Describe(new CreatureOptions { Skeleton = softer }).Meaning);
        Assert.Equal(ant, Game.Describe(new CreatureOptions { Skeleton = SkeletonWriter.Write(BuiltinSkeletons.Find("ant")!), Task = CreatureTask.Target }).Meaning);
    }

    private static Double3 Turn((double X, double Y, double Z, double W) q, Double3 p)
    {
        var axis = new Double3(q.X, q.Y, q.Z);
        Double3 t = Double3.Cross(axis, p) * 2;
        return p + t * q.W + Double3.Cross(axis, t);
    }
}
