using System.Diagnostics;
using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;

namespace Arena.Tests.KernelScan;

/// <summary>Walks the IL that a kernel reaches and reports what a GPU compiler would get wrong.</summary>
/// <remarks>
/// Calls into the kernels' own assemblies are followed, with their type arguments; any other call must be on a short
/// list. [Conditional] methods (bounds checks) and RunRange/RunGroup (CPU only) are left out. Code of the namespace
/// Arena.Kernels.Learning is no simulation: nobody expects its bits to be equal on two devices, so it may use the
/// device's own exp, log, tanh, sine and cosine, and double precision for sums.
/// </remarks>
public sealed class KernelScanner
{
    private static readonly string[] SharedMath = ["Sqrt", "Abs", "Floor"];
    private static readonly string[] LearningMath = ["Exp", "Log", "Tanh", "Cos", "Sin"];
    private static readonly string[] SharedAtomics = ["Add", "And", "Or", "Exchange"];

    private readonly HashSet<Assembly> own;
    private readonly Type kernel;
    private readonly List<Finding> findings = [];
    private readonly HashSet<MethodBase> seen = [];
    private readonly Queue<MethodBase> waiting = new();

    private KernelScanner(Type kernel)
    {
        this.kernel = kernel;
        own = [typeof(Kernels.Device.IKernel).Assembly, kernel.Assembly];
    }

    /// <summary>Everything wrong with <paramref name="kernel"/>; empty when it is fit for a device.</summary>
    public static IReadOnlyList<Finding> Scan(Type kernel)
    {
        var scanner = new KernelScanner(kernel);
        FieldScan.Check(kernel, scanner.Report);
        foreach (MethodBase entry in KernelTypes.Entries(kernel)) scanner.Follow(entry);
        while (scanner.waiting.TryDequeue(out MethodBase? method)) scanner.ScanBody(method);
        return scanner.findings;
    }

    /// <summary>Is this code of the learning kernels?</summary>
    internal static bool Learns(Type? type) => type?.Namespace == "Arena.Kernels.Learning";

    private void Report(string method, int offset, Ban ban, string reason) =>
        findings.Add(new Finding(kernel.ToString(), method, offset, ban, reason));

    private void Follow(MethodBase method)
    {
        if (seen.Add(method)) waiting.Enqueue(method);
    }

    private void ScanBody(MethodBase method)
    {
        string name = $"{method.DeclaringType?.Name}.{method.Name}";
        if (method.GetMethodBody() is not { } body)
        {
            Report(name, -1, Ban.OutsideCall, "has no IL body");
            return;
        }

        if (body.ExceptionHandlingClauses.Count > 0) Report(name, body.ExceptionHandlingClauses[0].TryOffset, Ban.ExceptionHandler, "try");
        var types = body.LocalVariables.Select(local => local.LocalType).Concat(method.GetParameters().Select(parameter => parameter.ParameterType));
        // A view of doubles is a learning kernel's affair: Device itself computes nothing.
        bool precise = Learns(method.DeclaringType) || (Learns(kernel) && method.DeclaringType?.Namespace == typeof(Kernels.Device.IKernel).Namespace);
        if (!precise && types.Any(FieldScan.IsDouble)) Report(name, -1, Ban.Double, "a local or parameter of type double");

        IReadOnlyList<Instruction> instructions = IlReader.Read(body);
        HashSet<int> labels = [.. instructions.SelectMany(instruction => instruction.Targets)];
        var model = new ConstantModel();
        Type? constrained = null;
        bool truth = false; // is the last value the result of a comparison?
        foreach (Instruction instruction in instructions)
        {
            bool joined = labels.Contains(instruction.Offset);
            if (joined) model.Label();
            if ((joined || truth) && (instruction.OpCode == OpCodes.Conv_R4 || instruction.OpCode == OpCodes.Conv_R8))
                Report(name, instruction.Offset, Ban.ConvertedChoice, "a choice between integers is converted to a float: choose between floats (c ? 1f : 0f)");
            truth = IsTruth(instruction.OpCode, truth);
            MethodBase? called = Resolve(method, instruction);
            CheckInstruction(method, name, instruction);
            if (called is not null) CheckCall(method, instruction, called, constrained);
            if (model.Step(instruction, called) is { } wrong) Report(name, instruction.Offset, wrong.Ban, wrong.Reason);
            constrained = instruction.OpCode == OpCodes.Constrained ? ResolveType(method, instruction.Token) : null;
        }
    }

    private static bool IsTruth(OpCode code, bool before) =>
        code == OpCodes.Ceq || code == OpCodes.Cgt || code == OpCodes.Clt || code == OpCodes.Cgt_Un || code == OpCodes.Clt_Un
        || (before && (code == OpCodes.Conv_I4 || code == OpCodes.Conv_U1));

