using Arena.HostApi.Cli;

namespace Arena.HostApi.Export;

/// <summary>A file that gets its name only after it was checked: it is complete and right, or as it was.</summary>
internal static class StagedFile
{
    /// <summary>Writes <paramref name="contents"/> under a temporary name beside <paramref name="path"/>, flushes it, checks it, and renames it.</summary>
    /// <param name="path">The name it shall have.</param>
    /// <param name="contents">All of it.</param>
    /// <param name="check">Given the temporary name; throws where the file is not right.</param>
    /// <exception cref="IOException">the place cannot be written, or the disk is full.</exception>
    internal static void Write(string path, ReadOnlySpan<byte> contents, Action<string> check)
    {
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Environment.ProcessId}.tmp";
        FileStream opened = ResultFile.Begin(path, temporary);
        try
        {
            using (FileStream stream = opened)
            {
                stream.Write(contents);
                stream.Flush(flushToDisk: true);
            }

            check(temporary);
            File.Move(temporary, full, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // there where something failed
        }
    }
}
