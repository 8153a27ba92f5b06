using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The actions of a tick: cleaned, remembered, turned into wanted joint coordinates.</summary>
public static class CreatureAction
{
    /// <summary>|u|² at most: about 150° of rotation.</summary>
    public const float LargestTurn = 3.73f;

    /// <summary>Reads the row, shifts the remembered actions, sets the wanted coordinates, and measures the changes.</summary>
    public static void Run(ref CreatureTick tick, in CreatureArguments a)
    {
        int count = a.Parameters.Layout.Actions, kept = a.Parameters.Layout.KeptActions;
        MatchSlots<float> actions = a.State.Actions.Of(tick.Env), statistics = a.State.Statistics.Of(tick.Env);
        int elapsed = a.State.Tick[tick.Env, 0];
        float change = 0f, shake = 0f;
        for (int action = 0; action < count; action++)
        {
            float value = Clean(ref tick, a.Views.ContinuousActions[tick.Env * count + action]);
            float last = actions[action], before = actions[count + action];
            float step = value - last;
            change += step * step;
            shake += Scalar.Abs(value - 2f * last + before);
            for (int age = kept - 1; age > 0; age--) actions[age * count + action] = actions[(age - 1) * count + action];
            actions[action] = value;
        }

        tick.Change = elapsed == 0 ? 0f : change / count;
        if (elapsed >= 2)
        {
            statistics[CreatureStatistic.Shake] += shake / count;
            statistics[CreatureStatistic.ShakeTicks] += 1f;
        }

        if (tick.BadActions != 0)
        {
            statistics[CreatureStatistic.BadActions] += tick.BadActions;
            a.Views.Errors[tick.Env] |= ErrorCode.ActionNotFinite;
        }

        if (a.Parameters.TorqueMode != 0) return;
        for (int joint = 0; joint < a.Parameters.Layout.Joints; joint++) SetWanted(tick.Env, a, joint, actions);
    }

    private static float Clean(ref CreatureTick tick, float value)
    {
        if (!Scalar.IsFinite(value))
        {
            tick.BadActions += 1;
            return 0f;
        }

        return Scalar.Clamp(value, -1f, 1f);
    }

    private static void SetWanted(int env, in CreatureArguments a, int index, MatchSlots<float> actions)
    {
        ref readonly CreatureJoint joint = ref a.Joints[index];
        if (joint.FirstAction < 0) return; // its wanted coordinates stay 0; without a drive nobody reads them
        int action = joint.FirstAction;
        float x = 0f, y = 0f, z = 0f;
        if ((joint.Free & 1) != 0) x = Coordinate(actions[action++], joint.LowX, joint.HighX);
        if ((joint.Free & 2) != 0) y = Coordinate(actions[action++], joint.LowY, joint.HighY);
        if ((joint.Free & 4) != 0) z = Coordinate(actions[action], joint.LowZ, joint.HighZ);
        float squared = x * x + y * y + z * z;
        float scale = squared > LargestTurn ? Scalar.Sqrt(LargestTurn / squared) : 1f;
        MatchSlots<float> wanted = a.State.Wanted.Of(env);
        var next = new Float3(x * scale, y * scale, z * scale);
        if (a.Parameters.Smoothing < 1f)
        {
            Float3 old = MovingBody.Vector(wanted, 3 * index);
            next = old + (next - old) * a.Parameters.Smoothing;
        }

        MovingBody.Put(wanted, 3 * index, next);
    }

    // 0 is the rest pose, ±1 the limits.
    private static float Coordinate(float action, float low, float high) => action >= 0f ? action * high : -action * low;
}
