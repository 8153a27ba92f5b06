namespace Arena.Validation.Creature;

/// <summary>How many pairs of a creature's segments lie in each other, by searching for the nearest points.</summary>
public static class OverlapRules
{
    private const int Halvings = 60; // of the golden section: 1e-12 of a segment

    /// <summary>Pairs of capsules and spheres whose axes are nearer than the sum of their radii; not those that a joint connects.</summary>
    /// <param name="world">The creature.</param>
    /// <param name="nearest">How near the closest call was, of pairs that count or nearly do: the smallest | distance − sum of radii |; m.</param>
    public static int Pairs(World world, out double nearest)
    {
        nearest = double.PositiveInfinity;
        int pairs = 0;
        for (int first = 0; first < world.Bodies.Length; first++)
        {
            for (int second = first + 1; second < world.Bodies.Length; second++)
            {
                if (!HasAxis(world, first) || !HasAxis(world, second) || Joined(world.Model, first, second)) continue;
                double gap = Distance(Axis(world, first), Axis(world, second)) - world.Model.Bodies[first].Radius - world.Model.Bodies[second].Radius;
                nearest = Math.Min(nearest, Math.Abs(gap));
                if (gap < 0) pairs++;
            }
        }

        return pairs;
    }

    /// <summary>Distance of two segments: a convex function of two shares, whose minimum two nested golden sections find.</summary>
    public static double Distance((Vec3 From, Vec3 To) a, (Vec3 From, Vec3 To) b) =>
        Smallest(s => Smallest(t => (At(a, s) - At(b, t)).Length));

    private static Vec3 At((Vec3 From, Vec3 To) axis, double share) => axis.From + (axis.To - axis.From) * share;

    private static bool HasAxis(World world, int body) => world.Model.Bodies[body].Shape != ModelShape.Box;

    private static (Vec3 From, Vec3 To) Axis(World world, int body)
    {
        Vec3[] points = world.Model.Bodies[body].Points;
        return (world.Bodies[body].PointAt(points[0]), world.Bodies[body].PointAt(points[^1]));
    }

    private static bool Joined(CreatureModel model, int a, int b) =>
        model.Joints.Any(joint => (joint.Parent == a && joint.Child == b) || (joint.Parent == b && joint.Child == a));

    private static double Smallest(Func<double, double> of)
    {
        double low = 0, high = 1, share = (Math.Sqrt(5) - 1) / 2;
        for (int i = 0; i < Halvings; i++)
        {
            double left = high - share * (high - low), right = low + share * (high - low);
            if (of(left) <= of(right)) high = right;
            else low = left;
        }

        return Math.Min(of((low + high) / 2), Math.Min(of(0), of(1)));
    }
}
