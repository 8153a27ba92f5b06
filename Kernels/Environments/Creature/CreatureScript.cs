using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Actions of built-in players: 1 random, 2 the gait. One index per match.</summary>
public struct CreatureScript : IKernel
{
    private const int RandomController = 1;
    private const float Steps = 25f / 6f; // per second: a period of 12 ticks
    private const float Lead = 0.0625f;   // periods: the lift is largest this long before the foremost place

    /// <summary>Arguments.</summary>
    public CreatureArguments Arguments;

    /// <summary>(E) who plays; 0 = outside.</summary>
    public View<byte> Controllers;

    /// <inheritdoc/>
    public void Run(int env)
    {
        int controller = Controllers[env];
        if (controller == 0) return;
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        int count = Arguments.Parameters.Layout.Actions;
        for (int action = 0; action < count; action++)
            Arguments.Views.ContinuousActions[env * count + action] = controller == RandomController ? Any(env, action) : Gait(env, action);
    }

    // One draw serves four axes.
    private readonly float Any(int env, int action)
    {
        UInt4 words = Philox.Draw(Arguments.Seed, (uint)(Arguments.Parameters.MatchOffset + env), (uint)Arguments.State.Episode[env, 0],
            (uint)Arguments.State.Tick[env, 0], (uint)(action >> 2), CreaturePurpose.RandomPolicy);
        int word = action & 3;
        return Philox.Symmetric(word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W);
    }

    // The foot is up while the leg is before, and pushes back while it is down. Legs follow their wanted place late, so the lift is wanted late in the swing.
    private readonly float Gait(int env, int action)
    {
        ref readonly CreatureGait gait = ref Arguments.Gait[action];
        float phase = Arguments.State.Tick[env, 0] * Arguments.Parameters.TickTime * Steps + gait.Phase;
        return gait.Swing * Triangle(phase) + gait.Lift * Scalar.Max(0f, Triangle(phase + Lead));
    }

    // −1 at whole numbers, 1 half-way, straight between.
    private static float Triangle(float phase)
    {
        float share = phase - MathF.Floor(phase);
        return 1f - 4f * Scalar.Abs(share - 0.5f);
    }
}
