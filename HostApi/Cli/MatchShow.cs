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
    private int[] finished = [];
    private int drawnLines;

    /// <summary>Name of the player of each side.</summary>
    internal required string[] Players { get; init; }

    /// <summary>Times real time, in a terminal; 0 = as fast as possible.</summary>
    internal double Speed { get; init; } = 1;

    /// <summary>Ticks to show; 0 = until the match ends (until every agent has finished a life, where lives are its own).</summary>
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
        if (finished.Length == 0) finished = new int[match.Environment.Spec.EpisodesPerMatch];
        match.Buffers.EpisodesFinished!.Read(finished);
        return Array.TrueForAll(finished, count => count > 0);
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

    // One episode, or the mean over those of all agents.
    private static (double Score, double[] Report) LastEpisodes(IWatchedMatch match, IGame game, EnvironmentSpec spec)
    {
        int episodes = spec.EpisodesPerMatch;
        var raw = new float[episodes * spec.RawStatistics];
        match.Buffers.EpisodeStatistics!.Read(raw);
        var means = new double[spec.Statistics.Sum(statistic => statistic.PerSide ? spec.Sides : 1)];
        var report = new double[means.Length];
        double score = 0;
        for (int episode = 0; episode < episodes; episode++)
        {
            ReadOnlySpan<float> own = raw.AsSpan(episode * spec.RawStatistics, spec.RawStatistics);
            game.Report(match.Environment.Options, own, report);
            score += game.Score(own) / episodes;
            for (int i = 0; i < means.Length; i++) means[i] += report[i] / episodes;
        }

        return (score, means);
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
        (double score, double[] report) = LastEpisodes(match, game, spec);
        string result = spec.Sides == 1 ? Numbers.Text($"score {score:0.###}") : score == 1 ? "side A won" : score == 0 ? "side B won" : "a draw";
        terminal.Output.WriteLine();
        bool one = spec.Sides == 1;
        string over = spec.EpisodesPerMatch == 1 ? "The match is over" : Numbers.Text($"All {spec.EpisodesPerMatch} agents have finished a life; means over the last ones");
        var table = new ResultTable($"{over}: {result}", one ? ["statistic", "value", "unit"] : ["statistic", "A", "B", "match", "unit"])
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
