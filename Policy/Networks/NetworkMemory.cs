using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>The one allocation behind a <see cref="NetworkPlan"/>: activations, panels, scratch and partial sums.</summary>
internal sealed unsafe class NetworkMemory : IDisposable
{
    private readonly DeviceBuffer<float> buffer;

    /// <summary>Allocates for at most <paramref name="maxRows"/> rows.</summary>
    internal NetworkMemory(IDevice device, NetworkSpec spec, ParameterLayout parameters, int maxRows)
    {
        var measured = new NetworkLayout(spec, parameters, maxRows, origin: null);
        measured.Build();
        buffer = device.Allocate<float>(measured.Used, "network activations and panels");
        Plan = new NetworkLayout(spec, parameters, maxRows, buffer.View.Pointer).Build();
    }

    /// <summary>Views of the allocation.</summary>
    internal NetworkPlan Plan { get; }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();
}
