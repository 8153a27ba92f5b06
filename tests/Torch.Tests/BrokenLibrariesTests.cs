using System.Diagnostics;
using Arena.HostApi.Cli;

namespace Arena.Torch.Tests;

/// <summary>The program beside a native library that is no library, or none at all: one paragraph, not a stack trace and not another engine.</summary>
public sealed class BrokenLibrariesTests : IDisposable
{
    private const string Native = "libLibTorchSharp.so";
    private readonly string folder = Directory.CreateTempSubdirectory("arena-broken-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_library_that_cannot_be_loaded_is_one_paragraph_with_the_remedy(bool damaged)
    {
        if (!OperatingSystem.IsLinux()) return; // links and names of libraries are Linux's
        Link(AppContext.BaseDirectory, folder, damaged);
        var start = new ProcessStartInfo("dotnet", [Path.Join(folder, "arena.dll"), "train", "corridor", "--engine", "torch", "--agent-steps", "1000", "--runs", Path.Join(folder, "runs")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = Path.Join(folder, "none"); // the binding looks there too
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(ExitCode.Usage, process.ExitCode);
        Assert.Equal("", await output);
        Assert.Equal(1, error.Count(character => character == '\n'));
        Assert.Contains("The torch engine was chosen, but its native libraries cannot be used here: LibTorchSharp, or the libtorch beside it, is missing or cannot be loaded.", error);
        Assert.Contains("--engine builtin", error);
        Assert.False(Directory.Exists(Path.Join(folder, "runs")));
    }

    // Links, since libtorch is half a gigabyte; the program itself is copied, for the host looks for its libraries where the file really is.
    private static void Link(string from, string to, bool damaged)
    {
        Directory.CreateDirectory(to);
        foreach (string path in Directory.GetFiles(from))
        {
            string name = Path.GetFileName(path), target = Path.Join(to, name);
            if (name == Native && !damaged) continue;
            if (name == Native) File.WriteAllText(target, "no library");
            else if (name.StartsWith("arena.", StringComparison.Ordinal)) File.Copy(path, target);
            else File.CreateSymbolicLink(target, path);
        }

        foreach (string inner in Directory.GetDirectories(from)) Link(inner, Path.Join(to, Path.GetFileName(inner)), damaged);
    }
}
