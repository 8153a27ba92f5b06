using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Arena.HostApi.Cli;
using Arena.HostApi.Export;
using Arena.HostApi.Training;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Export;

/// <summary>export and import: out and in again, and what is refused leaves no file.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private static readonly IGame Soccer = Registry.Find("soccer");
    private readonly string folder = Directory.CreateTempSubdirectory("arena-export-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_policy_goes_to_PyTorch_and_back_unchanged()
    {
        (string policy, NetworkSpec network, float[] weights) = Saved("soccer-small");
        string torch = In("out.safetensors"), back = In("back.safetensors");
        (int code, string output, string error) = Run("export", policy, "--safetensors", torch);
        Assert.True(code == 0, error);
        Assert.Contains("same outputs", output);
        Assert.Contains("core.lstm.bias_hh", Safetensors.Read(torch).Tensors.Select(tensor => tensor.Name));
        Assert.Contains("class Policy", File.ReadAllText(In("out.py")));
        (code, _, error) = Run("import", torch, "--game", "soccer", "--network", "soccer-small", "--out", back);
        Assert.True(code == 0, error);
        PolicyFile read = PolicyFile.Load(back);
        Assert.True(NetworkText.Same(network, read.Description.Network));
        Assert.Equal(weights, read.Weights);
        Assert.Equal(["back.safetensors", "out.py", "out.safetensors", "policy.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_is_wrong_is_said_and_nothing_is_left()
    {
        (string policy, _, _) = Saved("soccer-mlp");
        Assert.Equal(0, Run("export", policy, "--safetensors", In("out.safetensors")).Code);
        foreach ((string[] args, int expected, string problem) in new (string[], int, string)[]
        {
            (["export", policy], 2, "--onnx"),
            (["export", In("none"), "--onnx", In("x.onnx")], 2, "no file"),
            (["export", policy, "--onnx", In("x.onnx"), "--observation-type", "uint8"], 2, "takes floats"),
            (["export", policy, "--onnx", In("no/x.onnx")], 4, "x.onnx"),
            (["export", policy, "--safetensors", folder], 4, "directory"),
            (["import", In("out.safetensors"), "--out", In("y")], 2, "--game GAME"),
            (["import", In("out.safetensors"), "--game", "socer", "--out", In("y")], 2, "soccer"),
            (["import", In("out.safetensors"), "--game", "soccer"], 2, "--out"),
            (["import", In("out.safetensors"), "--game", "soccer", "--network", "soccer-small", "--out", In("y")], 2, "'core.lstm.bias_ih' (512) is missing"),
            (["import", In("out.py"), "--game", "soccer", "--out", In("y")], 2, "safetensors"),
            (["serve", In("none")], 2, "no file"),
        })
        {
            (int code, _, string error) = Run(args);
            Assert.True(code == expected, $"{string.Join(' ', args)}: {code} {error}");
            Assert.Contains(problem, error);
        }

        Assert.Equal(["out.py", "out.safetensors", "policy.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_onnx_model_is_written_with_or_without_onnxruntime_and_says_which()
    {
        (string policy, _, _) = Saved("soccer-mlp");
        (int code, string output, string error) = Run("export", policy, "--onnx", In("x.onnx"), "--names", "ml-agents");
        Assert.Equal(0, code);
        if (OnnxTheoryAttribute.Available) Assert.Contains("onnxruntime gives the same", output);
        else Assert.Contains("NOT run in onnxruntime", error);
        Assert.Equal("obs_0", OnnxStructure.Check(File.ReadAllBytes(In("x.onnx"))).Inputs[0].Name);
    }

    [TorchFact]
    public void The_written_module_computes_what_the_policy_computes()
    {
        // All in one process: loading PyTorch takes longer than all networks.
        string[] names = [.. ExportCases.Presets, .. ExportCases.Others];
        foreach (string name in names)
        {
            NetworkSpec network = ExportCases.Network(name);
            float[] weights = ExportCases.Weights(network);
            PolicyExport.WriteSafetensors(In(Identifier(name) + ".safetensors"), new PolicyDescription("any", network, [], 0, 1), weights);
            using var agent = new PolicyAgent(network, weights, new PolicyAgentOptions { Rows = 5, Deterministic = true });
            var inputs = new CheckInputs(network);
            var seen = new List<float>();
            for (int step = 0; step < 3; step++)
            {
                var floats = new float[network.ByteObservations ? 0 : 5 * network.Observations];
                var bytes = new byte[network.ByteObservations ? 5 * network.Observations : 0];
                inputs.Fill(floats);
                if (network.ByteObservations) inputs.Fill(bytes);
                seen.AddRange(network.ByteObservations ? bytes.Select(value => (float)value) : floats);
                float[] components = new float[5 * network.ContinuousActions];
                int[] choices = new int[5 * network.DiscreteHeads.Count];
                if (network.ByteObservations) agent.Step(bytes, [], components, choices);
                else agent.Step(floats, [], components, choices);
            }

            File.WriteAllBytes(In(Identifier(name) + ".in"), MemoryMarshal.AsBytes<float>(seen.ToArray()));
            File.WriteAllBytes(In(Identifier(name) + ".expected"), MemoryMarshal.AsBytes(agent.Outputs));
        }

        File.WriteAllText(In("check.py"), """
            import importlib, sys, torch
            for name in sys.argv[1:]:
                net = importlib.import_module(name).Policy(name + ".safetensors")
                x = torch.frombuffer(bytearray(open(name + ".in", "rb").read()), dtype=torch.float32).reshape(3, 5, -1)
                state = None
                for step in x:
                    y, state = net(step, state)
                expected = torch.frombuffer(bytearray(open(name + ".expected", "rb").read()), dtype=torch.float32).reshape(y.shape)
                print(name, float((y - expected).abs().max()), y.requires_grad)
            module = importlib.import_module(name)
            module.write("again.safetensors", net.state_dict())
            """);
        using Process process = Process.Start(new ProcessStartInfo(TorchFactAttribute.Python!, ["check.py", .. names.Select(Identifier)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string error = process.StandardError.ReadToEndAsync().Result, output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
        string[][] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];
        Assert.Equal(names.Length, lines.Length);
        foreach (string[] line in lines)
        {
            Assert.True(double.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture) < 2e-5, string.Join(' ', line));
            Assert.Equal("True", line[2]);
        }

        NetworkSpec last = ExportCases.Network(names[^1]);
        Assert.Equal(ExportCases.Weights(last), TorchWeights.Read(In("again.safetensors"), last, new Dictionary<string, string>()));
    }

    private static string Identifier(string name) => name.Replace('-', '_');

    private string In(string name) => Path.Combine(folder, name);

    private (string Path, NetworkSpec Network, float[] Weights) Saved(string name)
    {
        NetworkSpec network = NetworkPreset.Find(name).Apply(new TrainingPlan()).Network(Soccer.Describe(Soccer.DefaultOptions));
        float[] weights = ExportCases.Weights(network);
        PolicyFile.Save(In("policy.safetensors"), PolicyDescription.Of(Soccer, Soccer.DefaultOptions, network, 5, 6), weights);
        return (In("policy.safetensors"), network, weights);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>A test that needs Python with PyTorch; skipped, and counted as skipped, where it is missing.</summary>
    private sealed class TorchFactAttribute : FactAttribute
    {
        internal static readonly string? Python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasTorch);

        public TorchFactAttribute() => Skip = Python is null ? "Python with PyTorch was not found." : null;

        private static bool HasTorch(string python)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(python, ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"]) { RedirectStandardError = true })!;
                process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }
}
