using Google.Protobuf;
using static Arena.HostApi.ProtobufMessage;
using static Google.Protobuf.WireFormat.WireType;

namespace Arena.HostApi.Export;

/// <summary>Writes a model as protobuf, by the field numbers of onnx.proto.</summary>
internal static class OnnxWriter
{
    private const int AttributeInt = 2;
    private const int AttributeInts = 7;

    /// <summary>The bytes of a .onnx file.</summary>
    internal static byte[] Write(OnnxModel model) => Message(output =>
    {
        Number(output, 1, OnnxModel.IrVersion);
        String(output, 2, "arena");
        Nested(output, 7, graph => Graph(graph, model));
        Nested(output, 8, opset =>
        {
            String(opset, 1, "");
            Number(opset, 2, OnnxModel.Opset);
        });
    });

    private static void Graph(CodedOutputStream output, OnnxModel model)
    {
        foreach (OnnxNode node in model.Nodes) Nested(output, 1, part => Node(part, node));
        String(output, 2, "policy");
        foreach (OnnxTensor tensor in model.Constants) Nested(output, 5, part => Tensor(part, tensor));
        foreach (OnnxValue value in model.Inputs) Nested(output, 11, part => Value(part, value));
        foreach (OnnxValue value in model.Outputs) Nested(output, 12, part => Value(part, value));
    }

    private static void Node(CodedOutputStream output, OnnxNode node)
    {
        foreach (string name in node.Inputs) String(output, 1, name);
        foreach (string name in node.Outputs) String(output, 2, name);
        String(output, 3, node.Outputs[0]);
        String(output, 4, node.Operator);
        foreach (OnnxAttribute attribute in node.Attributes) Nested(output, 5, part => Attribute(part, attribute));
    }

    private static void Attribute(CodedOutputStream output, OnnxAttribute attribute)
    {
        String(output, 1, attribute.Name);
        foreach (long number in attribute.Numbers) Number(output, attribute.IsList ? 8 : 3, number);
        Number(output, 20, attribute.IsList ? AttributeInts : AttributeInt);
    }

    private static void Tensor(CodedOutputStream output, OnnxTensor tensor)
    {
        foreach (long size in tensor.Dims) Number(output, 1, size);
        Number(output, 2, (long)tensor.Type);
        String(output, 8, tensor.Name);
        output.WriteTag(9, LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(tensor.Data));
    }

    // type.tensor_type: elem_type and shape; a size is a number, or the name of one.
    private static void Value(CodedOutputStream output, OnnxValue value)
    {
        String(output, 1, value.Name);
        Nested(output, 2, type => Nested(type, 1, tensor =>
        {
            Number(tensor, 1, (long)value.Type);
            Nested(tensor, 2, shape =>
            {
                foreach (int size in value.Shape) Nested(shape, 1, dimension => Dimension(dimension, size));
            });
        }));
    }

    private static void Dimension(CodedOutputStream output, int size)
    {
        if (size == OnnxValue.Batch) String(output, 2, "batch");
        else Number(output, 1, size);
    }

    private static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, Varint);
        output.WriteInt64(value);
    }

    private static void String(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, LengthDelimited);
        output.WriteString(text);
    }
}
