using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Arena.Tests.KernelScan;

/// <summary>One IL instruction. Operand: a token (int), a constant, a variable's number, or branch targets (int[]).</summary>
public readonly record struct Instruction(int Offset, OpCode OpCode, object? Operand)
{
    /// <summary>A metadata token.</summary>
    public int Token => (int)Operand!;

    /// <summary>Where a branch or switch may go.</summary>
    public int[] Targets => Operand as int[] ?? [];
}

/// <summary>Decodes method bodies.</summary>
public static class IlReader
{
    private static readonly Dictionary<int, OpCode> ByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>All instructions of <paramref name="body"/>, in order.</summary>
    public static IReadOnlyList<Instruction> Read(MethodBody body)
    {
        byte[] il = body.GetILAsByteArray() ?? [];
        var instructions = new List<Instruction>();
        int at = 0;
        while (at < il.Length)
        {
            int offset = at;
            int value = il[at++];
            if (value == 0xFE) value = 0xFE00 | il[at++];
            OpCode code = ByValue[value];
            object? operand = ReadOperand(code.OperandType, il, ref at);
            instructions.Add(new Instruction(offset, code, operand));
        }

        return instructions;
    }

    private static object? ReadOperand(OperandType type, byte[] il, ref int at)
    {
        ReadOnlySpan<byte> rest = il.AsSpan(at);
        switch (type)
        {
            case OperandType.InlineNone:
                return null;
            case OperandType.ShortInlineI:
                at += 1;
                return (long)(sbyte)rest[0];
            case OperandType.ShortInlineVar:
                at += 1;
                return (int)rest[0];
            case OperandType.ShortInlineBrTarget:
                at += 1;
                return new[] { at + (sbyte)rest[0] };
            case OperandType.InlineVar:
                at += 2;
                return (int)BinaryPrimitives.ReadUInt16LittleEndian(rest);
            case OperandType.InlineI8:
                at += 8;
                return BinaryPrimitives.ReadInt64LittleEndian(rest);
            case OperandType.InlineR:
                at += 8;
                return BinaryPrimitives.ReadDoubleLittleEndian(rest);
            case OperandType.ShortInlineR:
                at += 4;
                return BinaryPrimitives.ReadSingleLittleEndian(rest);
            case OperandType.InlineSwitch:
                return ReadSwitch(rest, ref at);
        }

        at += 4;
        int word = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (type == OperandType.InlineBrTarget) return new[] { at + word };
        if (type == OperandType.InlineI) return (long)word;
        return word;
    }

    private static int[] ReadSwitch(ReadOnlySpan<byte> rest, ref int at)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(rest);
        at += 4 + 4 * count;
        var targets = new int[count];
        for (int i = 0; i < count; i++) targets[i] = at + BinaryPrimitives.ReadInt32LittleEndian(rest[(4 + 4 * i)..]);
        return targets;
    }
}
