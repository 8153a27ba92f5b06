using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Arena.HostApi.Training;

/// <summary>What checkpoints ask of a disk; a test puts a full one in its place.</summary>
internal partial class CheckpointDisk
{
    private const int ReadOnlyDirectory = 0; // O_RDONLY
    private const int InvalidArgument = 22;  // EINVAL on Linux and macOS

    /// <summary>Free bytes where <paramref name="folder"/> lies; <see cref="long.MaxValue"/> where the system does not tell.</summary>
    internal virtual long FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (ArgumentException)
        {
            return long.MaxValue; // a network share, which Windows has no drive for; writing will tell
        }
    }

    /// <summary>A new file.</summary>
    internal virtual Stream Create(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write);

    /// <summary>Forces a written file to the disk.</summary>
    internal virtual void Flush(Stream file)
    {
        file.Flush();
        if (file is FileStream stream) stream.Flush(flushToDisk: true);
    }

    /// <summary>Forces names and renames in <paramref name="folder"/> to the disk.</summary>
    /// <remarks>.NET opens no directories, so this is open and fsync of the C library. Windows has no such call and needs none.</remarks>
    /// <exception cref="IOException">the disk failed.</exception>
    internal static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        int handle = Open(folder, ReadOnlyDirectory);
        if (handle < 0) throw Failed(folder);
        try
        {
            // Some file systems cannot flush a directory, say so, and keep the order by themselves.
            if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument) throw Failed(folder);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static IOException Failed(string folder)
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"'{folder}' could not be flushed to the disk: {cause.Message}.", cause);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
