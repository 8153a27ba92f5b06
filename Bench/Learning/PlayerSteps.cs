using Arena.Policy;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>The policy player of outside programs, one thread: observations in, most likely actions out, with memory. Times are of a step of all rows.</summary>
/// <remarks>onnxruntime.cjs beside it times the exported models of the same networks in onnxruntime, one thread.</remarks>
public class PlayerSteps
{
    private PolicyAgent agent = null!;
    private float[] floats = null!;
    private byte[] bytes = null!;
    private float[] components = null!;
    private int[] choices = null!;

    /// <summary>Which network.</summary>
    [Params("soccer-mlp", "soccer-small", "moba-small")]
    public string Network { get; set; } = "";

    /// <summary>Rows of a step.</summary>
    [Params(1, 64)]
    public int Rows { get; set; }

    /// <summary>Makes the player, and checks that two threads give the same bits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        NetworkSpec network = Spec(Network);
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, 1, weights);
        agent = Create(network, weights, threads: 1);
        floats = new float[network.ByteObservations ? 0 : Rows * network.Observations];
        bytes = new byte[network.ByteObservations ? Rows * network.Observations : 0];
        components = new float[Rows * network.ContinuousActions];
        choices = new int[Rows * network.DiscreteHeads.Count];
        BenchNetworks.Fill(network, floats, bytes);
        using PolicyAgent other = Create(network, weights, threads: 2);
        float expected = Step();
        (PolicyAgent timed, agent) = (agent, other);
        float found = Step();
        bool same = timed.Outputs.SequenceEqual(agent.Outputs);
        agent = timed;
        if (!same || expected != found) throw new InvalidOperationException("Two threads gave other outputs than one; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup() => agent.Dispose();

    /// <summary>One step of all rows.</summary>
    [Benchmark]
    public float Step()
    {
        if (bytes.Length > 0) agent.Step(bytes, [], components, choices);
        else agent.Step(floats, [], components, choices);
        return agent.Values[0];
    }

    private PolicyAgent Create(NetworkSpec network, float[] weights, int threads) =>
        new(network, weights, new PolicyAgentOptions { Rows = Rows, Threads = threads, Deterministic = true });

    private static NetworkSpec Spec(string name) => name switch
    {
        "soccer-mlp" => new NetworkSpec(49, [64, 64], Activation.Tanh, 4, []),
        "soccer-small" => new NetworkSpec(49, [128, 128], Activation.Relu, 4, []) { Core = NetworkCore.Lstm, CoreWidth = 128, StateDependentStd = true },
        _ => BenchNetworks.Of(name) with { Core = NetworkCore.Lstm, CoreWidth = 128, DiscreteHeads = [7, 7, 3, 2, 2, 2] },
    };
}
