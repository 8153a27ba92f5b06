using System.ComponentModel;
using System.Diagnostics;
using Arena.HostApi.Cli;

namespace Arena.HostApi.Viewer;

/// <summary>Opens the page where a person sits in front of a desktop.</summary>
internal static class Browser
{
    /// <summary>Is there a desktop to open a page on, and a terminal that somebody reads?</summary>
    internal static bool IsLikely(Terminal terminal) => terminal.IsTerminal
        && (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY")) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY")));

    /// <summary>Asks the system to open <paramref name="url"/>; false where it cannot.</summary>
    internal static bool Open(string url)
    {
        ProcessStartInfo start = OperatingSystem.IsWindows() ? new(url) { UseShellExecute = true } : new(OperatingSystem.IsMacOS() ? "open" : "xdg-open", url)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process? opened = Process.Start(start);
            return opened is not null;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
