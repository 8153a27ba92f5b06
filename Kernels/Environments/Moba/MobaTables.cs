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
        MobaMapData map = MobaMapData.Of(mapSeed);
        Map = map.Map;
        walls = Upload(device, map.WallBits, "walls");
        ways = Upload(device, map.Ways, "ways");
        towers = Upload(device, [.. Enumerable.Range(0, MobaConstants.Towers).Select(MobaLayout.Tower)], "tower cells");
        camps = Upload(device, [.. Enumerable.Range(0, 2 * MobaConstants.Camps).Select(MobaLayout.Camp)], "camp cells");
        spawns = Upload(device, [.. Enumerable.Range(0, 2 * MobaConstants.Lanes).Select(MobaLayout.Spawn)], "creep cells");
        fields = Upload(device, map.Directions, "flow fields");
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

    private static DeviceBuffer<T> Upload<T>(IDevice device, T[] values, string name)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = device.Allocate<T>(values.Length, "moba map: " + name);
        buffer.Write(values);
        return buffer;
    }
}
