using System.Diagnostics;

namespace Arena.Kernels.Device;

/// <summary>Index checks that exist in checked builds only (<c>-p:Checked=true</c>, always on in Debug).</summary>
internal static class BoundsCheck
{
    /// <summary>Is this a checked build? For <c>doctor</c> and for the tests that need one.</summary>
    internal static bool Enabled
    {
        get
        {
            bool enabled = false;
            Enable(ref enabled);
            return enabled;
        }
    }

    [Conditional("CHECKED")]
    internal static void Index(long index, long length)
    {
        if ((ulong)index >= (ulong)length) Fail(index, length);
    }

    [Conditional("CHECKED")]
    internal static void Range(long offset, long count, long length)
    {
        if (offset < 0 || count < 0 || offset + count > length) Fail(offset + count, length);
    }

    [Conditional("CHECKED")]
    private static void Enable(ref bool enabled) => enabled = true;

    private static void Fail(long index, long length) =>
        throw new IndexOutOfRangeException($"A kernel used index {index} of a view with {length} elements (allowed 0..{length - 1}).");
}
