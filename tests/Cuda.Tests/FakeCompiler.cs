using System.Runtime.CompilerServices;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests;

/// <summary>Writes entry points that do nothing, with the right parameters.</summary>
internal sealed class FakeCompiler : IKernelCompiler
{
    internal int Compiled { get; private set; }

    internal bool Disposed { get; private set; }

    /// <summary>Bytes by which the struct is made larger than it is.</summary>
    internal int Excess { get; init; }

    public string Identity { get; init; } = "fake 1";

    public string Compile(Type kernel, ComputeCapability target)
    {
        Compiled++;
        int bytes = (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(kernel).Invoke(null, null)! + Excess;
        string parameters = typeof(IPhasedKernel).IsAssignableFrom(kernel)
            ? $".param .align 8 .b8 _k[{bytes}],\n\t.param .b32 _g,\n\t.param .b32 _l"
            : $".param .b32 _n,\n\t.param .align 8 .b8 _k[{bytes}]";
        return $".version 8.0\n.target sm_{target.Major}{target.Minor}\n\n.visible .entry Entry_{kernel.Name}(\n\t{parameters}\n)\n{{\n\tmul.f32\t%f1, %f1, %f1;\n\tret;\n}}\n";
    }

    public void Dispose() => Disposed = true;
}
