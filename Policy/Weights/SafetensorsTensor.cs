namespace Arena.Policy.Weights;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Unique in its file.</param>
/// <param name="Type">"F32", "F64", "I32", "I64", "U8", "U16", "U32", "F16" or "BF16".</param>
/// <param name="Shape">Row-major; empty for a single number.</param>
/// <param name="Data">Little-endian elements.</param>
public sealed record SafetensorsTensor(string Name, string Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>"(64, 49)".</summary>
    public string ShapeText => $"({string.Join(", ", Shape)})";
}

/// <summary>The contents of a safetensors file.</summary>
/// <param name="Tensors">In the order of their data.</param>
/// <param name="Metadata">Text by key; empty if the file has none.</param>
public sealed record SafetensorsContents(IReadOnlyList<SafetensorsTensor> Tensors, IReadOnlyDictionary<string, string> Metadata);
