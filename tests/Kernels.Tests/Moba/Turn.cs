using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>A match turned by 180° with the sides exchanged.</summary>
internal static class Turn
{
    private static readonly string[] PerUnit = ["hp", "stun", "slow", "attack", "flags", "xp", "mana", "respawn", "level", "haste", "q", "w", "e"];

    /// <summary>The first thing in which <paramref name="turned"/> is not the turned copy of <paramref name="play"/>, or null.</summary>
    internal static string? Difference(Play play, Play turned)
    {
        foreach (string column in PerUnit)
        {
            double[] here = play.Environment.State[column].ReadMatch(0), there = turned.Environment.State[column].ReadMatch(0);
            for (int slot = 0; slot < Math.Min(here.Length, MobaConstants.Slots); slot++)
                if (here[slot] != there[slot ^ 1]) return $"{column} of slot {slot} is {here[slot]}, of its image {there[slot ^ 1]}";
        }

        return Positions(play, turned) ?? Rows(play, turned);
    }

    private static string? Positions(Play play, Play turned)
    {
        uint[] here = play.Read<uint>("position"), there = turned.Read<uint>("position");
        ushort[] hp = play.Read<ushort>("hp");
        byte[] target = play.Read<byte>("target"), image = turned.Read<byte>("target");
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            if (slot >= MobaConstants.Heroes && hp[slot] == 0) continue; // the dead have none
            (uint y, uint x) = (here[slot] >> 16, here[slot] & 0xFFFF);
            uint expected = (MobaConstants.LastUnit - y) << 16 | (MobaConstants.LastUnit - x);
            if (there[slot ^ 1] != expected) return $"position of slot {slot} is ({y}, {x}), of its image ({there[slot ^ 1] >> 16}, {there[slot ^ 1] & 0xFFFF})";
            if (image[slot ^ 1] != (target[slot] == MobaConstants.Nobody ? MobaConstants.Nobody : target[slot] ^ 1)) return $"target of slot {slot} is {target[slot]}, of its image {image[slot ^ 1]}";
        }

        return null;
    }

    private static string? Rows(Play play, Play turned)
    {
        int length = play.Environment.Spec.Observation.Length;
        for (int row = 0; row < MobaConstants.Heroes; row++)
        {
            int image = (row + 5) % MobaConstants.Heroes;
            if (play.Views.Rewards[row] != turned.Views.Rewards[image]) return $"reward of row {row} is {play.Views.Rewards[row]}, of its image {turned.Views.Rewards[image]}";
            ReadOnlySpan<byte> here = play.Views.ByteObservations.AsSpan().Slice(row * length, length), there = turned.Views.ByteObservations.AsSpan().Slice(image * length, length);
            int at = here.CommonPrefixLength(there);
            if (at < length) return $"byte {at} that row {row} sees is {here[at]}, of its image {there[at]}";
        }

        return null;
    }
}
