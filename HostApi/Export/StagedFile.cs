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
        if (Directory.Exists(full)) throw new IOException($"The file to write is '{path}', which is a directory; give the path of a file.");
        string temporary = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
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
