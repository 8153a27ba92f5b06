using System.Text;
using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>Shows a training run: one screen, redrawn in place at most four times per second; plain lines where there is no terminal.</summary>
public sealed class Dashboard : IDisposable
{
    private const string ClearBelow = "\e[J";
    private static readonly TimeSpan ScreenInterval = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly Terminal terminal;
    private readonly TimeProvider clock;
    private readonly HashSet<string> saidWarnings = [];
    private readonly StringBuilder text = new();
    private long last;
    private bool shown;
    private int drawnLines;
    private string lastLine = "";

    /// <summary>Shows on <paramref name="terminal"/>; nothing is written yet.</summary>
    /// <param name="terminal">Where; decides between screen, colours and plain lines.</param>
    /// <param name="clock">Its time; the system's when null.</param>
    public Dashboard(Terminal terminal, TimeProvider? clock = null)
    {
        this.terminal = terminal;
        this.clock = clock ?? TimeProvider.System;
    }

    /// <summary>Whether <see cref="Show"/> would write something now; lets a caller skip the work of making the numbers.</summary>
    public bool IsDue => !shown || clock.GetElapsedTime(last) >= (terminal.IsTerminal ? ScreenInterval : LineInterval);

    /// <summary>Shows <paramref name="progress"/>, if enough time has passed since the last time.</summary>
    public void Show(TrainingProgress progress)
    {
        if (IsDue) Write(progress);
    }

    /// <summary>Shows the last numbers, whenever the ones before were shown; the screen stays as it is.</summary>
    public void Finish(TrainingProgress progress)
    {
        Write(progress);
        Dispose();
    }

    /// <summary>Gives the terminal back.</summary>
    public void Dispose()
    {
        if (drawnLines == 0) return;
        terminal.Output.Write(Ansi.ShowCursor);
        terminal.Output.Flush();
        drawnLines = 0;
    }

    private void Write(TrainingProgress progress)
    {
        last = clock.GetTimestamp();
        shown = true;
        if (terminal.IsTerminal) Redraw(progress);
        else WriteLines(progress);
        terminal.Output.Flush();
    }

    // One write per frame, over the old frame instead of after wiping it: nothing flickers.
    private void Redraw(TrainingProgress progress)
    {
        // The last column and the last row stay free: writing them makes some terminals wrap or scroll.
        IReadOnlyList<string> lines = DashboardFrame.Of(progress, terminal.Width - 1, Math.Max(1, terminal.Height - 1), terminal.Color);
        text.Clear();
        text.Append(drawnLines > 0 ? Ansi.Up(drawnLines) : Ansi.HideCursor);
        foreach (string line in lines) text.Append(line).Append(Ansi.ClearLine).Append('\n');
        text.Append(ClearBelow);
        terminal.Output.Write(text);
        drawnLines = lines.Count;
    }

    private void WriteLines(TrainingProgress progress)
    {
        string line = DashboardFrame.Plain(progress);
        if (line != lastLine) terminal.Output.WriteLine(line); // the end of a run often says what was just said
        lastLine = line;
        // In a log a warning is read where it first appears; the numbers behind it change every time.
        foreach (string warning in TrainingWarnings.Of(progress))
            if (saidWarnings.Add(Words(warning))) terminal.Output.WriteLine("warning: " + warning);
    }

    private static string Words(string warning) => string.Concat(warning.Where(c => !char.IsAsciiDigit(c) && c is not '.' and not '-'));
}
