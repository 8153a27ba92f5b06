using Arena.HostApi.Cli;
using Arena.HostApi.Measuring;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Tests.Measuring;

/// <summary>What a reader of <c>arena bench</c> sees, from figures made up for it.</summary>
public sealed class BenchTableTests
{
    private static readonly GameBench Measured = new(
        [Step("random play", 1, 16e6), Step("everybody chasing", 1, 9e6), Step("random play", 64, 900e6), Step("everybody chasing", 64, 500e6)], [Network(1), Network(64)], null);

    [Fact]
    public void It_fits_a_hundred_columns_in_a_file_and_in_a_terminal()
    {
        string plain = Written(Measured, rich: false), rich = Written(Measured, rich: true);
        Assert.All(plain.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.All(rich.Split('\n'), line => Assert.InRange(Visible(line).Length, 0, 100));
        foreach (string text in new[] { plain, Visible(rich) })
        {
            // Nothing in the table is broken: a broken header would leave its second word alone in a line.
            Assert.Contains("+ inference", text);
            Assert.Contains("everybody chasing", text);
            Assert.Contains("16.0 M ±  6 %", text);
        }
    }

    [Fact]
    public void Shares_are_of_the_yardsticks_of_the_same_number_of_cores()
    {
        string text = Written(Measured, rich: false);
        string[] row = text.Split('\n').First(line => line.StartsWith("random play", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("16", row[^2]); // 16 M · 204 B of 20 GB/s
        // 6 M · 20 kFLOP and 1 M · 90 kFLOP of 240 GFLOP/s
        Assert.Matches("untrained network +1 .* 50 % .* 38 %", text);
        string flowing = System.Text.RegularExpressions.Regex.Replace(text, "\\s+", " ");
        Assert.Contains("copy share of 20.0 GB/s on 1 core, 600.0 on 64 (a plain copy); an agent-step writes 204 B", flowing);
        Assert.Contains("GEMM share of 240 GFLOP/s on 1 core, 15360 on 64 (products); 20 kFLOP an agent-step, 90 in training", flowing);
        Assert.Contains("first step 31 ms, first update 1.2 s; timed after 600 ms and 2.0 s", text);
    }

    [Fact]
    public void A_network_that_could_not_be_measured_is_said_to_be_missing()
    {
        string text = Written(Measured with { Networks = [], NoNetworks = "matches are too few." }, rich: false);
        Assert.Contains("network  none was measured: matches are too few.", text);
        Assert.DoesNotContain("untrained", text);
        Assert.DoesNotContain("GEMM", text); // nor are there empty columns
    }

    [Theory]
    [InlineData(0.4, false)]
    [InlineData(double.PositiveInfinity, true)]
    public void A_busy_machine_is_named(double load, bool warned)
    {
        var output = new StringWriter();
        BenchTable.Write(Terminal.Plain(output, TextWriter.Null), Request, new ThroughputPlan(), Measured, [], load);
        Assert.Equal(warned, output.ToString().Contains("Other programs were running", StringComparison.Ordinal));
    }

    private static GameRequest Request { get; } = new(Registry.Find("soccer"), Registry.Find("soccer").DefaultOptions with { NumEnvs = 128 }, 1, 0, "cpu");

    private static string Written(GameBench measured, bool rich)
    {
        var output = new StringWriter();
        var terminal = new Terminal { Output = output, Error = TextWriter.Null, IsTerminal = rich, Color = rich };
        BenchTable.Write(terminal, Request, new ThroughputPlan(), measured, [], load: 0);
        return output.ToString();
    }

    private static string Visible(string text) => System.Text.RegularExpressions.Regex.Replace(text, "\e\\[[0-9;]*m", "");

    private static ThroughputRow Step(string workload, int threads, double rate) => new()
    {
        Workload = workload,
        Threads = threads,
        Rates = new Rates([0.94 * rate, rate, 1.06 * rate]),
        AgentsPerMatch = 6,
        Ticks = 400,
        StateBytesPerMatch = 480,
        BytesPerAgentStep = 204,
        CopyBytesPerSecond = threads == 1 ? 20e9 : 600e9,
        AllocatedBytesPerStep = 0,
        FirstStepSeconds = 0.031,
        PreparationSeconds = 0.6,
    };

    private static TrainingThroughput Network(int threads) => new()
    {
        Device = "CPU",
        Threads = threads,
        Engine = EngineChoice.Builtin,
        Network = new NetworkSpec(49, [64, 64], Activation.Tanh, 4, []),
        Weights = 7_689,
        Matches = 128,
        Step = new Rates([threads * 15e6]),
        Inference = new Rates([threads * 6e6]),
        Training = new Rates([threads * 1e6]),
        EnvironmentShare = 0.1,
        InferenceShare = 0.2,
        InferenceOperations = 20e3,
        TrainingOperations = 90e3,
        GemmRate = threads * 240e9,
        CopyBytesPerSecond = 20e9,
        AllocatedBytesPerUpdate = 0,
        TransferredBytesPerUpdate = 54_520,
        DeviceBytes = 24L << 20,
        ProcessBytes = 95L << 20,
        FirstUpdateSeconds = 1.24,
        PreparationSeconds = 2,
    };
}
