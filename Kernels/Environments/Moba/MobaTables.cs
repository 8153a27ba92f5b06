using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>A map in device memory, as kernels read it: made once per environment, shared by its matches.</summary>
public sealed class MobaTables : IDisposable
{
    private readonly DeviceBuffer<int> walls, towers, camps, spawns;
    private readonly DeviceBuffer<byte> ways, fields;

    /// <summary>Makes the map of <paramref name="mapSeed"/> and copies it to <paramref name="device"/>.</summary>
    /// <exception cref="UsageException">the seed gives no map that can be played on.</exception>
    public MobaTables(IDevice device, uint mapSeed)
    {
        Map = MobaMap.Of(mapSeed);
        var bits = new int[MobaConstants.BitWords];
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (Map.Walls[cell]) bits[cell / 32] |= 1 << (cell % 32);
        walls = Upload(device, bits, "walls");
        ways = Upload(device, Ways(Map.Walls), "ways");
        towers = Upload(device, [.. Enumerable.Range(0, MobaConstants.Towers).Select(MobaLayout.Tower)], "tower cells");
        camps = Upload(device, [.. Enumerable.Range(0, 2 * MobaConstants.Camps).Select(MobaLayout.Camp)], "camp cells");
        spawns = Upload(device, [.. Enumerable.Range(0, 2 * MobaConstants.Lanes).Select(MobaLayout.Spawn)], "creep cells");
        var directions = new byte[MobaConstants.Fields * MobaConstants.Cells];
        for (int field = 0; field < MobaConstants.Fields; field++) Map.Flow(field).Directions.CopyTo(directions, field * MobaConstants.Cells);
        fields = Upload(device, directions, "flow fields");
    }

    /// <summary>The map itself.</summary>
    public MobaMap Map { get; }

    /// <summary>For kernels.</summary>
    public MobaTableViews Views => new()
    {
        Walls = walls.View,
        Ways = ways.View,
        Fields = fields.View,
        TowerCells = towers.View,
        CampCells = camps.View,
        SpawnCells = spawns.View,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        walls.Dispose();
        ways.Dispose();
        fields.Dispose();
        towers.Dispose();
        camps.Dispose();
        spawns.Dispose();
    }

    // A step may not cut the corner of a wall. Walls are the border, so every free cell has all its neighbours.
    private static byte[] Ways(bool[] walls)
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

    private static DeviceBuffer<T> Upload<T>(IDevice device, T[] values, string name)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = device.Allocate<T>(values.Length, "moba map: " + name);
        buffer.Write(values);
        return buffer;
    }
}
