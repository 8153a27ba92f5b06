using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Moba;

/// <summary>A map: walls, the same after a turn by 180°, and what makes it fit to play on. Host side, a function of its seed.</summary>
public sealed class MobaMap
{
    private const int WallsWanted = 860, MaxWalls = 1300, MaxStrokes = 256, MinFree = 12_000;
    private const int FenceRow = 88, FenceColumn = 39, BaseTop = 90, BaseRight = 37;

    private readonly bool[] keep = new bool[MobaConstants.Cells];

    private MobaMap(uint seed, int attempt)
    {
        Attempt = attempt;
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            Walls[cell] = !MobaLayout.IsInside(cell / MobaConstants.Side, cell % MobaConstants.Side);
        Reserve();
        Fence();
        for (int stroke = 0; stroke < MaxStrokes && WallsInside() < WallsWanted; stroke++) Stroke(seed, stroke);
        FillHoles();
    }

    /// <summary>(16384) whether a cell is wall.</summary>
    public bool[] Walls { get; } = new bool[MobaConstants.Cells];

    /// <summary>How many maps of this seed were thrown away before this one.</summary>
    public int Attempt { get; }

    /// <summary>(16384) cells that nothing may wall up.</summary>
    public IReadOnlyList<bool> Keep => keep;

    /// <summary>The first map of <paramref name="seed"/> that passes all checks.</summary>
    /// <exception cref="UsageException">none of 16 did.</exception>
    public static MobaMap Of(uint seed)
    {
        string? fault = null;
        for (int attempt = 0; attempt < MobaConstants.MapAttempts; attempt++)
        {
            var map = new MobaMap(seed, attempt);
            fault = map.Fault();
            if (fault is null) return map;
        }

        throw new UsageException($"MapSeed is {seed}, and none of its {MobaConstants.MapAttempts} maps can be played on ({fault}). Choose another map seed.");
    }

    /// <summary>The flow field of lane 0–2, camp 3–11 or the fountain 12, for even slots.</summary>
    public MobaFlow Flow(int field)
    {
        int target = field < MobaConstants.FirstCampField ? MobaLayout.Tower(2 * MobaConstants.Ancient + 1)
            : field < MobaConstants.FountainField ? MobaLayout.Camp(2 * (field - MobaConstants.FirstCampField))
            : MobaLayout.FountainCell;
        var flow = new MobaFlow(Walls, target, field < MobaConstants.FirstCampField ? MobaLayout.Corridor(field) : null);
        flow.OpenTowers(target);
        return flow;
    }

    /// <summary>Free cells.</summary>
    public int FreeCells() => Walls.Count(wall => !wall);

    /// <summary>Walls inside the border.</summary>
    public int WallsInside()
    {
        int count = 0;
        for (int y = MobaConstants.FirstInside; y <= MobaConstants.LastInside; y++)
            for (int x = MobaConstants.FirstInside; x <= MobaConstants.LastInside; x++)
                if (Walls[MobaLayout.Cell(y, x)]) count++;
        return count;
    }

    /// <summary>What is wrong with the map, or null.</summary>
    public string? Fault()
    {
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (Walls[cell] != Walls[MobaConstants.LastCell - cell]) return "it is not symmetric";
        MobaFlow home = new(Walls, MobaLayout.FountainCell);
        var towers = new bool[MobaConstants.Cells];
        for (int tower = 0; tower < MobaConstants.Towers; tower++) towers[MobaLayout.Tower(tower)] = true;
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (keep[cell] && !towers[cell] && home.Steps[cell] < 0) return "a part is cut off";
        string? fault = BlockFault(towers) ?? LengthFault(home);
        if (fault is not null) return fault;
        int walls = WallsInside();
        if (walls is < WallsWanted or > MaxWalls) return $"it has {walls} walls, allowed are {WallsWanted} to {MaxWalls}";
        return FreeCells() < MinFree ? $"it has {FreeCells()} free cells, needed are {MinFree}" : null;
    }

    private static bool IsBetween(int value, int low, int high) => value >= low && value <= high;

    private string? BlockFault(bool[] towers)
    {
        var taken = new bool[MobaConstants.Cells];
        for (int block = 0; block < 2 * (MobaConstants.Lanes + MobaConstants.Camps + 1); block++)
        {
            int radius = MobaLayout.BlockRadius, centre;
            if (block < 2 * MobaConstants.Lanes) centre = MobaLayout.Spawn(block);
            else if (block < 2 * (MobaConstants.Lanes + MobaConstants.Camps)) centre = MobaLayout.Camp(block - 2 * MobaConstants.Lanes);
            else (centre, radius) = (MobaLayout.Of(MobaLayout.FountainCell, block % 2), MobaConstants.FountainRadius);
            for (int y = -radius; y <= radius; y++)
            {
                for (int x = -radius; x <= radius; x++)
                {
                    int cell = centre + MobaLayout.Cell(y, x);
                    if (Walls[cell] || towers[cell] || taken[cell]) return "a place where units appear is not free";
                    taken[cell] = true;
                }
            }
        }

        return null;
    }

