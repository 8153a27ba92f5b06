using System.Diagnostics;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Shows one match: redrawn in place in a terminal, frame after frame elsewhere; its statistics at the end.</summary>
internal sealed class MatchShow(CliContext context)
{
    private const int LinesAround = 3; // caption, legend, and the line the cursor stays on
    private const double SecondsWithoutClock = 0.25; // per tick, for games whose ticks have no duration
    private const int EveryInFiles = 10;

    private readonly Terminal terminal = context.Terminal;
    private readonly Scene scene = new();
    // The last column stays free: some terminals wrap when it is written.
    private readonly AsciiRenderer renderer = new(context.Terminal.Width - 1, Math.Max(3, context.Terminal.Height - LinesAround), context.Terminal.Color);
    private readonly int[] finished = new int[1];
    private int drawnLines;

    /// <summary>Name of the player of each side.</summary>
    internal required string[] Players { get; init; }

    /// <summary>Times real time, in a terminal; 0 = as fast as possible.</summary>
    internal double Speed { get; init; } = 1;

    /// <summary>Ticks to show; 0 = until the match ends.</summary>
    internal int Ticks { get; init; }

    /// <summary>Draws every n-th tick; 0 = every tick in a terminal, every 10th elsewhere.</summary>
    internal int Every { get; init; }

    /// <summary>Shows <paramref name="match"/> from its present state.</summary>
    internal void Run(IWatchedMatch match)
    {
        if (terminal.IsTerminal) terminal.Output.Write(Ansi.HideCursor);
        try
        {
            Play(match);
        }
        finally
        {
            if (terminal.IsTerminal) terminal.Output.Write(Ansi.ShowCursor);
        }

        if (HasEnded(match)) WriteResult(match);
    }

    private void Play(IWatchedMatch match)
    {
        float tickSeconds = match.Environment.Spec.TickSeconds;
        double secondsPerTick = (tickSeconds > 0 ? tickSeconds : SecondsWithoutClock) / (Speed > 0 ? Speed : 1);
        int every = Every > 0 ? Every : terminal.IsTerminal ? 1 : EveryInFiles;
        long start = Stopwatch.GetTimestamp();
        Draw(match);
        for (int tick = 1; Ticks == 0 || tick <= Ticks; tick++)
        {
            if (!match.Step()) return;
            if (Ticks == 0 && HasEnded(match)) return; // the next match has already begun: nothing to draw
            if (tick % every == 0) Draw(match);
            if (terminal.IsTerminal && Speed > 0) WaitUntil(start, tick * secondsPerTick);
            context.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private bool HasEnded(IWatchedMatch match)
    {
        match.Buffers.EpisodesFinished!.Read(finished);
        return finished[0] > 0;
    }

    private void WaitUntil(long start, double seconds)
    {
        TimeSpan left = TimeSpan.FromSeconds(seconds) - Stopwatch.GetElapsedTime(start);
        if (left > TimeSpan.Zero) context.Cancellation.WaitHandle.WaitOne(left);
    }

    private void Draw(IWatchedMatch match)
    {
        scene.Clear();
        match.Environment.Draw(0, scene);
        string[] lines = [scene.Caption, .. renderer.Render(scene), Legend()];
        if (terminal.IsTerminal && drawnLines > 0) terminal.Output.Write(Ansi.Up(drawnLines));
        string end = terminal.IsTerminal ? Ansi.ClearLine : "";
        foreach (string line in lines) terminal.Output.WriteLine(line + end);
        if (!terminal.IsTerminal) terminal.Output.WriteLine();
        terminal.Output.Flush();
        drawnLines = lines.Length;
    }

    private string Legend()
    {
        string Key(Ink ink, string letter, char open, char close) =>
            terminal.Color ? $"{Ansi.Code(ink, true)} {letter} {Ansi.Reset}" : $"{open}{letter}{close}";
        return Players.Length == 1
            ? $"{Key(Ink.SideA, "@", '(', ')')} {Players[0]}"
            : $"{Key(Ink.SideA, "A", '(', ')')} {Players[0]}   {Key(Ink.SideB, "B", '[', ']')} {Players[1]}";
    }

    private void WriteResult(IWatchedMatch match)
    {
        EnvironmentSpec spec = match.Environment.Spec;
        IGame game = Registry.Find(spec.Game);
        var raw = new float[spec.RawStatistics];
        match.Buffers.EpisodeStatistics!.Read(raw);
        var report = new double[spec.Statistics.Sum(statistic => statistic.PerSide ? spec.Sides : 1)];
        game.Report(match.Environment.Options, raw, report);
        double score = game.Score(raw);
        string result = spec.Sides == 1 ? Numbers.Text($"score {score:0.###}") : score == 1 ? "side A won" : score == 0 ? "side B won" : "a draw";
        terminal.Output.WriteLine();
        bool one = spec.Sides == 1;
        var table = new ResultTable($"The match is over: {result}", one ? ["statistic", "value", "unit"] : ["statistic", "A", "B", "match", "unit"])
        {
            RightAligned = column => column > 0 && column < (one ? 2 : 4),
        };
        int at = 0;
        string Next() => Numbers.Value(report[at++]);
        foreach (StatisticInfo statistic in spec.Statistics)
        {
            if (one) table.Add(statistic.Name, Next(), statistic.Unit);
            else if (statistic.PerSide) table.Add(statistic.Name, Next(), Next(), "", statistic.Unit);
            else table.Add(statistic.Name, "", "", Next(), statistic.Unit);
        }

        table.Write(terminal);
    }
}
