using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests.Compiled;

/// <summary>Runs one thread from <paramref name="resume"/> (0, or the number of the barrier it waits at) to the next barrier, whose number it returns, or to its end (0).</summary>
internal unsafe delegate int PtxThread(byte* registers, byte* parameters, int block, int threadsX, int threadsY, int x, int y, int resume);

/// <summary>A kernel's PTX, translated to IL so that it runs on this machine.</summary>
/// <remarks>
/// Every register is 8 bytes of memory, every instruction a call of the method of <see cref="PtxOps"/> with its name, whose types say how
/// operands are read. Only what the kernels use is known; anything else is an error, not a guess.
/// </remarks>
internal sealed partial class PtxProgram
{
    private readonly ILGenerator il;
    private readonly Dictionary<string, int> registers = [];
    private readonly Dictionary<string, int> parameters = [];
    private readonly Dictionary<string, Label> labels = [];
    private readonly Dictionary<string, string[]> tables = [];
    private readonly List<Label> barriers = [];

    private PtxProgram(string ptx)
    {
        string body = ptx[(ptx.IndexOf('{', StringComparison.Ordinal) + 1)..ptx.LastIndexOf('}')];
        ReadParameters(ptx);
        foreach (Match table in Table().Matches(body)) tables.Add(table.Groups[1].Value, [.. table.Groups[2].Value.Split(',').Select(name => name.Trim())]);
        body = Table().Replace(body, "");
        var method = new DynamicMethod("ptx", typeof(int), [typeof(byte*), typeof(byte*), typeof(int), typeof(int), typeof(int), typeof(int), typeof(int), typeof(int)], typeof(PtxOps).Module, skipVisibility: true);
        il = method.GetILGenerator();
        string[] lines = [.. body.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('.') && !line.StartsWith("//", StringComparison.Ordinal))];
        Label start = il.DefineLabel();
        barriers.Add(start);
        foreach (string line in lines)
            if (line.StartsWith("bar.sync", StringComparison.Ordinal)) barriers.Add(il.DefineLabel());
        il.Emit(OpCodes.Ldarg, 7);
        il.Emit(OpCodes.Switch, [.. barriers]);
        il.MarkLabel(start);
        int barrier = 0;
        foreach (string line in lines) Emit(line, ref barrier);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ret);
        Run = method.CreateDelegate<PtxThread>();
    }

    /// <summary>The translated thread.</summary>
    internal PtxThread Run { get; }

    /// <summary>Bytes of registers of a thread.</summary>
    internal int RegisterBytes => 8 * registers.Count;

    internal static PtxProgram Translate(string ptx) => new(ptx);

    private void ReadParameters(string ptx)
    {
        int[] sizes = PtxText.ParameterBytes(ptx);
        string[] names = [.. ParameterName().Matches(ptx[..ptx.IndexOf('{', StringComparison.Ordinal)]).Select(match => match.Groups[1].Value)];
        int at = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            parameters.Add(names[i], at);
            at += (sizes[i] + 7) / 8 * 8;
        }
    }

    private void Emit(string line, ref int barrier)
    {
        if (line.EndsWith(':'))
        {
            il.MarkLabel(LabelOf(line[..^1]));
            return;
        }

        Match parts = Instruction().Match(line);
        if (!parts.Success) throw new NotSupportedException($"PTX line '{line}'");
        Label skip = il.DefineLabel();
        bool guarded = parts.Groups["guard"].Success;
        if (guarded)
        {
            Load(parts.Groups["guard"].Value, typeof(int));
            il.Emit(parts.Groups["not"].Length > 0 ? OpCodes.Brtrue : OpCodes.Brfalse, skip);
        }

        string[] operands = [.. parts.Groups["operands"].Value.Split(',').Select(operand => operand.Trim()).Where(operand => operand.Length > 0)];
        Emit(parts.Groups["op"].Value, operands, ref barrier);
        if (guarded) il.MarkLabel(skip);
    }

    private void Emit(string op, string[] operands, ref int barrier)
    {
        switch (op)
        {
            case "ret":
                il.Emit(OpCodes.Ldc_I4_0);
                il.Emit(OpCodes.Ret);
                return;
            case "bra" or "bra.uni":
                il.Emit(OpCodes.Br, LabelOf(operands[0]));
                return;
            case "brx.idx" or "brx.idx.uni":
                Load(operands[0], typeof(int));
                il.Emit(OpCodes.Switch, [.. tables[operands[1]].Select(LabelOf)]);
                return;
            case "bar.sync":
                il.Emit(OpCodes.Ldc_I4, ++barrier);
                il.Emit(OpCodes.Ret);
                il.MarkLabel(barriers[barrier]);
                return;
        }

        string name = op.Replace(".global", "", StringComparison.Ordinal).Replace(".param", "", StringComparison.Ordinal).Replace('.', '_');
        string? joined = null;
        if (name.StartsWith("setp_", StringComparison.Ordinal) && name.Split('_') is [_, var compare, var join, var type])
            (name, joined) = ($"setp_{compare}_{type}", $"{join}_pred");
        MethodInfo method = Method(name);
        Type[] types = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        bool stores = method.ReturnType != typeof(void);
        if (operands.Length != types.Length + (stores ? 1 : 0) + (joined is null ? 0 : 1)) throw new NotSupportedException($"PTX instruction {op} with {operands.Length} operands");
        if (stores) Address(operands[0]);
        for (int i = 0; i < types.Length; i++) Load(operands[i + (stores ? 1 : 0)], types[i]);
        il.Emit(OpCodes.Call, method);
        if (joined is not null)
        {
            Load(operands[^1], typeof(int));
            il.Emit(OpCodes.Call, Method(joined));
        }

        if (stores) il.Emit(StoreOf(method.ReturnType));
    }

    private static MethodInfo Method(string name) => typeof(PtxOps).GetMethod(name) ?? throw new NotSupportedException($"PTX instruction {name}");

    private Label LabelOf(string name)
    {
        if (!labels.TryGetValue(name, out Label label)) labels.Add(name, label = il.DefineLabel());
        return label;
    }

    private void Address(string register)
    {
        if (!registers.TryGetValue(register, out int slot)) registers.Add(register, slot = registers.Count);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, 8 * slot);
        il.Emit(OpCodes.Add);
    }

    private void Load(string operand, Type type)
    {
        if (operand.StartsWith('[')) LoadAddress(operand[1..^1]);
        else if (operand is "%ctaid.x") il.Emit(OpCodes.Ldarg, 2);
        else if (operand is "%ntid.x") il.Emit(OpCodes.Ldarg, 3);
        else if (operand is "%ntid.y") il.Emit(OpCodes.Ldarg, 4);
        else if (operand is "%tid.x") il.Emit(OpCodes.Ldarg, 5);
        else if (operand is "%tid.y") il.Emit(OpCodes.Ldarg, 6);
        else if (operand.StartsWith('%'))
        {
            Address(operand);
            il.Emit(type == typeof(float) ? OpCodes.Ldind_R4 : type == typeof(double) ? OpCodes.Ldind_R8 : type == typeof(int) ? OpCodes.Ldind_I4 : OpCodes.Ldind_I8);
        }
        else Immediate(operand, type);
    }

    private void LoadAddress(string address)
    {
        string[] parts = address.Split('+');
        if (parameters.TryGetValue(parts[0], out int offset))
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, offset + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0));
        }
        else
        {
            Load(parts[0], typeof(long));
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Ldc_I4, parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        }

        il.Emit(OpCodes.Add);
    }

    private void Immediate(string text, Type type)
    {
        bool hex = text.StartsWith("0f", StringComparison.OrdinalIgnoreCase) || text.StartsWith("0d", StringComparison.OrdinalIgnoreCase);
        long bits = hex ? unchecked((long)ulong.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            : text.StartsWith('-') ? long.Parse(text, CultureInfo.InvariantCulture) : unchecked((long)ulong.Parse(text, CultureInfo.InvariantCulture));
        if (type == typeof(float)) il.Emit(OpCodes.Ldc_R4, BitConverter.Int32BitsToSingle((int)bits));
        else if (type == typeof(double)) il.Emit(OpCodes.Ldc_R8, BitConverter.Int64BitsToDouble(bits));
        else if (type == typeof(int)) il.Emit(OpCodes.Ldc_I4, unchecked((int)bits));
        else il.Emit(OpCodes.Ldc_I8, bits);
    }

    private static OpCode StoreOf(Type type) =>
        type == typeof(float) ? OpCodes.Stind_R4 : type == typeof(double) ? OpCodes.Stind_R8 : type == typeof(int) ? OpCodes.Stind_I4 : OpCodes.Stind_I8;

    [GeneratedRegex(@"(L_\w+):\s*\.branchtargets\s+([^;]*);")]
    private static partial Regex Table();

    [GeneratedRegex(@"\.param\s+(?:\.align\s+\d+\s+)?\.\w+\s+(\w+)")]
    private static partial Regex ParameterName();

    [GeneratedRegex(@"^(?:@(?<not>!?)(?<guard>%p\d+)\s+)?(?<op>[a-z][a-z0-9_.]*)(?<operands>[^;]*);$")]
    private static partial Regex Instruction();
}
