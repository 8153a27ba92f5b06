namespace Arena.Kernels.Environments.Moba;

/// <summary>What environments on one map share on the host: the map, and its tables as kernels take them. Nobody changes them.</summary>
/// <remarks>Making them takes milliseconds, longer than many a test plays. The last maps asked for are kept, 0.3 MB each.</remarks>
internal sealed class MobaMapData
{
    private static readonly Remembered<uint, MobaMapData> Recent = new(most: 8);

    private MobaMapData(uint seed)
    {
        Map = MobaMap.Of(seed);
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (Map.Walls[cell]) WallBits[cell / 32] |= 1 << (cell % 32);
        for (int field = 0; field < MobaConstants.Fields; field++) Map.Flow(field).Directions.CopyTo(Directions, field * MobaConstants.Cells);
        Ways = WaysOf(Map.Walls);
    }

    /// <summary>The map.</summary>
    public MobaMap Map { get; }

    /// <summary>See <see cref="MobaTableViews.Walls"/>.</summary>
    public int[] WallBits { get; } = new int[MobaConstants.BitWords];

    /// <summary>See <see cref="MobaTableViews.Ways"/>.</summary>
    public byte[] Ways { get; }

    /// <summary>See <see cref="MobaTableViews.Fields"/>.</summary>
    public byte[] Directions { get; } = new byte[MobaConstants.Fields * MobaConstants.Cells];

    /// <summary>That of a map seed, made when it was not asked for of late.</summary>
    /// <exception cref="UsageException">the seed gives no map that can be played on.</exception>
    public static MobaMapData Of(uint seed) => Recent.Get(seed, static wanted => new MobaMapData(wanted));

    // A step may not cut the corner of a wall. Walls are the border, so every free cell has all its neighbours.
    private static byte[] WaysOf(bool[] walls)
    {
        var ways = new byte[MobaConstants.Cells];
        for (int cell = 0; cell < ways.Length; cell++)
        {
            if (walls[cell]) continue;
            for (int direction = 0; direction < MobaConstants.Stay; direction++)
            {
                int y = MobaMatch.StepY(direction) * MobaConstants.Side, x = MobaMatch.StepX(direction);
                if (!walls[cell + y + x] && !walls[cell + y] && !walls[cell + x]) ways[cell] |= (byte)(1 << direction);
            }
        }

        return ways;
    }
}
