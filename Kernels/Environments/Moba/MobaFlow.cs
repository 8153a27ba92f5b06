namespace Arena.Kernels.Environments.Moba;

/// <summary>Breadth-first walks over a map, and the flow fields they give. Host side.</summary>
/// <remarks>
/// A step leads to one of eight neighbours that is no wall; a diagonal one also needs both cells beside it to be none. Towers count
/// as walls, but not the target of the walk. Neighbours are looked at in the order N, E, S, W, NE, SE, SW, NW, and a cell keeps its first arrival.
/// </remarks>
public sealed class MobaFlow
{
    private static readonly int[] Order = [0, 2, 4, 6, 1, 3, 5, 7];

    private readonly bool[] blocked = new bool[MobaConstants.Cells];
    private readonly int[] queue = new int[MobaConstants.Cells];
    private int filled;

    /// <summary>Steps to the target; −1 where no way leads.</summary>
    public int[] Steps { get; } = new int[MobaConstants.Cells];

    /// <summary>Direction of the first step towards the target; 8 at the target, at walls and where no way leads.</summary>
    public byte[] Directions { get; } = new byte[MobaConstants.Cells];

    /// <summary>Ways to <paramref name="target"/> over the cells of <paramref name="within"/>, then, if that is not all, from there over the rest of the map.</summary>
    /// <param name="walls">(16384).</param>
    /// <param name="target">Cell; a tower may stand there.</param>
    /// <param name="within">Cells of the first walk, or null for the whole map.</param>
    public MobaFlow(bool[] walls, int target, bool[]? within = null)
    {
        walls.CopyTo(blocked, 0);
        for (int tower = 0; tower < MobaConstants.Towers; tower++) blocked[MobaLayout.Tower(tower)] = true;
        blocked[target] = false;
        Array.Fill(Steps, -1);
        Array.Fill(Directions, (byte)MobaConstants.Stay);
        Steps[target] = 0;
        queue[filled++] = target;
        Walk(within);
        if (within is null) return;
        StepsWithin = (int[])Steps.Clone();
        filled = 0;
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
            if (Steps[cell] >= 0) queue[filled++] = cell;
        Walk(null);
    }

    /// <summary>As <see cref="Steps"/>, of the first walk; null where there was only one.</summary>
    public int[]? StepsWithin { get; }

    /// <summary>Gives every tower's cell but the target's the direction of its first allowed neighbour with the fewest steps: for when the tower has fallen.</summary>
    public void OpenTowers(int target)
    {
        for (int tower = 0; tower < MobaConstants.Towers; tower++)
        {
            int cell = MobaLayout.Tower(tower), best = int.MaxValue;
            if (cell == target) continue;
            foreach (int direction in Order)
            {
                int next = Neighbour(cell, direction);
                if (next < 0 || Steps[next] < 0 || Steps[next] >= best) continue;
                best = Steps[next];
                Directions[cell] = (byte)direction;
            }
        }
    }

    private void Walk(bool[]? within)
    {
        for (int taken = 0; taken < filled; taken++)
        {
            int cell = queue[taken];
            foreach (int direction in Order)
            {
                int next = Neighbour(cell, direction);
                if (next < 0 || Steps[next] >= 0 || (within is not null && !within[next])) continue;
                Steps[next] = Steps[cell] + 1;
                Directions[next] = (byte)(direction ^ 4);
                queue[filled++] = next;
            }
        }
    }

    // The cell of an allowed step, or −1. The border is wall, so a free cell has all its neighbours on the map.
    private int Neighbour(int cell, int direction)
    {
        int y = MobaMatch.StepY(direction) * MobaConstants.Side, x = MobaMatch.StepX(direction);
        if (blocked[cell + y + x]) return -1;
        return (direction & 1) != 0 && (blocked[cell + y] || blocked[cell + x]) ? -1 : cell + y + x;
    }
}
