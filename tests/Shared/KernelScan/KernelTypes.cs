using System.Reflection;
using Arena.Kernels.Device;

namespace Arena.Tests.KernelScan;

/// <summary>Finds kernels, and the methods of theirs that a device runs.</summary>
public static class KernelTypes
{
    /// <summary>Every kernel of <paramref name="assembly"/>; generic ones once per choice of type arguments from it.</summary>
    public static IReadOnlyList<Type> Of(Assembly assembly) =>
        [.. assembly.GetTypes().Where(IsKernel).SelectMany(type => type.IsGenericTypeDefinition ? Closed(type, assembly) : [type]).OrderBy(type => type.ToString(), StringComparer.Ordinal)];

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

    private static bool IsKernel(Type type) =>
        type.IsValueType && (typeof(IKernel).IsAssignableFrom(type) || typeof(IPhasedKernel).IsAssignableFrom(type));

    private static IEnumerable<Type> Closed(Type definition, Assembly assembly)
    {
        Type[][] choices = [.. definition.GetGenericArguments().Select(parameter => Candidates(parameter, assembly))];
        IEnumerable<Type[]> all = [[]];
        foreach (Type[] choice in choices) all = [.. all.SelectMany(chosen => choice.Select(next => (Type[])[.. chosen, next]))];
        Type[] closed = [.. all.Select(arguments => definition.MakeGenericType(arguments))];
        return closed.Length > 0 ? closed : throw new InvalidOperationException($"No type arguments found for the kernel {definition}.");
    }

    private static Type[] Candidates(Type parameter, Assembly assembly)
    {
        Type[] contracts = [.. parameter.GetGenericParameterConstraints().Where(constraint => constraint.IsInterface)];
        if (contracts.Length == 0) return [typeof(float), typeof(int)];
        return [.. assembly.GetTypes().Concat(typeof(IAtomics).Assembly.GetTypes()).Distinct()
            .Where(type => type.IsValueType && !type.ContainsGenericParameters && contracts.All(contract => contract.IsAssignableFrom(type)))];
    }
}
