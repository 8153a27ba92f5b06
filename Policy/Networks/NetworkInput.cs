using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>What a forward pass reads: sequences of slots, one row each.</summary>
/// <remarks>
/// Row s·Slots + t is slot t of sequence s. Networks without memory treat all rows alike, so any rows are Sequences = rows, Slots = 1. A
/// network has either float or byte observations (<see cref="NetworkSpec.ByteObservations"/>).
/// </remarks>
public struct NetworkInput
{
    /// <summary>(rows, O) float; empty for networks with byte observations.</summary>
    public View<float> Observations;

    /// <summary>(rows, O) byte; empty for networks with float observations.</summary>
    public View<byte> ByteObservations;

    /// <summary>(rows) byte: 1 where the slot is the first of an episode, so that the state before it is zero; empty = nowhere.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(Sequences, S) float: the state entering slot 0; empty for networks without memory.</summary>
    public View<float> State;

    /// <summary>(Sequences, S) float: the state after the last slot; may be <see cref="State"/>; empty = not wanted; out.</summary>
    public View<float> NextState;

    /// <summary>M.</summary>
    public int Sequences;

    /// <summary>B.</summary>
    public int Slots;

    /// <summary>M·B.</summary>
    public readonly int Rows => Sequences * Slots;

    /// <summary>Rows without an order in time, for networks without memory.</summary>
    public static NetworkInput Of(View<float> observations, int rows) => new() { Observations = observations, Sequences = rows, Slots = 1 };
}
