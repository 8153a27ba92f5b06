using System.Globalization;
using Arena.Kernels;

namespace Arena.HostApi.Video;

/// <summary>A kind of film, by the end of its file's name.</summary>
/// <param name="FramesPerSecond">Pictures in a second.</param>
/// <param name="Width">Pixels across, at most.</param>
/// <param name="Arguments">What ffmpeg is told between input and output.</param>
internal sealed record FilmFormat(int FramesPerSecond, int Width, IReadOnlyList<string> Arguments)
{
    private static readonly FilmFormat Mp4 = new(30, 1280, ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20", "-preset", "veryfast", "-movflags", "+faststart", "-f", "mp4"]);

    // A GIF has 256 colours, chosen from the whole film; its clock counts hundredths of a second.
    private static readonly FilmFormat Gif = new(20, 640, ["-filter_complex", "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=none", "-loop", "0", "-f", "gif"]);

    /// <summary>Is a file of this name a film?</summary>
    internal static bool IsFilm(string file) => Of(file) is not null;

    /// <summary>The format of <paramref name="file"/>; null when its name ends otherwise.</summary>
    internal static FilmFormat? Of(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".mp4" => Mp4,
        ".gif" => Gif,
        _ => null,
    };

    /// <summary>The words ffmpeg is started with: raw pictures from its input, the film to <paramref name="file"/>.</summary>
    internal IReadOnlyList<string> CommandLine(int width, int height, string file) =>
    [
        "-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pixel_format", "rgb24",
        "-video_size", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"),
        "-framerate", FramesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", "-", .. Arguments, file,
    ];

    /// <summary>What to say where there is no ffmpeg.</summary>
    internal static UsageException Missing(string program, string file) => new(
        $"--record is '{file}', a film, which '{program}' writes, and there is no such program on this machine. Install it (Debian and Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), " +
        "or record a replay instead: --ascii --record match.replay.");
}
