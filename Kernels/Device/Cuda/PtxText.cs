using System.Globalization;
using System.Text.RegularExpressions;

namespace Arena.Kernels.Device.Cuda;

/// <summary>What is done to, and read from, the PTX text of a kernel.</summary>
public static partial class PtxText
{
    /// <summary>Changes when <see cref="Mark"/> does: part of the key under which compiled text is kept.</summary>
    public const int Version = 1;

    /// <summary>Marks every float addition, subtraction and multiplication as rounded by itself.</summary>
    /// <remarks>
    /// Without a mark the driver's assembler may fuse a multiplication and an addition into one operation with one rounding,
    /// which the CPU does not; marked operations are never fused (PTX ISA, "mul", "add"). Marked text is left as it is.
    /// </remarks>
    public static string Mark(string ptx) => Unmarked().Replace(ptx, "$1.rn.$2");

    /// <summary>Does the text hold a float operation that the assembler may fuse?</summary>
    public static bool HasUnmarked(string ptx) => Unmarked().IsMatch(ptx);

    /// <summary>Name of the only entry point.</summary>
    /// <exception cref="FormatException">the text has none, or several.</exception>
    public static string EntryName(string ptx)
    {
        MatchCollection entries = Entry().Matches(ptx);
        return entries.Count == 1 ? entries[0].Groups["name"].Value : throw new FormatException($"The PTX has {entries.Count} entry points; one is expected.");
    }

    /// <summary>Bytes of each parameter of the entry point, in order.</summary>
    public static int[] ParameterBytes(string ptx)
    {
        Match entry = Entry().Match(ptx);
        return [.. Parameter().Matches(entry.Groups["parameters"].Value).Select(Bytes)];
    }

    private static int Bytes(Match parameter)
    {
        int bits = int.Parse(parameter.Groups["bits"].ValueSpan, CultureInfo.InvariantCulture);
        Group count = parameter.Groups["count"];
        return bits / 8 * (count.Success ? int.Parse(count.ValueSpan, CultureInfo.InvariantCulture) : 1);
    }

    [GeneratedRegex(@"^([ \t]*(?:@!?%p\d+[ \t]+)?(?:add|sub|mul))\.(f32|f64)(?=\s)", RegexOptions.Multiline)]
    private static partial Regex Unmarked();

    [GeneratedRegex(@"\.entry\s+(?<name>[\w$]+)\s*\((?<parameters>[^)]*)\)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+(?:\.align\s+\d+\s+)?\.[busf](?<bits>\d+)\s+[\w$]+(?:\[(?<count>\d+)\])?")]
    private static partial Regex Parameter();
}
