namespace Arena.Kernels.Environments.Creature;

/// <summary>From our axes to Unity's and back.</summary>
/// <remarks>
/// Ours are right-handed: x forward, y left, z up. Unity's are left-handed: Z forward, X right, Y up. The map is (x, y, z) → (−y, z, x), of determinant −1. A
/// rotation's vector part is mapped like a vector and then negated, since a reflection turns the sense of every rotation.
/// </remarks>
public static class UnityAxes
{
    /// <summary>A point, velocity or force of ours in Unity's axes. Angular velocities are the negative of this.</summary>
    public static Double3 Vector(Double3 v) => new(-v.Y, v.Z, v.X);

    /// <summary>The inverse of <see cref="Vector"/>.</summary>
    public static Double3 VectorFrom(Double3 unity) => new(unity.Z, -unity.X, unity.Y);

    /// <summary>A rotation (x, y, z, w) of ours in Unity's axes.</summary>
    public static (double X, double Y, double Z, double W) Rotation(double x, double y, double z, double w) => (y, -z, -x, w);

    /// <summary>The inverse of <see cref="Rotation"/>.</summary>
    public static (double X, double Y, double Z, double W) RotationFrom(double x, double y, double z, double w) => (-z, x, -y, w);
}
