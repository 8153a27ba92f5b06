using Arena.HostApi.Measuring;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Tests.Measuring;

/// <summary>What a profile must add up to. No figure is judged.</summary>
public class ProfileTests
{
    [Fact]
    public void Kernels_and_what_lies_between_them_are_the_whole_time()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        IGame corridor = Registry.Find("corridor");
        KernelTimes times = KernelTimes.Measure(device, EngineChoice.Builtin, corridor, corridor.DefaultOptions with { NumEnvs = 64 }, seconds: 0.05);
        Assert.False(device.TimesLaunches);
        Assert.InRange(times.OutsideShare, 0, 1);
        Assert.Contains(times.Kernels, one => one.Kernel == "ForwardRows");
        LaunchTime step = Assert.Single(times.Kernels, one => one.Kernel == "CorridorStep");
        Assert.Equal(0, step.Launches % times.Updates); // a rollout has the same slots every time
        Assert.True(times.AgentSteps > 0 && times.Updates >= 2);
        Assert.True(times.Kernels.Zip(times.Kernels.Skip(1), (one, next) => one.Time >= next.Time).All(sorted => sorted));
    }

    [Fact]
    public void Phases_are_those_that_the_game_names()
    {
        IGame moba = Registry.Find("moba");
        PhaseTimes times = PhaseTimes.Measure(moba, moba.DefaultOptions with { NumEnvs = 2 }, seed: 1, seconds: 0.01)[0];
        Assert.Equal(1, times.Phases.Sum(phase => phase.Share), 6);
        Assert.Empty(PhaseTimes.Measure(Registry.Find("corridor"), Registry.Find("corridor").DefaultOptions, seed: 1, seconds: 0.01));
    }
}
