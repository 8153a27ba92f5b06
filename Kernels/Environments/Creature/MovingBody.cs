using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>A body in the solver's hands: pose, corrections of this substep, frozen inverse inertia.</summary>
/// <remarks>Taken out of the columns once per constraint: the arithmetic then knows no layout.</remarks>
public struct MovingBody
{
    /// <summary>Centre of mass, at the start of the substep, and the sum of its corrections; m.</summary>
    public Float3 X, Start, Shift;

    /// <summary>Orientation.</summary>
    public Rotation Q;

    /// <summary>Sum of the rotations of this substep; rad.</summary>
    public Float3 Turn;

    /// <summary>World inverse inertia; 1/(kg·m²).</summary>
    public float Jxx, Jyy, Jzz, Jxy, Jxz, Jyz;

    /// <summary>1/kg.</summary>
    public float InverseMass;

    /// <summary>Takes a body out of the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(MatchSlots<float> state, int at, MatchSlots<float> scratch, int work, float inverseMass)
    {
        X = Vector(state, at);
        Q = Orientation(state, at + CreatureConstants.Orientation);
        Start = Vector(scratch, work + CreatureScratch.Start);
        Shift = Vector(scratch, work + CreatureScratch.Shift);
        Turn = Vector(scratch, work + CreatureScratch.Turn);
        Jxx = scratch[work + CreatureScratch.Inverse];
        Jyy = scratch[work + CreatureScratch.Inverse + 1];
        Jzz = scratch[work + CreatureScratch.Inverse + 2];
        Jxy = scratch[work + CreatureScratch.Inverse + 3];
        Jxz = scratch[work + CreatureScratch.Inverse + 4];
        Jyz = scratch[work + CreatureScratch.Inverse + 5];
        InverseMass = inverseMass;
    }

    /// <summary>Puts back what corrections change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(MatchSlots<float> state, int at, MatchSlots<float> scratch, int work)
    {
        Put(state, at, X);
        Put(state, at + CreatureConstants.Orientation, Q);
        Put(scratch, work + CreatureScratch.Shift, Shift);
        Put(scratch, work + CreatureScratch.Turn, Turn);
    }

    /// <summary>d += a; x = start + d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(Float3 a)
    {
        Shift += a;
        X = Start + Shift;
    }

    /// <summary>θ += a; q turned by a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Rotate(Float3 a)
    {
        Turn += a;
        Q = Q.Turned(a);
    }

    /// <summary>J v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float3 Inverse(Float3 v) => new(
        Jxx * v.X + Jxy * v.Y + Jxz * v.Z,
        Jxy * v.X + Jyy * v.Y + Jyz * v.Z,
        Jxz * v.X + Jyz * v.Y + Jzz * v.Z);

    /// <summary>J v, straight from the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 Inverse(MatchSlots<float> scratch, int work, Float3 v)
    {
        int at = work + CreatureScratch.Inverse;
        float xx = scratch[at], yy = scratch[at + 1], zz = scratch[at + 2], xy = scratch[at + 3], xz = scratch[at + 4], yz = scratch[at + 5];
        return new(xx * v.X + xy * v.Y + xz * v.Z, xy * v.X + yy * v.Y + yz * v.Z, xz * v.X + yz * v.Y + zz * v.Z);
    }

    /// <summary>Three floats as a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 Vector(MatchSlots<float> slots, int at) => new(slots[at], slots[at + 1], slots[at + 2]);

    /// <summary>Four floats as a rotation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rotation Orientation(MatchSlots<float> slots, int at) => new(slots[at], slots[at + 1], slots[at + 2], slots[at + 3]);

    /// <summary>A vector into three floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(MatchSlots<float> slots, int at, Float3 v)
    {
        slots[at] = v.X;
        slots[at + 1] = v.Y;
        slots[at + 2] = v.Z;
    }

    /// <summary>A rotation into four floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(MatchSlots<float> slots, int at, Rotation q)
    {
        slots[at] = q.X;
        slots[at + 1] = q.Y;
        slots[at + 2] = q.Z;
        slots[at + 3] = q.W;
    }
}

/// <summary>What the rules of one tick hand to each other.</summary>
public struct CreatureTick
{
    /// <summary>Match.</summary>
    public int Env;

    /// <summary>Action components that were not finite.</summary>
    public int BadActions;

    /// <summary>1 when a body touched the ground that must not.</summary>
    public int FatalContact;

    /// <summary>A <see cref="CreatureGuard"/>.</summary>
    public int Diverged;

    /// <summary>1 when the rules end the episode; 1 when the clock cuts it.</summary>
    public int Terminated, Truncated;

    /// <summary>1 when a point was reached; 1 when the ball arrived at the gate.</summary>
    public int Reached, Arrived;

    /// <summary>Σ over substeps and joints of (τ/τ_max)²; of τ², (N·m)²; of F², N².</summary>
    public float Exertion, Torque2, Force2;

    /// <summary>Work of the motors; J.</summary>
    public float Energy;

    /// <summary>The torso at the start of the tick; m.</summary>
    public float StartX, StartY;

    /// <summary>Way of the torso over the ground; m.</summary>
    public float Way;

    /// <summary>Speeds of approach for the reward; m/s.</summary>
    public float Velocity, Progress, BallNear, BallGoal;

    /// <summary>Mean squared change of the action.</summary>
    public float Change;
}
