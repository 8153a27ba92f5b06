using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>The numbers of a configuration, as doubles of the options' floats. SI units.</summary>
public sealed class Pitch
{
    /// <summary>Reads <paramref name="options"/>.</summary>
    public Pitch(SoccerOptions options)
    {
        SoccerPhysics physics = options.Physics;
        Options = options;
        TeamSize = options.TeamSize;
        TimeStep = physics.TimeStepSeconds;
        HalfLength = physics.HalfLengthFor(TeamSize);
        HalfWidth = physics.HalfWidthFor(TeamSize);
        GoalHalfWidth = physics.GoalHalfWidthFor(TeamSize);
        PlayerContact = 2.0 * physics.PlayerRadius;
        BallContact = (double)physics.PlayerRadius + physics.BallRadius;
    }

    /// <summary>The options themselves.</summary>
    public SoccerOptions Options { get; }

    /// <summary>Sizes, speeds, bounces.</summary>
    public SoccerPhysics Physics => Options.Physics;

    /// <summary>k.</summary>
    public int TeamSize { get; }

    /// <summary>2k.</summary>
    public int Agents => 2 * TeamSize;

    /// <summary>dt; s.</summary>
    public double TimeStep { get; }

    /// <summary>m.</summary>
    public double HalfLength { get; }

    /// <summary>m.</summary>
    public double HalfWidth { get; }

    /// <summary>m.</summary>
    public double GoalHalfWidth { get; }

    /// <summary>Distance of centres at which two players touch; m.</summary>
    public double PlayerContact { get; }

    /// <summary>Distance of centres at which a player and the ball touch; m.</summary>
    public double BallContact { get; }

    /// <summary>0 for side A, 1 for side B.</summary>
    public int SideOf(int agent) => agent < TeamSize ? 0 : 1;

    /// <summary>From a side's frame to the world or back: side B sees the world rotated by 180°.</summary>
    public static Vector Turn(Vector v, int side) => side == 0 ? v : -v;

    /// <summary>Centre of the goal that a side defends.</summary>
    public Vector OwnGoal(int side) => Turn(new Vector(-HalfLength, 0), side);

    /// <summary>Centre of the goal that a side attacks.</summary>
    public Vector OpponentGoal(int side) => Turn(new Vector(HalfLength, 0), side);

    /// <summary>
    /// A sum over agents: (side A in index order) + (side B in index order), so that a match turned around has exactly the
    /// turned sums, ties included.
    /// </summary>
    public Vector Sum(IEnumerable<int> agents, Func<int, Vector> value)
    {
        Vector[] sides = [Vector.Zero, Vector.Zero];
        foreach (int agent in agents) sides[SideOf(agent)] += value(agent);
        return sides[0] + sides[1];
    }

    /// <summary>A point, moved inside the pitch.</summary>
    public Vector Inside(Vector p) => new(Math.Clamp(p.X, -HalfLength, HalfLength), Math.Clamp(p.Y, -HalfWidth, HalfWidth));
}
