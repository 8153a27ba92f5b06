using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>Legs that lie in each other: the kernel's count against a search for the nearest points.</summary>
public class OverlapTests
{
    private const double Doubtful = 1e-5; // m: nearer to touching, rounding decides

    [Theory]
    [InlineData(1, 0, 0, 0, 1, 0, 0, 0, 0.5, 0.5)]      // crosswise, half a metre apart
    [InlineData(1, 0, 0, 1, 0, 0, 0, 0.3, 0, 0.3)]      // side by side
    [InlineData(1, 0, 0, 1, 0, 0, 3, 0, 0, 1)]          // in one line, ends 1 m apart
    [InlineData(1, 0, 0, 0, 0, 0, 0, 0.2, 0, 0.2)]      // a sphere beside a segment
    [InlineData(0, 0, 0, 0, 0, 0, 0, 3, 4, 5)]          // two spheres
    [InlineData(1, 0, 0, 0, 0, 1, 2, 0, 1, 1)]          // an end beside an end
    public void The_distance_of_two_segments_is_that_of_the_pencil(double ax, double ay, double az, double bx, double by, double bz, double x, double y, double z, double expected)
    {
        float kernel = CreatureOverlap.Distance(new((float)ax, (float)ay, (float)az), new((float)x, (float)y, (float)z), new((float)bx, (float)by, (float)bz));
        Assert.Equal(expected, Math.Sqrt(kernel), 1e-6);
        Vec3 a = new(ax, ay, az), b = new(bx, by, bz), apart = new(x, y, z);
        Assert.Equal(expected, OverlapRules.Distance((-a, a), (apart - b, apart + b)), 1e-9);
    }

    [Fact]
    public void Any_two_segments_are_as_far_apart_as_a_search_says()
    {
        var random = new Random(5);
        Vec3 Any(double size) => new(size * (2 * random.NextDouble() - 1), size * (2 * random.NextDouble() - 1), size * (2 * random.NextDouble() - 1));
        for (int run = 0; run < TestSize.Of(300, 20_000); run++)
        {
            Vec3 a = run % 11 == 0 ? Vec3.Zero : Any(0.4), b = run % 7 == 0 ? a * 0.5 : Any(0.4), apart = Any(0.6);
            double kernel = Math.Sqrt(CreatureOverlap.Distance(Single(a), Single(apart), Single(b))), search = OverlapRules.Distance((-a, a), (apart - b, apart + b));
            Assert.True(Math.Abs(kernel - search) < 1e-5, $"{a}, {b}, {apart}: {kernel} and {search}");
        }

        static Kernels.Common.Float3 Single(Vec3 v) => new((float)v.X, (float)v.Y, (float)v.Z);
    }

    [Theory]
    [InlineData("ant")]
    [InlineData("six-legs")]
    [InlineData("generated:legs=8,segments=3,plan=ring,seed=11")]
    public void The_kernel_counts_the_pairs_that_a_search_counts(string skeleton)
    {
        (int[] kernel, int[] search, bool[] clear) = Counts(skeleton, _ => { });
        for (int env = 0; env < kernel.Length; env++)
            if (clear[env]) Assert.True(search[env] == kernel[env], $"match {env}: {kernel[env]} pairs, a search finds {search[env]}");
        Assert.Contains(kernel, count => count > 0);
        Assert.True(clear.Count(sure => sure) > kernel.Length / 2);
        // The planted bug: one segment a fifth too thick.
        (int[] wrong, _, _) = Counts(skeleton, tables => tables.Bodies[^1].Radius *= 1.2f);
        Assert.True(kernel.Zip(wrong).Any(pair => pair.First != pair.Second), "a thicker segment went unseen");
    }

    [Fact]
    public void Without_a_survey_nothing_is_counted_and_play_is_the_same()
    {
        float[] with = Ended(survey: true), without = Ended(survey: false);
        Assert.Equal(with[..CreatureStatistic.Count], without[..CreatureStatistic.Count]);
        Assert.Equal((0f, 0f), (without[CreatureStatistic.Overlap], without[CreatureStatistic.OverlapTicks]));
        Assert.Equal(5f, with[CreatureStatistic.OverlapTicks]); // ticks 0, 4, 8, 12 and 16 of 18
    }

    // Pairs in the last pose before an episode of one tick, of creatures thrown together: each body near the torso, turned by chance.
    private static (int[] Kernel, int[] Search, bool[] Clear) Counts(string skeleton, Action<CreatureTables> change)
    {
        const int Envs = 40;
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new CreatureOptions { Skeleton = skeleton, NumEnvs = Envs, MaxTicks = 1, Ground = CreatureGround.None };
        EnvironmentSpec spec = Registry.Find("creature").Describe(options);
        CreatureTables tables = SkeletonCompiler.Compile(Skeletons.Find(skeleton));
        change(tables);
        using var environment = new CreatureEnvironment(device, options, spec, tables, null) { Survey = true };
        using var buffers = new StepBuffers(device, spec, Envs);
        environment.Reset(1, buffers.Views);
        CreatureModel model = ModelReader.Read(SkeletonWriter.Write(tables.File));
        var random = new Random(9);
        var search = new int[Envs];
        var clear = new bool[Envs];
        for (int env = 0; env < Envs; env++)
        {
            StateColumn column = environment.State["body"];
            var floats = new float[column.Slots];
            column.ReadMatch(env, MemoryMarshal.AsBytes(floats.AsSpan()));
            for (int body = 1; body < model.Bodies.Count; body++)
            {
                Span<float> at = floats.AsSpan(body * CreatureConstants.BodyFloats);
                for (int axis = 0; axis < 3; axis++) at[axis] = (float)(0.6 * random.NextDouble() + (axis == 2 ? 0.5 : 0));
                double[] q = [.. Enumerable.Range(0, 4).Select(_ => 2 * random.NextDouble() - 1)];
                double length = Math.Sqrt(q.Sum(x => x * x));
                for (int i = 0; i < 4; i++) at[CreatureConstants.Orientation + i] = (float)(q[i] / length);
            }

            column.WriteMatch(env, MemoryMarshal.AsBytes<float>(floats));
            World world = CreatureColumns.Read(environment.State.All.ToDictionary(one => one.Name, one => one.ReadMatch(env)), model).World;
            search[env] = OverlapRules.Pairs(world, out double nearest);
            clear[env] = nearest > Doubtful;
        }

        environment.Step(buffers.Views);
        float[] statistics = buffers.EpisodeStatistics!.ToArray();
        return ([.. Enumerable.Range(0, Envs).Select(env => (int)statistics[env * CreatureStatistic.Reported + CreatureStatistic.Overlap])], search, clear);
    }

    private static float[] Ended(bool survey)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new CreatureOptions { NumEnvs = 1, MaxTicks = 18 };
        using IEnvironment environment = Registry.Find("creature").Create(device, options);
        environment.Survey = survey;
        using var buffers = new StepBuffers(device, environment.Spec, 1);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(1, "controllers");
        controllers.Write([(byte)2]);
        environment.Reset(3, buffers.Views);
        for (int tick = 0; tick < 18; tick++)
        {
            environment.Act(controllers.View, buffers.Views);
            environment.Step(buffers.Views);
        }

        return buffers.EpisodeStatistics!.ToArray();
    }
}
