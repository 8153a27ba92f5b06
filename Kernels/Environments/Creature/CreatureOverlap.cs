using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Counts the pairs of segments of a creature that lie in each other: nothing keeps legs apart. One index per match.</summary>
/// <remarks>
/// Segments are capsules and spheres (a segment of length 0); a pair counts when the distance of their axes is less than the sum of their radii, unless a
/// joint connects them. Runs before every fourth tick of an episode, in evaluations alone, beside the state: a survey changes nothing that is played. All
/// pairs of six-legs are 60 distances, of which a test of surrounding spheres leaves few.
/// </remarks>
public struct CreatureOverlap : IKernel
{
    /// <summary>Of a match in <see cref="CreatureArguments.Survey"/>: sum of the counts, number of counts.</summary>
    public const int Words = 2;

    private const int TickMask = 3; // every fourth
    private const float TinyLength = 1e-10f; // m²

    /// <summary>Arguments.</summary>
    public CreatureArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        if ((Arguments.State.Tick[env, 0] & TickMask) != 0) return;
        Arguments.Survey[env * Words] += Pairs(env, Arguments);
        Arguments.Survey[env * Words + 1] += 1f;
    }

    /// <summary>How many pairs overlap now.</summary>
    public static int Pairs(int env, in CreatureArguments a)
    {
        MatchSlots<float> state = a.State.Body.Of(env);
        int pairs = 0;
        for (int first = 0; first < a.Parameters.Layout.Bodies; first++)
        {
            CreatureBody one = a.Bodies[first];
            if (one.Shape == (int)SkeletonShape.Box) continue;
            Float3 middle = MovingBody.Vector(state, first * CreatureConstants.BodyFloats);
            Float3 half = Half(one, state, first);
            for (int second = first + 1; second < a.Parameters.Layout.Bodies; second++)
            {
                CreatureBody other = a.Bodies[second];
                if (other.Shape == (int)SkeletonShape.Box) continue;
                Float3 apart = MovingBody.Vector(state, second * CreatureConstants.BodyFloats) - middle;
                float reach = one.Reach + other.Reach, radii = one.Radius + other.Radius;
                if (!(apart.LengthSquared < reach * reach)) continue;
                if (Distance(half, apart, Half(other, state, second)) < radii * radii && !Connected(first, second, a)) pairs++;
            }
        }

        return pairs;
    }

    /// <summary>Squared distance of two segments: one about the origin, one about <paramref name="apart"/>, each given by half of itself.</summary>
    /// <remarks>Ericson, "Real-Time Collision Detection", 5.1.9: the nearest points of the lines, clamped one after the other.</remarks>
    public static float Distance(Float3 half, Float3 apart, Float3 otherHalf)
    {
        float a = half.LengthSquared, e = otherHalf.LengthSquared, b = Float3.Dot(half, otherHalf);
        float c = Float3.Dot(half, apart), f = Float3.Dot(otherHalf, apart);
        float s = 0f, t = 0f;
        if (a >= TinyLength)
        {
            float denominator = a * e - b * b;
            s = denominator > TinyLength * a ? Scalar.Clamp((c * e - b * f) / denominator, -1f, 1f) : 0f;
        }

        if (e >= TinyLength) t = Scalar.Clamp((b * s - f) / e, -1f, 1f);
        if (a >= TinyLength) s = Scalar.Clamp((b * t + c) / a, -1f, 1f);
        return (apart + otherHalf * t - half * s).LengthSquared;
    }

    private static Float3 Half(in CreatureBody body, MatchSlots<float> state, int index) => body.Shape == (int)SkeletonShape.Capsule
        ? MovingBody.Orientation(state, index * CreatureConstants.BodyFloats + CreatureConstants.Orientation).Rotate(new Float3(body.HalfX, 0f, 0f))
        : default;

    private static bool Connected(int first, int second, in CreatureArguments a)
    {
        for (int joint = 0; joint < a.Parameters.Layout.Joints; joint++)
        {
            CreatureJoint held = a.Joints[joint];
            if ((held.Parent == first && held.Child == second) || (held.Parent == second && held.Child == first)) return true;
        }

        return false;
    }
}
