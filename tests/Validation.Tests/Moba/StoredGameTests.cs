using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Whole games that must not change by accident.</summary>
public class StoredGameTests
{
    private const string AfterABeginning = "bf25016b7147866bbfc6572b0a33e2bd74441b64648c91ee52bab68ee74a101d";
    private const string AfterWholeGames = "7a001c22e999169dcd8ce8c6b9e7482282a00d4b083f57fa5804af30c9c51216";

    [Theory]
    [InlineData(1, 400, AfterABeginning)]
    [InlineData(3, 400, AfterABeginning)]
    [InlineData(1, 4000, AfterWholeGames)]
    [InlineData(3, 4000, AfterWholeGames)]
    public void Games_go_as_stored_on_any_number_of_threads(int threads, int ticks, string hash)
    {
        if (ticks > 400 && threads > 1 && !TestSize.Full) return;
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using IEnvironment environment = Registry.Find("moba").Create(device, new MobaOptions { NumEnvs = 4 });
        using var buffers = new StepBuffers(device, environment.Spec, environment.NumEnvs);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(8, "controllers");
        controllers.Write([4, 3, 1, 1, 2, 4, 3, 4]);
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
