namespace Arena.Kernels.Environments.Moba;

/// <summary>What every map has in the same place. Cells are 128·y + x; those of team 1 are 16383 − cell. Host side.</summary>
public static class MobaLayout
{
    // Tier 1 to 3 of lanes 0 to 2, two guards, the ancient; of team 0.
    private static readonly int[] TowerOfTeam0 =
    [
        Cell(44, 16), Cell(72, 55), Cell(111, 83), Cell(68, 16), Cell(79, 48), Cell(111, 59), Cell(89, 16), Cell(91, 36), Cell(111, 38),
        Cell(98, 25), Cell(102, 29), Cell(102, 25),
    ];

    private static readonly int[] CampOfHalf0 =
    [
        Cell(36, 36), Cell(48, 30), Cell(62, 30), Cell(76, 30), Cell(30, 48), Cell(30, 62), Cell(30, 76), Cell(56, 44), Cell(44, 56),
    ];

    private static readonly int[] SpawnOfTeam0 = [Cell(96, 16), Cell(96, 31), Cell(111, 31)];

    private static readonly int[][] Polylines =
    [
        [Cell(96, 16), Cell(24, 16), Cell(16, 24), Cell(16, 96), Cell(22, 102), Cell(25, 102)],
        [Cell(96, 31), Cell(25, 102)],
        [Cell(111, 31), Cell(111, 103), Cell(103, 111), Cell(31, 111), Cell(25, 105), Cell(25, 102)],
    ];

    /// <summary>Half width of the corridor of a lane.</summary>
    private static readonly int[] HalfWidths = [5, 4, 5];

    /// <summary>Centre of the fountain of team 0.</summary>
    public const int FountainCell = 112 * MobaConstants.Side + 15;

    /// <summary>Radius of the blocks in which creeps and neutrals appear.</summary>
    public const int BlockRadius = 3;

    /// <summary>Cell of tower slot 202 + <paramref name="index"/>.</summary>
    public static int Tower(int index) => Of(TowerOfTeam0[index / 2], index % 2);

    /// <summary>Centre of camp <paramref name="index"/>/2 of half <paramref name="index"/> mod 2.</summary>
    public static int Camp(int index) => Of(CampOfHalf0[index / 2], index % 2);

    /// <summary>Centre of the block in which creeps of lane <paramref name="index"/>/2 of team <paramref name="index"/> mod 2 appear.</summary>
    public static int Spawn(int index) => Of(SpawnOfTeam0[index / 2], index % 2);

    /// <summary>The cell that <paramref name="side"/> sees where side 0 sees <paramref name="cell"/>.</summary>
    public static int Of(int cell, int side) => side == 0 ? cell : MobaConstants.LastCell - cell;

    /// <summary>128·y + x.</summary>
    public static int Cell(int y, int x) => y * MobaConstants.Side + x;

    /// <summary>Larger of the distances of two cells by rows and by columns.</summary>
    public static int Distance(int a, int b) =>
        Math.Max(Math.Abs(a / MobaConstants.Side - b / MobaConstants.Side), Math.Abs(a % MobaConstants.Side - b % MobaConstants.Side));

    /// <summary>The corridor of lane <paramref name="lane"/> of team 0: cells within its half width of its polyline, inside the border.</summary>
    public static bool[] Corridor(int lane)
    {
        var corridor = new bool[MobaConstants.Cells];
        int[] line = Polylines[lane];
        for (int piece = 0; piece + 1 < line.Length; piece++)
        {
            int steps = Distance(line[piece], line[piece + 1]);
            int y = line[piece] / MobaConstants.Side, x = line[piece] % MobaConstants.Side;
            int stepY = Math.Sign(line[piece + 1] / MobaConstants.Side - y), stepX = Math.Sign(line[piece + 1] % MobaConstants.Side - x);
            for (int step = 0; step <= steps; step++) Square(Cell(y + step * stepY, x + step * stepX), HalfWidths[lane], corridor);
        }

        return corridor;
    }

    /// <summary>Marks the cells inside the border within <paramref name="radius"/> of <paramref name="centre"/>.</summary>
    public static void Square(int centre, int radius, bool[] marks)
    {
        int cy = centre / MobaConstants.Side, cx = centre % MobaConstants.Side;
        for (int y = cy - radius; y <= cy + radius; y++)
            for (int x = cx - radius; x <= cx + radius; x++)
                if (IsInside(y, x)) marks[Cell(y, x)] = true;
    }

    /// <summary>Whether a cell is inside the border of walls.</summary>
    public static bool IsInside(int y, int x) =>
        y >= MobaConstants.FirstInside && y <= MobaConstants.LastInside && x >= MobaConstants.FirstInside && x <= MobaConstants.LastInside;
}
