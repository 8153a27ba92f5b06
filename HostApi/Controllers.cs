using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>Who plays which side of which match: (E, Sides) bytes on the device, 0 = outside, k + 1 = opponent k.</summary>
internal sealed class Controllers : IDisposable
{
    private readonly DeviceBuffer<byte> buffer;
    private readonly byte[] host;
    private readonly EnvironmentSpec spec;

    internal Controllers(IDevice device, EnvironmentSpec spec, int numEnvs)
    {
        this.spec = spec;
        host = new byte[numEnvs * spec.Sides];
        buffer = device.Allocate<byte>(host.Length, "controllers");
    }

    /// <summary>Does a built-in opponent play anywhere?</summary>
    internal bool Any { get; private set; }

    internal View<byte> View => buffer.View;

    /// <summary>Lets <paramref name="opponent"/> play <paramref name="side"/> of all matches, or of one.</summary>
    internal void Set(int side, string opponent, int match = -1)
    {
        if (side < 0 || side >= spec.Sides)
            throw new ArgumentOutOfRangeException(nameof(side), side, $"'{spec.Game}' has the sides 0..{spec.Sides - 1}.");
        int matches = host.Length / spec.Sides;
        if (match < -1 || match >= matches)
            throw new ArgumentOutOfRangeException(nameof(match), match, $"There are the matches 0..{matches - 1}.");
        byte controller = Opponents.ControllerOf(spec, opponent);
        int begin = Math.Max(0, match), end = match < 0 ? matches : match + 1;
        for (int env = begin; env < end; env++) host[env * spec.Sides + side] = controller;
        buffer.Write(host);
        Any = host.AsSpan().ContainsAnyExcept((byte)0);
    }

    public void Dispose() => buffer.Dispose();
}
