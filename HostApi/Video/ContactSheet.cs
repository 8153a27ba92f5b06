using Arena.HostApi.Cli;
using Arena.HostApi.Export;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Video;

/// <summary>Plays a match and writes one picture of it: twenty frames, evenly from its first tick to its last, row by row.</summary>
/// <remarks>How long a match lasts is known at its end, so every frame is kept until there are too many; then every second one goes.</remarks>
internal sealed class ContactSheet(CliContext context, string file)
{
    internal const string Extension = ".png";
    internal const int Frames = 20;

    private const int Columns = 4, Rows = Frames / Columns;
    private const int Width = 1720, Gap = 8, LetterDot = 2;
    private const int MostKept = 2048; // about 10 MB of shapes

    private readonly List<Scene> kept = [];

    /// <summary>Ticks to show; 0 = until the match ends.</summary>
    internal int Ticks { get; init; }

    /// <summary>Is a file of this name a contact sheet?</summary>
    internal static bool IsSheet(string path) => Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Plays and writes.</summary>
    /// <exception cref="IOException">the file cannot be written.</exception>
    internal void Run(IWatchedMatch match)
    {
        int ticks = Play(match);
        Scene[] shown = [.. Enumerable.Range(0, Frames).Select(frame => kept[(int)((long)frame * (kept.Count - 1) / (Frames - 1))])];
        Raster raster = Paint(shown);
        StagedFile.Write(file, PngFile.Encode(raster), _ => { });
        context.Terminal.Output.WriteLine(Numbers.Text($"{file}: {Frames} frames of {ticks} ticks, {raster.Width}x{raster.Height}, {new FileInfo(file).Length / 1024.0:0} kB"));
    }

    private int Play(IWatchedMatch match)
    {
        EnvironmentSpec spec = match.Environment.Spec;
        int limit = Ticks > 0 ? Ticks : spec.EpisodeLimit > 0 ? spec.EpisodeLimit + 1 : FilmRecorder.TicksWithoutEnd, every = 1, tick = 0;
        var finished = new int[match.Buffers.EpisodesFinished!.Length];
        Keep(match);
        while (tick < limit && match.Step())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            match.Buffers.EpisodesFinished!.Read(finished);
            if (Ticks == 0 && finished.AsSpan(0, spec.EpisodesPerMatch).IndexOf(0) < 0) break; // the next match has already begun
            tick++;
            if (tick % every == 0) Keep(match);
            if (kept.Count < MostKept) continue;
            for (int i = kept.Count - 1; i > 0; i -= 2) kept.RemoveAt(i);
            every *= 2;
        }

        return tick;
    }

    private void Keep(IWatchedMatch match)
    {
        var scene = new Scene();
        match.Environment.Draw(0, scene);
        kept.Add(scene);
    }

    private static Raster Paint(Scene[] shown)
    {
        (float minX, float minY, float maxX, float maxY) = shown[0].Bounds;
        double width = (double)(Width - Gap * (Columns + 1)) / Columns;
        int lines = shown.Max(scene => ScenePainter.CaptionLines(scene.Caption, ScenePainter.Room(width, LetterDot)).Count), caption = Math.Max(1, lines) * ScenePainter.LineDots * LetterDot + Gap;
        double height = Math.Clamp(width * (maxY - minY) / (maxX - minX), 40, width) + caption;
        var raster = new Raster(Width, (int)(Rows * (height + Gap)) + Gap);
        ScenePainter.Clear(raster);
        for (int i = 0; i < shown.Length; i++)
            ScenePainter.Draw(raster, (Gap + i % Columns * (width + Gap), Gap + i / Columns * (height + Gap), width, height), caption, shown[i], [], 1, LetterDot);
        return raster;
    }
}
