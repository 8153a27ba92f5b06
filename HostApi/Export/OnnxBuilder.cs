using System.Runtime.InteropServices;

namespace Arena.HostApi.Export;

/// <summary>A value inside a graph that is being built: its name, and its shape with −1 for the batch.</summary>
internal sealed record OnnxTerm(string Name, params int[] Shape)
{
    internal int Rank => Shape.Length;

    internal int Last => Shape[^1];
}

/// <summary>Builds a graph, operation by operation; shapes are followed, and what does not fit together is a fault of this program.</summary>
internal sealed class OnnxBuilder
{
    private readonly List<OnnxNode> nodes = [];
    private readonly List<OnnxTensor> constants = [];
    private readonly List<OnnxValue> inputs = [];
    private readonly List<OnnxValue> outputs = [];
    private int named;

    internal OnnxModel Build() => new(nodes, constants, inputs, outputs);

    internal OnnxTerm Input(string name, OnnxType type, params int[] shape)
    {
        inputs.Add(new OnnxValue(name, type, shape));
        return new OnnxTerm(name, shape);
    }

    /// <summary>Gives a value out under a name of its own; a reshape to the same or another shape carries it there.</summary>
    internal void Output(string name, OnnxTerm value, OnnxType type, params int[] shape)
    {
        nodes.Add(new OnnxNode("Reshape", [value.Name, Whole([.. shape.Select(size => (long)size)]).Name], [name], []));
        outputs.Add(new OnnxValue(name, type, shape));
    }

    /// <summary>A constant that is an output.</summary>
    internal void OutputConstant(string name, float[] values, params int[] shape)
    {
        constants.Add(new OnnxTensor(name, OnnxType.Float, [.. shape.Select(size => (long)size)], MemoryMarshal.AsBytes<float>(values).ToArray()));
        outputs.Add(new OnnxValue(name, OnnxType.Float, shape));
    }

    internal OnnxTerm Constant(ReadOnlySpan<float> values, params int[] shape)
    {
        string name = Name("constant");
        Check(values.Length == shape.Aggregate(1, (product, size) => product * size), name);
        constants.Add(new OnnxTensor(name, OnnxType.Float, [.. shape.Select(size => (long)size)], MemoryMarshal.AsBytes(values).ToArray()));
        return new OnnxTerm(name, shape);
    }

    internal OnnxTerm Number(float value) => Constant([value]);

    internal OnnxTerm Gemm(OnnxTerm x, OnnxTerm weights, OnnxTerm? bias)
    {
        Check(x.Rank == 2 && weights.Rank == 2 && x.Last == weights.Last && (bias is null || bias.Last == weights.Shape[0]), "Gemm");
        return Add("Gemm", [x, weights, .. bias is null ? Array.Empty<OnnxTerm>() : [bias]], [x.Shape[0], weights.Shape[0]], Int("transB", 1));
    }

    internal OnnxTerm MatMul(OnnxTerm a, OnnxTerm b)
    {
        Check(a.Last == b.Shape[^2], "MatMul");
        return Add("MatMul", [a, b], [.. a.Shape[..^1], b.Last]);
    }

    /// <summary>Add, Sub, Mul or Div; the second may be spread over the first.</summary>
    internal OnnxTerm Binary(string type, OnnxTerm a, OnnxTerm b)
    {
        for (int axis = 1; axis <= b.Rank; axis++) Check(axis <= a.Rank && (b.Shape[^axis] == a.Shape[^axis] || b.Shape[^axis] == 1), type);
        return Add(type, [a, b], a.Shape);
    }

    /// <summary>Relu, Tanh, Sigmoid or Sqrt.</summary>
    internal OnnxTerm Unary(string type, OnnxTerm x) => Add(type, [x], x.Shape);

    internal OnnxTerm Clip(OnnxTerm x, float low, float high) => Add("Clip", [x, Number(low), Number(high)], x.Shape);

    internal OnnxTerm Cast(OnnxTerm x, OnnxType type) => Add("Cast", [x], x.Shape, Int("to", (long)type));

    internal OnnxTerm Conv(OnnxTerm x, OnnxTerm weights, OnnxTerm bias, int stride)
    {
        int kernel = weights.Last;
        Check(x.Rank == 4 && x.Shape[1] == weights.Shape[1] && bias.Last == weights.Shape[0], "Conv");
        int[] shape = [x.Shape[0], weights.Shape[0], (x.Shape[2] - kernel) / stride + 1, (x.Shape[3] - kernel) / stride + 1];
        return Add("Conv", [x, weights, bias], shape, List("kernel_shape", kernel, kernel), List("strides", stride, stride));
    }

