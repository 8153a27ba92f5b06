using System.CommandLine;
using System.Text;

namespace Arena.HostApi.Cli;

/// <summary>A file with a command's result: opened before the work begins, complete or absent afterwards.</summary>
/// <remarks>Written under a temporary name beside it, flushed to the disk and renamed; an unwritable place is known at once.</remarks>
internal sealed class ResultFile : IDisposable
{
    private readonly string path;
    private readonly string temporary;
    private readonly FileStream stream;
    private bool committed;

    private ResultFile(string path)
    {
        this.path = Path.GetFullPath(path);
        temporary = $"{this.path}.{Environment.ProcessId}.tmp";
        stream = Begin(path, temporary);
    }

    /// <summary>Opens a temporary file for one that shall be <paramref name="path"/>; what is wrong names that and not the temporary one.</summary>
    /// <exception cref="IOException">it is a directory, its folder does not exist, or it cannot be written there.</exception>
    internal static FileStream Begin(string path, string temporary)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw new IOException($"The file to write is '{path}', which is a directory; give the path of a file.");
        string folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder)) throw new IOException($"The file to write is '{path}', but there is no folder '{folder}'. Make it, or give another path.");
        try
        {
            return new FileStream(temporary, FileMode.Create, FileAccess.Write);
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException($"The file to write is '{path}', but nothing may be written in the folder '{folder}'.");
        }
    }

    /// <summary>The option <c>--out FILE</c>.</summary>
    internal static Option<string?> AddOption(Command command)
    {
        Option<string?> option = CliOption.Text("--out", "Also write the result as JSON to this file.", "FILE");
        command.Options.Add(option);
        return option;
    }

    /// <summary>Opens the file that was asked for, if any.</summary>
    /// <exception cref="IOException">it cannot be written there.</exception>
    internal static ResultFile? Open(string? path) => path is null ? null : new ResultFile(path);

    /// <summary>Writes the text and puts the file in its place.</summary>
    internal void Commit(string text) => Commit(Encoding.UTF8.GetBytes(text + Environment.NewLine));

    /// <summary>Writes the bytes and puts the file in its place.</summary>
    internal void Commit(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(temporary, path, overwrite: true);
        committed = true;
    }

    /// <summary>Removes the temporary file of work that did not finish.</summary>
    public void Dispose()
    {
        stream.Dispose();
        if (!committed) File.Delete(temporary);
    }
}
