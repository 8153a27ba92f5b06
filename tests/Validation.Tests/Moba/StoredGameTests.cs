using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Whole games that must not change by accident.</summary>
public class StoredGameTests
{
    private const string AfterABeginning = "168a67f21446be0c0e611d5bed62b3048047646682b75fc046136fedf2cddcfb";
    private const string AfterWholeGames = "f1266ea27bb21130d31de63dc63ebbc67896933d68127c9b749fc3f687bda57e";

    [Theory]
    [InlineData(1, 120, AfterABeginning)]
    [InlineData(3, 120, AfterABeginning)]
    [InlineData(1, 4000, AfterWholeGames)]
    [InlineData(3, 4000, AfterWholeGames)]
    public void Games_go_as_stored_on_any_number_of_threads(int threads, int ticks, string hash)
    {
        if (ticks > 120 && threads > 1 && !TestSize.Full) return;
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using IEnvironment environment = Registry.Find("moba").Create(device, new MobaOptions { NumEnvs = 2 });
        using var buffers = new StepBuffers(device, environment.Spec, environment.NumEnvs);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(4, "controllers");
        controllers.Write([4, 3, 1, 2]);
        environment.Reset(17, buffers.Views);
        for (int tick = 0; tick < ticks; tick++)
        {
            environment.Act(controllers.View, buffers.Views);
            environment.Step(buffers.Views);
        }

        string actual = environment.State.Hash();
        Assert.True(hash == actual, actual);
    }
}