    private void CheckInstruction(MethodBase method, string name, Instruction instruction)
    {
        OpCode code = instruction.OpCode;
        if (code == OpCodes.Ldsfld || code == OpCodes.Ldsflda || code == OpCodes.Stsfld)
        {
            CheckStatic(name, instruction, method.Module.ResolveField(instruction.Token, TypeArguments(method), MethodArguments(method))!);
            return;
        }

        (Ban Ban, string Reason)? wrong = code.Name switch
        {
            "throw" or "rethrow" => (Ban.Throw, "write a bit into the error column instead"),
            "newarr" => (Ban.NewArray, "use scratch memory of the device"),
            "box" or "unbox" or "unbox.any" or "castclass" or "isinst" => (Ban.Box, code.Name),
            "localloc" => (Ban.StackAlloc, "use scratch memory of the device"),
            "ldstr" => (Ban.StringLiteral, "kernels print nothing"),
            "ldftn" or "ldvirtftn" or "calli" => (Ban.FunctionPointer, "pass behaviour as a struct type argument"),
            "conv.u" or "conv.ovf.u" or "conv.ovf.u.un" => (Ban.NativeUnsigned, "widen to long: a GPU compiler takes this for a conversion to a pointer"),
            "conv.r.un" => (Ban.UintToFloat, "shift to 24 bits and cast from int"),
            "ldc.r8" or "conv.r8" or "ldind.r8" or "stind.r8" when !Learns(method.DeclaringType) => (Ban.Double, "simulations use float"),
            _ when code.Name!.StartsWith("ldelem", StringComparison.Ordinal) || code.Name.StartsWith("stelem", StringComparison.Ordinal) || code == OpCodes.Ldlen
                => (Ban.ArrayAccess, "use a view"),
            _ => null,
        };
        if (wrong is { } found) Report(name, instruction.Offset, found.Ban, found.Reason);
    }

    private void CheckStatic(string name, Instruction instruction, FieldInfo field)
    {
        string what = $"{field.DeclaringType?.Name}.{field.Name}";
        if (field.DeclaringType!.Name.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal) || field.FieldType.IsArray)
            Report(name, instruction.Offset, Ban.StaticTable, $"{what}: use a switch, or a view of device memory");
        else if (!field.IsInitOnly || !field.FieldType.IsValueType)
            Report(name, instruction.Offset, Ban.StaticField, $"{what} is not constant: pass it as a kernel field");
    }

    private void CheckCall(MethodBase caller, Instruction instruction, MethodBase called, Type? constrained)
    {
        string name = $"{caller.DeclaringType?.Name}.{caller.Name}";
        OpCode code = instruction.OpCode;
        if (code == OpCodes.Newobj && !called.DeclaringType!.IsValueType)
        {
            Report(name, instruction.Offset, Ban.NewObject, $"new {called.DeclaringType.Name}");
            return;
        }

        if (constrained is { IsValueType: true }) called = KernelTypes.Implementation(constrained, called);
        else if (code == OpCodes.Callvirt)
        {
            Report(name, instruction.Offset, Ban.VirtualCall, $"{called.DeclaringType?.Name}.{called.Name}");
            return;
        }

        if (called.IsDefined(typeof(ConditionalAttribute)) || called.Name is "RunRange" or "RunGroup") return;
        if (own.Contains(called.Module.Assembly)) Follow(called);
        else if (Outside(called, Learns(caller.DeclaringType)) is { } wrong) Report(name, instruction.Offset, wrong.Ban, wrong.Reason);
    }

    private static (Ban Ban, string Reason)? Outside(MethodBase called, bool learns)
    {
        Type type = called.DeclaringType!;
        string what = $"{type.FullName}.{called.Name}";
        if (type == typeof(Math)) return (Ban.DoubleMath, $"{what}: use Scalar, or MathF where it is exact");
        if (type == typeof(MathF))
            return SharedMath.Contains(called.Name) || (learns && LearningMath.Contains(called.Name)) ? null : (Ban.LibraryMath, $"{what} differs between devices: use Scalar or a polynomial of our own");
        if (type == typeof(Interlocked) && called.Name == nameof(Interlocked.CompareExchange))
            return (Ban.CompareExchange, "ILGPU 1.5.3 swaps its arguments: use an operation of IAtomics");
        if (type == typeof(Interlocked) && SharedAtomics.Contains(called.Name)) return null;
        if (type == typeof(BitOperations)) return null;
        if (type.IsGenericType && type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) && called.IsConstructor) return null;
        return (Ban.OutsideCall, $"{what} is not on the list of functions that every device computes alike");
    }

    private static MethodBase? Resolve(MethodBase method, Instruction instruction) =>
        instruction.OpCode.OperandType == OperandType.InlineMethod
            ? method.Module.ResolveMethod(instruction.Token, TypeArguments(method), MethodArguments(method))
            : null;

    private static Type ResolveType(MethodBase method, int token) =>
        method.Module.ResolveType(token, TypeArguments(method), MethodArguments(method));

    private static Type[]? TypeArguments(MethodBase method) =>
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;

    private static Type[]? MethodArguments(MethodBase method) => method.IsGenericMethod ? method.GetGenericArguments() : null;
}

/// <summary>Checks the types of a kernel's arguments, through structs, pointers and views.</summary>
internal static class FieldScan
{
    internal static void Check(Type kernel, Action<string, int, Ban, string> report) =>
        Check(kernel, kernel.Name, KernelScanner.Learns(kernel), [], report);

    internal static bool IsDouble(Type type) => type == typeof(double) || (type.HasElementType && IsDouble(type.GetElementType()!));

    private static void Check(Type type, string path, bool learns, HashSet<Type> seen, Action<string, int, Ban, string> report)
    {
        while (type.HasElementType) type = type.GetElementType()!;
        if (type == typeof(bool)) report(path, -1, Ban.BoolField, "a bool is 32 bits on a device: use byte or int");
        else if (type == typeof(double) && !learns) report(path, -1, Ban.Double, "simulations use float");
        else if (!type.IsValueType && type != typeof(void)) report(path, -1, Ban.NewObject, $"an argument of the class {type.Name}");
        if (type.IsPrimitive || type.IsEnum || !type.IsValueType || !seen.Add(type)) return;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            Check(field.FieldType, $"{path}.{field.Name}", learns, seen, report);
    }
}
