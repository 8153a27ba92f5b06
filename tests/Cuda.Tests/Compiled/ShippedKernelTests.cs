using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests.Compiled;

/// <summary>Every kernel of the library compiles for a GPU, and its PTX computes what the CPU does.</summary>
public class ShippedKernelTests
{
    // Simulations must agree with the CPU bit for bit: nothing fused, nothing approximate, no double precision, no flushing of small numbers, no
    // minimum or maximum of the device (which treat NaN in another way than the CPU).
    private static readonly string[] NotInSimulations = [@"\.f64", @"\bfma\b", @"\bmad\.\w*\.?f32", @"\.approx", @"\.ftz", @"\b(min|max)\.f32"];

    // Sums in double precision and the device's own logarithm, exponential, sine, cosine and tanh are allowed in learning.
    private static readonly string[] NotInLearning = [@"\bfma\b", @"\bmad\.\w*\.?f(32|64)", @"\.ftz", @"\b(min|max)\.f(32|64)", @"\b(div|sqrt|rcp)\.approx"];

    public static TheoryData<string> Names => [.. PtxCase.Shipped.Select(type => type.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_compiles_and_holds_nothing_that_rounds_in_another_way(string name)
    {
        Type kernel = PtxCase.Named(name);
        string raw = PtxCase.Raw(kernel), marked = PtxText.Mark(raw);
        Assert.False(PtxText.HasUnmarked(marked));
        Assert.Equal(marked, PtxText.Mark(marked));
        string[] banned = kernel.Namespace == "Arena.Kernels.Learning" ? NotInLearning : NotInSimulations;
        string[] found = [.. banned.SelectMany(pattern => Regex.Matches(marked, $@"^[ \t]*(@!?%p\d+[ \t]+)?[^\n]*{pattern}[^\n]*", RegexOptions.Multiline)).Select(match => match.Value.Trim()).Where(line => !line.StartsWith(".reg", StringComparison.Ordinal))];
        Assert.True(found.Length == 0, $"{name}: {string.Join("; ", found.Take(5))}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_arguments_lie_in_the_ptx_as_in_memory(string name)
    {
        Type kernel = PtxCase.Named(name);
        int bytes = (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(kernel).Invoke(null, null)!;
        int[] expected = typeof(IPhasedKernel).IsAssignableFrom(kernel) ? [bytes, 4, 4] : [4, bytes];
        Assert.Equal(expected, PtxText.ParameterBytes(PtxCase.Raw(kernel)));
        Assert.InRange(bytes, 1, 4096);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_uses_no_local_memory_and_calls_no_function(string name)
    {
        string ptx = PtxCase.Raw(PtxCase.Named(name));
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain("call", ptx, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_constant_is_an_integer_taken_for_a_float(string name)
    {
        // "sum += c ? 1 : 0" comes out as a choice between the bits of 1 and 0, read as floats: subnormal numbers that nobody wrote.
        string ptx = PtxCase.Raw(PtxCase.Named(name));
        string[] subnormal = [.. Regex.Matches(ptx, @"[^\n]*\b(0f00[0-7][0-9A-F]{5}|0d000[0-9A-F]{13})\b[^\n]*").Select(match => match.Value).Where(line => Regex.IsMatch(line, @"0f00(?!0{6})[0-7][0-9A-F]{5}|0d000(?!0{13})[0-9A-F]{13}"))];
        Assert.True(subnormal.Length == 0, $"{name}: {string.Join("; ", subnormal.Take(5))}");
    }

    [Fact]
    public void Approximations_are_used_by_these_learning_kernels_alone()
    {
        string[] known =
        [
            "BoundLogStd", "BoundRowLogStds", "ComputeVTrace", "LogProbsCategorical", "LogProbsMixed", "PastKlGradient", "PpoLossGradientCategorical", "PpoLossGradientGaussian",
            "PpoLossGradientMixed", "SampleCategorical", "SampleGaussian",
        ];
        Type[] approximate = [.. PtxCase.Shipped.Where(kernel => PtxCase.Raw(kernel).Contains(".approx", StringComparison.Ordinal))];
        Assert.Equal(known, approximate.Select(PtxKey.NameOf).Order(StringComparer.Ordinal));
        Assert.All(approximate, kernel => Assert.Equal("Arena.Kernels.Learning", kernel.Namespace));
    }

    [Fact]
    public void The_emulated_gpu_knows_every_instruction_of_every_kernel()
    {
        var unknown = new List<string>();
        foreach (Type kernel in PtxCase.Shipped)
        {
            try
            {
                PtxProgram.Translate(PtxText.Mark(PtxCase.Raw(kernel)));
            }
            catch (NotSupportedException why)
            {
                unknown.Add($"{PtxKey.NameOf(kernel)}: {why.Message}");
            }
        }

        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
    }

    [Fact]
    public void There_is_something_to_mark()
    {
        // Otherwise the marking could stop working without a test that fails.
        Assert.True(PtxText.HasUnmarked(PtxCase.Raw(typeof(Kernels.Environments.Soccer.SoccerStep))));
    }
}
