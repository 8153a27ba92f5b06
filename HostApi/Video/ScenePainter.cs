using Arena.Kernels.Environments;

namespace Arena.HostApi.Video;

/// <summary>Draws scenes into a raster: the dark half of the page's palette (Viewer/Page/palette.css).</summary>
internal sealed class ScenePainter
{
    private static readonly Rgb Ground = Rgb.Of(0x0f141b), Pitch = Rgb.Of(0x16241f), Words = Rgb.Of(0xe8ecf2), Dark = Rgb.Of(0x0c1117);

    private static readonly Rgb[] Inks =
    [
        Rgb.Of(0x4d6b5d), Rgb.Of(0x5b9dff), Rgb.Of(0xff9350), Rgb.Of(0xffd166), Rgb.Of(0x75808f),
        Rgb.Of(0x7aa6e6), Rgb.Of(0xff8496), Rgb.Of(0x5cc27e), Rgb.Of(0xe0cb5a), Rgb.Of(0x6fd0f0), Rgb.Of(0xd47cc2), Rgb.Of(0xffab73), Rgb.Of(0x62d3b8),
    ];

    /// <summary>From one line of a caption to the next, in dots of its letters.</summary>
    internal const int LineDots = 10;

    private const double JumpShare = 0.12; // of the width: a disc that goes further in a tick was put there (a new kick-off)

    /// <summary>The colour of an ink.</summary>
    internal static Rgb ColorOf(Ink ink) => Inks[(int)ink];

    /// <summary>Everything to the background.</summary>
    internal static void Clear(Raster raster) => raster.Clear(Ground);

    /// <summary>Draws one match into a rectangle of pixels.</summary>
    /// <param name="raster">Where.</param>
    /// <param name="place">Left, top, width, height; px. The caption stands above the picture.</param>
    /// <param name="caption">Height left for the caption; px.</param>
    /// <param name="scene">The match.</param>
    /// <param name="before">The shapes one tick earlier, which motion comes from; empty for none.</param>
    /// <param name="progress">How far the tick has come, 0…1.</param>
    /// <param name="dot">Pixels of a dot of a letter; 0 = as large as one line of caption may be.</param>
    internal static void Draw(
        Raster raster, (double Left, double Top, double Width, double Height) place, double caption, Scene scene, IReadOnlyList<Shape> before, double progress, double dot = 0)
    {
        if (dot == 0) dot = Math.Max(1, Math.Floor(caption / 12));
        double line = LineDots * dot;
        string[] lines = [.. CaptionLines(scene.Caption, Room(place.Width, dot)).Take(Math.Max(1, (int)(caption / line)))];
        for (int i = 0; i < lines.Length; i++) raster.Text(place.Left + 4, place.Top + (caption - lines.Length * line) / 2 + i * line + (line - RasterFont.Rows * dot) / 2, lines[i], dot, Words);
        (float minX, float minY, float maxX, float maxY) = scene.Bounds;
        double high = place.Height - caption, scale = Math.Min(place.Width / (maxX - minX), high / (maxY - minY));
        double left = place.Left + (place.Width - (maxX - minX) * scale) / 2 - minX * scale;
        double bottom = place.Top + caption + (high + (maxY - minY) * scale) / 2 + minY * scale;
        Shape[] discs = [.. before.Where(shape => shape.Kind == ShapeKind.Disc)];
        bool smooth = !scene.Sorted && discs.Length == scene.Shapes.Count(shape => shape.Kind == ShapeKind.Disc);
        int disc = 0;
        foreach (Shape shape in scene.Shapes)
        {
            Shape drawn = shape;
            if (shape.Kind == ShapeKind.Disc && smooth) drawn = Between(discs[disc++], shape, progress, JumpShare * (maxX - minX));
            Draw(raster, drawn, scale, left, bottom);
        }
    }

    /// <summary>Characters of a caption beside each other; what is longer would run into the picture beside it.</summary>
    internal static int Room(double width, double dot) => Math.Max(1, (int)((width - 8) / (RasterFont.Advance * dot)));

    /// <summary>A caption in lines of at most <paramref name="room"/> characters: its parts, which three blanks part, stay whole where they fit.</summary>
    internal static IReadOnlyList<string> CaptionLines(string caption, int room)
    {
        var lines = new List<string>();
        foreach (string part in caption.Split("   ", StringSplitOptions.RemoveEmptyEntries))
        {
            string whole = part.Length > room ? part[..room] : part;
            if (lines.Count > 0 && lines[^1].Length + 3 + whole.Length <= room) lines[^1] += "   " + whole;
            else lines.Add(whole);
        }

        return lines;
    }

    // Opaque, but fainter than its edges.
    private static void Patch(Raster raster, Shape face, double x, double y, double scale, Rgb color)
    {
        (double X, double Y) first = (face.X2 * scale, -face.Y2 * scale), second = (face.X3 * scale, -face.Y3 * scale);
        raster.Face(x, y, first, second, Pitch, 1);
        raster.Face(x, y, first, second, color, 0.6);
        (float X, float Y)[] corners = face.Corners();
        (double X, double Y) At(int corner) => (x + (corners[corner % 4].X - face.X) * scale, y - (corners[corner % 4].Y - face.Y) * scale);
        for (int side = 0; side < 4; side++) raster.Line(At(side).X, At(side).Y, At(side + 1).X, At(side + 1).Y, 2, color);
    }

    private static Shape Between(Shape before, Shape now, double progress, double limit)
    {
        double x = now.X - before.X, y = now.Y - before.Y;
        if (before.Ink != now.Ink || x * x + y * y > limit * limit) return now;
        return now with { X = (float)(before.X + x * progress), Y = (float)(before.Y + y * progress) };
    }

    private static void Draw(Raster raster, Shape shape, double scale, double left, double bottom)
    {
        double x = left + shape.X * scale, y = bottom - shape.Y * scale, x2 = left + shape.X2 * scale, y2 = bottom - shape.Y2 * scale;
        double radius = shape.Radius * scale;
        Rgb color = Inks[(int)shape.Ink];
        switch (shape.Kind)
        {
            case ShapeKind.Line:
                raster.Line(x, y, x2, y2, shape.Ink == Ink.Field ? 2 : 5, color);
                break;
            case ShapeKind.Rectangle:
                raster.Fill(Math.Min(x, x2), Math.Min(y, y2), Math.Max(x, x2), Math.Max(y, y2), Pitch);
                raster.Line(x, y, x2, y, 2, color);
                raster.Line(x2, y, x2, y2, 2, color);
                raster.Line(x2, y2, x, y2, 2, color);
                raster.Line(x, y2, x, y, 2, color);
                break;
            case ShapeKind.Cell:
                double half = radius > 4 ? radius * 0.92 : radius;
                // Bodies are fainter than heads, which games tell by capital letters.
                raster.Fill(x - half, y - half, x + half, y + half, color, shape.Agent >= 0 && shape.Label is [>= 'a' and <= 'z'] ? 0.72 : 1);
                break;
            case ShapeKind.Face:
                Patch(raster, shape, x, y, scale, color);
                break;
            case ShapeKind.Oval:
                raster.Oval(x, y, (shape.X2 * scale, -shape.Y2 * scale), (shape.X3 * scale, -shape.Y3 * scale), color, 0.35);
                break;
            default:
                raster.Disc(x, y, Math.Max(2.5, radius), color);
                double dot = Math.Floor(radius / 6);
                if (shape.Label is { Length: 1 } label && dot >= 1 && shape.Ink != Ink.Object) raster.Text(x - 2.5 * dot, y - 3.5 * dot, label, dot, Dark);
                break;
        }
    }
}
