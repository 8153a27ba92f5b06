using Arena.Kernels.Environments;
using Arena.Kernels.Random;
using Arena.Policy.Networks;

namespace Arena.HostApi.Export;

/// <summary>Observations and masks that fit a network, drawn for comparing two ways to compute it. The same in every run.</summary>
internal sealed class CheckInputs(NetworkSpec network)
{
    private const float Span = 1.5f;       // observations of games are mostly within ±1
    private const float Presence = 0.8f;   // share of entities that are there
    private const float Legality = 0.6f;   // share of choices that are legal

    private uint drawn;

    /// <summary>Fills (rows, O) floats; the last element of an entity says whether it is there.</summary>
    internal void Fill(Span<float> observations)
    {
        for (int at = 0; at < observations.Length; at++) observations[at] = Span * (2f * Next() - 1f);
        if (network.Stem is not EntityStem stem) return; // nothing says who is there
        for (int first = 0; first < observations.Length; first += network.Observations)
            foreach (EntityGroup group in stem.Groups)
                for (int record = 1; record <= group.Count; record++)
                    observations[first + group.Offset + record * group.RecordLength - 1] = Next() < Presence ? 1f : 0f;
    }

    /// <summary>Fills (rows, O) bytes with legal codes and any amounts.</summary>
    internal void Fill(Span<byte> observations)
    {
        var stem = (GridStem)network.Stem!;
        for (int at = 0; at < observations.Length; at++) observations[at] = (byte)(256 * Next());
        for (int first = 0; first < observations.Length; first += network.Observations)
        {
            foreach (ByteField field in stem.Fields) Limit(ref observations[first + field.Offset], field.Codes);
            if (stem.Grid is not { } grid) continue;
            for (int at = 0; at < grid.Rows * grid.Columns * grid.Channels.Count; at++)
                Limit(ref observations[first + grid.Offset + at], grid.Channels[at % grid.Channels.Count].Codes);
        }
    }

    /// <summary>Fills (rows, choices) with 1 for legal and 0 for illegal; every head keeps a choice.</summary>
    internal void FillMasks(Span<byte> masks)
    {
        for (int at = 0; at < masks.Length;)
        {
            foreach (int size in network.DiscreteHeads)
            {
                Span<byte> head = masks.Slice(at, size);
                for (int choice = 0; choice < size; choice++) head[choice] = (byte)(Next() < Legality ? 1 : 0);
                head[(int)(Next() * size)] = 1;
                at += size;
            }
        }
    }

    private static void Limit(ref byte value, int codes)
    {
        if (codes > 0) value = (byte)(value % codes);
    }

    // [0, 1)
    private float Next() => 0.99999994f * Philox.Uniform(Philox.Block(new UInt4(drawn++, 0, 0, 0), 1, 0).X);
}
