using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Arena.Kernels.Device.Cuda;

/// <summary>The key under which a kernel's compiled text is kept: everything the text depends on.</summary>
public static class PtxKey
{
    /// <summary>
    /// SHA-256, in hexadecimal, of the kernel's type, the identity of every assembly its type arguments and code come from (a module's
    /// version identifier is a hash of its contents in a deterministic build), compiler, marking, target and driver.
    /// </summary>
    public static string Of(Type kernel, string compiler, CudaFacts facts)
    {
        IEnumerable<string> modules = Types(kernel).Append(typeof(IKernel)).Select(type => type.Module.ModuleVersionId.ToString()).Distinct().Order(StringComparer.Ordinal);
        string text = string.Join('\n', [kernel.ToString(), .. modules, compiler, $"marks {PtxText.Version}", $"target {facts.Capability.Target}", $"driver {facts.DriverVersion.ToString(CultureInfo.InvariantCulture)}"]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>A kernel's name for people: "SnakeTick&lt;DeviceAtomics&gt;".</summary>
    public static string NameOf(Type kernel) =>
        kernel.IsGenericType ? $"{kernel.Name.Split('`')[0]}<{string.Join(", ", kernel.GetGenericArguments().Select(NameOf))}>" : kernel.Name;

    private static IEnumerable<Type> Types(Type kernel) => kernel.GetGenericArguments().SelectMany(Types).Prepend(kernel);
}
