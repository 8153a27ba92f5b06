using Arena.Kernels.Environments.Moba;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Creeps get where they are going: a wave of every lane and side stands before the enemy's first tower, with nobody in its way, in time.</summary>
public class LaneTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Creeps_of_every_lane_reach_the_enemy_s_first_tower_within_two_and_a_half_times_the_way(int side)
    {
        using HandMatch match = new(tick: 0);
        Assert.Empty(Late(match, side));
    }

    [Fact]
    public void A_field_that_leads_back_where_half_of_the_way_is_done_is_noticed()
    {
        using HandMatch match = new(tick: 0);
        MobaFlow mid = MobaMap.Of(1).Flow(1);
        Kernels.Device.View<byte> fields = match.Environment.Arguments(match.Views).Tables.Fields;
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (mid.Steps[cell] == 40 && mid.Directions[cell] != MobaConstants.Stay) fields[MobaConstants.Cells + cell] ^= 4;
        Assert.Equal([1], Late(match, 0).Select(LaneOf).Distinct());
    }

    private static int LaneOf(int slot) => (slot - MobaConstants.FirstCreep) / 40;

    // Creeps of the first wave that did not come to the tower, beside it or behind those who are, in time. It stands there, but does not strike.
    private static List<int> Late(HandMatch match, int side)
    {
        int[] slots = [.. Enumerable.Range(0, 15).Select(i => MobaConstants.FirstCreep + 2 * (20 * (i / 5) + i % 5) + side)];
        for (int lane = 0; lane < 3; lane++)
        {
            int cell = MobaLayout.Of(TowerOf(lane), side);
            match.Unit(MobaConstants.FirstTower + 2 * (2 - lane) + 1 - side, cell / 128, cell % 128, 1800);
        }

        match.Step();
        int[] length = [.. slots.Select(slot => WayOf(OwnCell(match, slot), LaneOf(slot)))];
        Assert.All(length, steps => Assert.InRange(steps, 30, 200));
        var arrived = new bool[slots.Length];
        for (int tick = 1; tick <= 2.5 * length.Max() && arrived.Contains(false); tick++)
        {
            match.Change<ushort>("hp", hp => LeaveAlone(hp, side)).Change<byte>("attack", attack => Array.Fill(attack, (byte)9, MobaConstants.FirstTower, MobaConstants.Towers)).Step();
            for (int i = 0; i < slots.Length; i++)
                arrived[i] |= tick <= 2.5 * length[i] && MobaLayout.Distance(OwnCell(match, slots[i]), TowerOf(LaneOf(slots[i]))) <= 2;
        }

        return [.. slots.Where((_, i) => !arrived[i])];
    }

    // Of the enemy, in own view: its bottom lane is the own top lane.
    private static int TowerOf(int lane) => MobaLayout.Tower(2 * (2 - lane) + 1);

    private static int OwnCell(HandMatch match, int slot)
    {
        (int y, int x) = match.Cell(slot);
        return MobaLayout.Of(MobaLayout.Cell(y, x), slot & 1);
    }

    // Steps along the lane's field until the tower is in sight, and from there on straight.
    private static int WayOf(int cell, int lane)
    {
        MobaFlow flow = MobaMap.Of(1).Flow(lane);
        int steps = 0;
        for (; MobaLayout.Distance(cell, TowerOf(lane)) > MobaConstants.CreepVision; steps++)
            cell += 128 * MobaMatch.StepY(flow.Directions[cell]) + MobaMatch.StepX(flow.Directions[cell]);
        return steps + MobaLayout.Distance(cell, TowerOf(lane)) - 1;
    }

    // No neutrals, none of the other side's creeps, and towers as they were.
    private static void LeaveAlone(ushort[] hp, int side)
    {
        Array.Clear(hp, MobaConstants.FirstNeutral, MobaConstants.FirstTower - MobaConstants.FirstNeutral);
        for (int slot = MobaConstants.FirstCreep + 1 - side; slot < MobaConstants.FirstNeutral; slot += 2) hp[slot] = 0;
        for (int lane = 0; lane < 3; lane++) hp[MobaConstants.FirstTower + 2 * lane + 1 - side] = 1800;
    }
}
