namespace Arena.Validation.Creature;

/// <summary>Where one rigid part is and how it moves, with what a substep notes about it.</summary>
public sealed class RigidBody
{
    /// <summary>Centre of mass; m.</summary>
    public Vec3 Place { get; set; }

    /// <summary>Axes of the body in the world.</summary>
    public Mat3 Turn { get; set; }

    /// <summary>m/s.</summary>
    public Vec3 Velocity { get; set; }

    /// <summary>World axes; rad/s.</summary>
    public Vec3 Spin { get; set; }

    /// <summary>1/kg; 0 = fixed in space.</summary>
    public required double InverseMass { get; init; }

    /// <summary>1/(kg·m²) about the body's axes; 0 = cannot turn.</summary>
    public required Vec3 InverseInertia { get; init; }

    internal Vec3 PlaceBefore { get; set; }

    internal Mat3 TurnBefore { get; set; }

    internal Vec3 Moved { get; set; }

    internal Vec3 Turned { get; set; }

    internal Mat3 Frozen { get; set; }

    /// <summary>R·diag(1/I)·Rᵀ at the present pose.</summary>
    public Mat3 WorldInverseInertia => Turn.Principal(InverseInertia);

    /// <summary>Angular momentum about the body's own centre; kg·m²/s. Needs finite inertia.</summary>
    public Vec3 SpinMomentum
    {
        get
        {
            Vec3 local = Turn.Into(Spin);
            return Turn * new Vec3(local.X / InverseInertia.X, local.Y / InverseInertia.Y, local.Z / InverseInertia.Z);
        }
    }

    /// <summary>Kinetic energy; J. Needs finite mass and inertia.</summary>
    public double KineticEnergy => (Velocity.Squared / InverseMass + Spin.Dot(SpinMomentum)) / 2;

    /// <summary>Velocity of the body's point at <paramref name="offset"/> (world axes) from its centre.</summary>
    public Vec3 VelocityAt(Vec3 offset) => Velocity + Spin.Cross(offset);

    /// <summary>A point of the body's own frame, in the world.</summary>
    public Vec3 PointAt(Vec3 local) => Place + Turn * local;

    internal Vec3 PointBefore(Vec3 local) => PlaceBefore + TurnBefore * local;

    internal void Move(Vec3 by)
    {
        Moved += by;
        Place = PlaceBefore + Moved;
    }

    internal void TurnBy(Vec3 by)
    {
        Turned += by;
        Turn = Mat3.Turn(by) * Turn;
    }

    /// <summary>A copy with the same state.</summary>
    public RigidBody Copy() => (RigidBody)MemberwiseClone();
}