    /// <summary>(…, codes) of (…) int32: 1 at the code, nowhere where it is not one of them.</summary>
    internal OnnxTerm OneHot(OnnxTerm codes, int depth) => Add("OneHot", [codes, Single(depth), Constant([0f, 1f], 2)], [.. codes.Shape, depth]);

    internal OnnxTerm Slice(OnnxTerm x, int axis, int first, int count)
    {
        Check(first >= 0 && count > 0 && first + count <= x.Shape[axis], "Slice");
        int[] shape = [.. x.Shape];
        shape[axis] = count;
        return first == 0 && count == x.Shape[axis] ? x : Add("Slice", [x, Whole([first]), Whole([first + count]), Whole([axis])], shape);
    }

    /// <summary>Equal parts along axis 1.</summary>
    internal OnnxTerm[] Split(OnnxTerm x, int parts)
    {
        int size = x.Shape[1] / parts;
        Check(size * parts == x.Shape[1], "Split");
        string[] names = [.. Enumerable.Range(0, parts).Select(_ => Name("Split"))];
        nodes.Add(new OnnxNode("Split", [x.Name, Whole([.. Enumerable.Repeat((long)size, parts)]).Name], names, [Int("axis", 1)]));
        return [.. names.Select(name => new OnnxTerm(name, x.Shape[0], size))];
    }

    internal OnnxTerm Concat(IReadOnlyList<OnnxTerm> parts, int axis)
    {
        if (parts.Count == 1) return parts[0];
        int[] shape = [.. parts[0].Shape];
        shape[axis] = parts.Sum(part => part.Shape[axis]);
        return Add("Concat", parts, shape, Int("axis", axis));
    }

    /// <summary>Another shape; −1 is the batch.</summary>
    internal OnnxTerm Reshape(OnnxTerm x, params int[] shape)
    {
        Check(x.Shape.Aggregate(1, (product, size) => product * size) == shape.Aggregate(1, (product, size) => product * size), "Reshape");
        return Add("Reshape", [x, Whole([.. shape.Select(size => (long)size)])], shape);
    }

    internal OnnxTerm Transpose(OnnxTerm x, params int[] order) =>
        Add("Transpose", [x], [.. order.Select(axis => x.Shape[axis])], new OnnxAttribute("perm", [.. order.Select(axis => (long)axis)], IsList: true));

    /// <summary>ReduceMean or ReduceMax over one axis.</summary>
    internal OnnxTerm Reduce(string type, OnnxTerm x, int axis, bool keep)
    {
        int[] shape = keep ? [.. x.Shape.Select((size, at) => at == axis ? 1 : size)] : [.. x.Shape.Where((_, at) => at != axis)];
        return Add(type, [x], shape, List("axes", axis), Int("keepdims", keep ? 1 : 0));
    }

    internal OnnxTerm Softmax(OnnxTerm x) => Add("Softmax", [x], x.Shape, Int("axis", x.Rank - 1));

    /// <summary>a where the condition holds, else the single number.</summary>
    internal OnnxTerm Where(OnnxTerm condition, OnnxTerm a, float otherwise) => Add("Where", [condition, a, Number(otherwise)], a.Shape);

    /// <summary>(batch, 1) int64: the place of the first largest.</summary>
    internal OnnxTerm ArgMax(OnnxTerm x) => Add("ArgMax", [x], [x.Shape[0], 1], Int("axis", 1), Int("keepdims", 1));

    private OnnxTerm Add(string type, IReadOnlyList<OnnxTerm> operands, int[] shape, params OnnxAttribute[] attributes)
    {
        string name = Name(type);
        nodes.Add(new OnnxNode(type, [.. operands.Select(operand => operand.Name)], [name], attributes));
        return new OnnxTerm(name, shape);
    }

    private OnnxTerm Whole(long[] values)
    {
        string name = Name("sizes");
        constants.Add(new OnnxTensor(name, OnnxType.Int64, [values.Length], MemoryMarshal.AsBytes<long>(values).ToArray()));
        return new OnnxTerm(name, values.Length);
    }

    private OnnxTerm Single(int value)
    {
        string name = Name("depth");
        constants.Add(new OnnxTensor(name, OnnxType.Int32, [], BitConverter.GetBytes(value)));
        return new OnnxTerm(name);
    }

    private string Name(string type) => Cli.Numbers.Text($"{type}_{named++}");

    private static OnnxAttribute Int(string name, long value) => new(name, [value], IsList: false);

    private static OnnxAttribute List(string name, params long[] values) => new(name, values, IsList: true);

    private static void Check(bool fits, string what)
    {
        if (!fits) throw new InvalidOperationException($"The shapes of {what} do not fit together.");
    }
}
