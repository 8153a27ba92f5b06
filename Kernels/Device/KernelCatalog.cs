using System.Reflection;

namespace Arena.Kernels.Device;

/// <summary>Lists the kernels of an assembly, for checks that must miss none.</summary>
public static class KernelCatalog
{
    /// <summary>
    /// Every kernel of <paramref name="assembly"/>, by name; generic ones once per choice of type arguments from it (or from this library) that
    /// their constraints allow.
    /// </summary>
    public static IReadOnlyList<Type> Of(Assembly assembly) =>
        [.. assembly.GetTypes().Where(IsKernel).SelectMany(type => type.IsGenericTypeDefinition ? Closed(type, assembly) : [type]).OrderBy(type => type.ToString(), StringComparer.Ordinal)];

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
