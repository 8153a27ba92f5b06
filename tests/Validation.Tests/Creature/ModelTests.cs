using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>Skeleton arithmetic by hand, and the compiled tables against the reference's own reading of the text.</summary>
public class ModelTests
{
    [Fact]
    public void Six_legs_weighs_what_the_sheet_says()
    {
        CreatureModel model = ModelReader.Read(Bodies.SixLegs());

        Assert.Equal(13, model.Bodies.Count);
        Assert.Equal(10.80, model.Bodies[0].Mass, 1e-9); // 0.6 · 0.3 · 0.12 m³ of 500 kg/m³
        Assert.Equal(0.520, model.Bodies[1].Mass, 5e-4);
        Assert.Equal(0.419, model.Bodies[2].Mass, 5e-4);
        Assert.Equal(16.44, model.Mass, 5e-3);
        Assert.Equal(39.8, model.Joints[0].Torque, 0.05); // 0.4 · 16.44 kg · 9.81 m/s² · 0.617 m
        Assert.Equal(133, model.Joints[0].Stiffness, 0.5);
        Assert.Equal(0.0249, model.Bodies[2].Inertia.Y, 5e-5); // the floor
        Assert.Equal(36, model.FreeAxes);
    }

    [Fact]
    public void A_capsule_is_a_cylinder_and_two_half_balls()
    {
        // Integrated in thin discs along the axis: ∫ πr²ρ, and their moments about a side axis.
        const double R = 0.03, L = 1, Mass = 0.7;
        BodyModel capsule = ModelReader.Read(Bodies.Pendulum()).Bodies[1];
        double density = Mass / (Math.PI * R * R * (L + R * 4 / 3));
        double mass = 0, along = 0, side = 0;
        const int Discs = 200_000;
        double thickness = (L + 2 * R) / Discs;
        for (int i = 0; i < Discs; i++)
        {
            double x = -L / 2 - R + (i + 0.5) * thickness;
            double beyond = Math.Max(0, Math.Abs(x) - L / 2), squared = R * R - beyond * beyond;
            double disc = density * Math.PI * squared * thickness;
            mass += disc;
            along += disc * squared / 2;
            side += disc * (squared / 4 + x * x);
        }

        Assert.Equal(Mass, mass, 1e-6);
        Assert.Equal(along, capsule.Inertia.X, 1e-8);
        Assert.Equal(side, capsule.Inertia.Y, 1e-8);
    }

    [Theory]
    [InlineData("six-legs", 13, 36, 6)]
    [InlineData("ant", 9, 8, 4)]
    [InlineData("hopper", 4, 3, 1)]
    public void The_compiled_tables_hold_what_the_text_says(string name, int bodies, int axes, int feet)
    {
        SkeletonFile file = Skeletons.Find(name);
        CreatureModel model = ModelReader.Read(SkeletonWriter.Write(file));
        CreatureTables tables = SkeletonCompiler.Compile(file);

        Assert.Equal((bodies, axes, feet), (model.Bodies.Count, model.FreeAxes, model.Feet.Count));
        foreach ((BodyModel body, CreatureBody table) in model.Bodies.Zip(tables.Bodies))
        {
            Same(1 / body.Mass, table.InverseMass);
            Same(body.Inertia, table.InertiaX, table.InertiaY, table.InertiaZ);
            Same(body.Rest, table.RestX, table.RestY, table.RestZ);
            Same(body.RestTurn, table.RestQx, table.RestQy, table.RestQz, table.RestQw);
            Same(body.Friction, table.Friction);
            Assert.Equal(body.Fatal, table.Fatal == 1);
            for (int point = 0; point < body.Points.Length; point++)
            {
                CreaturePoint contact = tables.Points[table.FirstPoint + point];
                Same(body.Points[point], contact.X, contact.Y, contact.Z);
                Same(body.Radius, contact.Radius);
            }
        }

        foreach ((JointModel joint, CreatureJoint table) in model.Joints.Zip(tables.Joints))
        {
            Assert.Equal((joint.Parent, joint.Child), (table.Parent, table.Child));
            Same(joint.ParentAnchor, table.ParentX, table.ParentY, table.ParentZ);
            Same(joint.ChildAnchor, table.ChildX, table.ChildY, table.ChildZ);
            Same(joint.ParentTurn, table.ParentQx, table.ParentQy, table.ParentQz, table.ParentQw);
            Same(joint.ChildTurn, table.ChildQx, table.ChildQy, table.ChildQz, table.ChildQw);
            Same(joint.Low, table.LowX, table.LowY, table.LowZ);
            Same(joint.High, table.HighX, table.HighY, table.HighZ);
            Same(joint.Torque, table.Torque);
            Same(1 / joint.Stiffness, table.Compliance);
            Same(joint.Damping, table.Damping);
        }
    }

    // To the rounding of a float.
    private static void Same(double expected, float actual) => Assert.Equal(expected, actual, 1e-6 * Math.Max(1e-3, Math.Abs(expected)));

    private static void Same(Vec3 expected, float x, float y, float z) =>
        Assert.True((expected - new Vec3(x, y, z)).Length <= 1e-6 * Math.Max(1, expected.Length), $"({x}, {y}, {z}) instead of {expected}");

    private static void Same(Mat3 expected, float x, float y, float z, float w)
    {
        var actual = Mat3.FromQuaternion(new Vec3(x, y, z), w);
        Same(expected.X, (float)actual.X.X, (float)actual.X.Y, (float)actual.X.Z);
        Same(expected.Y, (float)actual.Y.X, (float)actual.Y.Y, (float)actual.Y.Z);
    }
}
