using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Steps 2 and 6: drive, limit, anchor and damping of a joint. Coordinates without trigonometry: u = 2 sin(θ/2) · axis.</summary>
public static class CreatureJoints
{
    private const float TinyError = 1e-14f, TinyGap = 1e-16f;

    /// <summary>Step 2, for one joint: towards the wanted coordinates, into the limits, anchors together.</summary>
    public static void Solve(ref CreatureTick tick, in CreatureArguments a, int index, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        ref readonly CreatureJoint joint = ref a.Joints[index];
        int parentAt = joint.Parent * CreatureConstants.BodyFloats, parentWork = joint.Parent * CreatureScratch.BodyFloats;
        int childAt = joint.Child * CreatureConstants.BodyFloats, childWork = joint.Child * CreatureScratch.BodyFloats;
        MovingBody parent = default, child = default;
        parent.Load(body, parentAt, scratch, parentWork, a.Bodies[joint.Parent].InverseMass);
        child.Load(body, childAt, scratch, childWork, a.Bodies[joint.Child].InverseMass);
        if (a.Parameters.TorqueMode == 0)
        {
            float size = joint.Driven == 0 ? 0f : Drive(joint, a.State.Wanted.Of(tick.Env), 3 * index, a.Parameters.TimeStep, ref parent, ref child);
            float torque = size * (a.Parameters.InverseTimeStep * a.Parameters.InverseTimeStep);
            Record(ref tick, a, index, torque, scratch);
        }

        Limit(joint, ref parent, ref child);
        Anchor(joint, ref parent, ref child);
        parent.Store(body, parentAt, scratch, parentWork);
        child.Store(body, childAt, scratch, childWork);
    }

    /// <summary>Torque mode, before step 1: each axis adds h J τ to the child's angular velocity and takes it from the parent's.</summary>
    public static void ApplyTorques(ref CreatureTick tick, in CreatureArguments a, MatchSlots<float> body)
    {
        MatchSlots<float> scratch = a.Scratch.Of(tick.Env), actions = a.State.Actions.Of(tick.Env);
        for (int index = 0; index < a.Parameters.Layout.Joints; index++)
        {
            ref readonly CreatureJoint joint = ref a.Joints[index];
            Float3 torque = default;
            if (joint.FirstAction >= 0)
            {
                int action = joint.FirstAction;
                float x = (joint.Free & 1) != 0 ? actions[action++] * joint.Torque : 0f;
                float y = (joint.Free & 2) != 0 ? actions[action++] * joint.Torque : 0f;
                float z = (joint.Free & 4) != 0 ? actions[action] * joint.Torque : 0f;
                torque = new Float3(x, y, z);
                int parentAt = joint.Parent * CreatureConstants.BodyFloats, childAt = joint.Child * CreatureConstants.BodyFloats;
                Rotation frame = MovingBody.Orientation(body, parentAt + CreatureConstants.Orientation) * new Rotation(joint.ParentQx, joint.ParentQy, joint.ParentQz, joint.ParentQw);
                Float3 push = frame.Rotate(torque) * a.Parameters.TimeStep;
                Spin(a.Bodies[joint.Child], body, childAt, push);
                Spin(a.Bodies[joint.Parent], body, parentAt, -push);
            }

            Record(ref tick, a, index, Scalar.Sqrt(torque.LengthSquared), scratch);
        }
    }

    /// <summary>Step 6: takes a share of the relative rotation away, and counts the motor's work.</summary>
    public static void Damp(ref CreatureTick tick, in CreatureArguments a, int index, MatchSlots<float> body, MatchSlots<float> scratch)
    {
        ref readonly CreatureJoint joint = ref a.Joints[index];
        int parentAt = joint.Parent * CreatureConstants.BodyFloats + CreatureConstants.Spin, childAt = joint.Child * CreatureConstants.BodyFloats + CreatureConstants.Spin;
        Float3 parent = MovingBody.Vector(body, parentAt), child = MovingBody.Vector(body, childAt);
        Float3 difference = parent - child;
        float squared = difference.LengthSquared;
        if (squared < TinyError) return;
        float length = Scalar.Sqrt(squared);
        float torque = scratch[CreatureScratch.Joints(a.Parameters.Layout) + index];
        tick.Energy += torque * length * a.Parameters.TimeStep;
        Float3 n = difference * (1f / length);
        Float3 childTurn = MovingBody.Inverse(scratch, joint.Child * CreatureScratch.BodyFloats, n);
        Float3 parentTurn = MovingBody.Inverse(scratch, joint.Parent * CreatureScratch.BodyFloats, n);
        float share = Scalar.Min(joint.Damping * a.Parameters.TimeStep, 1f);
        float size = share * length / (Float3.Dot(n, childTurn) + Float3.Dot(n, parentTurn));
        MovingBody.Put(body, childAt, child + childTurn * size);
        MovingBody.Put(body, parentAt, parent - parentTurn * size);
    }

    /// <summary>The joint's frame on the parent, in world axes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rotation Frame(in CreatureJoint joint, Rotation parent) => parent * new Rotation(joint.ParentQx, joint.ParentQy, joint.ParentQz, joint.ParentQw);

