namespace Arena.Kernels.Environments.Creature;

/// <summary>How many of everything a skeleton has, and where its observations stand.</summary>
public struct CreatureLayout
{
    /// <summary>B.</summary>
    public int Bodies;

    /// <summary>J = B − 1.</summary>
    public int Joints;

    /// <summary>D: free axes.</summary>
    public int Axes;

    /// <summary>A: driven free axes.</summary>
    public int Actions;

    /// <summary>F: bodies marked as feet.</summary>
    public int Feet;

    /// <summary>Contact points.</summary>
    public int Points;

    /// <summary>k: previous actions in an observation.</summary>
    public int PreviousActions;

    /// <summary>K: action vectors in the state.</summary>
    public readonly int KeptActions => PreviousActions > CreatureConstants.MinKeptActions ? PreviousActions : CreatureConstants.MinKeptActions;

    /// <summary>Places in an observation row. Height, up vector, velocity, angular velocity, task, direction (x, y, distance, speed).</summary>
    public const int Height = 0, Up = 1, Velocity = 4, Spin = 7, Task = 10, Target = 13;

    /// <summary>First joint coordinate.</summary>
    public const int Coordinates = 17;

    /// <summary>First joint rate.</summary>
    public readonly int Rates => Coordinates + Axes;

    /// <summary>First foot: contact, load, contact, load …</summary>
    public readonly int FeetAt => Rates + Axes;

    /// <summary>First previous action.</summary>
    public readonly int Previous => FeetAt + 2 * Feet;

    /// <summary>The ball: position 3, velocity 3, direction of the gate 2, distance 1.</summary>
    public readonly int Ball => Previous + PreviousActions * Actions;

    /// <summary>Heights of the ground.</summary>
    public readonly int Heights => Ball + 9;

    /// <summary>O = 34 + 2 D + 2 F + k A.</summary>
    public readonly int Length => Heights + CreatureConstants.HeightSamples;

    /// <summary>Counts of <paramref name="file"/>.</summary>
    /// <param name="file">A checked skeleton.</param>
    /// <param name="previousActions">k.</param>
    public static CreatureLayout Of(SkeletonFile file, int previousActions)
    {
        int free = 0, driven = 0;
        foreach (SkeletonJoint joint in file.Joints)
        {
            int axes = Enum.GetValues<SkeletonAxis>().Count(joint.IsFree);
            free += axes;
            if (joint.Driven) driven += axes;
        }

        return new CreatureLayout
        {
            Bodies = file.Bodies.Count,
            Joints = file.Joints.Count,
            Axes = free,
            Actions = driven,
            Feet = file.Bodies.Count(body => body.Foot),
            Points = file.Bodies.Sum(body => body.Shape == SkeletonShape.Capsule ? 2 : body.Shape == SkeletonShape.Box ? 8 : 1),
            PreviousActions = previousActions,
        };
    }
}
