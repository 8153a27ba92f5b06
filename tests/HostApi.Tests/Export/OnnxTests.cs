using Arena.HostApi.Export;
using Arena.Kernels;
using Arena.Policy.Networks;
using Arena.Tests;

namespace Arena.HostApi.Tests.Export;

/// <summary>ONNX models: their structure, and in onnxruntime the outputs of the policy.</summary>
public class OnnxTests
{
    public static TheoryData<string> Networks => ExportCases.All;

    private static OnnxModel Model(string name, OnnxOptions? options = null)
    {
        NetworkSpec network = ExportCases.Network(name);
        return OnnxExport.Model(network, ExportCases.Weights(network), options ?? new OnnxOptions());
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void What_is_written_reads_back_the_same(string name)
    {
        foreach (OnnxNames names in new[] { OnnxNames.Arena, OnnxNames.MlAgents })
        {
            OnnxModel model = Model(name, new OnnxOptions(names, BytesIn: true));
            OnnxStructure.Check(OnnxWriter.Write(model), model);
        }
    }

    [OnnxTheory]
    [MemberData(nameof(Networks))]
    public void Onnxruntime_computes_what_the_policy_computes(string name)
    {
        NetworkSpec network = ExportCases.Network(name);
        float[] weights = ExportCases.Weights(network);
        foreach (OnnxOptions options in Ways(name, network))
        {
            OnnxModel model = OnnxExport.Model(network, weights, options);
            int steps = network.StateSize > 0 ? 50 : 2;
            double? difference = new OnnxComparison(network, weights).Run(OnnxWriter.Write(model), model, [new(1, steps), new(7, steps), new(64, steps)]);
            Assert.InRange(difference!.Value, 0, OnnxComparison.MemoryTolerance);
            if (options.Names == OnnxNames.Arena) Assert.NotEqual(0, difference.Value); // floats were compared, rounded in another order
        }
    }

    [OnnxTheory]
    [InlineData("soccer-small")]
    public void A_wrong_weight_is_noticed(string name)
    {
        NetworkSpec network = ExportCases.Network(name);
        float[] weights = ExportCases.Weights(network);
        OnnxModel model = OnnxExport.Model(network, weights, new OnnxOptions());
        weights[new ParameterLayout(network)["core.lstm.bias"].Offset + 3] += 0.01f;
        string message = Assert.Throws<UsageException>(() => new OnnxComparison(network, weights).Run(OnnxWriter.Write(model), model, [new(2, 3)])).Message;
        Assert.Contains("differs", message);
    }

    [Fact]
    public void Names_of_ml_agents_and_types_are_as_asked_for()
    {
        OnnxModel model = Model("moba-small", new OnnxOptions(OnnxNames.MlAgents, BytesIn: true));
        Assert.Equal(["obs_0 UInt8 (batch, 510)", "action_masks Float (batch, 23)", "recurrent_in Float (batch, 1, 256)"], model.Inputs.Select(Text));
        Assert.Equal(
            ["recurrent_out Float (batch, 1, 256)", "discrete_actions Int64 (batch, 6)", "deterministic_discrete_actions Int64 (batch, 6)",
                "version_number Float (1)", "memory_size Float (1)", "discrete_action_output_shape Float (1, 6)"],
            model.Outputs.Select(Text));
        Assert.Equal(["observation Float (batch, 7)", "action_mask Float (batch, 7)", "state_in Float (batch, 18)"], Model("mixed-lstm").Inputs.Select(Text));
        Assert.Equal(
            ["state_out Float (batch, 18)", "continuous_action Float (batch, 2)", "action_mean Float (batch, 2)", "action_log_std Float (batch, 2)",
                "discrete_action Int64 (batch, 2)", "logits Float (batch, 7)", "value Float (batch, 1)"],
            Model("mixed-lstm").Outputs.Select(Text));
    }

    [Fact]
    public void Other_contents_than_were_meant_are_noticed()
    {
        OnnxModel model = Model("mixed");
        byte[] changed = OnnxWriter.Write(model with { Nodes = [model.Nodes[0], .. model.Nodes.Skip(2)] });
        Assert.Contains("before it exists", Assert.Throws<FormatException>(() => OnnxStructure.Check(changed, model)).Message);
        byte[] twice = OnnxWriter.Write(model with { Constants = [.. model.Constants, model.Constants[0]] });
        Assert.Contains("two things", Assert.Throws<FormatException>(() => OnnxStructure.Check(twice, model)).Message);
        byte[] shorter = OnnxWriter.Write(model with { Constants = [model.Constants[0] with { Data = [1, 2, 3, 4] }, .. model.Constants.Skip(1)] });
        Assert.Contains("its shape takes", Assert.Throws<FormatException>(() => OnnxStructure.Check(shorter, model)).Message.Replace("a shape of another size", "its shape takes"));
        OnnxTensor weights = model.Constants[0];
        byte[] data = [.. weights.Data];
        data[3] ^= 1;
        byte[] other = OnnxWriter.Write(model with { Constants = [weights with { Data = data }, .. model.Constants.Skip(1)] });
        Assert.Contains("constants", Assert.Throws<FormatException>(() => OnnxStructure.Check(other, model)).Message);
    }

    [Fact]
    public void Damaged_files_are_refused_and_never_anything_else()
    {
        OnnxModel model = Model("mixed");
        byte[] file = OnnxWriter.Write(model);
        var random = new Random(3);
        for (int run = 0; run < TestSize.Of(300, 10_000); run++)
        {
            byte[] damaged = file[..random.Next(1, file.Length + 1)];
            for (int change = random.Next(4); change >= 0; change--) damaged[random.Next(Math.Min(damaged.Length, run % 2 == 0 ? 400 : int.MaxValue))] = (byte)random.Next(256);
            if (damaged.AsSpan().SequenceEqual(file)) continue;
            Exception? thrown = Record.Exception(() => OnnxStructure.Check(damaged, model));
            // Names of nodes and of the producer mean nothing: a change there is none.
            Assert.True(thrown is null or FormatException, thrown?.ToString());
        }
    }

    // The other names wrap the same operations.
    private static IEnumerable<OnnxOptions> Ways(string name, NetworkSpec network)
    {
        yield return new OnnxOptions();
        if (TestSize.Full || name is "moba-small" or "soccer-mlp") yield return new OnnxOptions(OnnxNames.MlAgents, network.ByteObservations);
    }

    private static string Text(OnnxValue value) => $"{value.Name} {value.Type} {value.ShapeText}";
}
