using System.Text;
using System.Text.Json;
using Arena.Kernels;
using Arena.Policy;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Export;

/// <summary>Writes policies in formats of other programs, and reads weights from them. A file gets its name after it was checked.</summary>
internal static class PolicyExport
{
    private const int CheckedRows = 7;
    private const int CheckedSteps = 16;

    /// <summary>Writes a safetensors file with PyTorch's names, and the module that loads it beside it.</summary>
    /// <returns>Path of the module.</returns>
    /// <exception cref="UsageException">the file, read back, does not give the same policy.</exception>
    /// <exception cref="IOException">the place cannot be written.</exception>
    internal static string WriteSafetensors(string path, PolicyDescription policy, float[] weights)
    {
        using var contents = new MemoryStream();
        Safetensors.Write(contents, TorchWeights.Tensors(policy.Network, weights), new Dictionary<string, string> { ["format"] = "pt", ["game"] = policy.Game });
        StagedFile.Write(path, contents.ToArray(), written => CheckSame(path, policy.Network, weights, TorchWeights.Read(written, policy.Network, new Dictionary<string, string>())));
        string module = Path.ChangeExtension(path, ".py");
        StagedFile.Write(module, Encoding.UTF8.GetBytes(TorchModule.Write(policy.Network)), _ => { });
        return module;
    }

    /// <summary>Writes a policy file of this program.</summary>
    /// <exception cref="UsageException">the file, read back, does not give the same policy.</exception>
    /// <exception cref="IOException">the place cannot be written.</exception>
    internal static void WritePolicy(string path, PolicyDescription policy, float[] weights)
    {
        using var contents = new MemoryStream();
        PolicyFile.Save(contents, policy, weights);
        StagedFile.Write(path, contents.ToArray(), written =>
        {
            PolicyFile read = PolicyFile.Load(written);
            if (!NetworkText.Same(read.Description.Network, policy.Network)) throw new UsageException($"'{path}' was not written: read back, it describes another network.");
            CheckSame(path, policy.Network, weights, read.Weights.ToArray());
        });
    }

    /// <summary>Writes an ONNX model.</summary>
    /// <returns>Largest difference from the policy in onnxruntime; null where onnxruntime was not found and only the file's structure was checked.</returns>
    /// <exception cref="UsageException">the file, read back or in onnxruntime, is not what was meant.</exception>
    /// <exception cref="IOException">the place cannot be written.</exception>
    internal static double? WriteOnnx(string path, PolicyDescription policy, float[] weights, OnnxOptions options)
    {
        OnnxModel model = OnnxExport.Model(policy.Network, weights, options);
        double? difference = null;
        StagedFile.Write(path, OnnxWriter.Write(model), written =>
        {
            byte[] file = File.ReadAllBytes(written);
            try
            {
                OnnxStructure.Check(file, model);
            }
            catch (FormatException problem)
            {
                throw new UsageException($"'{path}' was not written: read back, {problem.Message}.");
            }

            difference = new OnnxComparison(policy.Network, weights).Run(file, model, [new(1, CheckedSteps), new(CheckedRows, CheckedSteps), new(256, 1)]);
        });
        return difference;
    }

    /// <summary>Writes a game's notes beside a model: the same name with .json.</summary>
    /// <param name="model">Path of the model.</param>
    /// <param name="notes">JSON text, from <see cref="Kernels.Environments.IGame.ExportNotes"/>.</param>
    /// <returns>Path of the notes.</returns>
    /// <exception cref="IOException">the place cannot be written.</exception>
    internal static string WriteNotes(string model, string notes)
    {
        string path = Path.ChangeExtension(model, ".json");
        StagedFile.Write(path, Encoding.UTF8.GetBytes(notes), written => JsonDocument.Parse(File.ReadAllText(written)).Dispose());
        return path;
    }

    // Both play the same rows; equal outputs, to the last bit.
    private static void CheckSame(string path, NetworkSpec network, float[] weights, float[] read)
    {
        if (!Outputs(network, weights).AsSpan().SequenceEqual(Outputs(network, read)))
            throw new UsageException($"'{path}' was not written: read back, it gives other outputs than the policy.");
    }

    private static float[] Outputs(NetworkSpec network, float[] weights)
    {
        using var agent = new PolicyAgent(network, weights, new PolicyAgentOptions { Rows = CheckedRows, Deterministic = true });
        var inputs = new CheckInputs(network);
        var floats = new float[network.ByteObservations ? 0 : CheckedRows * network.Observations];
        var bytes = new byte[network.ByteObservations ? CheckedRows * network.Observations : 0];
        var components = new float[CheckedRows * network.ContinuousActions];
        var choices = new int[CheckedRows * network.DiscreteHeads.Count];
        var outputs = new List<float>();
        for (int step = 0; step < CheckedSteps; step++)
        {
            inputs.Fill(floats);
            if (network.ByteObservations) inputs.Fill(bytes);
            if (network.ByteObservations) agent.Step(bytes, [], components, choices);
            else agent.Step(floats, [], components, choices);
            outputs.AddRange(agent.Outputs);
            outputs.AddRange(components);
        }

        return [.. outputs];
    }
}
