using Arena.Kernels.Device;
using Arena.Kernels.Random;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Starts episode 0 of every match and clears all results but observations. One index per match.</summary>
public struct MobaReset : IKernel
{
    /// <summary>Arguments.</summary>
    public MobaArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        MobaBegin.Clear(env, 0, 0, 1, Arguments);
        MobaMatch match = MobaMatch.Of(Arguments, env);
        for (int slot = 0; slot < Heroes; slot++) MobaBegin.Place<OwnedAtomics>(match, slot, Arguments);
        Arguments.Views.EpisodesFinished[env] = 0;
        for (int row = 0; row < Heroes; row++) Arguments.Views.ClearRow(match.FirstRow + row, MobaReward.Count);
    }
}

/// <summary>How an episode begins: an empty map, then towers and heroes.</summary>
public static class MobaBegin
{
    /// <summary>
    /// The first of two phases: lane <paramref name="lane"/> of <paramref name="lanes"/> clears its share of the match, and lane 0 draws the
    /// salt of <paramref name="episode"/>. Towers stand at once; nobody else's cell is written.
    /// </summary>
    public static void Clear(int env, int episode, int lane, int lanes, in MobaArguments a)
    {
        View<uint> position = a.State.Position.ContiguousOf(env);
        View<ushort> hp = a.State.Hp.ContiguousOf(env);
        View<byte> stun = a.State.Stun.ContiguousOf(env), slow = a.State.Slow.ContiguousOf(env), attack = a.State.Attack.ContiguousOf(env);
        View<byte> target = a.State.Target.ContiguousOf(env), flags = a.State.Flags.ContiguousOf(env);
        for (int slot = lane; slot < PaddedSlots; slot += lanes)
        {
            bool tower = slot is >= FirstTower and < Slots;
            position[slot] = tower ? MobaMatch.CentreOf(a.Tables.TowerCells[slot - FirstTower], slot & 1) : 0;
            hp[slot] = (ushort)(tower ? MobaStats.UnitHp(slot) : 0);
            stun[slot] = 0;
            slow[slot] = 0;
            attack[slot] = 0;
            target[slot] = (byte)(slot < Slots ? Nobody : 0);
            flags[slot] = 0;
        }

        ClearMap(env, lane, lanes, a);
        View<int> counters = a.State.Counters.ContiguousOf(env);
        for (int i = lane; i < Heroes * MobaCounter.Count; i += lanes) counters[i] = 0;
        View<float> sums = a.State.RewardSums.ContiguousOf(env);
        for (int i = lane; i < Heroes * MobaReward.Count; i += lanes) sums[i] = 0f;
        for (int hero = lane; hero < Heroes; hero += lanes)
        {
            a.State.Xp[env, hero] = 0;
            a.State.Respawn[env, hero] = 0;
            a.State.Level[env, hero] = 1;
        }

        if (lane != 0) return;
        uint salt = Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + env), (uint)episode, 0, 0, MobaPurpose.EpisodeSalt).X;
        a.State.Salt[env, 0] = salt;
        a.State.Flip[env, 0] = a.Parameters.ForceFlip < 0 ? (int)(salt & 1) : a.Parameters.ForceFlip;
        a.State.Tick[env, 0] = 0;
        a.State.Episode[env, 0] = episode;
    }

    /// <summary>The second phase: hero <paramref name="slot"/> appears at its fountain.</summary>
    public static void Place<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics => MobaSpawn.Hero<TAtomics>(match, slot, a);

    // Four cells, or 32 bits of them, at a time: each lane fills words of its own, towers included.
    private static unsafe void ClearMap(int env, int lane, int lanes, in MobaArguments a)
    {
        View<byte> grid = a.State.Grid.ContiguousOf(env);
        var words = new View<int>((int*)grid.Pointer, Cells >> 2);
        for (int i = lane; i < Cells >> 2; i += lanes) words[i] = -1;
        View<int> occupied = a.State.Occupied.ContiguousOf(env);
        for (int i = lane; i < 3 * BitWords; i += lanes) occupied[i] = 0;
        for (int tower = 0; tower < Towers; tower++)
        {
            int cell = a.Tables.TowerCells[tower], bits = (tower & 1) * BitWords + (cell >> 5);
            if ((cell >> 2) % lanes == lane) grid[cell] = (byte)(FirstTower + tower);
            if (bits % lanes == lane) occupied[bits] |= 1 << (cell & 31);
        }
    }
}
