using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Observations from the state alone. One index per match.</summary>
public struct CreatureObserve : IKernel
{
    private const float HalfSqrt = 0.70710677f; // cos 45°
    private const float SampleRadius = 0.5f;    // m

    /// <summary>Arguments.</summary>
    public CreatureArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        Write(env, Arguments, Arguments.Views.Observations);
    }

    /// <summary>Writes the row of match <paramref name="env"/> into <paramref name="rows"/>.</summary>
    public static void Write(int env, in CreatureArguments a, View<float> rows)
    {
        View<float> row = rows.Slice((long)env * a.Parameters.Layout.Length, a.Parameters.Layout.Length);
        var heading = new Float2(a.State.Heading[env, 0], a.State.Heading[env, 1]);
        Torso(env, a, row, heading);
        Goal(env, a, row, heading);
        Joints(env, a, row);
        CreatureLayout layout = a.Parameters.Layout;
        for (int i = 0; i < 2 * layout.Feet; i++) row[layout.FeetAt + i] = Bounded(a.State.Feet[env, i]);
        for (int i = 0; i < layout.PreviousActions * layout.Actions; i++) row[layout.Previous + i] = a.State.Actions[env, i];
        Ball(env, a, row, heading);
        Heights(env, a, row, heading);
    }

    private static float Bounded(float value) => Scalar.Clamp(value, -CreatureConstants.ObservationBound, CreatureConstants.ObservationBound);

    private static void Put(View<float> row, int at, Float3 v, float scale)
    {
        row[at] = Bounded(v.X * scale);
        row[at + 1] = Bounded(v.Y * scale);
        row[at + 2] = Bounded(v.Z * scale);
    }

    // In the heading frame: x ahead, y to the left, z up.
    private static Float3 Ahead(Float3 v, Float2 heading) => new(v.X * heading.X + v.Y * heading.Y, v.Y * heading.X - v.X * heading.Y, v.Z);

    private static void Torso(int env, in CreatureArguments a, View<float> row, Float2 heading)
    {
        MatchSlots<float> body = a.State.Body.Of(env);
        Rotation torso = CreatureHeading.Torso(env, a);
        float height = body[2] - CreatureBumps.At(env, a, body[0], body[1]).Height;
        row[CreatureLayout.Height] = Bounded(height * a.Parameters.InverseRestHeight);
        Put(row, CreatureLayout.Up, torso.RotateBack(new Float3(0f, 0f, 1f)), 1f);
        Put(row, CreatureLayout.Velocity, Ahead(MovingBody.Vector(body, CreatureConstants.Velocity), heading), 1f / 2f);
        Put(row, CreatureLayout.Spin, torso.RotateBack(MovingBody.Vector(body, CreatureConstants.Spin)), 1f / 5f);
    }

    private static void Goal(int env, in CreatureArguments a, View<float> row, Float2 heading)
    {
        int task = a.State.Task[env, 0];
        for (int i = 0; i < CreatureConstants.Tasks; i++) row[CreatureLayout.Task + i] = i == task ? 1f : 0f;
        Float2 torso = CreatureGoals.Torso(env, a);
        var goal = new Float2(a.State.Goal[env, 0], a.State.Goal[env, 1]);
        Float2 offset = task == (int)CreatureTask.Run ? goal : (task == (int)CreatureTask.Dribble ? CreatureGoals.Ball(env, a) : goal) - torso;
        Float2 direction = CreatureGoals.Unit(offset, heading);
        row[CreatureLayout.Target] = Bounded(Float2.Dot(direction, heading));
        row[CreatureLayout.Target + 1] = Bounded(direction.Y * heading.X - direction.X * heading.Y);
        row[CreatureLayout.Target + 2] = task == (int)CreatureTask.Run ? 1f : Scalar.Min(1f, offset.Length * 0.1f);
        row[CreatureLayout.Target + 3] = Bounded(a.State.Command[env, 0] * 0.5f);
    }

    private static void Joints(int env, in CreatureArguments a, View<float> row)
    {
        MatchSlots<float> body = a.State.Body.Of(env);
        int coordinate = CreatureLayout.Coordinates, rate = a.Parameters.Layout.Rates;
        for (int index = 0; index < a.Parameters.Layout.Joints; index++)
        {
            ref readonly CreatureJoint joint = ref a.Joints[index];
            int parent = joint.Parent * CreatureConstants.BodyFloats, child = joint.Child * CreatureConstants.BodyFloats;
            Rotation frame = CreatureJoints.Frame(joint, MovingBody.Orientation(body, parent + CreatureConstants.Orientation));
            Rotation relative = CreatureJoints.Relative(joint, frame, MovingBody.Orientation(body, child + CreatureConstants.Orientation));
            Float3 spin = frame.RotateBack(MovingBody.Vector(body, child + CreatureConstants.Spin) - MovingBody.Vector(body, parent + CreatureConstants.Spin));
            if ((joint.Free & 1) != 0) Pair(row, coordinate++, rate++, relative.X, spin.X);
            if ((joint.Free & 2) != 0) Pair(row, coordinate++, rate++, relative.Y, spin.Y);
            if ((joint.Free & 4) != 0) Pair(row, coordinate++, rate++, relative.Z, spin.Z);
        }
    }

    private static void Pair(View<float> row, int coordinate, int rate, float half, float spin)
    {
        row[coordinate] = Scalar.Clamp(2f * half, -2f, 2f);
        row[rate] = Bounded(spin * 0.1f);
    }

    private static void Ball(int env, in CreatureArguments a, View<float> row, Float2 heading)
    {
        int at = a.Parameters.Layout.Ball;
        if (a.State.Task[env, 0] != (int)CreatureTask.Dribble)
        {
            for (int i = 0; i < 9; i++) row[at + i] = 0f;
            return;
        }

        MatchSlots<float> body = a.State.Body.Of(env), ball = a.State.Ball.Of(env);
        Put(row, at, Ahead(MovingBody.Vector(ball, 0) - MovingBody.Vector(body, 0), heading), 1f / 5f);
        Put(row, at + 3, Ahead(MovingBody.Vector(ball, CreatureConstants.Velocity) - MovingBody.Vector(body, CreatureConstants.Velocity), heading), 1f / 5f);
        Float2 offset = new Float2(a.State.Goal[env, 2], a.State.Goal[env, 3]) - CreatureGoals.Ball(env, a);
        Float2 direction = CreatureGoals.Unit(offset, heading);
        row[at + 6] = Bounded(Float2.Dot(direction, heading));
        row[at + 7] = Bounded(direction.Y * heading.X - direction.X * heading.Y);
        row[at + 8] = Scalar.Min(1f, offset.Length * 0.1f);
    }

    // Every 45° around the torso, from straight ahead to the left; relative to the ground under it.
    private static void Heights(int env, in CreatureArguments a, View<float> row, Float2 heading)
    {
        int at = a.Parameters.Layout.Heights;
        Float2 torso = CreatureGoals.Torso(env, a);
        bool bumpy = a.Parameters.Ground == (int)CreatureGround.Bumpy;
        float under = CreatureBumps.At(env, a, torso.X, torso.Y).Height;
        Float2 direction = heading;
        for (int i = 0; i < CreatureConstants.HeightSamples; i++)
        {
            Float2 place = torso + direction * SampleRadius;
            row[at + i] = bumpy ? Bounded((CreatureBumps.At(env, a, place.X, place.Y).Height - under) * 10f) : 0f;
            direction = new Float2((direction.X - direction.Y) * HalfSqrt, (direction.X + direction.Y) * HalfSqrt);
        }
    }
}
