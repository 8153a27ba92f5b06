using System.ComponentModel;
using System.Diagnostics;

namespace Arena.HostApi.Tests.Export;

/// <summary>A theory that needs Node.js and the package onnxruntime-node; skipped, and counted as skipped, where they are missing.</summary>
public sealed class OnnxTheoryAttribute : TheoryAttribute
{
    private static readonly string? Missing = Find();

    public OnnxTheoryAttribute() => Skip = Missing;

    internal static bool Available => Missing is null;

    private static string? Find()
    {
        string? place = Environment.GetEnvironmentVariable("ARENA_ONNXRUNTIME");
        string where = string.IsNullOrEmpty(place) ? Directory.GetCurrentDirectory() : Path.GetFullPath(place);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("node", ["-e", "require.resolve('onnxruntime-node', { paths: [process.argv[1]] })", where]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : "onnxruntime-node was not found: npm install onnxruntime-node (with ONNXRUNTIME_NODE_INSTALL=skip), and name its folder in ARENA_ONNXRUNTIME.";
        }
        catch (Win32Exception)
        {
            return "Node.js was not found.";
        }
    }
}
