namespace Arena.Kernels.Environments;

/// <summary>Where things stand in a stacked row.</summary>
/// <remarks>
/// FrameStack frames of O elements, the present one first and the others by age; then ActionStack actions of W elements, the last one
/// first. An action is its continuous components and, for every discrete head, a one-hot of its choices. What lies before the row's episode is zero.
/// </remarks>
public struct StackShape
{
    /// <summary>O of the environment itself.</summary>
    public int Frame;

    /// <summary>Frames in a row, 1..8.</summary>
    public int Frames;

    /// <summary>Actions in a row, 0..7.</summary>
    public int Actions;

    /// <summary>Continuous components of an action.</summary>
    public int Components;

    /// <summary>Discrete heads of an action.</summary>
    public int Heads;

    /// <summary>W: elements of an action.</summary>
    public int Action;

    /// <summary>A.</summary>
    public int AgentsPerMatch;

    /// <summary>Where the actions begin: behind the frames.</summary>
    public readonly int FirstAction => Frames * Frame;

    /// <summary>Elements of a stacked row.</summary>
    public readonly int Length => FirstAction + Actions * Action;

    /// <summary>The shape for an environment of <paramref name="spec"/>.</summary>
    public static StackShape Of(EnvironmentSpec spec, GameOptions options) => new()
    {
        Frame = spec.Observation.Length,
        Frames = options.FrameStack,
        Actions = options.ActionStack,
        Components = spec.Action.Continuous.Count,
        Heads = spec.Action.Discrete.Count,
        Action = spec.Action.Continuous.Count + spec.Action.DiscreteChoices,
        AgentsPerMatch = spec.AgentsPerMatch,
    };
}

/// <summary>Frame and action stacking, for any game: the common options <see cref="GameOptions.FrameStack"/> and <see cref="GameOptions.ActionStack"/>.</summary>
public static class Stacking
{
    /// <summary>Do the options ask for anything but the present observation?</summary>
    public static bool Wanted(GameOptions options) => options.FrameStack > 1 || options.ActionStack > 0;

    /// <summary>What the environment becomes: the same with longer rows; unchanged where no stacking is wanted.</summary>
    /// <remarks>Entity groups stay those of the present frame, which comes first.</remarks>
    public static EnvironmentSpec Widen(EnvironmentSpec spec, GameOptions options)
    {
        if (!Wanted(options)) return spec;
        StackShape shape = StackShape.Of(spec, options);
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        List<ObservationField> fields = [.. spec.Observation.Fields];
        // Zero stands for everything before the episode, so every older element may be zero.
        for (int age = 1; age < shape.Frames; age++)
            foreach (ObservationField field in spec.Observation.Fields)
                fields.Add(field with
                {
                    Name = $"{field.Name}, {Ago(age)}",
                    Offset = age * shape.Frame + field.Offset,
                    Min = Math.Min(0f, field.Min),
                    Max = Math.Max(0f, field.Max),
                });
        int next = shape.FirstAction;
        for (int age = 1; age <= shape.Actions; age++)
        {
            foreach (string component in spec.Action.Continuous)
                fields.Add(new ObservationField($"action {component}, {Ago(age)}", next++, 1, bytes ? 0f : -1f, bytes ? 255f : 1f));
            foreach (DiscreteHead head in spec.Action.Discrete)
            {
                fields.Add(new ObservationField($"action {head.Name}, one-hot, {Ago(age)}", next, head.Size, 0f, bytes ? 255f : 1f));
                next += head.Size;
            }
        }

        return spec with { Observation = new ObservationSpec(spec.Observation.Kind, shape.Length, fields) { Entities = spec.Observation.Entities } };
    }

    private static string Ago(int ticks) => ticks == 1 ? "1 tick ago" : $"{ticks} ticks ago";
}
