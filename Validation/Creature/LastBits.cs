using Arena.Kernels.Random;

namespace Arena.Validation.Creature;

/// <summary>What the roundings of 32-bit floats may do: another reading of a state, which differs from it by last bits.</summary>
/// <remarks>
/// A foot that slides under load, a light foot in flight: there a tick multiplies a difference by up to a thousand, by the rules and not by an error in them.
/// How much a tick does so is seen by playing it again in the reference with such readings before every substep.
/// </remarks>
internal static class LastBits
{
    /// <summary>A float is rounded by at most this share of itself.</summary>
    public const double Unit = 1.0 / (1 << 24);

    // Corrections turn a body about ten times per substep, and each rounds four components of a quaternion; a rotation is twice as large as they are.
    private const double UnitsOfTurn = 4;
    private const uint Purpose = 1001; // no game uses it

    /// <summary>Moves what the kernels hold of <paramref name="world"/> by about a last bit.</summary>
    /// <param name="world">Changed in place.</param>
    /// <param name="reading">Which way: drawn from this number.</param>
    /// <param name="substep">Before which substep of the tick.</param>
    public static void Disturb(World world, int reading, int substep)
    {
        for (int index = 0; index < world.Bodies.Length; index++) Disturb(world.Bodies[index], reading, substep, index);
        if (world.Ball is { } ball) Disturb(ball, reading, substep, world.Bodies.Length);
    }

    private static void Disturb(RigidBody body, int reading, int substep, int index)
    {
        Vec3 Chance(uint slot)
        {
            UInt4 draw = Philox.Draw(0, (uint)reading, (uint)substep, (uint)index, slot, Purpose);
            return new Vec3(Philox.Symmetric(draw.X), Philox.Symmetric(draw.Y), Philox.Symmetric(draw.Z));
        }

        Vec3 place = Chance(0);
        body.Place += new Vec3(place.X * body.Place.X, place.Y * body.Place.Y, place.Z * body.Place.Z) * Unit;
        body.Turn = Mat3.Turn(Chance(1) * (UnitsOfTurn * Unit)) * body.Turn;
        body.Velocity += Chance(2) * (body.Velocity.Length * Unit);
        body.Spin += Chance(3) * (body.Spin.Length * Unit);
    }
}
