using System.Diagnostics;
using System.Reflection;
using Arena.HostApi.Distributed;

namespace Arena.HostApi;

/// <summary>A program with these commands, to be started in a process of its own: for a trial of a sweep, or for one measurement of a comparison.</summary>
/// <param name="File">What is started.</param>
/// <param name="First">Words in front of the command's own.</param>
internal sealed record ChildProgram(string File, IReadOnlyList<string> First)
{
    /// <summary>The program whose commands these are: the running one, where <see cref="ArenaProgram"/> runs it; <c>arena</c> in another host, as in tests.</summary>
    internal static ChildProgram This { get; set; } = At(typeof(ChildProgram).Assembly.Location);

    /// <summary>The program at a path: a .dll, which dotnet runs, or one that needs no runtime.</summary>
    internal static ChildProgram At(string path) =>
        path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? new ChildProgram("dotnet", ["exec", path]) : new ChildProgram(path, []);

    /// <summary>The program that runs in this process: its own file, or its library where dotnet runs it.</summary>
    internal static ChildProgram Running() => Running(Environment.ProcessPath!, Assembly.GetEntryAssembly()?.Location ?? "");

    /// <summary>The program of a process.</summary>
    /// <param name="process">Path of the process's file.</param>
    /// <param name="library">Path of the assembly that holds Main; empty where it lies inside that file.</param>
    internal static ChildProgram Running(string process, string library) =>
        library.Length > 0 && Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? new ChildProgram(process, ["exec", library])
            : new ChildProgram(process, []);

    /// <summary>How to start it with <paramref name="words"/>: output and errors are read, and it is no rank of a launcher.</summary>
    internal ProcessStartInfo Start(IEnumerable<string> words)
    {
        var start = new ProcessStartInfo(File) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in First.Concat(words)) start.ArgumentList.Add(word);
        MpiLauncher.Forget(start.Environment);
        return start;
    }
}
