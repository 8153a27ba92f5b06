using Arena.Kernels.Environments.Creature;
using Arena.Tests;

namespace Arena.Kernels.Tests.Creature;

/// <summary>What the solver must keep: mirror images, free fall, standing, friction, the moving origin.</summary>
public sealed class SolverTests
{
    [Theory]
    [InlineData("ant", 2)]
    [InlineData("six-legs", 1)]
    [InlineData("hopper", 1)]
    [InlineData("generated:legs=4,segments=3,plan=pairs,seed=3", 1)]
    [InlineData("generated:legs=5,segments=2,plan=ring,seed=11", 1)]
    public void A_mirrored_creature_moves_in_the_mirror_bit_for_bit(string skeleton, byte player)
    {
        Assert.Equal(-1, FirstDifference(skeleton, player, swapLimits: true));
    }

    [Fact]
    public void The_mirror_sees_a_planted_asymmetry()
    {
        // Limits of twist and swing that are not swapped: invisible while they are symmetric, seen at once when they are not.
        Assert.InRange(FirstDifference("generated:legs=4,segments=3,plan=pairs,seed=3", 1, swapLimits: false), 0, 99);
    }

    [Fact]
    public void A_body_in_free_fall_follows_the_sum_of_its_steps()
    {
        // After N substeps z = z₀ − g h² N (N + 1) / 2: the semi-implicit sum, 12 mm below g t²/2 after a second.
        using var herd = new Herd(new CreatureOptions { NumEnvs = 1, Ground = CreatureGround.None });
        double before = CentreHeight(herd);
        for (int tick = 0; tick < 10; tick++) herd.Step();
        double h = 1.0 / 400, n = 80;
        Assert.Equal(before - (9.81 * h * h * n * (n + 1) / 2), CentreHeight(herd), 2e-5);
    }

    [Fact]
    public void Standing_creatures_stand()
    {
        foreach (string name in (string[])[BuiltinSkeletons.Ant, BuiltinSkeletons.SixLegs])
        {
            using var herd = new Herd(new CreatureOptions { Skeleton = name, NumEnvs = 4 });
            for (int tick = 0; tick < 200; tick++) herd.Step(); // the push of the start dies out
            for (int env = 0; env < 4; env++)
            {
                float[] body = herd.Floats("body", env);
                for (int index = 0; index < herd.Environment.Tables.Bodies.Length; index++)
                    Assert.True(Speed(body, index) < 0.02, $"{name}: body {index} of creature {env} moves at {Speed(body, index)} m/s");
                float[] feet = herd.Floats("feet", env);
                double load = 0;
                for (int foot = 0; foot < feet.Length / 2; foot++) load += feet[(2 * foot) + 1];
                Assert.InRange(load, 0.98, 1.02); // the feet carry the weight
            }
        }
    }

    [Fact]
    public void A_shift_of_the_origin_changes_nothing_but_rounding()
    {
        using var near = new Herd(new CreatureOptions { NumEnvs = 1 });
        using var far = new Herd(new CreatureOptions { NumEnvs = 1 });
        float[] body = near.Floats("body");
        float ahead = 3.9999f - body[0];
        for (int index = 0; index < 9; index++)
        {
            body[index * 13] += ahead;
            body[(index * 13) + 7] = 1f;
        }

        near.Put("body", body);
        float[] other = [.. body];
        for (int index = 0; index < 9; index++) other[index * 13] -= 4f;
        far.Put("body", other);
        near.Step();
        far.Step();
        Assert.Equal(1.0, near.Environment.State["origin"].ReadMatch(0)[0]);
        Assert.Equal(0.0, far.Environment.State["origin"].ReadMatch(0)[0]);
        (float[] shifted, float[] unshifted) = (near.Floats("body"), far.Floats("body"));
        for (int index = 0; index < 9; index++)
            for (int i = 0; i < 7; i++)
                Assert.Equal(unshifted[(index * 13) + i], shifted[(index * 13) + i], 1e-5f);
    }

    [Theory]
    [InlineData(BuiltinSkeletons.SixLegs)]
    [InlineData(BuiltinSkeletons.Ant)]
    public void The_gait_goes_ahead(string skeleton)
    {
        using var herd = new Herd(new CreatureOptions { Skeleton = skeleton, NumEnvs = 4 });
        for (int tick = 0; tick < 300; tick++) herd.Play(2);
        for (int env = 0; env < 4; env++)
            Assert.InRange(herd.Floats("statistics", env)[CreatureStatistic.Along], 5f, 15f); // m in 6 s
    }

    [Fact]
    public void Thrashing_creatures_neither_diverge_nor_come_apart()
    {
        // A million ticks at full size.
        int matches = TestSize.Of(8, 64), ticks = TestSize.Of(400, 16_000);
        using var herd = new Herd(new CreatureOptions { Skeleton = BuiltinSkeletons.SixLegs, NumEnvs = matches }, seed: 3);
        double worst = 0;
        for (int tick = 0; tick < ticks; tick++)
        {
            herd.Play(1);
            for (int env = 0; env < matches; env++) worst = Math.Max(worst, Separation(herd, env));
        }

        Assert.Equal(0, herd.Environment.Divergences.Take(out _));

        Assert.InRange(worst, 1e-4, 0.04);
    }

