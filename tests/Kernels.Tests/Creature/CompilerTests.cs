using Arena.Kernels.Common;
using Arena.Kernels.Environments.Creature;

namespace Arena.Kernels.Tests.Creature;

/// <summary>Masses, frames, motors and limits of the tables, worked by hand.</summary>
public sealed class CompilerTests
{
    [Fact]
    public void A_capsule_weighs_what_a_cylinder_and_a_ball_weigh()
    {
        // r 0.035, L = sqrt(0.2² + 0.1²) = 0.223607: m_c = 500π·0.035²·0.223607 = 0.430272, m_s = 500·4/3·π·0.035³ = 0.089797; m = 0.520069.
        // I_axis = 0.430272·0.035²/2 + 0.4·0.089797·0.035² = 0.00030754
        // I_side = 0.430272·(0.05/12 + 0.035²/4) + 0.089797·(0.4·0.035² + 0.05/4 + 3·0.223607·0.035/8)
        double mc = 500 * Math.PI * 0.035 * 0.035 * Math.Sqrt(0.05), ms = 500 * 4.0 / 3 * Math.PI * 0.035 * 0.035 * 0.035;
        SkeletonFile file = BuiltinSkeletons.Find(BuiltinSkeletons.SixLegs)!;
        SkeletonMass mass = SkeletonMass.Of(file, file.Bodies[1]);
        Assert.Equal(0.520, mass.Mass, 3);
        Assert.Equal(mc + ms, mass.Mass, 12);
        Assert.Equal(0.000307535, mass.Inertia.X, 8);
        Assert.Equal((mc * ((0.05 / 12) + (0.001225 / 4))) + (ms * (0.00049 + 0.0125 + (3 * Math.Sqrt(0.05) * 0.035 / 8))), mass.Inertia.Y, 12);
        Assert.Equal(mass.Inertia.Y, mass.Inertia.Z);
    }

    [Fact]
    public void Capsule_inertia_agrees_with_sampled_volume()
    {
        // An oracle of another kind: the capsule cut into small cubes.
        var body = new SkeletonBody { Id = "c", Shape = SkeletonShape.Capsule, From = new(-0.15, 0, 1), To = new(0.15, 0, 1), Radius = 0.1 };
        SkeletonMass mass = SkeletonMass.Of(BuiltinSkeletons.Find(BuiltinSkeletons.Ant)!, body);
        const double Step = 0.004;
        double volume = 0, along = 0, across = 0;
        for (double x = -0.25 + (Step / 2); x < 0.25; x += Step)
        {
            for (double y = -0.1 + (Step / 2); y < 0.1; y += Step)
            {
                for (double z = -0.1 + (Step / 2); z < 0.1; z += Step)
                {
                    double over = Math.Max(0, Math.Abs(x) - 0.15);
                    if ((over * over) + (y * y) + (z * z) > 0.01) continue;
                    volume += Step * Step * Step;
                    along += ((y * y) + (z * z)) * Step * Step * Step;
                    across += ((x * x) + (z * z)) * Step * Step * Step;
                }
            }
        }

        Assert.InRange(mass.Mass / (500 * volume), 0.99, 1.01);
        Assert.InRange(mass.Inertia.X / (500 * along), 0.98, 1.02);
        Assert.InRange(mass.Inertia.Y / (500 * across), 0.98, 1.02);
    }

    [Fact]
    public void Built_in_creatures_have_their_published_numbers()
    {
        CreatureTables six = Skeletons.Compiled(BuiltinSkeletons.SixLegs), ant = Skeletons.Compiled(BuiltinSkeletons.Ant), hopper = Skeletons.Compiled(BuiltinSkeletons.Hopper);
        Assert.Equal(16.44, six.Mass, 2);
        Assert.Equal(10.2, ant.Mass, 1);
        Assert.All(six.Joints, joint => Assert.Equal(39.8f, joint.Torque, 0.05f));
        Assert.Equal(39.8 / 0.3, 1 / six.Joints[0].Compliance, 0.3);
        Assert.Equal(0.0249f, six.Bodies[1].InertiaX, 0.0001f); // raised to the armature
        Assert.True(six.Bodies[0].InertiaX > 0.0249f);           // the torso's own is larger
        Assert.Equal((13, 36, 36, 6, 190), Counts(six, 2));
        Assert.Equal((9, 8, 8, 4, 74), Counts(ant, 2));
        Assert.Equal((4, 3, 3, 1, 48), Counts(hopper, 2));
        Assert.Equal(118, CreatureLayout.Of(six.File, 0).Length);
        Assert.Equal(new[] { 1, 0, 0 }, six.Bodies.Take(3).Select(body => body.Fatal));
        Assert.Equal(2 * Math.Sin(27.5 * Math.PI / 180), six.Joints[0].HighY, 6);
    }

