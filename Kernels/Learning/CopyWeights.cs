using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Copies floats from one place of device memory to another. One index per float.</summary>
public struct CopyWeights : IRangeKernel
{
    /// <summary>(length) float; in.</summary>
    public View<float> Source;

    /// <summary>(length) float; out.</summary>
    public View<float> Destination;

    /// <inheritdoc/>
    public readonly void Run(int index) => Destination[index] = Source[index];

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end) =>
        Source.Slice(begin, end - begin).AsSpan().CopyTo(Destination.Slice(begin, end - begin).AsSpan());
}

/// <summary>Sets floats to 0, before gradients are added up. One index per float.</summary>
public struct ClearFloats : IRangeKernel
{
    /// <summary>(length) float; out.</summary>
    public View<float> Destination;

    /// <inheritdoc/>
    public readonly void Run(int index) => Destination[index] = 0f;

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end) => Destination.Slice(begin, end - begin).AsSpan().Clear();
}

/// <summary>Copies integers from one place of device memory to another. One index per integer.</summary>
public struct CopyIntegers : IRangeKernel
{
    /// <summary>(length) int; in.</summary>
    public View<int> Source;

    /// <summary>(length) int; out.</summary>
    public View<int> Destination;

    /// <inheritdoc/>
    public readonly void Run(int index) => Destination[index] = Source[index];

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end) =>
        Source.Slice(begin, end - begin).AsSpan().CopyTo(Destination.Slice(begin, end - begin).AsSpan());
}