    private string? LengthFault(MobaFlow home)
    {
        var lengths = new int[MobaConstants.Lanes];
        for (int lane = 0; lane < MobaConstants.Lanes; lane++) lengths[lane] = Flow(lane).StepsWithin![MobaLayout.Spawn(2 * lane)];
        int across = home.Steps[MobaLayout.Of(MobaLayout.FountainCell, 1)];
        bool fair = IsBetween(lengths[0], 140, 165) && IsBetween(lengths[2], 140, 165) && Math.Abs(lengths[0] - lengths[2]) <= 5
            && IsBetween(lengths[1], 65, 85) && IsBetween(across, 90, 115);
        return fair ? null : $"its ways have {lengths[0]}, {lengths[1]}, {lengths[2]} and {across} steps";
    }

    private void Reserve()
    {
        for (int lane = 0; lane < MobaConstants.Lanes; lane++)
        {
            bool[] corridor = MobaLayout.Corridor(lane);
            for (int cell = 0; cell < MobaConstants.Cells; cell++) keep[cell] |= corridor[cell];
            MobaLayout.Square(MobaLayout.Spawn(2 * lane), 3, keep);
        }

        for (int tower = 0; tower <= MobaConstants.Ancient; tower++) MobaLayout.Square(MobaLayout.Tower(2 * tower), 3, keep);
        for (int camp = 0; camp < MobaConstants.Camps; camp++) MobaLayout.Square(MobaLayout.Camp(2 * camp), 4, keep);
        MobaLayout.Square(MobaLayout.FountainCell, MobaConstants.FountainRadius, keep);
        for (int y = BaseTop; y <= MobaConstants.LastInside; y++)
            for (int x = MobaConstants.FirstInside; x <= BaseRight; x++) keep[MobaLayout.Cell(y, x)] = true;
        for (int cell = 0; cell < MobaConstants.Cells / 2; cell++)
            keep[cell] = keep[MobaConstants.LastCell - cell] = keep[cell] | keep[MobaConstants.LastCell - cell];
    }

    private void Fence()
    {
        for (int x = MobaConstants.FirstInside; x <= FenceColumn; x++) Wall(FenceRow, x);
        for (int y = FenceRow; y <= MobaConstants.LastInside; y++) Wall(y, FenceColumn);
    }

    private void Stroke(uint seed, int stroke)
    {
        uint r = Philox.Draw(seed, 0, 0, (uint)Attempt, (uint)(2 * stroke), MobaPurpose.MapStroke).X;
        uint turns = Philox.Draw(seed, 0, 0, (uint)Attempt, (uint)(2 * stroke + 1), MobaPurpose.MapStroke).X;
        int y = 8 + (int)((r & 127) * 112 >> 7), x = 8 + (int)((r >> 7 & 127) * 112 >> 7);
        int direction = (int)(r >> 14 & 7), length = 6 + (int)(r >> 17 & 15);
        bool thick = (r >> 21 & 3) == 0;
        for (int j = 0; j < length; j++)
        {
            int beside = (direction + 2) & 7;
            Wall(y, x);
            if (thick) Wall(y + MobaMatch.StepY(beside), x + MobaMatch.StepX(beside));
            if (j % 4 == 3)
            {
                uint turn = turns >> (2 * (j / 4)) & 3;
                if (turn == 1) direction = (direction + 1) & 7;
                else if (turn == 2) direction = (direction + 7) & 7;
            }

            y += MobaMatch.StepY(direction);
            x += MobaMatch.StepX(direction);
        }
    }

    // Free cells that nobody can reach would only be places to look for units in vain.
    private void FillHoles()
    {
        MobaFlow home = new(Walls, MobaLayout.FountainCell);
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (!Walls[cell] && !keep[cell] && home.Steps[cell] < 0) Walls[cell] = Walls[MobaConstants.LastCell - cell] = true;
    }

    private void Wall(int y, int x)
    {
        if (!MobaLayout.IsInside(y, x) || keep[MobaLayout.Cell(y, x)]) return;
        int cell = MobaLayout.Cell(y, x);
        Walls[cell] = Walls[MobaConstants.LastCell - cell] = true;
    }
}
