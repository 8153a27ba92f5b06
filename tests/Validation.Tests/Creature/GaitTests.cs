using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>The built-in player beside its rule.</summary>
public class GaitTests
{
    // A float resolves the phase after 20 s, 80 periods, to 8e-6 of a period.
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("ant")]
    [InlineData("six-legs")]
    [InlineData("hopper")]
    [InlineData("generated:legs=6,segments=2,plan=pairs,seed=7")]
    [InlineData("generated:legs=4,segments=3,plan=pairs,seed=2")]
    [InlineData("generated:legs=5,segments=2,plan=ring,seed=6")]
    public void The_gait_follows_its_rule(string skeleton)
    {
        var gait = new Gait(ModelReader.Read(BehaviourTests.Text(skeleton)));
        Assert.InRange(LargestError(skeleton, gait), 0, Tolerance);
    }

    [Fact]
    public void A_gait_out_of_step_is_noticed()
    {
        // Legs on the wrong side: a skeleton that looks backwards.
        CreatureModel model = ModelReader.Read(BehaviourTests.Text("ant"));
        CreatureModel wrong = model with { Bodies = [.. model.Bodies.Select(body => body with { Rest = -body.Rest })] };
        Assert.True(LargestError("ant", new Gait(wrong)) > 0.5);
    }

    // Over ticks of one episode, all actions of a match.
    private static double LargestError(string skeleton, Gait gait)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new CreatureOptions { Skeleton = skeleton, NumEnvs = 1 };
        using IEnvironment environment = new CreatureGame().Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, 1);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(1, "controllers");
        controllers.View.AsSpan().Fill(2);
        environment.Reset(1, buffers.Views);
        double largest = 0;
        foreach (int tick in (int[])[0, 1, 2, 3, 5, 8, 13, 25, 137, 998])
        {
            environment.State["tick"].WriteMatch(0, BitConverter.GetBytes(tick));
            environment.Act(controllers.View, buffers.Views);
            double[] expected = gait.Actions(tick);
            float[] actual = buffers.ContinuousActions!.ToArray();
            Assert.Equal(expected.Length, actual.Length);
            for (int axis = 0; axis < expected.Length; axis++) largest = Math.Max(largest, Math.Abs(expected[axis] - actual[axis]));
        }

        return largest;
    }
}
