using Arena.Kernels.Environments.Creature;

namespace Arena.Kernels.Tests.Creature;

/// <summary>The image in the plane y = 0: points (x, −y, z), quaternions (−x, y, −z, w), rotation vectors and coordinates (−, +, −).</summary>
internal static class Mirror
{
    internal static CreatureTables Tables(CreatureTables tables, bool swapLimits)
    {
        CreatureBody[] bodies = [.. tables.Bodies];
        CreatureJoint[] joints = [.. tables.Joints];
        CreaturePoint[] points = [.. tables.Points];
        foreach (ref CreatureBody body in bodies.AsSpan()) (body.RestY, body.RestQx, body.RestQz) = (-body.RestY, -body.RestQx, -body.RestQz);
        foreach (ref CreaturePoint point in points.AsSpan()) point.Y = -point.Y;
        foreach (ref CreatureJoint joint in joints.AsSpan())
        {
            (joint.ParentY, joint.ChildY) = (-joint.ParentY, -joint.ChildY);
            (joint.ParentQx, joint.ParentQz, joint.ChildQx, joint.ChildQz) = (-joint.ParentQx, -joint.ParentQz, -joint.ChildQx, -joint.ChildQz);
            if (!swapLimits) continue;
            (joint.LowX, joint.HighX) = (-joint.HighX, -joint.LowX);
            (joint.LowZ, joint.HighZ) = (-joint.HighZ, -joint.LowZ);
        }

        return new CreatureTables(tables.File, bodies, joints, points, tables.Gait, tables.Mass);
    }

    internal static float[] Bodies(float[] bodies)
    {
        float[] image = [.. bodies];
        for (int at = 0; at < image.Length; at += 13)
            foreach (int odd in (int[])[1, 3, 5, 8, 10, 12])
                image[at + odd] = -image[at + odd];
        return image;
    }

    internal static void Actions(CreatureTables tables, Span<float> actions, Span<float> image)
    {
        int action = 0;
        foreach (CreatureJoint joint in tables.Joints)
        {
            for (int axis = 0; axis < 3 && joint.FirstAction >= 0; axis++)
            {
                if ((joint.Free >> axis & 1) == 0) continue;
                image[action] = axis == 1 ? actions[action] : -actions[action];
                action++;
            }
        }
    }
}
