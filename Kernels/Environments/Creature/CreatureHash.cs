using System.Runtime.InteropServices;

namespace Arena.Kernels.Environments.Creature;

/// <summary>FNV-1a over bytes, 64 bits (Fowler, Noll, Vo).</summary>
public static class CreatureHash
{
    private const ulong Start = 14695981039346656037, Prime = 1099511628211;

    /// <summary>Of the tables' bytes, one after the other.</summary>
    public static ulong Of(ReadOnlySpan<CreatureBody> bodies, ReadOnlySpan<CreatureJoint> joints, ReadOnlySpan<CreaturePoint> points) =>
        Add(Add(Add(Start, MemoryMarshal.AsBytes(bodies)), MemoryMarshal.AsBytes(joints)), MemoryMarshal.AsBytes(points));

    /// <summary>Of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => Add(Start, bytes);

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes) hash = (hash ^ one) * Prime;
        return hash;
    }
}
