using Arena.Kernels.Device;
using Arena.Kernels.Learning;

namespace Arena.Policy.SelfPlay;

/// <summary>The built-in opponents of an <see cref="OpponentList"/>, at least one, on the device, where <see cref="AssignOpponents"/> deals from it.</summary>
internal sealed class ListedSeats : IDisposable
{
    private readonly DeviceBuffer<byte> controllers;
    private readonly DeviceBuffer<uint> bounds;

    internal ListedSeats(IDevice device, OpponentList list)
    {
        controllers = device.Allocate<byte>(list.BuiltIns.Count, "seats: listed opponents");
        controllers.Write([.. list.BuiltIns.Select(item => item.Controller)]);
        bounds = device.Allocate<uint>(list.BuiltIns.Count, "seats: bounds of listed opponents");
        bounds.Write(list.Bounds());
    }

    /// <summary>(L) byte, as <see cref="AssignOpponents.Listed"/>.</summary>
    internal View<byte> Controllers => controllers.View;

    /// <summary>(L) uint, as <see cref="AssignOpponents.ListedBounds"/>.</summary>
    internal View<uint> Bounds => bounds.View;

    /// <inheritdoc/>
    public void Dispose()
    {
        controllers.Dispose();
        bounds.Dispose();
    }
}
