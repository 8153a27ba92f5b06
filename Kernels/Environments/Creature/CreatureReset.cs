using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Starts episode 0 of every match. One index per match.</summary>
public struct CreatureReset : IKernel
{
    private const float StartSpeed = 0.1f; // m/s, in x and y

    /// <summary>Arguments.</summary>
    public CreatureArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        BeginEpisode(env, 0, ref Arguments);
        Arguments.Views.EpisodesFinished[env] = 0;
        Arguments.Views.ClearRow(env, CreatureReward.Count);
    }

    /// <summary>Puts match <paramref name="env"/> at the start of <paramref name="episode"/>, by the variant that was chosen for it.</summary>
    public static void BeginEpisode(int env, int episode, ref CreatureArguments a)
    {
        a.Variants.Begin(env, ref a.Parameters);
        a.State.Episode[env, 0] = episode;
        a.State.Tick[env, 0] = 0;
        a.State.Origin[env, 0] = 0;
        a.State.Origin[env, 1] = 0;
        Clear(a.State.Statistics.Of(env));
        Clear(a.State.Wanted.Of(env));
        Clear(a.State.Actions.Of(env));
        Clear(a.State.Feet.Of(env));
        Clear(a.State.Ball.Of(env));
        for (int i = 0; i < CreatureOverlap.Words && a.Survey.Length > 0; i++) a.Survey[env * CreatureOverlap.Words + i] = 0f;
        uint match = (uint)(a.Parameters.MatchOffset + env);
        a.State.Bumps[env, 0] = (int)(Philox.Draw(a.Seed, match, (uint)episode, 0, 0, CreaturePurpose.Bumps).X & (CreatureBumps.Tables - 1));
        Place(env, Philox.Draw(a.Seed, match, (uint)episode, 0, CreaturePurpose.PoseSlot, CreaturePurpose.Start), a);
        CreatureGoals.Begin(env, a);
    }

    private static void Clear(MatchSlots<float> slots)
    {
        for (int slot = 0; slot < slots.Length; slot++) slots[slot] = 0f;
    }

    // The settled pose, turned about the vertical, raised above the bumps, with one velocity.
    private static void Place(int env, UInt4 words, in CreatureArguments a)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        float turns = p.Planar != 0 ? 0f : Philox.Uniform(words.X);
        Float2 half = Turns.CosSin(0.5f * turns), whole = Turns.CosSin(turns);
        var yaw = new Rotation(0f, 0f, half.Y, half.X);
        float raise = CreatureBumps.StartHeight(env, a);
        float speedX = StartSpeed * Philox.Symmetric(words.Y), speedY = p.Planar != 0 ? 0f : StartSpeed * Philox.Symmetric(words.Z);
        MatchSlots<float> body = a.State.Body.Of(env);
        for (int index = 0; index < p.Layout.Bodies; index++)
        {
            int at = index * CreatureConstants.BodyFloats, pose = index * 7;
            float x = a.Pose[pose], y = a.Pose[pose + 1];
            MovingBody.Put(body, at, new Float3(x * whole.X - y * whole.Y, x * whole.Y + y * whole.X, a.Pose[pose + 2] + raise));
            var rest = new Rotation(a.Pose[pose + 3], a.Pose[pose + 4], a.Pose[pose + 5], a.Pose[pose + 6]);
            MovingBody.Put(body, at + CreatureConstants.Orientation, yaw * rest);
            MovingBody.Put(body, at + CreatureConstants.Velocity, new Float3(speedX, speedY, 0f));
            MovingBody.Put(body, at + CreatureConstants.Spin, default(Float3));
        }

        a.State.Heading[env, 0] = whole.X;
        a.State.Heading[env, 1] = whole.Y;
    }
}
