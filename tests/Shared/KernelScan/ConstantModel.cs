using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;

namespace Arena.Tests.KernelScan;

/// <summary>Follows constants through the evaluation stack and the locals of straight-line code, and finds foldable arithmetic.</summary>
/// <remarks>
/// Knows one method at a time: constants that meet only after a call is inlined are not seen. At a branch target
/// everything is forgotten.
/// </remarks>
internal sealed class ConstantModel
{
    private readonly Stack<Value> stack = new();
    private readonly Dictionary<int, Value> locals = [];

    private enum Kind
    {
        Unknown,
        Float,
        Integer,
        FloatOperation, // x op constant
    }

    /// <summary>Forgets everything: control may come from elsewhere.</summary>
    public void Label()
    {
        int depth = stack.Count;
        stack.Clear();
        for (int i = 0; i < depth; i++) stack.Push(default);
        locals.Clear();
    }

    /// <summary>Takes one instruction into account; says what is wrong with it, if anything.</summary>
    public (Ban Ban, string Reason)? Step(Instruction instruction, MethodBase? called)
    {
        if (TryConstant(instruction) || TryLocal(instruction)) return null;
        OpCode code = instruction.OpCode;
        if (code == OpCodes.Dup)
        {
            Value top = Pop();
            stack.Push(top);
            stack.Push(top);
            return null;
        }

        if (code.Name!.StartsWith("conv.", StringComparison.Ordinal))
        {
            Value value = Pop();
            stack.Push(value.Kind == Kind.Integer ? value : default);
            return null;
        }

        if (IsArithmetic(code)) return Arithmetic(code);
        for (int i = StackEffect.Pops(code, called); i > 0; i--) Pop();
        for (int i = StackEffect.Pushes(code, called); i > 0; i--) stack.Push(default);
        if (code.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw) stack.Clear();
        return null;
    }

    private static bool IsArithmetic(OpCode code) =>
        code == OpCodes.Add || code == OpCodes.Sub || code == OpCodes.Mul
        || code == OpCodes.Div || code == OpCodes.Div_Un || code == OpCodes.Rem || code == OpCodes.Rem_Un;

    private (Ban, string)? Arithmetic(OpCode code)
    {
        Value right = Pop();
        Value left = Pop();
        string name = code.Name!.Split('.')[0];
        if (name is "div" or "rem")
        {
            stack.Push(default);
            if (right.Kind != Kind.Integer || right.Integer < 2 || !long.IsPow2(right.Integer)) return null;
            return (Ban.PowerOfTwoDivision,
                $"{(name == "div" ? '/' : '%')} by the constant {right.Integer}: use a shift or mask on unsigned values, Scalar.DivTowardZero on signed ones");
        }

        stack.Push(left.Kind == Kind.Float || right.Kind == Kind.Float ? new Value(Kind.FloatOperation, Operator: name) : default);
        if (name == "sub" && left is { Kind: Kind.Float, Single: 0f }) return (Ban.NegationBySubtraction, "0f - x: write -x, or keep the sign apart");
        if (name == "add" && (left is { Kind: Kind.Float, Single: 0f } || right is { Kind: Kind.Float, Single: 0f }))
            return (Ban.AddingZero, "x + 0f: folded to x, which is -0 where the sum is +0; leave the zero out, or make it a kernel field");
        bool again = Folds(left, right, name) || (name != "sub" && Folds(right, left, name));
        if (!again) return null;
        float constant = left.Kind == Kind.Float ? left.Single : right.Single;
        return (Ban.FoldedConstants,
            $"a second '{name}' with a constant ({constant.ToString(CultureInfo.InvariantCulture)}): join the constants, or make one a kernel field");
    }

    // (x op c1) op c2
    private static bool Folds(Value inner, Value constant, string name) =>
        constant.Kind == Kind.Float && inner.Kind == Kind.FloatOperation && inner.Operator == name;

    private bool TryConstant(Instruction instruction)
    {
        OpCode code = instruction.OpCode;
        if (code == OpCodes.Ldc_R4) stack.Push(new Value(Kind.Float, Single: (float)instruction.Operand!));
        else if (instruction.Operand is long number) stack.Push(new Value(Kind.Integer, Integer: number));
        else if (code.Name!.StartsWith("ldc.i4.", StringComparison.Ordinal))
            stack.Push(new Value(Kind.Integer, Integer: code == OpCodes.Ldc_I4_M1 ? -1 : code.Name[^1] - '0'));
        else return false;
        return true;
    }

    private bool TryLocal(Instruction instruction)
    {
        string name = instruction.OpCode.Name!;
        if (!name.StartsWith("ldloc", StringComparison.Ordinal) && !name.StartsWith("stloc", StringComparison.Ordinal)) return false;
        int local = instruction.Operand is int number ? number : name[^1] - '0';
        if (name.StartsWith("stloc", StringComparison.Ordinal)) locals[local] = Pop();
        else if (name.StartsWith("ldloca", StringComparison.Ordinal))
        {
            locals.Remove(local);
            stack.Push(default);
        }
        else stack.Push(locals.GetValueOrDefault(local));
        return true;
    }

    private Value Pop() => stack.TryPop(out Value value) ? value : default;

    private readonly record struct Value(Kind Kind, float Single = 0f, long Integer = 0, string Operator = "");
}

/// <summary>How many values an instruction takes from the stack and puts there.</summary>
internal static class StackEffect
{
    internal static int Pops(OpCode code, MethodBase? called)
    {
        if (code.StackBehaviourPop == StackBehaviour.Varpop)
        {
            if (called is null) return 0;
            return called.GetParameters().Length + (called.IsStatic || code == OpCodes.Newobj ? 0 : 1);
        }

        return code.StackBehaviourPop == StackBehaviour.Pop0 ? 0 : Parts(code.StackBehaviourPop);
    }

    internal static int Pushes(OpCode code, MethodBase? called)
    {
        if (code.StackBehaviourPush == StackBehaviour.Varpush) return called is MethodInfo method && method.ReturnType != typeof(void) ? 1 : 0;
        return code.StackBehaviourPush == StackBehaviour.Push0 ? 0 : Parts(code.StackBehaviourPush);
    }

    // "Popref_popi_popi" takes three.
    private static int Parts(StackBehaviour behaviour) => behaviour.ToString().Split('_').Length;
}
