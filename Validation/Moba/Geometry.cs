namespace Arena.Validation.Moba;

/// <summary>A cell of the map: y down, x right, 0..127; walls outside.</summary>
internal readonly record struct Cell(int Y, int X)
{
    /// <summary>Cells along each side of the map.</summary>
    public const int Side = 128;

    public int Index => Side * Y + X;

    public bool Inside => Y >= 0 && Y < Side && X >= 0 && X < Side;

    /// <summary>The same place for the other side: the map turned by half a turn.</summary>
    public Cell Turned => new(Side - 1 - Y, Side - 1 - X);

    public override string ToString() => $"({Y},{X})";

    public static Cell At(int index) => new(index / Side, index % Side);

    /// <summary>The neighbour in a direction; 8 is the cell itself.</summary>
    public Cell Next(int direction) => new(Y + Compass.Down(direction), X + Compass.Right(direction));

    /// <summary>Whether another cell lies in the square of this radius.</summary>
    public bool Near(Cell other, int radius) => Math.Abs(Y - other.Y) <= radius && Math.Abs(X - other.X) <= radius;
}

/// <summary>A place, or a way, in units: 256 to a cell.</summary>
internal readonly record struct Point(int Y, int X)
{
    /// <summary>Units in a cell.</summary>
    public const int Unit = 256;

    // Shifting rounds down below 0 too: outside is outside.
    public Cell Cell => new(Y >> 8, X >> 8);

    public override string ToString() => $"({Y},{X})";

    public static Point operator +(Point a, Point b) => new(a.Y + b.Y, a.X + b.X);

    public static Point operator -(Point a, Point b) => new(a.Y - b.Y, a.X - b.X);

    /// <summary>Per axis times/by, towards zero.</summary>
    public Point Scale(int times, int by) => new((int)((long)Y * times / by), (int)((long)X * times / by));

    /// <summary>|Δy| + |Δx|.</summary>
    public int Distance(Point other) => Math.Abs(Y - other.Y) + Math.Abs(X - other.X);

    /// <summary>Where a unit of a side stands in a cell: centres turn into centres.</summary>
    public static Point Centre(Cell cell, int side) => new((Unit * cell.Y) + 128 - side, (Unit * cell.X) + 128 - side);
}

/// <summary>Directions: 0 north, clockwise to 7 north-west; 8 stays.</summary>
internal static class Compass
{
    public const int Stay = 8;

    /// <summary>The order in which searches look at neighbours: N, E, S, W, NE, SE, SW, NW.</summary>
    public static readonly int[] SearchOrder = [0, 2, 4, 6, 1, 3, 5, 7];

    private static readonly (int Y, int X)[] Ways = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (0, 0)];

    public static int Down(int direction) => Ways[direction].Y;

    public static int Right(int direction) => Ways[direction].X;

    public static int Turn(int direction, int eighths) => (direction + eighths + 8) % 8;

    public static int Back(int direction) => direction == Stay ? Stay : Turn(direction, 4);

    /// <summary>The direction from one cell towards another, by the signs of the differences.</summary>
    public static int Towards(Cell from, Cell to)
    {
        (int, int) way = (Math.Sign(to.Y - from.Y), Math.Sign(to.X - from.X));
        return Array.IndexOf(Ways, way);
    }
}
