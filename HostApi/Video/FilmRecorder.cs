using System.ComponentModel;
using System.Diagnostics;
using Arena.HostApi.Cli;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Video;

/// <summary>Plays matches and writes them as a film: pictures go to an ffmpeg process as raw pixels.</summary>
/// <remarks>The film is written under a temporary name and renamed when it is complete; an interrupted one leaves nothing.</remarks>
internal sealed class FilmRecorder(CliContext context, string file)
{
    private const double SecondsWithoutClock = 0.125; // per tick, for games whose ticks have no duration
    private const int CaptionPixels = 28;
    private const int Gap = 8;
    private const double Slack = 1e-3; // of a picture: durations are floats
    internal const int TicksWithoutEnd = 600; // of games whose matches never end

    private readonly FilmFormat format = FilmFormat.Of(file)!;
    private Scene[] scenes = [];
    private Shape[][] before = [];

    /// <summary>Name of the player of each side.</summary>
    internal required string[] Players { get; init; }

    /// <summary>Times real time, above 0.</summary>
    internal double Speed { get; init; } = 1;

    /// <summary>Ticks to show; 0 = until match 0 ends.</summary>
    internal int Ticks { get; init; }

    /// <summary>The program that writes films.</summary>
    internal string Program { get; init; } = "ffmpeg";

    /// <summary>Plays and records.</summary>
    /// <exception cref="Kernels.UsageException">there is no ffmpeg.</exception>
    /// <exception cref="IOException">the file cannot be written, or ffmpeg failed: its own words.</exception>
    internal void Run(IWatchedMatch match)
    {
        string path = Path.GetFullPath(file), temporary = $"{path}.{Environment.ProcessId}.tmp";
        if (!Directory.Exists(Path.GetDirectoryName(path))) throw new IOException($"The film cannot be written to '{file}': there is no folder '{Path.GetDirectoryName(path)}'.");
        scenes = [.. Enumerable.Range(0, match.Environment.NumEnvs).Select(_ => new Scene())];
        before = [.. scenes.Select(_ => Array.Empty<Shape>())];
        DrawScenes(match);
        (Raster raster, int columns) = Size();
        try
        {
            double seconds = Write(match, raster, columns, temporary);
            File.Move(temporary, path, overwrite: true);
            context.Terminal.Output.WriteLine(Numbers.Text($"{file}: {seconds:0.0} s, {raster.Width}x{raster.Height}, {new FileInfo(path).Length / 1024.0:0} kB, {string.Join(" against ", Players)}"));
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private double Write(IWatchedMatch match, Raster raster, int columns, string temporary)
    {
        using Process ffmpeg = Start(raster, temporary);
        Task<string> errors = ffmpeg.StandardError.ReadToEndAsync();
        long pictures = 0;
        try
        {
            using Stream pixels = ffmpeg.StandardInput.BaseStream;
            pictures = Play(match, raster, columns, pixels);
        }
        catch (IOException) when (ffmpeg.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            // It went away, and says why on its error stream.
        }
        catch
        {
            ffmpeg.Kill();
            ffmpeg.WaitForExit();
            throw;
        }

        ffmpeg.WaitForExit();
        if (ffmpeg.ExitCode != 0) throw new IOException($"{Program} could not write '{file}' and ended with code {ffmpeg.ExitCode}: {errors.Result.Trim()}");
        return (double)pictures / format.FramesPerSecond;
    }

    private Process Start(Raster raster, string temporary)
    {
        var start = new ProcessStartInfo(Program, format.CommandLine(raster.Width, raster.Height, temporary)) { RedirectStandardInput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw FilmFormat.Missing(Program, file);
        }
    }

    private long Play(IWatchedMatch match, Raster raster, int columns, Stream pixels)
    {
        EnvironmentSpec spec = match.Environment.Spec;
        double secondsPerTick = (spec.TickSeconds > 0 ? spec.TickSeconds : SecondsWithoutClock) / Speed;
        int limit = Ticks > 0 ? Ticks : spec.EpisodeLimit > 0 ? spec.EpisodeLimit + 1 : TicksWithoutEnd;
        var finished = new int[match.Buffers.EpisodesFinished!.Length];
        using var progress = new ProgressLine(context.Terminal, "film");
        long pictures = 0;
        for (int tick = 1; tick <= limit; tick++)
        {
            for (int i = 0; i < scenes.Length; i++) before[i] = [.. scenes[i].Shapes];
            if (!match.Step()) break;
            match.Buffers.EpisodesFinished!.Read(finished);
            if (Ticks == 0 && finished.AsSpan(0, spec.EpisodesPerMatch).IndexOf(0) < 0) break; // the next match has already begun
            DrawScenes(match);
            for (; pictures + Slack < tick * secondsPerTick * format.FramesPerSecond; pictures++)
            {
                Paint(raster, columns, Math.Clamp(pictures / (secondsPerTick * format.FramesPerSecond) - (tick - 1), 0, 1));
                pixels.Write(raster.Pixels);
            }

            progress.Report((double)tick / limit, Numbers.Text($"tick {tick}"));
            context.Cancellation.ThrowIfCancellationRequested();
        }

        return pictures;
    }

    private void DrawScenes(IWatchedMatch match)
    {
        for (int i = 0; i < scenes.Length; i++)
        {
            scenes[i].Clear();
            match.Environment.Draw(i, scenes[i]);
        }
    }

    // Films want even sizes.
    private (Raster Raster, int Columns) Size()
    {
        int columns = (int)Math.Ceiling(Math.Sqrt(scenes.Length)), rows = (scenes.Length + columns - 1) / columns;
        (float minX, float minY, float maxX, float maxY) = scenes[0].Bounds;
        double cell = (double)(format.Width - Gap * (columns + 1)) / columns;
        double height = Math.Clamp(cell * (maxY - minY) / (maxX - minX), 40, format.Width);
        return (new Raster(format.Width & ~1, (int)(rows * (height + CaptionPixels + Gap) + Gap) & ~1), columns);
    }

    private void Paint(Raster raster, int columns, double progress)
    {
        ScenePainter.Clear(raster);
        int rows = (scenes.Length + columns - 1) / columns;
        double width = (double)(raster.Width - Gap * (columns + 1)) / columns, height = (double)(raster.Height - Gap * (rows + 1)) / rows;
        for (int i = 0; i < scenes.Length; i++)
        {
            var place = (Gap + i % columns * (width + Gap), Gap + i / columns * (height + Gap), width, height);
            ScenePainter.Draw(raster, place, CaptionPixels, scenes[i], before[i], progress);
        }
    }
}
