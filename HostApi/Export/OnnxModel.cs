namespace Arena.HostApi.Export;

/// <summary>Element types of ONNX tensors, by the numbers of TensorProto.DataType.</summary>
internal enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
}

/// <summary>A constant tensor.</summary>
/// <param name="Name">Unique in its graph.</param>
/// <param name="Type">Float, Int32 or Int64 here.</param>
/// <param name="Dims">Row-major; empty for a single number.</param>
/// <param name="Data">Little-endian elements.</param>
internal sealed record OnnxTensor(string Name, OnnxType Type, IReadOnlyList<long> Dims, byte[] Data);

/// <summary>A setting of a node: one number, or a list of them.</summary>
internal sealed record OnnxAttribute(string Name, IReadOnlyList<long> Numbers, bool IsList);

/// <summary>One operation.</summary>
internal sealed record OnnxNode(string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<OnnxAttribute> Attributes);

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Sizes; −1 is the batch, which the caller chooses.</param>
internal sealed record OnnxValue(string Name, OnnxType Type, IReadOnlyList<int> Shape)
{
    /// <summary>Size that stands for the number of rows.</summary>
    internal const int Batch = -1;

    /// <summary>"(batch, 64)".</summary>
    internal string ShapeText => $"({string.Join(", ", Shape.Select(size => size == Batch ? "batch" : Cli.Numbers.Text($"{size}")))})";
}

/// <summary>A model: nodes in an order in which they can run, constants, inputs, outputs.</summary>
internal sealed record OnnxModel(
    IReadOnlyList<OnnxNode> Nodes, IReadOnlyList<OnnxTensor> Constants, IReadOnlyList<OnnxValue> Inputs, IReadOnlyList<OnnxValue> Outputs)
{
    /// <summary>Version of the file format: the highest that current Unity inference releases and onnxruntime all take.</summary>
    internal const int IrVersion = 8;

    /// <summary>Version of the operators, likewise.</summary>
    internal const int Opset = 15;
}
