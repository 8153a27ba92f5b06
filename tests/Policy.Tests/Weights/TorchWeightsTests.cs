using System.Text;
using Arena.Kernels;
using Arena.Policy.Networks;
using Arena.Policy.Weights;
using Arena.Tests;

namespace Arena.Policy.Tests.Weights;

/// <summary>Weights under PyTorch's names: out and in again, and everything that can be wrong with a file named at once.</summary>
public class TorchWeightsTests
{
    private static readonly Dictionary<string, string> None = [];
    private static readonly NetworkSpec Network = new(6, [5], Activation.Relu, 2, []) { Core = NetworkCore.Lstm, CoreWidth = 4 };

    private static float[] Initial()
    {
        var layout = new ParameterLayout(Network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, 3, weights);
        return weights;
    }

    private static SafetensorsContents Contents(IEnumerable<SafetensorsTensor> tensors) => new([.. tensors], None);

    [Fact]
    public void Weights_go_out_and_come_in_unchanged()
    {
        float[] weights = Initial();
        IReadOnlyList<SafetensorsTensor> tensors = TorchWeights.Tensors(Network, weights);
        Assert.Contains("core.lstm.bias_ih", tensors.Select(tensor => tensor.Name));
        Assert.True(tensors.Single(tensor => tensor.Name == "core.lstm.bias_hh").Data.Span.IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(weights, TorchWeights.Read("x", Contents(tensors), Network, None));
    }

    [Fact]
    public void The_two_biases_are_added_and_layers_may_be_numbered()
    {
        float[] weights = Initial();
        List<SafetensorsTensor> tensors = [.. TorchWeights.Tensors(Network, weights)];
        int at = tensors.FindIndex(tensor => tensor.Name == "core.lstm.bias_hh");
        tensors[at] = tensors[at] with { Data = tensors[at - 1].Data };
        float[] read = TorchWeights.Read("x", Contents(tensors.Select(tensor => tensor.Name.Contains("lstm", StringComparison.Ordinal) ? tensor with { Name = tensor.Name + "_l0" } : tensor)), Network, None);
        ParameterTensor bias = new ParameterLayout(Network)["core.lstm.bias"];
        Assert.Equal(1f, weights[bias.Offset + 4]);
        Assert.Equal(2f, read[bias.Offset + 4]);
    }

    [Fact]
    public void A_rename_map_gives_other_names()
    {
        float[] weights = Initial();
        IEnumerable<SafetensorsTensor> tensors = TorchWeights.Tensors(Network, weights).Select(tensor => tensor with { Name = tensor.Name == "actor.weight" ? "policy_head.w" : tensor.Name });
        Assert.Equal(weights, TorchWeights.Read("x", Contents(tensors), Network, new Dictionary<string, string> { ["policy_head.w"] = "actor.weight" }));
    }

    [Fact]
    public void All_that_is_wrong_is_named_together()
    {
        List<SafetensorsTensor> tensors = [.. TorchWeights.Tensors(Network, Initial()).Where(tensor => tensor.Name is not ("actor.bias" or "core.lstm.bias_hh"))];
        tensors[0] = tensors[0] with { Shape = [6, 5] };
        tensors[1] = tensors[1] with { Type = "I32" };
        tensors.Add(new SafetensorsTensor("running_mean", "F32", [1], new byte[4]));
        byte[] nan = new byte[4];
        BitConverter.TryWriteBytes(nan, float.NaN);
        int critic = tensors.FindIndex(tensor => tensor.Name == "critic.bias");
        tensors[critic] = tensors[critic] with { Data = nan };
        string message = Assert.Throws<UsageException>(() => TorchWeights.Read("x.safetensors", Contents(tensors), Network, new Dictionary<string, string> { ["old"] = "new" })).Message;
        foreach (string part in new[]
        {
            "x.safetensors", "'encoder.0.weight' has the shape (6, 5) instead of (5, 6)", "'encoder.0.bias' is I32", "'actor.bias' (2) is missing", "'core.lstm.bias_hh' (16) is missing",
            "'running_mean' is none", "'critic.bias' holds NaN", "'old' of the rename map",
        }) Assert.Contains(part, message);
    }

    [Fact]
    public void Rename_maps_are_checked()
    {
        string path = Path.GetTempFileName();
        try
        {
            foreach ((string text, string problem) in new[] { ("[1]", "not one object"), ("{\"a\": 1}", "not one object"), ("{\"a\": \"b\", \"a\": \"c\"}", "not JSON"), ("{", "not JSON"), ("{\"a\": \"\\ud800\"}", "not JSON") })
            {
                File.WriteAllText(path, text);
                Assert.Contains(problem, Assert.Throws<UsageException>(() => TorchWeights.ReadRenames(path)).Message);
            }

            File.WriteAllText(path, "{\"a\": \"b\"}");
            Assert.Equal("b", TorchWeights.ReadRenames(path)["a"]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Damaged_files_are_refused_and_never_anything_else()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, TorchWeights.Tensors(Network, Initial()), None);
        byte[] file = stream.ToArray();
        int header = BitConverter.ToInt32(file) + 8;
        var random = new Random(4);
        int refused = 0, cases = TestSize.Of(500, 10_000);
        for (int run = 0; run < cases; run++)
        {
            byte[] damaged = run % 4 == 0 ? file[..random.Next(file.Length)] : [.. file];
            for (int change = random.Next(3); change >= 0 && damaged.Length > 0; change--) damaged[random.Next(Math.Min(damaged.Length, header))] = (byte)random.Next(256);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? thrown = Record.Exception(() => TorchWeights.Read("x", Safetensors.Parse("x", damaged), Network, None));
            Assert.True(thrown is null or UsageException, $"{thrown} for {Encoding.Latin1.GetString(damaged[..Math.Min(damaged.Length, header)])}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            if (thrown is not null) refused++;
        }

        Assert.InRange(refused, cases / 2, cases);
    }
}
