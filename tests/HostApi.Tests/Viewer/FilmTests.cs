using System.Diagnostics;
using Arena.HostApi.Cli;
using Arena.HostApi.Video;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>A test that needs ffmpeg: skipped, with the reason, where there is none.</summary>
public sealed class FilmFactAttribute : FactAttribute
{
    /// <summary>Skips without an ffmpeg.</summary>
    public FilmFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Join(folder, "ffmpeg"))))
            Skip = "There is no ffmpeg on the PATH: films were NOT tested (Debian: apt-get install ffmpeg).";
    }
}

/// <summary>Pictures and films.</summary>
public sealed class FilmTests : IDisposable
{
    private static readonly Rgb White = new(255, 255, 255);
    private readonly string folder = Directory.CreateTempSubdirectory("arena-film-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_disc_covers_its_area_with_smooth_edges()
    {
        var raster = new Raster(41, 41);
        raster.Disc(20.5, 20.5, 10, White);
        Assert.Equal((White, new Rgb(0, 0, 0)), (raster[20, 20], raster[20, 5]));
        double area = raster.Pixels.Where((_, i) => i % 3 == 0).Sum(value => value / 255.0);
        Assert.InRange(area, 0.98 * Math.PI * 100, 1.02 * Math.PI * 100);
        Assert.Contains(raster.Pixels, value => value is > 0 and < 255);
    }

    [Fact]
    public void Rectangles_cover_parts_of_pixels_and_everything_is_cut_off_at_the_edges()
    {
        var raster = new Raster(8, 4);
        raster.Fill(1.5, 1, 3, 2, White);
        Assert.Equal((128, 255, 0), (raster[1, 1].Red, raster[2, 1].Red, raster[3, 1].Red));
        raster.Fill(-100, -100, 100, 100, White, opacity: 0.5);
        raster.Disc(1000, 1000, 5, White);
        raster.Line(-50, -50, 50, 50, 3, White);
        raster.Text(-3, -3, "ä~", 2, White);
        Assert.Equal(255, raster[2, 1].Red);
    }

    [Fact]
    public void Every_letter_of_a_caption_differs_from_the_others()
    {
        string[] letters = [.. Enumerable.Range(' ', 95).Select(code => Convert.ToHexString(RasterFont.Columns((char)code)))];
        Assert.Equal(95, letters.Distinct().Count());
        Assert.Equal(letters['?' - ' '], Convert.ToHexString(RasterFont.Columns('é')));
    }

    [Fact]
    public void A_scene_is_painted_where_its_world_coordinates_say()
    {
        var scene = new Scene { Bounds = (-10, -5, 10, 5) };
        scene.Rectangle(Ink.Field, -10, -5, 10, 5);
        scene.Disc(Ink.SideA, -5, 2.5f, 1);
        scene.Cell(Ink.Hue2, 5, -2.5f, 1);
        var raster = new Raster(200, 120);
        ScenePainter.Clear(raster);
        ScenePainter.Draw(raster, (0, 0, 200, 120), 20, scene, [], 1);
        Assert.Equal(ScenePainter.ColorOf(Ink.SideA), raster[50, 45]); // a quarter of the way across, a quarter down from the caption
        Assert.Equal(ScenePainter.ColorOf(Ink.Hue2), raster[150, 95]);
    }

    [Fact]
    public void The_palette_of_films_is_the_dark_one_of_the_page()
    {
        string dark = HostApi.Viewer.PageFiles.Text("/palette.css").Split("@media")[1];
        string[] names = ["--field", "--side-a", "--side-b", "--object", "--neutral", .. Enumerable.Range(0, Scene.Hues).Select(hue => $"--hue-{hue}")];
        for (int ink = 0; ink < names.Length; ink++)
        {
            Rgb color = ScenePainter.ColorOf((Ink)ink);
            Assert.Contains($"{names[ink]}: #{color.Red:x2}{color.Green:x2}{color.Blue:x2};", dark);
        }
    }

    [Fact]
    public void A_face_is_a_parallelogram_and_an_oval_touches_the_middles_of_its_sides()
    {
        var raster = new Raster(60, 60);
        raster.Face(30, 30, (20, 0), (5, 10), new Rgb(200, 0, 0), 1);
        Assert.Equal(4 * 20 * 10, Covered(raster, 200), 30.0); // |first × second| · 4
        Assert.Equal((200, 200, 0), (raster[30, 30].Red, raster[52, 38].Red, raster[8, 38].Red)); // corners (55, 40), (15, 40), (5, 20), (45, 20)
        raster.Clear(new Rgb(0, 0, 0));
        raster.Oval(30, 30, (20, 0), (5, 10), new Rgb(200, 0, 0), 1);
        Assert.Equal(Math.PI * 20 * 10, Covered(raster, 200), 20.0);
        Assert.Equal((200, 0), (raster[30, 30].Red, raster[52, 38].Red));
        raster.Clear(new Rgb(0, 0, 0));
        raster.Face(30, 30, (20, 0), (10, 0), new Rgb(200, 0, 0), 1);
        Assert.Equal(0, Covered(raster, 200)); // from its edge

        static double Covered(Raster raster, double full) => Enumerable.Range(0, raster.Width * raster.Height).Sum(at => raster.Pixels[3 * at] / full);
    }

    [Fact]
    public void A_contact_sheet_is_a_picture_that_reads_back()
    {
        string file = Path.Combine(folder, "sheet.png");
        using StringWriter output = new(), error = new();
        Assert.True(Arena.HostApi.Cli.CommandLine.Run(["watch", "creature", "--a", "scripted:gait", "--record", file, "--max-ticks", "30", "--threads", "1"], output, error) == 0, error.ToString());
        Assert.Contains("20 frames of 29 ticks", output.ToString());
        byte[] bytes = File.ReadAllBytes(file);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);
        int width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), height = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20));
        int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(33));
        using var rows = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(new MemoryStream(bytes, 41, length), System.IO.Compression.CompressionMode.Decompress)) zlib.CopyTo(rows);
        Assert.Equal(height * (1L + 3 * width), rows.Length);
        Assert.Equal("IEND", System.Text.Encoding.ASCII.GetString(bytes, bytes.Length - 8, 4));
        Assert.Equal(0xAE426082, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(bytes.Length - 4))); // the checksum of every PNG's end
        Assert.Equal(2, Arena.HostApi.Cli.CommandLine.Run(["watch", "creature", "--record", file, "--matches", "2"], output, error));
    }

    [FilmFact]
    public void A_film_has_the_length_and_size_it_should()
    {
        foreach (string name in new[] { "match.mp4", "match.gif" })
        {
            string file = Path.Join(folder, name);
            var output = new StringWriter();
            int code = CommandLine.Run(["watch", "soccer", "--record", file, "--ticks", "10", "--matches", "2"], output, output);
            Assert.True(code == 0, output.ToString());
            Assert.Contains("1.0 s", output.ToString());
            using Process probe = Process.Start(new ProcessStartInfo("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,width", "-of", "csv=p=0", file]) { RedirectStandardOutput = true })!;
            Assert.Equal(name.EndsWith("mp4") ? "1280,30" : "640,20", probe.StandardOutput.ReadToEnd().Trim());
            Assert.Single(Directory.GetFiles(folder, name + "*"));
        }
    }

    [Fact]
    public void Without_ffmpeg_one_paragraph_says_how_to_get_it_and_no_file_is_left()
    {
        using var device = new CpuDevice();
        string file = Path.Join(folder, "match.mp4");
        var context = new CliContext(Terminal.Plain(TextWriter.Null, TextWriter.Null), null, default);
        var options = new CorridorOptions { NumEnvs = 1 };
        using var match = new LiveMatch(device, new GameRequest(Registry.Find("corridor"), options, 1, 1, "cpu"), ["random"], false, false);
        var missing = Assert.Throws<UsageException>(() => new FilmRecorder(context, file) { Players = ["random"], Program = "ffmpeg-that-is-not-there" }.Run(match));
        Assert.Contains("apt-get install ffmpeg", missing.Message);
        var failed = Assert.Throws<IOException>(() => new FilmRecorder(context, file) { Players = ["random"], Program = "false" }.Run(match));
        Assert.Contains("ended with code 1", failed.Message);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_film_into_a_folder_that_is_not_there_is_refused()
    {
        StringWriter error = new();
        Assert.Equal(ExitCode.Disk, CommandLine.Run(["watch", "corridor", "--record", Path.Join(folder, "no", "match.mp4")], TextWriter.Null, error));
        Assert.Contains("there is no folder", error.ToString());
    }
}
