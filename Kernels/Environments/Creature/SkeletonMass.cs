namespace Arena.Kernels.Environments.Creature;

/// <summary>Mass and principal moments of a body about its centre of mass.</summary>
/// <param name="Mass">kg.</param>
/// <param name="Inertia">About the axes of the body's frame; kg·m². A capsule's first axis is its own.</param>
public readonly record struct SkeletonMass(double Mass, Double3 Inertia)
{
    /// <summary>By shape and density, or scaled to the given mass.</summary>
    /// <remarks>Solid bodies of even density: textbook formulas; a capsule is a cylinder and two half balls.</remarks>
    public static SkeletonMass Of(SkeletonFile file, SkeletonBody body)
    {
        double density = body.Density ?? file.Density, r = body.Radius;
        SkeletonMass even = body.Shape switch
        {
            SkeletonShape.Capsule => Capsule((body.To - body.From).Length, r, density),
            SkeletonShape.Sphere => Sphere(r, density),
            _ => Box(body.Half, density),
        };
        return body.Mass is { } given ? new SkeletonMass(given, even.Inertia * (given / even.Mass)) : even;
    }

    private static SkeletonMass Capsule(double length, double r, double density)
    {
        double cylinder = density * Math.PI * r * r * length, ends = density * 4.0 / 3.0 * Math.PI * r * r * r;
        double along = cylinder * r * r / 2 + ends * 2.0 / 5.0 * r * r;
        double across = cylinder * (length * length / 12 + r * r / 4) + ends * (2.0 / 5.0 * r * r + length * length / 4 + 3.0 / 8.0 * length * r);
        return new SkeletonMass(cylinder + ends, new Double3(along, across, across));
    }

    private static SkeletonMass Sphere(double r, double density)
    {
        double mass = density * 4.0 / 3.0 * Math.PI * r * r * r, moment = 2.0 / 5.0 * mass * r * r;
        return new SkeletonMass(mass, new Double3(moment, moment, moment));
    }

    private static SkeletonMass Box(Double3 half, double density)
    {
        double mass = density * 8 * half.X * half.Y * half.Z;
        double x = half.X * half.X, y = half.Y * half.Y, z = half.Z * half.Z;
        return new SkeletonMass(mass, new Double3(mass * (y + z) / 3, mass * (z + x) / 3, mass * (x + y) / 3));
    }
}