    [Fact]
    public void Frames_follow_the_bodies()
    {
        // The ant's front left upper leg: X along (0.12, 0.12, 0.06)/0.18, Y level and to the left of it, Z = X × Y.
        CreatureTables ant = Skeletons.Compiled(BuiltinSkeletons.Ant);
        CreatureBody upper = ant.Bodies[1];
        var q = new Rotation(upper.RestQx, upper.RestQy, upper.RestQz, upper.RestQw);
        Near(2.0 / 3, 2.0 / 3, 1.0 / 3, q.Rotate(new Float3(1f, 0f, 0f)));
        Near(-Math.Sqrt(0.5), Math.Sqrt(0.5), 0, q.Rotate(new Float3(0f, 1f, 0f)));
        Near(-Math.Sqrt(2) / 6, -Math.Sqrt(2) / 6, 2 * Math.Sqrt(2) / 3, q.Rotate(new Float3(0f, 0f, 1f)));

        // In the rest pose the two halves of every joint lie on each other.
        foreach (string name in BuiltinSkeletons.Names)
        {
            CreatureTables tables = Skeletons.Compiled(name);
            foreach (CreatureJoint joint in tables.Joints)
            {
                CreatureBody parent = tables.Bodies[joint.Parent], child = tables.Bodies[joint.Child];
                Rotation atParent = CreatureJoints.Frame(joint, new Rotation(parent.RestQx, parent.RestQy, parent.RestQz, parent.RestQw));
                Rotation relative = CreatureJoints.Relative(joint, atParent, new Rotation(child.RestQx, child.RestQy, child.RestQz, child.RestQw));
                Near(0, 0, 0, relative.Vector);
            }
        }

        // The hopper's hinges turn about +y: the third axis of their frames.
        CreatureJoint knee = Skeletons.Compiled(BuiltinSkeletons.Hopper).Joints[1];
        CreatureBody thigh = Skeletons.Compiled(BuiltinSkeletons.Hopper).Bodies[1];
        Near(0, 1, 0, CreatureJoints.Frame(knee, new Rotation(thigh.RestQx, thigh.RestQy, thigh.RestQz, thigh.RestQw)).Rotate(new Float3(0f, 0f, 1f)));
        Assert.Equal((0f, 0f, 0f, 0f), (knee.LowX, knee.HighX, knee.LowY, knee.LowZ));
        Assert.Equal(2 * Math.Sin(55 * Math.PI / 180), knee.HighZ, 6);
    }

    [Fact]
    public void Sine_and_cosine_are_exact_to_3e_7_over_a_whole_turn()
    {
        double worst = 0;
        for (int i = 0; i < 1 << 20; i++)
        {
            float turns = i * (1f / (1 << 20));
            Float2 t = Turns.CosSin(turns);
            worst = Math.Max(worst, Math.Max(Math.Abs(t.X - Math.Cos(2 * Math.PI * turns)), Math.Abs(t.Y - Math.Sin(2 * Math.PI * turns))));
        }

        Assert.InRange(worst, 0, 3e-7);
    }

    [Fact]
    public void Bumps_repeat_are_gentle_and_fit_their_bounds()
    {
        float[] heights = CreatureBumps.Make();
        const int Cells = CreatureBumps.Cells;
        double steepest = 0;
        for (int table = 0; table < CreatureBumps.Tables; table++)
        {
            for (int at = 0; at < Cells * Cells; at++)
            {
                float here = heights[(table * Cells * Cells) + at], right = heights[(table * Cells * Cells) + (at / Cells * Cells) + ((at + 1) % Cells)];
                Assert.InRange(here, -1f, 1f);
                steepest = Math.Max(steepest, Math.Abs(right - here) * 0.08 * CreatureBumps.CellsPerMetre);
            }
        }

        Assert.InRange(steepest, 0.05, 0.35); // along one axis at level 4; together below 0.5
    }

    private static (int Bodies, int Axes, int Actions, int Feet, int Length) Counts(CreatureTables tables, int previous)
    {
        CreatureLayout layout = CreatureLayout.Of(tables.File, previous);
        return (layout.Bodies, layout.Axes, layout.Actions, layout.Feet, layout.Length);
    }

    private static void Near(double x, double y, double z, Float3 actual)
    {
        Assert.Equal(x, actual.X, 1e-6);
        Assert.Equal(y, actual.Y, 1e-6);
        Assert.Equal(z, actual.Z, 1e-6);
    }
}
