using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Arena.Kernels;

namespace Arena.HostApi.Export;

/// <summary>Some rows, stepped some times from a zero state.</summary>
internal readonly record struct OnnxCase(int Batch, int Steps);

/// <summary>Runs a model in onnxruntime through Node.js, where both are installed (npm install onnxruntime-node).</summary>
internal static class OnnxRuntime
{
    /// <summary>Variable that names a folder with node_modules/onnxruntime-node in it.</summary>
    internal const string PlaceVariable = "ARENA_ONNXRUNTIME";

    private const string Script = "onnxruntime.cjs";
    private const int NotFound = 3;
    private const int MostSeconds = 300;

    /// <summary>All outputs, step by step and within a step output by output, as floats; null where onnxruntime was not found.</summary>
    /// <param name="file">The model.</param>
    /// <param name="model">Its inputs and outputs.</param>
    /// <param name="cases">Batches.</param>
    /// <param name="input">Per case and step: bytes of each input but the state.</param>
    /// <exception cref="UsageException">onnxruntime refused the model.</exception>
    /// <exception cref="IOException">a temporary file could not be written.</exception>
    internal static float[]? Run(byte[] file, OnnxModel model, IReadOnlyList<OnnxCase> cases, ReadOnlySpan<byte> input)
    {
        string folder = Directory.CreateTempSubdirectory("arena-onnx-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "model.onnx"), file);
            File.WriteAllBytes(Path.Combine(folder, "input.bin"), input);
            File.WriteAllBytes(Path.Combine(folder, "job.json"), Job(model, cases));
            using (Stream script = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Export.{Script}")!)
            using (FileStream copy = File.Create(Path.Combine(folder, Script))) script.CopyTo(copy);
            if (!Start(folder)) return null;
            return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "output.bin"))).ToArray();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The state that goes out where this input comes in; null for other inputs.</summary>
    internal static string? StateOf(OnnxValue input) => input.Name switch { "state_in" => "state_out", "recurrent_in" => "recurrent_out", _ => null };

    private static bool Start(string folder)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(folder, Script));
        start.ArgumentList.Add(folder);
        foreach (string? place in new[] { Environment.GetEnvironmentVariable(PlaceVariable), Directory.GetCurrentDirectory() })
            if (!string.IsNullOrEmpty(place)) start.ArgumentList.Add(Path.GetFullPath(place));
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(MostSeconds)))
            {
                process.Kill(entireProcessTree: true);
                throw new UsageException($"onnxruntime did not finish the model within {MostSeconds} s.");
            }

            if (process.ExitCode == NotFound) return false;
            if (process.ExitCode != 0) throw new UsageException($"onnxruntime could not run the model: {error.Result.Trim()}");
            return true;
        }
        catch (Win32Exception)
        {
            return false; // no Node.js
        }
    }

    private static byte[] Job(OnnxModel model, IReadOnlyList<OnnxCase> cases) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        inputs = model.Inputs.Select(one => new { name = one.Name, type = one.Type == OnnxType.UInt8 ? "uint8" : "float32", shape = one.Shape, from = StateOf(one) }),
        outputs = model.Outputs.Select(one => one.Name),
        cases = cases.Select(one => new { batch = one.Batch, steps = one.Steps }),
    });
}
