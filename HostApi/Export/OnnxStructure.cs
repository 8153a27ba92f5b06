namespace Arena.HostApi.Export;

/// <summary>Checks a .onnx file by reading it back: that it parses, that its parts fit together, and that it is what was to be written.</summary>
internal static class OnnxStructure
{
    private static readonly HashSet<string> Operators =
    [
        "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "Sqrt", "Relu", "Tanh", "Sigmoid", "Conv", "OneHot", "Cast", "Slice", "Split", "Concat", "Reshape",
        "Transpose", "ReduceMean", "ReduceMax", "Softmax", "Where", "Clip", "ArgMax",
    ];

    /// <summary>Checks the bytes of a file alone.</summary>
    /// <exception cref="FormatException">what is wrong, as the end of a sentence.</exception>
    internal static OnnxModel Check(byte[] file)
    {
        OnnxModel model = OnnxReader.Read(file);
        var known = new HashSet<string>();
        foreach (OnnxValue input in model.Inputs) Define(known, input.Name);
        foreach (OnnxTensor constant in model.Constants)
        {
            Define(known, constant.Name);
            CheckSize(constant);
        }

        foreach (OnnxNode node in model.Nodes)
        {
            if (!Operators.Contains(node.Operator)) throw new FormatException($"'{node.Operator}' is no operator that it may use");
            foreach (string input in node.Inputs)
                if (!known.Contains(input)) throw new FormatException($"'{input}' is used before it exists");
            foreach (string output in node.Outputs) Define(known, output);
        }

        foreach (OnnxValue output in model.Outputs)
            if (!known.Contains(output.Name)) throw new FormatException($"nothing gives its output '{output.Name}'");
        return model;
    }

    /// <summary>Checks the bytes of a file against the model they were written from: the same inputs, outputs, operations and constants, bit for bit.</summary>
    /// <exception cref="FormatException">what is wrong, as the end of a sentence.</exception>
    internal static void Check(byte[] file, OnnxModel meant)
    {
        OnnxModel read = Check(file);
        if (!Same(read.Inputs, meant.Inputs, SameValue)) throw new FormatException("its inputs are others than were written");
        if (!Same(read.Outputs, meant.Outputs, SameValue)) throw new FormatException("its outputs are others than were written");
        if (!Same(read.Nodes, meant.Nodes, SameNode)) throw new FormatException("its operations are others than were written");
        if (!Same(read.Constants, meant.Constants, SameTensor)) throw new FormatException("its constants are others than were written");
    }

    private static void Define(HashSet<string> known, string name)
    {
        if (name.Length == 0 || !known.Add(name)) throw new FormatException($"two things are called '{name}'");
    }

    private static void CheckSize(OnnxTensor constant)
    {
        long elements = constant.Type switch { OnnxType.Float or OnnxType.Int32 => 4, OnnxType.Int64 => 8, _ => throw new FormatException($"'{constant.Name}' is of type {constant.Type}") };
        foreach (long size in constant.Dims)
        {
            if (size < 1 || elements > constant.Data.Length / size) throw new FormatException($"'{constant.Name}' has a shape of another size than its data");
            elements *= size;
        }

        if (elements != constant.Data.Length) throw new FormatException($"'{constant.Name}' has {constant.Data.Length:N0} bytes of data; its shape takes {elements:N0}");
    }

    private static bool Same<T>(IReadOnlyList<T> a, IReadOnlyList<T> b, Func<T, T, bool> same) => a.Count == b.Count && a.Zip(b).All(pair => same(pair.First, pair.Second));

    private static bool SameValue(OnnxValue a, OnnxValue b) => a.Name == b.Name && a.Type == b.Type && a.Shape.SequenceEqual(b.Shape);

    private static bool SameTensor(OnnxTensor a, OnnxTensor b) => a.Name == b.Name && a.Type == b.Type && a.Dims.SequenceEqual(b.Dims) && a.Data.AsSpan().SequenceEqual(b.Data);

    private static bool SameNode(OnnxNode a, OnnxNode b) =>
        a.Operator == b.Operator && a.Inputs.SequenceEqual(b.Inputs) && a.Outputs.SequenceEqual(b.Outputs)
        && Same(a.Attributes, b.Attributes, (x, y) => x.Name == y.Name && x.IsList == y.IsList && x.Numbers.SequenceEqual(y.Numbers));
}
