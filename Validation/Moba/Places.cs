namespace Arena.Validation.Moba;

/// <summary>What lies where on every map, as Radiant (side 0) sees it; the other side's places are these turned.</summary>
internal static class Places
{
    public const int Lanes = 3;
    public const int Camps = 9;
    public const int Towers = 12;
    public const int Ancient = 11;

    /// <summary>First and last row and column inside the outer walls.</summary>
    public const int First = 6, Last = 121;

    public static readonly Cell Fountain = new(112, 15);

    private static readonly Cell[] TowerCells =
    [
        new(44, 16), new(72, 55), new(111, 83),
        new(68, 16), new(79, 48), new(111, 59),
        new(89, 16), new(91, 36), new(111, 38),
        new(98, 25), new(102, 29),
        new(102, 25),
    ];

    private static readonly Cell[] CreepCentres = [new(96, 16), new(96, 31), new(111, 31)];

    private static readonly Cell[] CampCentres =
        [new(36, 36), new(48, 30), new(62, 30), new(76, 30), new(30, 48), new(30, 62), new(30, 76), new(56, 44), new(44, 56)];

    private static readonly Cell[][] LaneCorners =
    [
        [new(96, 16), new(24, 16), new(16, 24), new(16, 96), new(22, 102), new(25, 102)],
        [new(96, 31), new(25, 102)],
        [new(111, 31), new(111, 103), new(103, 111), new(31, 111), new(25, 105), new(25, 102)],
    ];

    private static readonly int[] LaneHalfWidths = [5, 4, 5];

    /// <summary>A cell of side 0 as the given side has it.</summary>
    public static Cell For(int side, Cell cell) => side == 0 ? cell : cell.Turned;

    public static Cell Tower(int tower, int side) => For(side, TowerCells[tower]);

    public static Cell CreepSpawn(int lane, int side) => For(side, CreepCentres[lane]);

    public static Cell Camp(int camp, int side) => For(side, CampCentres[camp]);

    /// <summary>1 to 4; the ancient has none.</summary>
    public static int Tier(int tower) => tower < 9 ? 1 + tower / 3 : 4;

    /// <summary>Whether a cell holds a tower or ancient of either side while they all stand.</summary>
    public static bool IsTower(Cell cell)
    {
        for (int tower = 0; tower < Towers; tower++)
            if (Tower(tower, 0) == cell || Tower(tower, 1) == cell) return true;
        return false;
    }

    /// <summary>The cells of a square block, row by row in the own view of a side.</summary>
    public static Cell[] Block(Cell centreOfSide0, int radius, int side)
    {
        var cells = new List<Cell>();
        for (int y = -radius; y <= radius; y++)
            for (int x = -radius; x <= radius; x++)
                cells.Add(For(side, new Cell(centreOfSide0.Y + y, centreOfSide0.X + x)));
        return [.. cells];
    }

    public static bool InFountain(Cell cell, int side) => For(side, Fountain).Near(cell, 7);

    /// <summary>Corridor of a lane of side 0: every cell within the half width of a cell of its polyline.</summary>
    public static HashSet<Cell> Corridor(int lane)
    {
        var corridor = new HashSet<Cell>();
        Cell[] corners = LaneCorners[lane];
        for (int piece = 0; piece + 1 < corners.Length; piece++)
        {
            int direction = Compass.Towards(corners[piece], corners[piece + 1]);
            for (Cell at = corners[piece]; ; at = at.Next(direction))
            {
                corridor.UnionWith(Block(at, LaneHalfWidths[lane], 0));
                if (at == corners[piece + 1]) break;
            }
        }

        return corridor;
    }

    /// <summary>Where a creep number k of a lane may appear, in the order of trying.</summary>
    public static Cell[] CreepList(int lane, int k, int side) => Every(Block(CreepCentres[lane], 3, 0), 5, k, side);

    /// <summary>The same for neutral k of a camp.</summary>
    public static Cell[] NeutralList(int camp, int k, int side) => Every(Block(CampCentres[camp], 3, 0), 4, k, side);

    /// <summary>The same for a hero of a class.</summary>
    public static Cell[] HeroList(int heroClass, int side) => Every(Block(Fountain, 7, 0), 5, heroClass, side);

    private static Cell[] Every(Cell[] block, int stride, int first, int side)
    {
        var cells = new List<Cell>();
        for (int i = first; i < block.Length; i += stride) cells.Add(For(side, block[i]));
        return [.. cells];
    }
}
