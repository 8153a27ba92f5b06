namespace Arena.Validation.Moba;

/// <summary>The 13 flow fields of side 0: which way leads from any cell to a lane's end, a camp, the fountain.</summary>
internal sealed class FieldRules
{
    private readonly Func<Cell, bool> isWall;
    private readonly byte[][] lanes = new byte[Places.Lanes][];
    private readonly byte[][] camps = new byte[Places.Camps][];
    private readonly byte[] fountain;

    public FieldRules(Func<Cell, bool> isWall)
    {
        this.isWall = isWall;
        for (int lane = 0; lane < Places.Lanes; lane++) lanes[lane] = Make(Places.Tower(Places.Ancient, 1), Places.Corridor(lane));
        for (int camp = 0; camp < Places.Camps; camp++) camps[camp] = Make(Places.Camp(camp, 0), null);
        fountain = Make(Places.Fountain, null);
    }

    /// <summary>Where a unit of a side goes from a cell of its lane; 8 at the end.</summary>
    public int Lane(int lane, int side, Cell cell) => Read(lanes[lane], side, cell);

    /// <summary>Where a neutral of a half of the map goes to its camp.</summary>
    public int Camp(int camp, int side, Cell cell) => Read(camps[camp], side, cell);

    /// <summary>Where a hero goes to its fountain.</summary>
    public int Fountain(int side, Cell cell) => Read(fountain, side, cell);

    private static int Read(byte[] field, int side, Cell cell) =>
        side == 0 ? field[cell.Index] : Compass.Back(field[cell.Turned.Index]);

    // Without a corridor: one search over the map. With one: first inside it, then on from all it reached.
    private byte[] Make(Cell target, HashSet<Cell>? corridor)
    {
        var field = new byte[Cell.Side * Cell.Side];
        Array.Fill(field, (byte)Compass.Stay);
        var distances = new int[field.Length];
        Array.Fill(distances, int.MaxValue);
        distances[target.Index] = 0;
        bool Closed(Cell cell) => isWall(cell) || (cell != target && Places.IsTower(cell));
        if (corridor is not null) Spread([target], corridor.Contains, Closed, field, distances);
        var reached = new List<Cell>();
        for (int i = 0; i < distances.Length; i++)
            if (distances[i] != int.MaxValue) reached.Add(Cell.At(i));
        Spread(reached, _ => true, Closed, field, distances);
        for (int side = 0; side < 2; side++)
            for (int tower = 0; tower < Places.Towers; tower++)
                if (Places.Tower(tower, side) != target) LeaveTower(Places.Tower(tower, side), Closed, field, distances);
        return field;
    }

    // A cell keeps the first arrival: the way back to where that came from.
    private static void Spread(IEnumerable<Cell> sources, Func<Cell, bool> allowed, Func<Cell, bool> closed, byte[] field, int[] distances)
    {
        var queue = new Queue<Cell>(sources);
        while (queue.TryDequeue(out Cell from))
        {
            foreach (int direction in Compass.SearchOrder)
            {
                Cell to = from.Next(direction);
                if (closed(to) || !allowed(to) || distances[to.Index] != int.MaxValue || MapRules.CutsCorner(closed, from, direction)) continue;
                distances[to.Index] = distances[from.Index] + 1;
                field[to.Index] = (byte)Compass.Back(direction);
                queue.Enqueue(to);
            }
        }
    }

    private static void LeaveTower(Cell tower, Func<Cell, bool> closed, byte[] field, int[] distances)
    {
        int best = int.MaxValue;
        foreach (int direction in Compass.SearchOrder)
        {
            Cell to = tower.Next(direction);
            if (closed(to) || MapRules.CutsCorner(closed, tower, direction) || distances[to.Index] >= best) continue;
            best = distances[to.Index];
            field[tower.Index] = (byte)direction;
        }
    }
}
