using System.CommandLine;
using Arena.HostApi.Export;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary><c>arena export RUN|FILE</c>: a policy in a format of other programs.</summary>
internal static class ExportCommand
{
    internal static Command Create(CliContext context)
    {
        var policy = new Argument<string>("RUN|FILE") { Description = "Run directory (its best policy) or policy file." };
        var onnx = CliOption.Text("--onnx", "Write an ONNX model, for Unity, onnxruntime and others.", "FILE");
        var safetensors = CliOption.Text("--safetensors", "Write safetensors with PyTorch's names, and a PyTorch module that loads them.", "FILE");
        var names = CliOption.Choice("--names", "Names of the ONNX model's inputs and outputs.", "arena", "arena", "ml-agents");
        var type = CliOption.Choice("--observation-type", "What the ONNX model takes where observations are bytes.", "float", "float", "uint8");
        var command = new Command("export", "Write a trained policy for other programs; the file is checked before it gets its name.") { policy, onnx, safetensors, names, type };
        command.SetAction(parsed =>
        {
            string? onnxPath = parsed.GetValue(onnx), safetensorsPath = parsed.GetValue(safetensors);
            if (onnxPath is null && safetensorsPath is null)
                throw new UsageException($"'{ThisProgram.Command("export")}' was not told what to write; give --onnx FILE, --safetensors FILE, or both.");
            string named = parsed.GetValue(policy)!;
            string resolved = RunDirectory.Resolve(named);
            PolicyFile file = PolicyFile.Load(resolved);
            context.Terminal.Warn(RunDirectory.Warning(named, resolved));
            string? notes = onnxPath is null ? null : Notes(named, file);
            bool bytes = parsed.GetValue(type) == "uint8";
            if (bytes && !file.Description.Network.ByteObservations)
                throw new UsageException($"--observation-type is uint8, but the policy in '{file.Path}' takes floats. Leave the option out.");
            if (onnxPath is not null) WriteOnnx(context.Terminal, onnxPath, file, new OnnxOptions(parsed.GetValue(names) == "arena" ? OnnxNames.Arena : OnnxNames.MlAgents, bytes));
            if (notes is not null) context.Terminal.Output.WriteLine($"Wrote {PolicyExport.WriteNotes(onnxPath!, notes)}: what a simulation of your own needs to know ({file.Description.Meaning}).");
            if (safetensorsPath is not null)
            {
                string module = PolicyExport.WriteSafetensors(safetensorsPath, file.Description, file.Weights.ToArray());
                context.Terminal.Output.WriteLine($"Wrote {safetensorsPath} and {module}: {NetworkText.Describe(file.Description.Network)}. Read back, it gives the same outputs.");
            }

            return ExitCode.Success;
        });
        return command;
    }

    // What the game says of its policies. A run knows every setting; a file alone those that decide what a policy sees and does, and the others are the defaults.
    private static string? Notes(string named, PolicyFile file)
    {
        if (Registry.Games.FirstOrDefault(known => known.Name == file.Description.Game) is not { } game) return null;
        GameOptions options = File.Exists(Path.Join(named, RunConfig.FileName))
            ? RunConfig.OfRun(named).Options
            : file.Description.Settings.Aggregate(game.DefaultOptions, (given, setting) => Settings.With(given, setting.Key, setting.Value));
        file.CheckFits(game, options);
        return game.ExportNotes(options);
    }

    private static void WriteOnnx(Terminal terminal, string path, PolicyFile file, OnnxOptions options)
    {
        double? difference = PolicyExport.WriteOnnx(path, file.Description, file.Weights.ToArray(), options);
        terminal.Output.WriteLine($"Wrote {path}: {NetworkText.Describe(file.Description.Network)}. Read back, it is what was meant.");
        if (difference is { } largest) terminal.Output.WriteLine(Numbers.Text($"onnxruntime gives the same outputs (largest difference {largest:0.0e+0} over 16 steps)."));
        else
            terminal.Error.WriteLine(
                "WARNING: the model was NOT run in onnxruntime, which was not found. To have it checked: npm install onnxruntime-node, and run this command in that folder " +
                $"(or name the folder in {OnnxRuntime.PlaceVariable}).");
    }
}
