using System.Reflection;
using Arena.Kernels.Device;

namespace Arena.Tests.KernelScan;

/// <summary>Finds kernels, and the methods of theirs that a device runs.</summary>
public static class KernelTypes
{
    /// <summary>As <see cref="KernelCatalog.Of"/>.</summary>
    public static IReadOnlyList<Type> Of(Assembly assembly) => KernelCatalog.Of(assembly);

    /// <summary>The bodies a device runs: not those for the CPU alone.</summary>
    internal static IEnumerable<MethodBase> Entries(Type kernel)
    {
        foreach (Type contract in new[] { typeof(IKernel), typeof(IPhasedKernel) })
        {
            if (!contract.IsAssignableFrom(kernel)) continue;
            foreach (MethodInfo method in kernel.GetInterfaceMap(contract).TargetMethods) yield return method;
        }
    }

    /// <summary>What a call on a constrained type argument reaches.</summary>
    internal static MethodBase Implementation(Type type, MethodBase called)
    {
        if (called.DeclaringType is not { IsInterface: true } contract) return called;
        InterfaceMapping map = type.GetInterfaceMap(contract);
        for (int i = 0; i < map.InterfaceMethods.Length; i++)
        {
            if (map.InterfaceMethods[i].MetadataToken != called.MetadataToken) continue;
            MethodInfo target = map.TargetMethods[i];
            return called.IsGenericMethod ? target.MakeGenericMethod(called.GetGenericArguments()) : target;
        }

        return called;
    }
}
