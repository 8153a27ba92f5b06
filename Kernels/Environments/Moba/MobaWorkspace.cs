using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Memory of a tick's phases: scratch and claims of every match. The CPU's own loop keeps both on the stack and needs none.</summary>
public sealed class MobaWorkspace : IDisposable
{
    private readonly DeviceBuffer<int> scratch, claims;

    /// <summary>Allocates for <paramref name="numEnvs"/> matches.</summary>
    public MobaWorkspace(IDevice device, int numEnvs)
    {
        scratch = device.Allocate<int>((long)numEnvs * MobaScratch.Length, "moba: scratch of a tick");
        claims = device.Allocate<int>((long)numEnvs * MobaConstants.Cells, "moba: claims on cells");
        var none = new int[MobaConstants.Cells];
        Array.Fill(none, MobaClaim.None);
        for (int env = 0; env < numEnvs; env++) device.CopyToDevice<int>(none, claims.View.Slice((long)env * none.Length, none.Length));
    }

    /// <summary><paramref name="arguments"/> with this memory.</summary>
    public MobaArguments In(MobaArguments arguments)
    {
        arguments.Scratch = new GroupScratch<int>(scratch.View, MobaScratch.Length);
        arguments.Claims = new GroupScratch<int>(claims.View, MobaConstants.Cells);
        return arguments;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        scratch.Dispose();
        claims.Dispose();
    }
}
