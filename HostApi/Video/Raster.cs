namespace Arena.HostApi.Video;

/// <summary>A colour, 0…255 each.</summary>
internal readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    /// <summary>From 0xRRGGBB.</summary>
    internal static Rgb Of(int code) => new((byte)(code >> 16), (byte)(code >> 8), (byte)code);
}

/// <summary>A picture in memory, drawn with smooth edges: how much of a pixel a shape covers is how much of its colour it gets.</summary>
internal sealed class Raster(int width, int height)
{
    internal int Width => width;

    internal int Height => height;

    /// <summary>(Height, Width, 3) red, green, blue, top row first.</summary>
    internal byte[] Pixels { get; } = new byte[width * height * 3];

    internal Rgb this[int x, int y] => new(Pixels[3 * (y * width + x)], Pixels[3 * (y * width + x) + 1], Pixels[3 * (y * width + x) + 2]);

    internal void Clear(Rgb color)
    {
        for (int i = 0; i < Pixels.Length; i += 3) (Pixels[i], Pixels[i + 1], Pixels[i + 2]) = (color.Red, color.Green, color.Blue);
    }

    /// <summary>A filled rectangle; corners in pixels, fractions cover a part of the edge pixels.</summary>
    internal void Fill(double left, double top, double right, double bottom, Rgb color, double opacity = 1)
    {
        for (int y = First(top); y < Last(bottom, height); y++)
        {
            double rows = Math.Min(bottom, y + 1) - Math.Max(top, y);
            for (int x = First(left); x < Last(right, width); x++)
                Blend(x, y, color, opacity * rows * (Math.Min(right, x + 1) - Math.Max(left, x)));
        }
    }

    /// <summary>A filled disc.</summary>
    internal void Disc(double centreX, double centreY, double radius, Rgb color)
    {
        for (int y = First(centreY - radius - 1); y < Last(centreY + radius + 1, height); y++)
            for (int x = First(centreX - radius - 1); x < Last(centreX + radius + 1, width); x++)
                Blend(x, y, color, radius - Distance(x + 0.5 - centreX, y + 0.5 - centreY) + 0.5);
    }

    /// <summary>A filled parallelogram about (x, y), from there to two neighbouring sides <paramref name="first"/> and <paramref name="second"/>.</summary>
    internal void Face(double centreX, double centreY, (double X, double Y) first, (double X, double Y) second, Rgb color, double opacity) =>
        Patch(centreX, centreY, first, second, color, opacity, (u, v) => Math.Max(Math.Abs(u), Math.Abs(v)));

    /// <summary>A filled ellipse that touches the middles of such a parallelogram's sides.</summary>
    internal void Oval(double centreX, double centreY, (double X, double Y) first, (double X, double Y) second, Rgb color, double opacity) =>
        Patch(centreX, centreY, first, second, color, opacity, Distance);

    /// <summary>A line with round ends.</summary>
    internal void Line(double x1, double y1, double x2, double y2, double thickness, Rgb color)
    {
        double half = thickness / 2, alongX = x2 - x1, alongY = y2 - y1, length = alongX * alongX + alongY * alongY;
        for (int y = First(Math.Min(y1, y2) - half - 1); y < Last(Math.Max(y1, y2) + half + 1, height); y++)
        {
            for (int x = First(Math.Min(x1, x2) - half - 1); x < Last(Math.Max(x1, x2) + half + 1, width); x++)
            {
                double fromX = x + 0.5 - x1, fromY = y + 0.5 - y1;
                double share = length > 0 ? Math.Clamp((fromX * alongX + fromY * alongY) / length, 0, 1) : 0;
                Blend(x, y, color, half - Distance(fromX - share * alongX, fromY - share * alongY) + 0.5);
            }
        }
    }

    /// <summary>Text in the built-in letters of 5 by 7 dots, its upper left corner at (x, y); characters without a letter become "?".</summary>
    internal void Text(double x, double y, string text, double dot, Rgb color)
    {
        foreach (char character in text)
        {
            ReadOnlySpan<byte> columns = RasterFont.Columns(character);
            for (int column = 0; column < columns.Length; column++)
                for (int row = 0; row < RasterFont.Rows; row++)
                    if ((columns[column] >> row & 1) != 0) Fill(x + column * dot, y + row * dot, x + (column + 1) * dot, y + (row + 1) * dot, color);
            x += RasterFont.Advance * dot;
        }
    }

    // Every pixel in coordinates (u, v) along the two half diameters; inside where their norm is below 1. Edges are one pixel wide.
    private void Patch(double centreX, double centreY, (double X, double Y) first, (double X, double Y) second, Rgb color, double opacity, Func<double, double, double> norm)
    {
        double area = first.X * second.Y - first.Y * second.X, wide = Math.Abs(first.X) + Math.Abs(second.X), high = Math.Abs(first.Y) + Math.Abs(second.Y);
        double thin = Math.Abs(area) / Math.Max(Distance(first.X, first.Y), Distance(second.X, second.Y)); // half of the smaller height: pixels of a norm of 1
        if (!(thin > 1e-3)) return; // seen from its edge
        for (int y = First(centreY - high - 1); y < Last(centreY + high + 1, height); y++)
        {
            for (int x = First(centreX - wide - 1); x < Last(centreX + wide + 1, width); x++)
            {
                double dx = x + 0.5 - centreX, dy = y + 0.5 - centreY;
                Blend(x, y, color, opacity * Math.Clamp((1 - norm((dx * second.Y - dy * second.X) / area, (first.X * dy - first.Y * dx) / area)) * thin + 0.5, 0, 1));
            }
        }
    }

    private static double Distance(double x, double y) => Math.Sqrt(x * x + y * y);

    private static int First(double edge) => Math.Max(0, (int)Math.Floor(edge));

    private static int Last(double edge, int limit) => Math.Min(limit, (int)Math.Ceiling(edge));

    private void Blend(int x, int y, Rgb color, double share)
    {
        if (share <= 0) return;
        share = Math.Min(1, share);
        int at = 3 * (y * width + x);
        Pixels[at] = Mix(Pixels[at], color.Red, share);
        Pixels[at + 1] = Mix(Pixels[at + 1], color.Green, share);
        Pixels[at + 2] = Mix(Pixels[at + 2], color.Blue, share);
    }

    private static byte Mix(byte below, byte above, double share) => (byte)(below + (above - below) * share + 0.5);
}
