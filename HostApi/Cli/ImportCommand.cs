using System.CommandLine;
using Arena.HostApi.Export;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary><c>arena import FILE --game GAME --out FILE</c>: weights from PyTorch as a policy of this program.</summary>
internal static class ImportCommand
{
    internal static Command Create(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "Safetensors file with PyTorch's names: F32, F16 or BF16." };
        var output = CliOption.Text("--out", "Policy file to write.", "FILE");
        var renames = CliOption.Text("--rename", "JSON object {\"name in the file\": \"name here\"}, for files with other names.", "FILE");
        var command = new Command("import", "Read weights from PyTorch as a policy of a game; give the network's options as for training.") { file, output, renames };
        Option<string?> network = NetworkOption.AddTo(command);
        var plan = SettingOptions<TrainingPlan>.AddTo(command, []);
        var inputs = GameInputs.AddTo(command, context.Game, context.Game?.DefaultOptions, asOption: true);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output) ?? throw new UsageException($"'{ThisProgram.Command("import")}' needs --out FILE: the policy file to write.");
            GameRequest game = inputs.Read(parsed);
            TrainingPlan planned = plan.Read(parsed, given => NetworkOption.Find(parsed, network)?.Apply(given) ?? given);
            NetworkSpec spec = planned.Network(game.Game.Describe(game.Options));
            IReadOnlyDictionary<string, string> map = parsed.GetValue(renames) is { } named ? TorchWeights.ReadRenames(named) : new Dictionary<string, string>();
            float[] weights = TorchWeights.Read(parsed.GetValue(file)!, spec, map);
            PolicyExport.WritePolicy(path, PolicyDescription.Of(game.Game, game.Options, spec, agentSteps: 0, game.Seed), weights);
            context.Terminal.Output.WriteLine($"Wrote {path}: {NetworkText.Describe(spec)}. Read back, it gives the same outputs. Measure it: {ThisProgram.Command("eval", game.Game.Name, "--policy", path)}");
            return ExitCode.Success;
        });
        return command;
    }
}
