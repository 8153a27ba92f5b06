using Google.Protobuf;

namespace Arena.HostApi.Export;

/// <summary>Reads a model back from protobuf: what <see cref="OnnxWriter"/> writes and nothing more. The bytes are not trusted.</summary>
internal static class OnnxReader
{
    private delegate void Field(CodedInputStream input, int field);

    /// <summary>The model of these bytes.</summary>
    /// <exception cref="FormatException">it is something else, or damaged; the message is the end of a sentence.</exception>
    internal static OnnxModel Read(byte[] file)
    {
        List<OnnxNode> nodes = [];
        List<OnnxTensor> constants = [];
        List<OnnxValue> inputs = [], outputs = [];
        long version = 0, opset = 0;
        try
        {
            Each(new CodedInputStream(file), (model, field) =>
            {
                if (field == 1) version = model.ReadInt64();
                else if (field == 2) model.ReadString();
                else if (field == 7) Nested(model, (graph, part) => GraphField(graph, part, nodes, constants, inputs, outputs));
                else if (field == 8) Nested(model, (set, part) => opset = part == 2 ? set.ReadInt64() : set.ReadString().Length);
                else throw Unknown("the model", field);
            });
        }
        catch (InvalidProtocolBufferException problem)
        {
            throw new FormatException($"it is no protobuf ({problem.Message})", problem);
        }

        if (version != OnnxModel.IrVersion || opset != OnnxModel.Opset) throw new FormatException($"it is of IR version {version} and opset {opset}");
        return new OnnxModel(nodes, constants, inputs, outputs);
    }

    private static void GraphField(CodedInputStream input, int field, List<OnnxNode> nodes, List<OnnxTensor> constants, List<OnnxValue> inputs, List<OnnxValue> outputs)
    {
        if (field == 1) nodes.Add(Node(input));
        else if (field == 2) input.ReadString();
        else if (field == 5) constants.Add(Tensor(input));
        else if (field == 11) inputs.Add(Value(input));
        else if (field == 12) outputs.Add(Value(input));
        else throw Unknown("the graph", field);
    }

    private static OnnxNode Node(CodedInputStream input)
    {
        List<string> inputs = [], outputs = [];
        List<OnnxAttribute> attributes = [];
        string type = "";
        Nested(input, (node, field) =>
        {
            if (field == 1) inputs.Add(node.ReadString());
            else if (field == 2) outputs.Add(node.ReadString());
            else if (field == 3) node.ReadString();
            else if (field == 4) type = node.ReadString();
            else if (field == 5) attributes.Add(Attribute(node));
            else throw Unknown("a node", field);
        });
        return new OnnxNode(type, inputs, outputs, attributes);
    }

    private static OnnxAttribute Attribute(CodedInputStream input)
    {
        string name = "";
        List<long> numbers = [];
        bool list = false;
        Nested(input, (attribute, field) =>
        {
            if (field == 1) name = attribute.ReadString();
            else if (field is 3 or 8) numbers.Add(attribute.ReadInt64());
            else if (field == 20) list = attribute.ReadInt64() == 7;
            else throw Unknown("an attribute", field);
        });
        return new OnnxAttribute(name, numbers, list);
    }

    private static OnnxTensor Tensor(CodedInputStream input)
    {
        List<long> dims = [];
        OnnxType type = 0;
        string name = "";
        byte[] data = [];
        Nested(input, (tensor, field) =>
        {
            if (field == 1) dims.Add(tensor.ReadInt64());
            else if (field == 2) type = (OnnxType)tensor.ReadInt64();
            else if (field == 8) name = tensor.ReadString();
            else if (field == 9) data = tensor.ReadBytes().ToByteArray();
            else throw Unknown("a tensor", field);
        });
        return new OnnxTensor(name, type, dims, data);
    }

    private static OnnxValue Value(CodedInputStream input)
    {
        string name = "";
        OnnxType type = 0;
        List<int> shape = [];
        Nested(input, (value, field) =>
        {
            if (field == 1) name = value.ReadString();
            else if (field == 2) Nested(value, (holder, part) => Nested(holder, (tensor, of) =>
            {
                if (of == 1) type = (OnnxType)tensor.ReadInt64();
                else Nested(tensor, (sizes, _) => shape.Add(Dimension(sizes)));
            }));
            else throw Unknown("an input or output", field);
        });
        return new OnnxValue(name, type, shape);
    }

    private static int Dimension(CodedInputStream input)
    {
        int size = 0;
        Nested(input, (dimension, field) =>
        {
            if (field == 1) size = checked((int)dimension.ReadInt64());
            else size = dimension.ReadString() == "batch" ? OnnxValue.Batch : throw new FormatException("a size has a name other than 'batch'");
        });
        return size;
    }

    // Bytes of a nested message are copied out of the file, so never more than it has.
    private static void Nested(CodedInputStream input, Field read) => Each(new CodedInputStream(input.ReadBytes().ToByteArray()), read);

    private static void Each(CodedInputStream input, Field read)
    {
        try
        {
            while (input.ReadTag() is var tag and not 0) read(input, WireFormat.GetTagFieldNumber(tag));
        }
        catch (OverflowException problem)
        {
            throw new FormatException("a size is outside the range of 32 bits", problem);
        }
    }

    private static FormatException Unknown(string what, int field) => new($"field {field} of {what} is unknown");
}
