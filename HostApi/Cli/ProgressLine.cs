using System.Diagnostics;

namespace Arena.HostApi.Cli;

/// <summary>Progress with time left on the error stream, for work that takes over two seconds.</summary>
/// <remarks>In a terminal one line is redrawn; elsewhere a plain line appears every ten seconds.</remarks>
internal sealed class ProgressLine(Terminal terminal, string what) : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private TimeSpan next = Quiet;
    private int drawn;

    /// <summary>Says how much is done, 0..1.</summary>
    internal void Report(double share, string detail = "")
    {
        if (clock.Elapsed < next) return;
        next = clock.Elapsed + TimeSpan.FromSeconds(terminal.ErrorIsTerminal ? 0.2 : 10);
        double left = share > 0 ? clock.Elapsed.TotalSeconds * (1 - share) / share : double.NaN;
        string time = double.IsNaN(left) ? "" : Numbers.Text($", {left:0} s left");
        string line = Numbers.Text($"{what}: {100 * share:0} %{time}{(detail.Length > 0 ? ", " : "")}{detail}");
        if (!terminal.ErrorIsTerminal)
        {
            terminal.Error.WriteLine(line);
            return;
        }

        if (line.Length >= terminal.Width) line = line[..(terminal.Width - 1)];
        terminal.Error.Write("\r" + line.PadRight(drawn));
        drawn = line.Length;
    }

    /// <summary>Wipes the line.</summary>
    public void Dispose()
    {
        if (drawn > 0) terminal.Error.Write("\r" + new string(' ', drawn) + "\r");
        drawn = 0;
    }
}
