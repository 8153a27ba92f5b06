using System.Collections.Concurrent;
using Arena.Kernels.Random;

namespace Arena.Validation.Moba;

/// <summary>A map: walls, and the flow fields over it.</summary>
internal sealed class Terrain
{
    private static readonly ConcurrentDictionary<uint, Lazy<Terrain>> Known = new();
    private readonly bool[] walls;

    private Terrain(bool[] walls)
    {
        this.walls = walls;
        Fields = new FieldRules(IsWall);
    }

    public FieldRules Fields { get; }

    /// <summary>The map of a seed; made once.</summary>
    public static Terrain Of(uint seed) => Known.GetOrAdd(seed, key => new Lazy<Terrain>(() => new Terrain(MapRules.Generate(key)))).Value;

    public bool IsWall(Cell cell) => !cell.Inside || walls[cell.Index];

    /// <summary>Whether a corner is cut in going from a cell to its neighbour in a direction.</summary>
    public bool CutsCorner(Cell from, int direction) => MapRules.CutsCorner(IsWall, from, direction);
}

/// <summary>How a map is made from its seed. Every write is made to the turned cell too.</summary>
internal sealed class MapRules
{
    private const int Attempts = 16, MaxStrokes = 256, WallsWanted = 860, MostWalls = 1300, FewestFree = 12_000;

    private readonly bool[] wall = new bool[Cell.Side * Cell.Side];
    private readonly bool[] keep = new bool[Cell.Side * Cell.Side];

    private MapRules(uint seed, int attempt)
    {
        for (int i = 0; i < wall.Length; i++) wall[i] = !Inner(Cell.At(i));
        MarkKept();
        Fence();
        Strokes(seed, attempt);
        FillUnreached();
    }

    /// <summary>(128·128) walls by cell index.</summary>
    public static bool[] Generate(uint seed)
    {
        string reason = "";
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var rules = new MapRules(seed, attempt);
            reason = rules.Fault();
            if (reason.Length == 0) return rules.wall;
        }

