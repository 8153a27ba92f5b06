namespace Arena.Validation.Creature;

/// <summary>A table of heights, 64 × 64 cells of 0.25 m, that repeats every 16 m.</summary>
/// <param name="heights">(64, 64) row by row along y, for the whole amplitude; m.</param>
internal sealed class BumpTable(IReadOnlyList<double> heights)
{
    /// <summary>Cells along a side.</summary>
    public const int Side = 64;

    /// <summary>Size of a cell; m.</summary>
    public const double Cell = 0.25;

    /// <summary>Height and slopes at a place of the world, bilinear inside its cell.</summary>
    public (double Height, double SlopeX, double SlopeY) At(double x, double y)
    {
        double cellX = Math.Floor(x / Cell), cellY = Math.Floor(y / Cell);
        double s = x / Cell - cellX, t = y / Cell - cellY;
        double H(int right, int up) => heights[Wrap(cellY + up) * Side + Wrap(cellX + right)];
        double low = H(0, 0) + (H(1, 0) - H(0, 0)) * s, high = H(0, 1) + (H(1, 1) - H(0, 1)) * s;
        double slopeX = (H(1, 0) - H(0, 0)) * (1 - t) + (H(1, 1) - H(0, 1)) * t;
        return (low + (high - low) * t, slopeX / Cell, (high - low) / Cell);
    }

    /// <summary>The highest corner at most 1 m away along either axis; m.</summary>
    public double HighestAround(Vec3 place)
    {
        double highest = double.NegativeInfinity;
        for (double j = Math.Ceiling((place.Y - 1) / Cell); j * Cell <= place.Y + 1; j++)
            for (double i = Math.Ceiling((place.X - 1) / Cell); i * Cell <= place.X + 1; i++) highest = Math.Max(highest, heights[Wrap(j) * Side + Wrap(i)]);
        return highest;
    }

    private static int Wrap(double cell) => (int)(cell - Side * Math.Floor(cell / Side));
}

/// <summary>A table under a creature whose origin has moved.</summary>
/// <param name="table">Heights.</param>
/// <param name="origin">Of the creature, in steps of 4 m.</param>
internal sealed class BumpyGround(BumpTable table, (int X, int Y) origin) : IGround
{
    private const double OriginStep = 4;

    public (double Height, Vec3 Normal) At(double x, double y)
    {
        (double height, double slopeX, double slopeY) = table.At(x + OriginStep * origin.X, y + OriginStep * origin.Y);
        return (height, new Vec3(-slopeX, -slopeY, 1).Unit);
    }

    public double ToEdge(double x, double y)
    {
        static double Near(double v) => Math.Abs(v / BumpTable.Cell - Math.Round(v / BumpTable.Cell)) * BumpTable.Cell;
        return Math.Min(Near(x), Near(y));
    }
}
