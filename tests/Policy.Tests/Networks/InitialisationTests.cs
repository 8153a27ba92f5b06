using Arena.Kernels.Device;
using Arena.Kernels.Random;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>Initial weights: orthogonal, scaled by the gains, a function of the seed.</summary>
public class InitialisationTests
{
    private static readonly NetworkSpec[] Specs =
    [
        new(49, [64, 64], Activation.Tanh, 4, []),
        new(100, [30, 70], Activation.Relu, 0, [7, 3]),
        new(1, [1], Activation.Tanh, 1, []),
        new(20, [11], Activation.Gelu, 2, []) { Core = NetworkCore.Lstm, CoreWidth = 7 },
        new(20, [11], Activation.Relu, 3, [2, 2])
        {
            Core = NetworkCore.MinGru, CoreWidth = 16, LayerNorm = true, NormalizeObservations = true, StateDependentStd = true,
        },
    ];

    [Fact]
    public void Rows_or_columns_of_every_matrix_are_orthogonal_with_length_gain()
    {
        foreach (NetworkSpec spec in Specs)
        {
            var parameters = new ParameterLayout(spec);
            float[] weights = Fill(parameters, 7);
            foreach (ParameterTensor tensor in parameters.Tensors.Where(tensor => tensor.Shape.Count == 2))
                for (int block = 0; block < tensor.Blocks; block++) AssertOrthogonal(tensor, block, weights);
        }
    }

    [Fact]
    public void Every_gate_of_a_core_is_orthogonal_by_itself_and_an_lstm_forgets_nothing_at_first()
    {
        var lstm = new ParameterLayout(Specs[3]);
        Assert.Equal([4, 4, 1], ((string[])["core.lstm.weight_ih", "core.lstm.weight_hh", "core.lstm.bias"]).Select(name => lstm[name].Blocks));
        Assert.Equal([28, 11], lstm["core.lstm.weight_ih"].Shape);
        float[] bias = Fill(lstm, 7)[lstm["core.lstm.bias"].Offset..][..28];
        Assert.All(bias[7..14], forget => Assert.Equal(1f, forget));
        Assert.All((float[])[.. bias[..7], .. bias[14..]], other => Assert.Equal(0f, other));
        Assert.Equal(2, new ParameterLayout(Specs[4])["core.mingru.weight"].Blocks);
    }

    [Fact]
    public void Normalisers_begin_as_the_identity_and_a_log_std_of_its_own_as_the_free_one()
    {
        var parameters = new ParameterLayout(Specs[4]);
        float[] weights = Fill(parameters, 7);
        float[] Values(string name) => weights[parameters[name].Offset..(parameters[name].Offset + parameters[name].Length)];
        Assert.All(Values("normalizer.mean").Concat(Values("encoder.0.norm.bias")), value => Assert.Equal(0f, value));
        Assert.All(Values("normalizer.scale").Concat(Values("encoder.0.norm.weight")), value => Assert.Equal(1f, value));
        Assert.Equal([0f, 0f, 0f, 0.424f, 0.424f, 0.424f, 0f, 0f, 0f, 0f], Values("actor.bias"));
        Assert.DoesNotContain(parameters.Tensors, tensor => tensor.Name == "log_std");
    }

    [Fact]
    public void Biases_are_zero_and_log_std_is_its_constant()
    {
        var parameters = new ParameterLayout(Specs[0]);
        float[] weights = Fill(parameters, 7);
        foreach (ParameterTensor tensor in parameters.Tensors.Where(tensor => tensor.Shape.Count == 1))
            Assert.All(weights[tensor.Offset..(tensor.Offset + tensor.Length)], weight => Assert.Equal(tensor.Name == "log_std" ? 0.424f : 0f, weight));
        Assert.Equal(4, parameters["log_std"].Length);
    }

    [Fact]
    public void One_seed_gives_one_network()
    {
        var parameters = new ParameterLayout(Specs[0]);
        Assert.Equal(Fill(parameters, 7), Fill(parameters, 7));
        Assert.NotEqual(Fill(parameters, 7), Fill(parameters, 8));
        Assert.NotEqual(Fill(parameters, 7), Fill(parameters, 7 + (1UL << 32)));
    }

    [Fact]
    public void A_weight_is_drawn_by_its_parameter_index()
    {
        // A single row is only scaled to the gain (1 for the critic), so its direction shows the normals themselves.
        var parameters = new ParameterLayout(Specs[0]);
        ParameterTensor critic = parameters["critic.weight"];
        double[] normals = new double[critic.Length];
        for (int i = 0; i < normals.Length; i++)
        {
            UInt4 words = Philox.Block(new UInt4((uint)(critic.Offset + i), 0, 0, 2 << 16), 7, 0);
            double u0 = ((words.X >> 9) + 0.5) / (1 << 23);
            double u1 = ((words.Y >> 9) + 0.5) / (1 << 23);
            normals[i] = Math.Sqrt(-2 * Math.Log(u0)) * Math.Cos(2 * Math.PI * u1);
        }

        double length = Math.Sqrt(normals.Sum(normal => normal * normal));
        float[] weights = Fill(parameters, 7);
        for (int i = 0; i < normals.Length; i++) Assert.Equal(normals[i] / length, weights[critic.Offset + i], 1e-6);
    }

    [Fact]
    public void Initialise_makes_the_engine_use_the_weights()
    {
        using var device = new CpuDevice();
        using var engine = new BuiltinEngine(device, Specs[0], 1);
        engine.Initialise(7);
        Assert.Equal(Fill(engine.Parameters, 7), engine.Weights.AsSpan().ToArray());
        using DeviceBuffer<float> observations = device.Allocate<float>(49, "observations");
        using DeviceBuffer<float> outputs = device.Allocate<float>(5, "outputs");
        observations.View.AsSpan().Fill(1f);
        engine.Forward(observations.View, 1, outputs.View, keepActivations: false);
        Assert.All(outputs.ToArray(), output => Assert.NotEqual(0f, output));
        Assert.All(outputs.ToArray()[..4], mean => Assert.InRange(mean, -0.1f, 0.1f)); // the actor's gain is small: play starts near the centre
    }

    private static float[] Fill(ParameterLayout parameters, ulong seed)
    {
        var weights = new float[parameters.Length];
        Initialisation.Fill(parameters, seed, weights);
        return weights;
    }

    private static void AssertOrthogonal(ParameterTensor tensor, int block, float[] weights)
    {
        int rows = tensor.Shape[0] / tensor.Blocks;
        int columns = tensor.Shape[1];
        int offset = tensor.Offset + block * rows * columns;
        bool byRow = rows <= columns;
        double Element(int vector, int k) => weights[offset + (byRow ? vector * columns + k : k * columns + vector)] / tensor.Gain;
        for (int i = 0; i < Math.Min(rows, columns); i++)
            for (int j = 0; j <= i; j++)
            {
                double product = 0;
                for (int k = 0; k < Math.Max(rows, columns); k++) product += Element(i, k) * Element(j, k);
                Assert.Equal(i == j ? 1.0 : 0.0, product, 1e-6);
            }
    }
}