        throw new InvalidOperationException($"No valid map for seed {seed} after {Attempts} attempts: {reason}.");
    }

    /// <summary>Whether a diagonal step has a wall on either side of the corner.</summary>
    public static bool CutsCorner(Func<Cell, bool> isWall, Cell from, int direction)
    {
        int down = Compass.Down(direction), right = Compass.Right(direction);
        return down != 0 && right != 0 && (isWall(new Cell(from.Y + down, from.X)) || isWall(new Cell(from.Y, from.X + right)));
    }

    /// <summary>Steps from a cell to every cell that can be reached; only cells for which <paramref name="isWall"/> is false and <paramref name="allowed"/> true.</summary>
    public static Dictionary<Cell, int> Reach(Cell start, Func<Cell, bool> isWall, Func<Cell, bool> allowed)
    {
        var steps = new Dictionary<Cell, int> { [start] = 0 };
        var queue = new Queue<Cell>([start]);
        while (queue.TryDequeue(out Cell from))
        {
            foreach (int direction in Compass.SearchOrder)
            {
                Cell to = from.Next(direction);
                if (!isWall(to) && allowed(to) && !CutsCorner(isWall, from, direction) && steps.TryAdd(to, steps[from] + 1)) queue.Enqueue(to);
            }
        }

        return steps;
    }

    private static bool Inner(Cell cell) => cell.Y >= Places.First && cell.Y <= Places.Last && cell.X >= Places.First && cell.X <= Places.Last;

    private void Keep(IEnumerable<Cell> cells)
    {
        foreach (Cell cell in cells)
        {
            if (!Inner(cell)) continue;
            keep[cell.Index] = true;
            keep[cell.Turned.Index] = true;
        }
    }

    private void Build(Cell cell)
    {
        if (!Inner(cell) || keep[cell.Index]) return;
        wall[cell.Index] = true;
        wall[cell.Turned.Index] = true;
    }

    private void MarkKept()
    {
        for (int lane = 0; lane < Places.Lanes; lane++)
        {
            Keep(Places.Corridor(lane));
            Keep(Places.Block(Places.CreepSpawn(lane, 0), 3, 0));
        }

        for (int tower = 0; tower < Places.Towers; tower++) Keep(Places.Block(Places.Tower(tower, 0), 3, 0));
        for (int camp = 0; camp < Places.Camps; camp++) Keep(Places.Block(Places.Camp(camp, 0), 4, 0));
        Keep(Places.Block(Places.Fountain, 7, 0));
        for (int y = 90; y <= 121; y++)
            for (int x = 6; x <= 37; x++) Keep([new Cell(y, x)]);
    }

    private void Fence()
    {
        for (int x = 6; x <= 39; x++) Build(new Cell(88, x));
        for (int y = 88; y <= 121; y++) Build(new Cell(y, 39));
    }

    private int InnerWalls()
    {
        int count = 0;
        for (int i = 0; i < wall.Length; i++)
            if (wall[i] && Inner(Cell.At(i))) count++;
        return count;
    }

    private void Strokes(uint seed, int attempt)
    {
        for (uint stroke = 0; stroke < MaxStrokes && InnerWalls() < WallsWanted; stroke++)
        {
            uint first = Philox.Draw(seed, 0, 0, (uint)attempt, 2 * stroke, Purpose.MapStroke).X;
            uint second = Philox.Draw(seed, 0, 0, (uint)attempt, 2 * stroke + 1, Purpose.MapStroke).X;
            var at = new Cell(8 + (int)((first & 127) * 112 >> 7), 8 + (int)((first >> 7 & 127) * 112 >> 7));
            int direction = (int)(first >> 14 & 7);
            int length = 6 + (int)(first >> 17 & 15);
            bool thick = (first >> 21 & 3) == 0;
            for (int j = 0; j < length; j++)
            {
                Build(at);
                if (thick) Build(at.Next(Compass.Turn(direction, 2)));
                if (j % 4 == 3)
                {
                    uint bend = second >> (2 * (j / 4)) & 3;
                    direction = bend == 1 ? Compass.Turn(direction, 1) : bend == 2 ? Compass.Turn(direction, -1) : direction;
                }

                at = at.Next(direction);
            }
        }
    }

    private bool WallOrTower(Cell cell) => !cell.Inside || wall[cell.Index] || Places.IsTower(cell);

    private void FillUnreached()
    {
        Dictionary<Cell, int> reached = Reach(Places.Fountain, WallOrTower, _ => true);
        for (int i = 0; i < wall.Length; i++)
            if (!wall[i] && !keep[i] && !reached.ContainsKey(Cell.At(i))) wall[i] = true;
    }

    // What is wrong with the map, or nothing.
    private string Fault()
    {
        Dictionary<Cell, int> reached = Reach(Places.Fountain, WallOrTower, _ => true);
        int free = 0;
        for (int i = 0; i < wall.Length; i++)
        {
            Cell cell = Cell.At(i);
            if (wall[i] != wall[cell.Turned.Index]) return $"cell {cell} is not symmetric";
            if (keep[i] && !Places.IsTower(cell) && !reached.ContainsKey(cell)) return $"cell {cell} cannot be reached";
            if (!wall[i]) free++;
        }

        if (InnerWalls() < WallsWanted || InnerWalls() > MostWalls || free < FewestFree) return $"{InnerWalls()} walls and {free} free cells";
        return BlockFault() ?? LengthFault(reached) ?? "";
    }

    private string? BlockFault()
    {
        var taken = new HashSet<Cell>();
        for (int side = 0; side < 2; side++)
        {
            var blocks = new List<Cell[]> { Places.Block(Places.Fountain, 7, side) };
            for (int lane = 0; lane < Places.Lanes; lane++) blocks.Add(Places.Block(Places.CreepSpawn(lane, 0), 3, side));
            for (int camp = 0; camp < Places.Camps; camp++) blocks.Add(Places.Block(Places.Camp(camp, 0), 3, side));
            foreach (Cell[] block in blocks)
                foreach (Cell cell in block)
                    if (WallOrTower(cell) || !taken.Add(cell)) return $"cell {cell} of a block is not free";
        }

        return null;
    }

    private string? LengthFault(Dictionary<Cell, int> fromFountain)
    {
        int[] lengths = [.. Enumerable.Range(0, Places.Lanes).Select(LaneLength)];
        int between = fromFountain[Places.Fountain.Turned];
        bool good = lengths[0] is >= 140 and <= 165 && lengths[2] is >= 140 and <= 165 && Math.Abs(lengths[0] - lengths[2]) <= 5
            && lengths[1] is >= 65 and <= 85 && between is >= 90 and <= 115;
        return good ? null : $"lanes of {lengths[0]}, {lengths[1]}, {lengths[2]} steps, {between} between the fountains";
    }

    private int LaneLength(int lane)
    {
        HashSet<Cell> corridor = Places.Corridor(lane);
        Cell goal = Places.Tower(Places.Ancient, 1);
        Dictionary<Cell, int> steps = Reach(Places.CreepSpawn(lane, 0), cell => cell != goal && WallOrTower(cell), corridor.Contains);
        return steps.GetValueOrDefault(goal, int.MaxValue);
    }
}