    /// <summary>The child's rotation relative to the parent in the joint's frame, with w ≥ 0; twice its vector part are the coordinates u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rotation Relative(in CreatureJoint joint, Rotation frame, Rotation child)
    {
        Rotation r = frame.Conjugate * (child * new Rotation(joint.ChildQx, joint.ChildQy, joint.ChildQz, joint.ChildQw));
        return r.W < 0f ? new Rotation(-r.X, -r.Y, -r.Z, -r.W) : r;
    }

    // World rotation vector, to first order, that brings the relative rotation to coordinates u.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float3 Error(Rotation frame, Rotation relative, Float3 u)
    {
        float w = Scalar.Sqrt(Scalar.Max(0f, 1f - 0.25f * u.LengthSquared));
        Rotation turn = new Rotation(0.5f * u.X, 0.5f * u.Y, 0.5f * u.Z, w) * relative.Conjugate;
        float sign = turn.W < 0f ? -2f : 2f;
        return frame.Rotate(turn.Vector * sign);
    }

    // Returns the size of the correction; times 1/h² it is the torque.
    private static float Drive(in CreatureJoint joint, MatchSlots<float> wanted, int at, float h, ref MovingBody parent, ref MovingBody child)
    {
        Rotation frame = Frame(joint, parent.Q);
        Float3 e = Error(frame, Relative(joint, frame, child.Q), MovingBody.Vector(wanted, at));
        float squared = e.LengthSquared;
        if (squared < TinyError) return 0f;
        float length = Scalar.Sqrt(squared);
        Float3 n = e * (1f / length);
        Float3 childTurn = child.Inverse(n), parentTurn = parent.Inverse(n);
        float inverse = 1f / (h * h);
        float size = Scalar.Min(length / (Float3.Dot(n, childTurn) + Float3.Dot(n, parentTurn) + joint.Compliance * inverse), joint.Torque * (h * h));
        child.Rotate(childTurn * size);
        parent.Rotate(parentTurn * -size);
        return size;
    }

    private static void Limit(in CreatureJoint joint, ref MovingBody parent, ref MovingBody child)
    {
        Rotation frame = Frame(joint, parent.Q);
        Rotation relative = Relative(joint, frame, child.Q);
        Float3 u = relative.Vector * 2f;
        var inside = new Float3(Scalar.Clamp(u.X, joint.LowX, joint.HighX), Scalar.Clamp(u.Y, joint.LowY, joint.HighY), Scalar.Clamp(u.Z, joint.LowZ, joint.HighZ));
        if (inside.X == u.X && inside.Y == u.Y && inside.Z == u.Z) return;
        Float3 e = Error(frame, relative, inside);
        float squared = e.LengthSquared;
        if (squared < TinyError) return;
        float length = Scalar.Sqrt(squared);
        Float3 n = e * (1f / length);
        Float3 childTurn = child.Inverse(n), parentTurn = parent.Inverse(n);
        float size = length / (Float3.Dot(n, childTurn) + Float3.Dot(n, parentTurn));
        child.Rotate(childTurn * size);
        parent.Rotate(parentTurn * -size);
    }

    private static void Anchor(in CreatureJoint joint, ref MovingBody parent, ref MovingBody child)
    {
        Float3 parentArm = parent.Q.Rotate(new Float3(joint.ParentX, joint.ParentY, joint.ParentZ));
        Float3 childArm = child.Q.Rotate(new Float3(joint.ChildX, joint.ChildY, joint.ChildZ));
        Float3 gap = (parent.X + parentArm) - (child.X + childArm);
        float squared = gap.LengthSquared;
        if (squared < TinyGap) return;
        float length = Scalar.Sqrt(squared);
        Float3 n = gap * (1f / length);
        Float3 childLever = Float3.Cross(childArm, n), parentLever = Float3.Cross(parentArm, n);
        Float3 childTurn = child.Inverse(childLever), parentTurn = parent.Inverse(parentLever);
        float weight = (child.InverseMass + Float3.Dot(childLever, childTurn)) + (parent.InverseMass + Float3.Dot(parentLever, parentTurn));
        float size = length / weight;
        child.Move(n * (size * child.InverseMass));
        child.Rotate(childTurn * size);
        parent.Move(n * -(size * parent.InverseMass));
        parent.Rotate(parentTurn * -size);
    }

    // ω += J push, J of the present orientation.
    private static void Spin(in CreatureBody table, MatchSlots<float> body, int at, Float3 push)
    {
        Rotation q = MovingBody.Orientation(body, at + CreatureConstants.Orientation);
        Float3 own = q.RotateBack(push);
        Float3 spin = q.Rotate(new Float3(own.X * table.InverseX, own.Y * table.InverseY, own.Z * table.InverseZ));
        MovingBody.Put(body, at + CreatureConstants.Spin, MovingBody.Vector(body, at + CreatureConstants.Spin) + spin);
    }

    private static void Record(ref CreatureTick tick, in CreatureArguments a, int index, float torque, MatchSlots<float> scratch)
    {
        scratch[CreatureScratch.Joints(a.Parameters.Layout) + index] = torque;
        float squared = torque * torque;
        tick.Torque2 += squared;
        float largest = a.Joints[index].Torque;
        if (largest > 0f) tick.Exertion += squared / (largest * largest);
    }
}
