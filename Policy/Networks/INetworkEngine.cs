using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>Runs and differentiates one network. All memory is allocated at construction, for at most <see cref="MaxRows"/> rows.</summary>
public interface INetworkEngine : IDisposable
{
    /// <summary>Layers and sizes.</summary>
    NetworkSpec Spec { get; }

    /// <summary>Names, shapes and offsets of the parameters.</summary>
    ParameterLayout Parameters { get; }

    /// <summary>Rows of the largest batch.</summary>
    int MaxRows { get; }

    /// <summary>(P) weights, flat, in the order of <see cref="Parameters"/>; call <see cref="RefreshDerived"/> after changing them.</summary>
    View<float> Weights { get; }

    /// <summary>(P) gradient of the loss, added to by <see cref="Backward"/>; the caller zeroes it.</summary>
    View<float> Gradients { get; }

    /// <summary>
    /// Observations (rows, O) to outputs (rows, L + 1): the parameters of the action distribution, then the value.
    /// </summary>
    /// <param name="input">1..MaxRows rows.</param>
    /// <param name="outputs">(rows, L + 1) float, row-major, in the order of the input's rows.</param>
    /// <param name="keepActivations">
    /// Whether <see cref="Backward"/> will follow; the input must then stay as it is until it has. A forward that keeps
    /// nothing may come in between.
    /// </param>
    /// <exception cref="ArgumentException">a view is too short or of the wrong kind, or rows are outside 1..MaxRows.</exception>
    void Forward(in NetworkInput input, View<float> outputs, bool keepActivations);

    /// <summary>
    /// Adds to <see cref="Gradients"/> for the last kept forward; outputGradients is (rows, L + 1). Gradients through time stop at
    /// slot 0 and at every first slot of an episode.
    /// </summary>
    /// <exception cref="InvalidOperationException">the last kept forward had another number of rows, or there was none.</exception>
    void Backward(View<float> outputGradients, int rows);

    /// <summary>Illegal codes in byte observations that passes have met since the last call; of a network with float observations always none.</summary>
    IllegalCodes TakeIllegalCodes();

    /// <summary>(1) int on the device: how many there are, so that nothing need be taken where it is 0; empty where the engine counts on the host.</summary>
    View<int> IllegalCodeCount => default;

    /// <summary>Rebuilds packed panels after the weights changed. Derived data is never saved.</summary>
    void RefreshDerived();

    /// <summary>Sets all weights from <paramref name="seed"/> (<see cref="Initialisation"/>) and refreshes what is derived from them: the same in every engine.</summary>
    void Initialise(ulong seed);

    /// <summary>Another engine of the same kind for the same network, with weights of its own (zero); the caller disposes of it.</summary>
    /// <param name="maxRows">Rows of its largest batch.</param>
    INetworkEngine Another(int maxRows);
}

/// <summary>Shorter ways to call an engine.</summary>
public static class NetworkEngineExtensions
{
    /// <summary>A forward pass of a network without memory over float observations.</summary>
    /// <param name="engine">The network.</param>
    /// <param name="observations">(rows, O) float, row-major.</param>
    /// <param name="rows">1..MaxRows.</param>
    /// <param name="outputs">(rows, L + 1) float, row-major.</param>
    /// <param name="keepActivations">As in <see cref="INetworkEngine.Forward"/>.</param>
    public static void Forward(this INetworkEngine engine, View<float> observations, int rows, View<float> outputs, bool keepActivations) =>
        engine.Forward(NetworkInput.Of(observations, rows), outputs, keepActivations);
}
