using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Arena.Kernels;
using Arena.Policy.Networks;

namespace Arena.Policy.Weights;

/// <summary>Weights with the names and layouts of PyTorch's layers, as safetensors files.</summary>
/// <remarks>
/// Names and shapes are those of <see cref="ParameterLayout"/>, but for the LSTM, whose one bias is PyTorch's two: written as bias_ih with zeros in bias_hh;
/// read, the two are added (the sum is all that the cell ever uses). Files may come from anywhere and are checked like any input.
/// </remarks>
public static class TorchWeights
{
    private const string Bias = "core.lstm.bias";
    private const string InputBias = "core.lstm.bias_ih";
    private const string StateBias = "core.lstm.bias_hh";
    private const string CellPrefix = "core.lstm.";
    private const string LayerSuffix = "_l0"; // nn.LSTM numbers its layers, nn.LSTMCell does not
    private const int MostListed = 40;
    private const int MostRenames = 1 << 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 2 };

    /// <summary>All tensors of a policy under PyTorch's names, F32.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">(P) float, flat.</param>
    /// <exception cref="ArgumentException">another number of weights than the network has.</exception>
    public static IReadOnlyList<SafetensorsTensor> Tensors(NetworkSpec network, ReadOnlySpan<float> weights)
    {
        var layout = new ParameterLayout(network);
        if (weights.Length != layout.Length)
            throw new ArgumentException($"{weights.Length:N0} weights were given; the network has {layout.Length:N0}.", nameof(weights));
        var tensors = new List<SafetensorsTensor>();
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            long[] shape = [.. tensor.Shape.Select(size => (long)size)];
            byte[] data = MemoryMarshal.AsBytes(weights.Slice(tensor.Offset, tensor.Length)).ToArray();
            tensors.Add(new SafetensorsTensor(tensor.Name == Bias ? InputBias : tensor.Name, "F32", shape, data));
            if (tensor.Name == Bias) tensors.Add(new SafetensorsTensor(StateBias, "F32", shape, new byte[data.Length]));
        }

        return tensors;
    }

    /// <summary>The flat weights (P) of <paramref name="network"/> in a file with PyTorch's names.</summary>
    /// <param name="path">A safetensors file of F32, F16 or BF16.</param>
    /// <param name="network">What they are weights of.</param>
    /// <param name="renames">Name in the file → name here, for files with other names; may be empty.</param>
    /// <exception cref="UsageException">not such a file, or names, shapes or numbers do not fit: all that is wrong, together.</exception>
    public static float[] Read(string path, NetworkSpec network, IReadOnlyDictionary<string, string> renames) =>
        Read(path, Safetensors.Read(path), network, renames);

    /// <summary>The same of a file that was read.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="file">All of it.</param>
    /// <param name="network">What they are weights of.</param>
    /// <param name="renames">Name in the file → name here; may be empty.</param>
    /// <exception cref="UsageException">names, shapes or numbers do not fit: all that is wrong, together.</exception>
    public static float[] Read(string path, SafetensorsContents file, NetworkSpec network, IReadOnlyDictionary<string, string> renames)
    {
        var layout = new ParameterLayout(network);
        var problems = new List<string>();
        Dictionary<string, SafetensorsTensor> found = Named(file, renames, problems);
        var weights = new float[layout.Length];
        foreach (ParameterTensor parameter in layout.Tensors)
        {
            Span<float> destination = weights.AsSpan(parameter.Offset, parameter.Length);
            bool two = parameter.Name == Bias && !found.ContainsKey(Bias);
            Add(two ? InputBias : parameter.Name, parameter, found, destination, problems);
            if (two) Add(StateBias, parameter, found, destination, problems);
            if (destination.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) problems.Add($"'{parameter.Name}' holds NaN or infinity");
        }

        problems.AddRange(found.Keys.Order(StringComparer.Ordinal).Select(name => $"'{name}' is none of this network's"));
        return problems.Count == 0 ? weights : throw Unfit(path, network, problems);
    }

    /// <summary>Reads a rename map: one JSON object of texts, {"name in the file": "name here"}.</summary>
    /// <exception cref="UsageException">it is missing or something else.</exception>
    public static IReadOnlyDictionary<string, string> ReadRenames(string path)
    {
        if (!File.Exists(path)) throw new UsageException($"The rename map '{path}' does not exist. Check the name.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), Strict);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.GetPropertyCount() <= MostRenames && root.EnumerateObject().All(entry => entry.Value.ValueKind == JsonValueKind.String))
                return root.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // no JSON, or half of a surrogate pair
        {
            throw BadMap(path, $"it is not JSON ({e.Message})");
        }

        throw BadMap(path, "it is not one object of texts");
    }

    private static Dictionary<string, SafetensorsTensor> Named(SafetensorsContents file, IReadOnlyDictionary<string, string> renames, List<string> problems)
    {
        var found = new Dictionary<string, SafetensorsTensor>();
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            string name = renames.GetValueOrDefault(tensor.Name, tensor.Name);
            if (name.StartsWith(CellPrefix, StringComparison.Ordinal) && name.EndsWith(LayerSuffix, StringComparison.Ordinal)) name = name[..^LayerSuffix.Length];
            if (!found.TryAdd(name, tensor)) problems.Add($"two tensors mean '{name}'");
        }

        HashSet<string> present = [.. file.Tensors.Select(tensor => tensor.Name)];
        problems.AddRange(renames.Keys.Where(name => !present.Contains(name)).Select(name => $"'{name}' of the rename map is not in the file"));
        return found;
    }

    // Takes the tensor out of those found and adds it to what is there.
    private static void Add(string name, ParameterTensor parameter, Dictionary<string, SafetensorsTensor> found, Span<float> destination, List<string> problems)
    {
        string shape = $"({string.Join(", ", parameter.Shape)})";
        if (!found.Remove(name, out SafetensorsTensor? tensor)) problems.Add($"'{name}' {shape} is missing");
        else if (tensor.ShapeText != shape) problems.Add($"'{name}' has the shape {tensor.ShapeText} instead of {shape}");
        else if (tensor.Type is not ("F32" or "F16" or "BF16")) problems.Add($"'{name}' is {tensor.Type}; F32, F16 and BF16 can be read");
        else
            for (int at = 0; at < destination.Length; at++) destination[at] += Element(tensor, at);
    }

    private static float Element(SafetensorsTensor tensor, int at) => tensor.Type switch
    {
        "F32" => BinaryPrimitives.ReadSingleLittleEndian(tensor.Data.Span[(at * 4)..]),
        "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(tensor.Data.Span[(at * 2)..]),
        _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(tensor.Data.Span[(at * 2)..]) << 16), // the upper half of a float
    };

    private static UsageException Unfit(string path, NetworkSpec network, List<string> problems)
    {
        string more = problems.Count > MostListed ? $"; and {problems.Count - MostListed} more" : "";
        return new UsageException(
            $"The weights in '{path}' do not fit the network {NetworkText.Describe(network)}: {string.Join("; ", problems.Take(MostListed))}{more}. " +
            "Give the options of the network they belong to, or a rename map (--rename MAP.json) from the names in the file to these.");
    }

    private static UsageException BadMap(string path, string problem) =>
        new($"'{path}' is no rename map: {problem}. Expected is {{\"name in the file\": \"name here\", ...}}.");
}
