using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Policy;

/// <summary>Checks what an outside program gives a <see cref="PolicyAgent"/>, and keeps it where the network reads it.</summary>
internal sealed class AgentInput : IDisposable
{
    private readonly NetworkSpec network;
    private readonly int choices;
    private readonly int maskWords;
    private readonly byte[] limits; // (O) codes of a byte, 255 for any
    private readonly DeviceBuffer<float>? floats;
    private readonly DeviceBuffer<byte>? bytes;
    private readonly DeviceBuffer<uint>? masks;

    internal AgentInput(IDevice device, NetworkSpec network, int rows)
    {
        this.network = network;
        choices = network.DiscreteHeads.Sum();
        maskWords = (choices + 31) / 32;
        limits = network.Stem is GridStem stem ? StemLayout.Limits(stem, network.Observations) : [];
        if (network.ByteObservations) bytes = device.Allocate<byte>((long)rows * network.Observations, "agent: byte observations");
        else floats = device.Allocate<float>((long)rows * network.Observations, "agent: observations");
        if (choices > 0) masks = device.Allocate<uint>((long)rows * maskWords, "agent: action masks");
    }

    internal View<float> Observations => floats?.View ?? default;

    internal View<byte> ByteObservations => bytes?.View ?? default;

    /// <summary>(rows, words); empty where the last step gave no masks.</summary>
    internal View<uint> Masks { get; private set; }

    internal int MaskWords => maskWords;

    /// <summary>Looks at every element.</summary>
    /// <exception cref="ArgumentException">the network takes bytes, or an element is NaN or infinite.</exception>
    internal void Check(ReadOnlySpan<float> observations)
    {
        if (floats is null) throw new ArgumentException("The policy takes observations of bytes; floats were given.", nameof(observations));
        int bad = observations.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (bad >= 0)
            throw new ArgumentException(
                $"Observation {bad % network.Observations} of row {bad / network.Observations} is {observations[bad]}; observations are finite numbers.", nameof(observations));
    }

    /// <summary>The same for bytes.</summary>
    /// <exception cref="ArgumentException">the network takes floats, or a byte is no code of its channel.</exception>
    internal void Check(ReadOnlySpan<byte> observations)
    {
        if (bytes is null) throw new ArgumentException("The policy takes observations of floats; bytes were given.", nameof(observations));
        for (int first = 0; first < observations.Length; first += network.Observations)
        {
            for (int at = 0; at < limits.Length; at++)
                if (observations[first + at] >= limits[at] && limits[at] != byte.MaxValue)
                    throw new ArgumentException(
                        $"Byte {at} of row {first / network.Observations} is {observations[first + at]}; it holds one of the codes 0..{limits[at] - 1}.", nameof(observations));
        }
    }

    /// <summary>Masks (rows, choices) of bytes, 0 = illegal; empty = everything is legal.</summary>
    /// <exception cref="ArgumentException">another length, or a head without a legal choice.</exception>
    internal void CheckMasks(ReadOnlySpan<byte> legal, int rows)
    {
        if (legal.IsEmpty) return;
        if (legal.Length != rows * choices)
            throw new ArgumentException($"{legal.Length:N0} bytes of masks were given for {rows:N0} rows of {choices} choices: one byte for each, or none at all.", nameof(legal));
        for (int row = 0, choice = 0; row < rows; row++)
        {
            for (int head = 0; head < network.DiscreteHeads.Count; head++)
            {
                if (legal.Slice(choice, network.DiscreteHeads[head]).IndexOfAnyExcept((byte)0) < 0)
                    throw new ArgumentException($"Row {row} has no legal choice in head {head}; a mask leaves at least one choice of every head.", nameof(legal));
                choice += network.DiscreteHeads[head];
            }
        }
    }

    /// <summary>Copies observations that were checked.</summary>
    internal void Take(ReadOnlySpan<float> observations) => observations.CopyTo(floats!.View.AsSpan());

    /// <summary>The same for bytes.</summary>
    internal void Take(ReadOnlySpan<byte> observations) => observations.CopyTo(bytes!.View.AsSpan());

    /// <summary>Packs masks that were checked into bits.</summary>
    internal void TakeMasks(ReadOnlySpan<byte> legal, int rows)
    {
        Masks = default;
        if (legal.IsEmpty) return;
        Span<uint> words = masks!.View.AsSpan()[..(rows * maskWords)];
        words.Clear();
        for (int row = 0; row < rows; row++)
            for (int choice = 0; choice < choices; choice++)
                if (legal[row * choices + choice] != 0) words[row * maskWords + (choice >> 5)] |= 1u << (choice & 31);
        Masks = masks.View.Slice(0, (long)rows * maskWords);
    }

    public void Dispose()
    {
        floats?.Dispose();
        bytes?.Dispose();
        masks?.Dispose();
    }
}
