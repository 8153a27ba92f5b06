using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests;

/// <summary>Marking of rounding, and what is read from PTX.</summary>
public class PtxTextTests
{
    private const string Sample = """
        .visible .entry Kernel_Indexed(
        	.param .b32 _index_1,
        	.param .align 8 .b8 _kernel_2[72]
        )
        {
        	mul.f32	%f1, %f2, %f3;
        @%p1	add.f32	%f1, %f2, %f3;
        	@!%p12 sub.f64	%fd1, %fd2, %fd3;
        	add.rn.f32	%f1, %f2, %f3;
        	mul.lo.s32	%r1, %r2, %r3;
        	add.s64	%rd1, %rd2, %rd3;
        	brx.idx	%r1, L_1_targets;
        L_1_targets: .branchtargets L_2, L_3;
        	// add.f32 in a comment
        }
        """;

    [Fact]
    public void Only_unmarked_float_operations_are_marked()
    {
        string expected = Sample.Replace("\tmul.f32", "\tmul.rn.f32", StringComparison.Ordinal).Replace("@%p1\tadd.f32", "@%p1\tadd.rn.f32", StringComparison.Ordinal)
            .Replace("sub.f64", "sub.rn.f64", StringComparison.Ordinal);
        Assert.Equal(expected, PtxText.Mark(Sample));
        Assert.Equal(expected, PtxText.Mark(expected));
        Assert.True(PtxText.HasUnmarked(Sample));
        Assert.False(PtxText.HasUnmarked(expected));
    }

    [Fact]
    public void Entry_and_parameters_are_read()
    {
        Assert.Equal("Kernel_Indexed", PtxText.EntryName(Sample));
        Assert.Equal([4, 72], PtxText.ParameterBytes(Sample));
        Assert.Throws<FormatException>(() => PtxText.EntryName(Sample + Sample));
        Assert.Throws<FormatException>(() => PtxText.EntryName(""));
    }

    [Fact]
    public void A_key_changes_with_everything_the_text_depends_on()
    {
        var facts = new CudaFacts("A", new(8, 6), 10, 1, 12_080);
        string[] keys =
        [
            PtxKey.Of(typeof(Mixed), "one", facts),
            PtxKey.Of(typeof(Mixed), "two", facts),
            PtxKey.Of(typeof(TwoPhases), "one", facts),
            PtxKey.Of(typeof(Kernels.Environments.Snake.SnakeTick<DeviceAtomics>), "one", facts),
            PtxKey.Of(typeof(Kernels.Environments.Snake.SnakeTick<OwnedAtomics>), "one", facts),
            PtxKey.Of(typeof(Mixed), "one", facts with { DriverVersion = 12_090 }),
            PtxKey.Of(typeof(Mixed), "one", facts with { Capability = new(7, 5) }),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        // Code is compiled for 8.0 at most, so newer GPUs share it; the name of the GPU does not matter.
        Assert.Equal(keys[0], PtxKey.Of(typeof(Mixed), "one", facts with { Capability = new(9, 0), Name = "B" }));
        Assert.Equal("SnakeTick<DeviceAtomics>", PtxKey.NameOf(typeof(Kernels.Environments.Snake.SnakeTick<DeviceAtomics>)));
    }
}