    [Fact]
    public void A_pushed_ball_moves_along_the_push_and_a_rolling_ball_keeps_its_direction()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 1, Task = CreatureTask.Dribble });
        float[] ball = herd.Floats("ball");
        (ball[0], ball[1], ball[7], ball[8]) = (3f, 0f, 1f, 0.5f);
        herd.Put("ball", ball);
        for (int tick = 0; tick < 50; tick++) herd.Step();
        float[] rolled = herd.Floats("ball");
        Assert.Equal(0.5, (rolled[1] - 0) / (rolled[0] - 3), 0.02);
        Assert.InRange(rolled[7], 0.3f, 0.75f); // 2/3 or more of the speed is left by sliding into rolling, and a share is lost
        Assert.Equal(0.15, rolled[2], 1e-3);

        // Just inside the torso's front face: pushed out ahead, and the torso the other way.
        float[] body = herd.Floats("body");
        (rolled[0], rolled[1], rolled[2], rolled[7], rolled[8]) = (body[0] + 0.29f, body[1], body[2], 0f, 0f);
        for (int i = 3; i < 13; i++) rolled[i] = i == 6 ? 1f : 0f;
        float[] level = [.. body];
        herd.Put("ball", rolled);
        herd.Put("body", level);
        herd.Step();
        float[] after = herd.Floats("ball");
        Assert.True(Math.Sqrt(Math.Pow(after[0] - body[0], 2) + Math.Pow(after[1] - body[1], 2)) > 0.29, "the ball was not pushed away");
    }

    // Of the centre of mass: motors and joints cannot move it.
    private static double CentreHeight(Herd herd)
    {
        float[] body = herd.Floats("body");
        double sum = 0, total = 0;
        for (int index = 0; index < herd.Environment.Tables.Bodies.Length; index++)
        {
            double mass = 1 / herd.Environment.Tables.Bodies[index].InverseMass;
            sum += mass * body[(13 * index) + 2];
            total += mass;
        }

        return sum / total;
    }

    private static double Separation(Herd herd, int env)
    {
        double[] body = herd.Environment.State["body"].ReadMatch(env);
        double worst = 0;
        foreach (CreatureJoint joint in herd.Environment.Tables.Joints)
        {
            Double3 a = World(body, joint.Parent, joint.ParentX, joint.ParentY, joint.ParentZ), b = World(body, joint.Child, joint.ChildX, joint.ChildY, joint.ChildZ);
            worst = Math.Max(worst, (a - b).Length);
        }

        return worst;
    }

    private static Double3 World(double[] body, int index, double x, double y, double z)
    {
        int at = 13 * index;
        var axis = new Double3(body[at + 3], body[at + 4], body[at + 5]);
        var local = new Double3(x, y, z);
        Double3 t = Double3.Cross(axis, local) * 2;
        return new Double3(body[at], body[at + 1], body[at + 2]) + local + (t * body[at + 6]) + Double3.Cross(axis, t);
    }

    private static double Speed(float[] body, int index) =>
        Math.Sqrt(Math.Pow(body[(index * 13) + 7], 2) + Math.Pow(body[(index * 13) + 8], 2) + Math.Pow(body[(index * 13) + 9], 2));

    // Tick of the first difference over 100 ticks, or −1. Falling ends nothing, so that all 100 are played.
    private static int FirstDifference(string skeleton, byte player, bool swapLimits)
    {
        var options = new CreatureOptions { Skeleton = skeleton, NumEnvs = 1 };
        CreatureTables tables = SkeletonCompiler.Compile(Skeletons.Find(skeleton));
        foreach (ref CreatureBody body in tables.Bodies.AsSpan()) body.Fatal = 0;
        using var herd = new Herd(options, tables: tables);
        using var mirrored = new Herd(options, tables: Mirror.Tables(tables, swapLimits));
        mirrored.Put("body", Mirror.Bodies(herd.Floats("body")));
        for (int tick = 0; tick < 100; tick++)
        {
            herd.Controllers.View.AsSpan().Fill(player);
            herd.Environment.Act(herd.Controllers.View, herd.Buffers.Views);
            Mirror.Actions(tables, herd.Actions, mirrored.Actions);
            herd.Step();
            mirrored.Step();
            Assert.Equal((0, 0), (herd.Buffers.Terminated!.ToArray()[0], mirrored.Buffers.Terminated!.ToArray()[0]));
            float[] image = Mirror.Bodies(herd.Floats("body")), actual = mirrored.Floats("body");
            for (int i = 0; i < image.Length; i++)
                if (image[i] != actual[i]) return tick; // −0 = 0
        }

        return -1;
    }
}
